//! Conversations that a generator makes up: whatever is said, the core answers alike, and never with a defect.

use warren_core::Config;
use warren_talk::{Bytes, Conversation, CoreHost, Kind, Player, play_steps};

const SEEDS: u64 = 400;

#[test]
fn a_seed_is_a_conversation() {
    for seed in 0..SEEDS {
        assert_eq!(Conversation::generated(seed), Conversation::generated(seed), "seed {seed}");
    }
    assert_ne!(Conversation::generated(1), Conversation::generated(2));
}

#[test]
fn split_bytes_make_no_difference() {
    for seed in 0..SEEDS {
        let conversation = Conversation::generated(seed);
        let said: Vec<_> = conversation.steps.iter().map(|step| step.answers.clone()).collect();
        for bytes in [Bytes::Together, Bytes::OneByOne] {
            let player = Player::new(CoreHost::new(Config::default(), bytes));
            let (played, _) = play_steps("generated", &conversation, player).unwrap();
            assert_eq!(played.0, said, "seed {seed}, {bytes:?}");
        }
    }
}

#[test]
fn nothing_said_is_a_defect_of_the_core() {
    for seed in 0..SEEDS {
        let conversation = Conversation::generated(seed);
        let answers = || conversation.steps.iter().flat_map(|step| &step.answers);
        assert!(!answers().any(|line| line.contains("INTERNAL_ERROR")), "seed {seed}");
    }
}

/// A generator that is refused everything finds nothing.
#[test]
fn most_kinds_of_answers_come_up() {
    let conversations: Vec<_> = (0..SEEDS).map(Conversation::generated).collect();
    let answers = || conversations.iter().flat_map(|one| &one.steps).flat_map(|step| &step.answers);
    for what in [
        "basic.deliver",
        "basic.get-ok",
        "basic.get-empty",
        "basic.return",
        "basic.cancel ",
        "redelivered",
        "x-death",
        "confirmed",
        "refused",
        "tx.commit-ok",
        "basic.recover-ok",
        "403 ACCESS_REFUSED",
        "404 NOT_FOUND",
        "405 RESOURCE_LOCKED",
        "406 PRECONDITION_FAILED",
        "530 NOT_ALLOWED",
        "540 NOT_IMPLEMENTED",
        "x-delivery-count",
        "x-stream-offset",
        "reply_to=<reply-1>",
        "refused for user",
    ] {
        assert!(answers().any(|line| line.contains(what)), "{what} never came up");
    }
}

/// What each kind of conversation is for, and in how many of 500 of its seeds it has to come up at least.
const REACHED: [(Kind, &str, usize); 22] = [
    (Kind::General, "404 NOT_FOUND", 50),
    (Kind::General, "x-death", 10),
    (Kind::General, "basic.return", 50),
    (Kind::Transactions, "506 RESOURCE_ERROR", 50),
    (Kind::Transactions, "tx.commit-ok", 200),
    (Kind::Transactions, "tx.rollback-ok", 100),
    (Kind::Limits, "\"reason\": maxlen", 25),
    (Kind::Limits, "refused", 15),
    (Kind::Limits, "confirmed", 100),
    (Kind::Consumers, "redelivered", 40),
    (Kind::Consumers, "basic.deliver", 200),
    (Kind::Quorum, "x-delivery-count", 40),
    (Kind::Quorum, "\"reason\": delivery_limit", 20),
    (Kind::Quorum, "basic.deliver", 100),
    (Kind::Streams, "x-stream-offset", 100),
    (Kind::Streams, "540 NOT_IMPLEMENTED", 10),
    (Kind::Replies, "reply_to=<reply-1>", 20),
    (Kind::Replies, "routing_key=<reply-1>", 50),
    (Kind::Policies, "\"reason\": maxlen", 2),
    (Kind::Users, "403 ACCESS_REFUSED", 100),
    (Kind::Timing, "\"reason\": expired", 100),
    (Kind::Timing, "basic.get-ok", 100),
];

#[test]
fn every_kind_reaches_what_it_is_for() {
    let mut short = Vec::new();
    for kind in Kind::ALL {
        let meant: Vec<_> = REACHED.iter().filter(|(of, ..)| *of == kind).collect();
        let mut found = vec![0; meant.len()];
        for seed in (0..).filter(|&seed| Kind::of(seed) == kind).take(500) {
            let conversation = Conversation::generated(seed);
            for (count, (_, what, _)) in found.iter_mut().zip(&meant) {
                let mut answers = conversation.steps.iter().flat_map(|step| &step.answers);
                *count += usize::from(answers.any(|line| line.contains(what)));
            }
        }
        for (count, (_, what, least)) in found.into_iter().zip(meant) {
            println!("{kind}: {what} in {count} of 500");
            if count < *least {
                short.push(format!("{kind}: {what} in {count} of 500, not {least}"));
            }
        }
    }
    assert_eq!(short, Vec::<String>::new());
}

/// What is left of a conversation that shows something is what it takes to show it.
#[test]
fn a_conversation_shrinks_to_what_matters() {
    let conversation = (0..).map(Conversation::generated).find(|one| plays_to(one, "NO_ROUTE"));
    let small = conversation.unwrap().shrunk(|smaller| plays_to(smaller, "NO_ROUTE"));
    let said: Vec<_> =
        small.steps.iter().map(|step| step.said.split(' ').skip(2).collect::<Vec<_>>()).collect();
    assert_eq!(said, [["basic.publish", "mandatory"]]);
}

fn plays_to(conversation: &Conversation, what: &str) -> bool {
    let player = Player::new(CoreHost::new(Config::default(), Bytes::Together));
    let played = play_steps("generated", conversation, player);
    played.is_ok_and(|(played, _)| played.0.iter().flatten().any(|line| line.contains(what)))
}
