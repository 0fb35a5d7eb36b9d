//! What is seen to move, in lessons.

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{
    Scenario, World, lessons,
    warren_core::{Instant, event::DeathReason},
};

use super::{
    super::{Layout, Place, QueueRow, Settlement},
    DotKind, Motion,
};

/// Plays a lesson and says at which moments how many dots of a kind are seen.
fn seen(lesson: &str, kind: DotKind) -> usize {
    let lesson = lessons::find(lesson).expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let layout = Layout::new(&scenario, 1000.0, 400.0);
    let (mut world, mut motion) = (World::new(&scenario, 1), Motion::default());
    let mut most = 0;
    for tick in 0..600 {
        let now = Instant::from_micros(tick * 50_000);
        world.run_until(now);
        world.take_events().iter().for_each(|event| motion.apply(event));
        motion.forget(now);
        let dots = motion.dots(&layout, now);
        for dot in &dots {
            let at = layout.outward(dot.at);
            assert!((0.0..=1000.0).contains(&at.x) && (0.0..=400.0).contains(&at.y), "{dot:?}");
        }
        most = most.max(dots.iter().filter(|dot| dot.kind == kind).count());
    }
    most
}

#[test]
fn acks_travel_back_where_there_are_any() {
    assert!(seen("crash-with-ack", DotKind::Settled(Settlement::Ack)) > 0);
    assert_eq!(seen("crash-without-ack", DotKind::Settled(Settlement::Ack)), 0);
}

#[test]
fn a_crash_loses_without_acks_and_redelivers_with_them() {
    assert!(seen("crash-without-ack", DotKind::Lost) > 0);
    assert_eq!(seen("crash-without-ack", DotKind::Redelivered), 0);
    assert_eq!(seen("crash-with-ack", DotKind::Lost), 0);
    assert!(seen("crash-with-ack", DotKind::Redelivered) > 0);
}

#[test]
fn a_fanout_sends_three_copies_at_once() {
    assert!(seen("fanout", DotKind::Message) >= 3);
}

/// Where several send, all of one producer have its colour; where one does, each message has one of its own.
#[test]
fn colours_say_who_has_sent_a_message_where_several_send() {
    for (id, producers, colours_of_each) in [("durable", 3, 1), ("hello", 1, 3)] {
        let lesson = lessons::find(id).expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let layout = Layout::new(&scenario, 1000.0, 400.0);
        let (mut world, mut motion) = (World::new(&scenario, 1), Motion::of(&scenario));
        let mut colours: OrdMap<Place, OrdSet<u64>> = OrdMap::new();
        for tick in 0..334 {
            let now = Instant::from_micros(tick * 15_000);
            world.run_until(now);
            world.take_events().iter().for_each(|event| motion.apply(event));
            for dot in motion.dots(&layout, now) {
                if let Some(place @ Place::Producer(_)) = dot.from {
                    colours.entry(place).or_default().insert(dot.label.colour);
                }
            }
        }
        let found: Vec<usize> = colours.values().map(OrdSet::len).collect();
        assert!(
            found.len() == producers && found.iter().all(|count| *count == colours_of_each),
            "{id}: {found:?}"
        );
        let all: OrdSet<u64> = colours.into_values().flatten().collect();
        assert_eq!(all.len(), producers * colours_of_each, "{id}: each has its own");
    }
}

#[test]
fn what_is_rejected_is_seen_to_be() {
    assert!(seen("retry", DotKind::Settled(Settlement::Reject)) > 0);
    assert!(seen("retry", DotKind::DeadLetter(DeathReason::Rejected)) > 0);
    assert!(seen("retry", DotKind::DeadLetter(DeathReason::Expired)) > 0);
    assert_eq!(seen("crash-with-ack", DotKind::Settled(Settlement::Reject)), 0);
}

/// It ends in the row of what is unacked, where the message is that it settles.
#[test]
fn an_ack_comes_to_the_message_that_it_settles() {
    let lesson = lessons::find("crash-with-ack").expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let layout = Layout::new(&scenario, 1000.0, 400.0);
    let queue = layout.node(&Place::Queue("tasks".into())).expect("a queue").area;
    let (mut world, mut motion) = (World::new(&scenario, 1), Motion::default());
    let (mut moving, mut arrived) = (OrdMap::new(), 0);
    for tick in 0..5_000 {
        let now = Instant::from_micros(tick * 4_000);
        world.run_until(now);
        world.take_events().iter().for_each(|event| motion.apply(event));
        motion.forget(now);
        let before = std::mem::take(&mut moving);
        for dot in motion.dots(&layout, now) {
            if let (true, Some(message)) = (dot.kind.is_settlement(), dot.message) {
                let ahead = motion.unacked(&"tasks".into()).position(|other| other == message);
                let ahead = ahead.expect("it is unacked until its ack comes");
                moving.insert(message, (dot.at, layout.sizes.in_row(queue, QueueRow::Unacked, ahead)));
            }
        }
        for (at, there) in
            before.iter().filter(|(message, _)| !moving.contains_key(*message)).map(|(_, ends)| ends)
        {
            arrived += 1;
            assert!(at.distance(*there) < 2.0, "{at:?} {there:?}");
        }
    }
    assert!(arrived > 5, "{arrived} acks");
}

#[test]
fn what_a_crash_takes_is_named_where_it_was() {
    let lesson = lessons::find("crash-without-ack").expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let layout = Layout::new(&scenario, 1000.0, 400.0);
    let (mut world, mut motion) = (World::new(&scenario, 1), Motion::default());
    let mut named = Vec::new();
    for tick in 0..200 {
        let now = Instant::from_micros(tick * 50_000);
        world.run_until(now);
        world.take_events().iter().for_each(|event| motion.apply(event));
        motion.forget(now);
        for (at, lost) in motion.lost_at(&layout, now) {
            let worker = layout.centre(&Place::Consumer(warren_sim::ActorId(1))).expect("worker-1");
            assert!(at.distance(worker) < 100.0, "{at:?}");
            named.push(lost);
        }
    }
    named.dedup();
    assert_eq!(named, [vec![5, 7]]);
}
