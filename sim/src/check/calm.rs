//! When all is well again: everyone gets through, everything drains, and nothing is left of those who are gone.

use std::collections::BTreeSet;

use super::{Checks, Death, MessageBook, Property};
use crate::{AckMode, ActorKind, Frequency, OnFailure, Scenario, Status, World};

impl Checks {
    /// What is still to come before the world is calm; nothing if it is.
    #[must_use]
    pub fn unrest(&self, scenario: &Scenario, world: &World) -> Vec<(Property, String)> {
        let mut unrest = Vec::new();
        let actors = world.actors();
        // Where declarations differ, the broker is right to keep somebody out.
        let all_get_through = !scenario.has_conflicting_declarations();
        let clients = || actors.iter().filter(|actor| all_get_through && actor.kind != ActorKind::Operator);
        for actor in clients().filter(|actor| !matches!(actor.status, Status::Up | Status::Finished)) {
            unrest.push((Property::Connected, format!("{} is {}", actor.name, word(actor.status))));
        }
        for (name, open) in world.unfinished().into_iter().filter(|_| all_get_through) {
            unrest.push((Property::Heard, format!("{name} still has {open} messages to send or to hear of")));
        }
        for queue in drained_queues(scenario).into_iter().filter(|_| all_get_through) {
            let (ready, unacked) = world.broker().queue_counts("/", queue).unwrap_or_default();
            if ready + unacked > 0 {
                unrest.push((
                    Property::Drained,
                    format!("queue {queue} has {ready} ready and {unacked} unacked"),
                ));
            }
        }
        for message in self.returning.values().flatten() {
            unrest.push((Property::MandatoryReturned, format!("message {message} did not come back")));
        }
        for (message, book) in &self.messages {
            for (queue, deaths) in &book.kept_by {
                if deaths.iter().any(|death| self.may_go_on(death, book, scenario)) {
                    let detail = format!("queue {queue} still keeps message {message} as a dead letter");
                    unrest.push((Property::DeadLettersGoOn, detail));
                }
            }
        }
        let live: BTreeSet<_> = actors.iter().filter_map(|actor| actor.connection).collect();
        let view = world.broker();
        let connections = view.connections().into_iter().map(|view| view.connection);
        for connection in connections.filter(|connection| !live.contains(connection)) {
            unrest.push((
                Property::NoGhosts,
                format!("the broker still has {connection:?}, whose client is gone"),
            ));
        }
        for queue in view.queues() {
            for consumer in queue.consumers.iter().filter(|consumer| !live.contains(&consumer.connection)) {
                let queue = &queue.name;
                let detail =
                    format!("queue {queue} still has consumer {}, whose client is gone", consumer.tag);
                unrest.push((Property::NoGhosts, detail));
            }
        }
        unrest
    }

    /// Whether a dead letter that waits goes somewhere, and only to queues that run empty.
    fn may_go_on(&self, death: &Death, book: &MessageBook, scenario: &Scenario) -> bool {
        let (drained, targets) = (drained_queues(scenario), self.destinations_now(death, book));
        let all_get_through = !scenario.has_conflicting_declarations();
        all_get_through
            && !targets.is_empty()
            && targets.iter().all(|queue| drained.contains(queue.as_str()) && !death.circled.contains(queue))
    }

    /// The world is calm, or it will not be any more.
    pub fn settle(&mut self, scenario: &Scenario, world: &World) {
        if !world.broker_is_up() {
            // Its disk is damaged, and it says so: a person has to look at it.
            return;
        }
        self.at = world.now();
        let unrest = self.unrest(scenario, world);
        for property in [Property::Connected, Property::Heard, Property::NoGhosts] {
            self.exercise(property);
        }
        for _ in drained_queues(scenario) {
            self.exercise(Property::Drained);
        }
        for (property, detail) in unrest {
            self.broken(property, None, detail);
        }
    }
}

/// The queues that run empty if all goes well: someone takes from them who acks, and gives nothing back for ever.
fn drained_queues(scenario: &Scenario) -> BTreeSet<&str> {
    let gives_back = |how| matches!(how, OnFailure::Requeue | OnFailure::NackRequeue);
    let hopeless = |consumer: &&crate::Consumer| {
        consumer.ack == AckMode::Never
            || (consumer.fails == Frequency::Every(1) && gives_back(consumer.on_failure))
    };
    let stuck: BTreeSet<&str> =
        scenario.consumers.iter().filter(hopeless).map(|consumer| consumer.queue.as_str()).collect();
    let is_stream = |queue: &str| {
        let queue = scenario.queues.iter().find(|declared| declared.name == queue);
        let kind = queue.and_then(|queue| queue.arguments.get("x-queue-type"));
        kind.and_then(warren_core::wire::FieldValue::as_text) == Some("stream")
    };
    let served = scenario.consumers.iter().map(|consumer| consumer.queue.as_str());
    served.filter(|queue| !stuck.contains(queue) && !is_stream(queue)).collect()
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Waiting => "not started",
        Status::Connecting => "still connecting",
        Status::Up => "up",
        Status::Disconnected => "still without a connection",
        Status::Refused => "refused",
        Status::Crashed => "down",
        Status::Finished => "finished",
        Status::Paused => "standing still",
    }
}
