//! The proof that the checks can see: a bug is planted in the core, and a sweep of a few hundred seeds tells of it.
//!
//! What the world's clients never do, it cannot see: those bugs are for `semantics` to find, and are named below.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use warren_sim::{
    Ending, Trial,
    check::{Property, Violation},
    generate, swarm,
    warren_core::Bug,
};

/// In how many worlds a bug may hide.
const SEEDS: u64 = 3_000;

/// Each bug, and the properties that may be the first to tell of it.
const SEEN: &str = "
lose-unacked-of-channel: drained, redelivery-flagged
lose-unacked-of-connection: drained, redelivery-flagged
ghost-consumer: drained, no-ghosts, turns-taken
ghost-queue: connected
ack-multiple-one-more: settled-as-said
ack-multiple-one-less: drained
ack-previous: settled-as-said
ack-not-recorded: acked-stays-gone
reject-requeues: settled-as-said
requeue-drops: settled-as-said
requeue-at-tail: old-place-kept
requeue-not-dispatched: drained
ack-wakes-nobody: drained, turns-taken
credit-lost-on-reject: drained, turns-taken
delivery-limit-ignored: limit-held
prefetch-ignored-alone: prefetch-held
prefetch-one-more: prefetch-held
forget-redelivered: redelivery-flagged
always-redelivered: redelivery-flagged
no-ack-kept: queue-adds-up
swap-neighbours: old-place-kept, order-kept, priority-first
turn-never-passes: turns-taken
properties-of-next: content-unchanged
body-cut: content-unchanged
consumer-priority-ignored: turns-taken
two-active: single-active-held
no-next-active: single-active-held
confirm-before-sync: confirmed-when-safe
confirm-refused: confirmed-honestly
unroutable-not-confirmed: confirmed-honestly, heard
confirm-before-return: confirmed-honestly
confirm-one-more: confirmed-honestly, mandatory-returned
no-return: mandatory-returned
headers-dropped: content-unchanged, routed-right
priority-reversed: priority-first
expiration-ignored: expired-not-delivered
expire-late: expired-not-delivered
requeued-never-expires: expired-not-delivered
max-length-one-more: limit-held
max-length-refuses-newest: connected, heard
fanout-twice: confirmed-honestly, routed-once
second-queue-not-recorded: confirmed-kept, transaction-whole
queue-not-recorded: confirmed-kept
commit-first-only: transaction-whole
rollback-publishes: transaction-whole
tx-publish-at-once: transaction-whole
dead-letter-lost: dead-letters-go-on
dead-letter-twice: routed-once, routed-right
dead-letter-keeps-expiration: expired-on-time
dead-letter-keeps-key: routed-right
death-not-counted: deaths-counted
waiting-dead-letter-forgotten: dead-letters-go-on
waiting-dead-letter-not-recorded: confirmed-kept
fanout-skips-last: routed-right
direct-ignores-key: routed-right
hash-needs-word: routed-right
star-takes-many: routed-right
headers-all-as-any: routed-right
alternate-ignored: routed-right
delayed-forgotten: routed-right
delay-ignored: routed-right
held-not-recorded: confirmed-kept, confirmed-when-safe
backlog-forgotten: heard
recovery-forgets-last: queue-adds-up
recovered-not-redelivered: redelivery-flagged
";

/// Bugs that no world can show, and why.
const UNSEEN: &str = "
prefetch-forgotten-by-recover: no client says basic.recover
shared-prefetch-ignored: no client shares a prefetch (global)
shared-prefetch-to-latest: only programs share a prefetch, and `sharing` finds it with one
consumer-timeout-ignored: no run is as long as the timeout
get-misses-last: no client says basic.get
exclusive-not-held: no consumer is exclusive
cancel-forgotten: no client says basic.cancel
locked-queue-open: no client touches another's exclusive queue
tx-ack-at-once: no client acks in a transaction
unbind-ignored: no client says queue.unbind
segment-deleted-early: it takes a power cut at the one moment in hundreds, which `durability::power_cuts` finds
binding-not-recorded: whoever comes back binds again
";

#[test]
fn every_planted_bug_is_seen_by_the_property_one_would_expect() {
    let told = hunt_all();
    let wrong: Vec<String> = table(SEEN)
        .filter_map(|(name, expected)| {
            let seen =
                told.iter().find(|(found, _)| found.as_str() == name).and_then(|(_, seen)| seen.as_ref());
            match seen {
                None => Some(format!("{name}: {SEEDS} seeds have not shown it")),
                Some((seed, violation))
                    if !expected.split(", ").any(|word| word == violation.property.name()) =>
                {
                    Some(format!(
                        "{name}: seed {seed} shows {} ({})",
                        violation.property.name(),
                        violation.detail
                    ))
                }
                Some(_) => None,
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table(SEEN).count() >= 25);
}

#[test]
fn every_bug_is_in_one_of_the_tables() {
    let mut listed: Vec<&str> = table(SEEN).chain(table(UNSEEN)).map(|(name, _)| name).collect();
    let mut all: Vec<&str> = Bug::ALL.iter().map(|bug| bug.as_str()).collect();
    listed.sort_unstable();
    all.sort_unstable();
    assert_eq!(listed, all);
    let properties: Vec<&str> = Property::ALL.iter().map(|property| property.name()).collect();
    for (name, expected) in table(SEEN) {
        assert!(expected.split(", ").all(|word| properties.contains(&word)), "{name}: {expected}");
    }
}

fn table(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter_map(|line| line.split_once(": "))
}

/// `every_bug_is_in_one_of_the_tables` sees to it that there is one.
fn named(name: &str) -> Option<Bug> {
    Bug::ALL.iter().copied().find(|bug| bug.as_str() == name)
}

type Seen = Option<(u64, Violation)>;

/// On all cores: each takes the next bug.
fn hunt_all() -> Vec<(Bug, Seen)> {
    let bugs: Vec<Bug> = table(SEEN).filter_map(|(name, _)| named(name)).collect();
    let next = AtomicUsize::new(0);
    let hunter = || {
        let mut told = Vec::new();
        while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
            told.push((*bug, hunt(*bug)));
        }
        told
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, Into::into);
        let hunters: Vec<_> = (0..cores).map(|_| scope.spawn(hunter)).collect();
        // Who has not come back has told nothing, and the test says which bugs are missing.
        hunters.into_iter().flat_map(|hunter| hunter.join().unwrap_or_default()).collect()
    })
}

/// The first seed that shows it.
fn hunt(bug: Bug) -> Seen {
    (0..SEEDS).find_map(|seed| {
        let scenario = swarm(&generate(seed), seed);
        let outcome = Trial::planting(&scenario, seed, bug).run(Ending::Healed, |_| {});
        outcome.violation().cloned().map(|violation| (seed, violation))
    })
}
