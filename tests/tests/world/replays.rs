//! What fails is made smaller, written down, and seen again byte for byte.

use warren_sim::{
    Ending, Exchange, ExchangeType, Happening, LossReason, Replay, Scenario, Trial, World,
    check::Property,
    generate, lessons, shrink, shrink_with, swarm,
    warren_core::{Bug, Instant},
};

#[test]
fn a_lost_message_comes_down_to_one_worker_and_one_fault() {
    let lesson = lessons::find("work-queue").expect("it is there");
    let scenario = Scenario::parse("work-queue", lesson.toml).expect("lessons are right");
    let wishes = [Property::NothingLost];
    let lost = |seed: u64| {
        let swarmed = swarm(&scenario, seed);
        let outcome = Trial::new(&swarmed, seed).wishing(&wishes).run(Ending::Healed, |_| {});
        outcome.violation().cloned().filter(|violation| violation.reason == Some(LossReason::InMemory))
    };
    let found = (0..200).find_map(|seed| Some((seed, lost(seed)?)));
    let (seed, violation) = found.expect("without a disk and durable queues something is lost");
    let smaller = shrink(&swarm(&scenario, seed), seed, Ending::Healed, &wishes, &violation);

    assert!(smaller.faults.len() <= 2, "{}", smaller.to_toml());
    assert_eq!((smaller.producers.len(), smaller.queues.len()), (1, 1), "{}", smaller.to_toml());
    assert!(smaller.producers[0].count <= 2, "{}", smaller.to_toml());

    let replay = Replay::of(&smaller, seed, Ending::Healed, &wishes, "abc");
    let text = replay.to_toml();
    let again = Replay::parse("lost.toml", &text).expect("it is a replay");
    assert_eq!(again, replay);
    let (outcome, is_same) = again.again();
    assert!(is_same);
    assert!(outcome.breaks(Property::NothingLost));
}

/// Ten events tell it: what shrinking leaves of a planted bug.
#[test]
fn a_planted_bug_shrinks_to_a_handful_of_faults_and_messages() {
    let bug = Bug::ConfirmBeforeSync;
    let shows = |scenario: &Scenario, seed: u64| {
        // What an exchange holds back would show it without a queue.
        let holds = |exchange: &Exchange| exchange.kind == ExchangeType::DelayedMessage;
        if scenario.exchanges.iter().any(holds) {
            return false;
        }
        let outcome = Trial::planting(scenario, seed, bug).run(Ending::Healed, |_| {});
        outcome.breaks(Property::ConfirmedWhenSafe)
    };
    let seed = (0..100).find(|seed| shows(&swarm(&generate(*seed), *seed), *seed)).expect("a bug shows");
    let smaller = shrink_with(&swarm(&generate(seed), seed), |smaller| shows(smaller, seed));
    let sizes =
        (smaller.producers.len(), smaller.consumers.len(), smaller.queues.len(), smaller.faults.len());
    assert_eq!(sizes, (1, 0, 1, 0), "{}", smaller.to_toml());
    assert_eq!(smaller.producers[0].count, 1, "{}", smaller.to_toml());
}

#[test]
fn a_wrong_replay_file_is_told_what_and_where() {
    let replay = Replay::of(&generate(1), 1, Ending::AsItIs, &[], "");
    let text = replay.to_toml();
    let error = |text: &str| Replay::parse("r.toml", text).expect_err("it is wrong").to_string();

    let scenario_only = generate(1).to_toml();
    assert_eq!(error(&scenario_only), "r.toml:1: this is a scenario and no replay: play it with warren sim");
    let newer = text.replace("format = 1", "format = 9");
    let message = error(&newer);
    assert!(
        message.starts_with("r.toml:1: [replay]: format 9 is newer than this Warren knows (1)"),
        "{message}"
    );
    let misspelt = text.replace("heals =", "heels =");
    let message = error(&misspelt);
    assert!(message.contains("[replay] has no field \"heels\"; did you mean \"heals\"?"), "{message}");
}

/// A file from another version opens, and says when what happens is not what it says.
#[test]
fn a_replay_of_something_else_says_so() {
    let mut replay = Replay::of(&generate(1), 1, Ending::AsItIs, &[], "");
    replay.header.version = "0.0.1".into();
    assert!(Replay::parse("old.toml", &replay.to_toml()).expect("it opens").again().1);
    replay.header.seed = 2;
    assert!(!replay.again().1);
}

/// A page plays no trial: it has the healing as the last fault, and sees the same events.
#[test]
fn a_replay_that_heals_is_played_without_a_trial_as_it_was_in_one() {
    let mut healed = 0;
    for seed in 0..40 {
        let scenario = swarm(&generate(seed), seed);
        let replay = Replay::of(&scenario, seed, Ending::Healed, &[], "");
        let mut expected = Vec::new();
        let outcome =
            Trial::new(&replay.scenario, seed).run(Ending::Healed, |event| expected.push(event.clone()));
        let staged = replay.staged();
        assert_eq!(staged.check().map_err(|error| error.to_string()), Ok(()), "seed {seed}");
        let mut world = World::new(&staged, seed);
        world.run_until(Instant::ZERO + outcome.time);
        let seen = world.take_events();
        assert!(seen == expected, "seed {seed}");
        healed += u32::from(seen.iter().any(|event| matches!(event.what, Happening::Healed)));
    }
    assert_eq!(healed, 40);
}
