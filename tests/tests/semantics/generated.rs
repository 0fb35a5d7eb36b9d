//! Conversations that a generator makes up: whatever is said, the core answers alike, and never with a defect.

use warren_core::Config;
use warren_talk::{Bytes, Conversation, CoreHost, Player, play_steps};

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
