//! A world that is rewound: going back is exact, and acting in the past begins another future.

use std::time::Duration;

use warren_sim::{
    Fault, Happening, History, MOST_BRANCHES, Mishap, Scenario, SettleBy, Spectator, Unsynced, WorldEvent,
    lessons, trace_hash, warren_core::Instant,
};

/// Remembers the numbers of the events that it has seen.
#[derive(Clone, Default, PartialEq, Debug)]
struct Watcher(Vec<u64>);

impl Spectator for Watcher {
    fn see(&mut self, event: &WorldEvent) {
        self.0.push(event.seq);
    }
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

#[expect(clippy::panic, reason = "a test without its lesson ends here")]
fn lesson(id: &str) -> Scenario {
    let scenario = lessons::find(id).map(|lesson| Scenario::parse(lesson.id, lesson.toml));
    let Some(Ok(scenario)) = scenario else { panic!("no lesson {id}") };
    scenario
}

/// Everything that can be seen of a history at its moment.
fn seen(history: &History<Watcher>) -> String {
    let past: Vec<_> = history.past().collect();
    let (world, watcher) = (history.world(), history.spectator());
    format!("{:?} {:?} {:?} {watcher:?} {past:?}", world.now(), world.actors(), world.ledger())
}

#[test]
fn any_moment_is_the_same_when_it_is_come_back_to() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let mut history = History::new(&scenario, 1, Watcher::default());
        let moments: Vec<u64> = (0..24).map(|n| n * 731).collect();
        let mut first = Vec::new();
        for ms in &moments {
            history.advance(at(*ms));
            first.push(seen(&history));
        }
        // Back and forth in an order that is none.
        for n in 0..moments.len() {
            let index = n * 7 % moments.len();
            history.seek(at(moments[index]));
            assert_eq!(seen(&history), first[index], "{} at {} ms", lesson.id, moments[index]);
        }
        assert_eq!(history.branches().len(), 1, "looking back changes nothing");
    }
}

#[test]
fn a_step_back_undoes_a_step() {
    let mut history = History::new(&lesson("crash-with-ack"), 1, Watcher::default());
    let is_delivery = |event: &WorldEvent| matches!(event.what, Happening::Received { .. });
    let mut places = Vec::new();
    while history.step_to(at(30_000), is_delivery) {
        places.push(seen(&history));
    }
    assert!(places.len() > 8, "{}", places.len());
    history.step_back(is_delivery);
    for place in places.iter().rev() {
        assert_eq!(seen(&history), *place);
        history.step_back(is_delivery);
    }
    assert_eq!(history.now(), Instant::ZERO, "before the first there is only the beginning");
}

#[test]
fn acting_in_the_past_begins_another_future_and_keeps_the_old_one() {
    let mut history = History::new(&lesson("crash-with-ack"), 1, Watcher::default());
    history.advance(at(25_000));
    let old = seen(&history);
    history.seek(at(4_000));
    history.act(Mishap::Crash { actor: "worker-2".into() });
    history.advance(at(25_000));
    assert_ne!(seen(&history), old);
    let branches = history.branches();
    let told: Vec<_> = branches.iter().map(|branch| (branch.from, branch.played_to)).collect();
    assert_eq!(told, [(None, at(25_000)), (Some(at(4_000)), at(25_000))]);
    history.enter(0);
    assert_eq!(seen(&history), old);
    // The deed is known wherever its future is entered, and before it nowhere.
    let crashes = |history: &History<Watcher>| {
        history.past().filter(|entry| matches!(entry.event.what, Happening::Crashed { .. })).count()
    };
    history.enter(1);
    for (ms, expected) in [(3_999, 0), (4_001, 1), (20_000, 2), (4_000, 0)] {
        history.seek(at(ms));
        assert_eq!(crashes(&history), expected, "at {ms} ms");
    }
}

