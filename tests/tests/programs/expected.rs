//! What the simulated world makes of a scenario.

use std::collections::BTreeMap;

use warren_sim::{
    ChannelRef, Happening, Scenario, World,
    warren_core::{Event, Fact, Instant},
};

/// Texts, and how often each was there.
pub(crate) type Counts = BTreeMap<String, u32>;

/// What came of a scenario, in the world or in reality.
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    /// What consumers have worked on to the end, by queue.
    pub done: BTreeMap<String, Counts>,
    /// Answers that came to who asked.
    pub answered: Counts,
    /// What is left in each queue that there is after all.
    pub left: BTreeMap<String, u64>,
}

/// Plays it to its end, and until nothing moves any more.
pub(crate) fn expected(scenario: &Scenario) -> Seen {
    let mut world = World::new(scenario, 1);
    world.run_until(Instant::ZERO + scenario.until * 2);
    let mut seen = Seen::default();
    let (mut sent, mut bodies) = (BTreeMap::new(), BTreeMap::new());
    for event in world.take_events() {
        match event.what {
            Happening::Sent(sending) => {
                sent.insert((sending.channel(), sending.number), sending.body.clone());
            }
            Happening::Broker(Event {
                fact: Fact::Published { message, connection, channel, number, .. },
                ..
            }) => {
                bodies.insert(message, sent[&(ChannelRef::new(connection, channel), number)].clone());
            }
            Happening::WorkDone { message, queue, .. } => {
                count(seen.done.entry(queue.to_string()).or_default(), &bodies[&message]);
            }
            Happening::Answered { message, body, .. } => {
                count(&mut seen.answered, &format!("{} -> {body}", bodies[&message]));
            }
            _ => {}
        }
    }
    let kept = world.broker().queues().into_iter().filter(|queue| lasts(scenario, &queue.name));
    seen.left = kept.map(|queue| (queue.name.to_string(), queue.ready + queue.unacked)).collect();
    seen
}

/// Whether a queue is still there when its client has gone.
fn lasts(scenario: &Scenario, name: &str) -> bool {
    scenario.queues.iter().any(|queue| queue.name == name && !queue.exclusive)
}

pub(crate) fn count(counts: &mut Counts, text: &str) {
    *counts.entry(text.to_owned()).or_default() += 1;
}