/// What was done stays when the run begins again: after the end, too, for which the branch's scenario lasts longer.
#[test]
fn beginning_again_keeps_what_was_done_as_another_future() {
    let lesson = lesson("crash-with-ack");
    let mut history = History::new(&lesson, 1, Watcher::default());
    let end = at(u64::try_from(lesson.until.as_millis()).expect("some seconds"));
    history.advance(end);
    let as_given = seen(&history);
    history.begin_again();
    assert_eq!((history.branches().len(), history.now()), (1, Instant::ZERO), "nothing was done");
    history.advance(end);
    assert_eq!(seen(&history), as_given);

    history.act(Mishap::Crash { actor: "worker-2".into() });
    let longer = lesson.until + Duration::from_secs(10);
    history.extend(longer);
    history.advance(Instant::ZERO + longer);
    let acted = seen(&history);
    assert_eq!(history.scenario().until, longer);
    history.begin_again();
    assert_eq!((history.branches().len(), history.now()), (2, Instant::ZERO));
    assert_eq!(*history.scenario(), lesson, "as it was given, and as long");
    history.advance(end);
    assert_eq!(seen(&history), as_given);
    history.begin_again();
    assert_eq!(history.branches().len(), 2, "nothing was done since");
    history.enter(0);
    assert_eq!((seen(&history), history.now()), (acted, Instant::ZERO + longer));

    // A future that turns off before the old end is as long as the lesson; nobody's work piles up without bound.
    history.seek(at(4_000));
    history.act(Mishap::Crash { actor: "worker-1".into() });
    assert_eq!(history.scenario().until, lesson.until);
    for _ in 0..2 * MOST_BRANCHES {
        history.begin_again();
        history.act(Mishap::Crash { actor: "worker-1".into() });
    }
    assert_eq!(history.branches().len(), MOST_BRANCHES);
}

#[test]
fn a_future_with_deeds_is_the_scenario_with_these_faults() {
    let scenario = Scenario { faults: Vec::new(), ..lesson("durable") };
    let deeds = [
        (1_000, Mishap::Pause { actor: "hopeful".into() }),
        (2_100, Mishap::CrashBroker { unsynced: Unsynced::Torn }),
        (4_000, Mishap::StartBroker),
        (5_000, Mishap::Revive { actor: "hopeful".into() }),
        (6_000, Mishap::Revive { actor: "careful".into() }),
        (9_000, Mishap::PurgeQueue { queue: "orders".into() }),
    ];
    let mut history = History::new(&scenario, 3, Watcher::default());
    for (ms, deed) in &deeds {
        history.advance(at(*ms));
        // Looking around before does not matter.
        history.seek(at(ms / 2));
        history.seek(at(*ms));
        history.act(deed.clone());
    }
    history.advance(Instant::ZERO + scenario.until);
    let after_us = |ms| Duration::from_micros(ms * 1_000 + 1);
    let faults: Vec<_> =
        deeds.iter().map(|(ms, what)| Fault { at: after_us(*ms), what: what.clone() }).collect();
    assert_eq!(history.scenario().faults, faults);
    let mut again = History::new(history.scenario(), 3, Watcher::default());
    again.advance(Instant::ZERO + scenario.until);
    assert_eq!(seen(&again), seen(&history));
    // And so it is when it comes from a file.
    let file = Scenario::parse("saved", &history.scenario().to_toml()).expect("it can be read");
    assert_eq!(trace_hash(&file, 3), trace_hash(history.scenario(), 3));
}

#[test]
fn who_stands_still_keeps_its_messages_and_goes_on_with_them() {
    let scenario = Scenario { faults: Vec::new(), ..lesson("crash-with-ack") };
    let mut history = History::new(&scenario, 1, Watcher::default());
    history.advance(at(3_000));
    history.act(Mishap::Pause { actor: "worker-1".into() });
    history.advance(at(20_000));
    let processed = |history: &History<Watcher>, name: &str| {
        let actors = history.world().actors();
        let actor = actors.iter().find(|actor| actor.name == name).expect("it is there");
        match &actor.kind {
            warren_sim::ActorKind::Consumer { processed, .. } => *processed,
            _ => 0,
        }
    };
    let (worker, other) = (processed(&history, "worker-1"), processed(&history, "worker-2"));
    assert!(worker < other, "{worker} {other}");
    assert_eq!((history.ledger().unacked > 0, history.ledger().redelivered), (true, 0));
    history.act(Mishap::Revive { actor: "worker-1".into() });
    history.advance(at(40_000));
    assert_eq!((history.ledger().unacked, history.ledger().acked, history.ledger().lost()), (0, 12, 0));
}

#[test]
fn a_message_is_settled_by_hand() {
    for (how, ledger) in
        [(SettleBy::Ack, (1, 0, 0)), (SettleBy::Reject, (0, 0, 1)), (SettleBy::Requeue, (0, 1, 0))]
    {
        let scenario = Scenario { faults: Vec::new(), ..lesson("crash-with-ack") };
        let mut history = History::new(&scenario, 1, Watcher::default());
        let is_working = |event: &WorldEvent| matches!(event.what, Happening::WorkStarted { .. });
        assert!(history.step_to(at(9_000), is_working));
        let working = history.past().last().expect("it works").event.clone();
        let Happening::WorkStarted { actor, message, .. } = working.what else { panic!("{working:?}") };
        let actor = scenario.actor_names().nth(actor.0 as usize).expect("a name").to_owned();
        history.act(Mishap::Settle { actor, message: message.0, how });
        history.advance(history.now() + Duration::from_millis(600));
        let sums = history.ledger();
        assert_eq!((sums.acked, sums.requeued, sums.lost()), ledger, "{how:?}");
    }
}

#[test]
fn branches_are_the_same_until_something_else_is_done() {
    let mut history = History::new(&lesson("crash-with-ack"), 1, Watcher::default());
    let crash = |actor: &str| Mishap::Crash { actor: actor.into() };
    history.advance(at(10_000));
    history.act(crash("worker-2"));
    history.advance(at(20_000));
    history.seek(at(12_000));
    history.act(crash("producer"));
    history.seek(at(3_000));
    history.act(crash("producer"));
    history.begin_again();
    let same = |one: usize, two: usize| {
        let branches = history.branches();
        let until = branches[one].is_same_until(&branches[two]);
        assert_eq!(until, branches[two].is_same_until(&branches[one]));
        until
    };
    assert_eq!(same(0, 0), None);
    assert_eq!(same(0, 1), Some(at(12_000)), "one goes on, the other turns off");
    assert_eq!(same(0, 2), Some(at(3_000)));
    assert_eq!(same(1, 2), Some(at(3_000)));
    assert_eq!(same(0, 3), Some(at(10_000)), "nothing was done on the last");
    assert_eq!(same(2, 3), Some(at(3_000)));
}

#[test]
fn a_copy_of_a_branch_is_it_and_leaves_it_alone() {
    let mut history = History::new(&lesson("crash-with-ack"), 1, Watcher::default());
    history.advance(at(20_000));
    history.seek(at(3_000));
    history.act(Mishap::Crash { actor: "worker-2".into() });
    history.advance(at(9_000));
    let here = seen(&history);
    let state = |history: &History<Watcher>| {
        (history.world().actors(), history.ledger().clone(), history.spectator().clone())
    };

    for branch in [0, 1] {
        let mut copy = history.copy_of(branch).expect("a branch");
        // Back, and further than it was played.
        for ms in [7_000, 1_500, 30_000] {
            copy.seek(at(ms));
            let mut itself = History::new(copy.scenario(), 1, Watcher::default());
            itself.advance(at(ms));
            assert_eq!(state(&copy), state(&itself), "branch {branch} at {ms} ms");
        }
    }
    assert_eq!(seen(&history), here);
    assert!(history.copy_of(2).is_none());
}
