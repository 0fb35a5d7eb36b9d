//! What has been recorded: the stream of events, and what follows from it.

use std::collections::{BTreeMap, VecDeque};

use warren_core::{ConnectionId, Event, Fact, Instant, MessageId};

use crate::{
    happening::{Happening, WorldEvent},
    ledger::Ledger,
};

/// The events, and who they are about.
#[derive(Debug, Default)]
pub(super) struct Trail {
    seq: u64,
    /// Not taken yet.
    events: Vec<WorldEvent>,
    pub(super) ledger: Ledger,
    stories: BTreeMap<MessageId, Vec<WorldEvent>>,
    /// What is on the wire to the broker and has no id yet, by connection and number.
    sent: BTreeMap<(ConnectionId, u64), WorldEvent>,
    /// What the broker has numbered and the producer has heard nothing of.
    unconfirmed: BTreeMap<(ConnectionId, u64), MessageId>,
    /// What is going back, in the order in which it arrives.
    returning: BTreeMap<ConnectionId, VecDeque<MessageId>>,
}

impl Trail {
    /// Writes down what happens at `at`.
    pub(super) fn record(&mut self, at: Instant, what: Happening) {
        self.seq += 1;
        let event = WorldEvent { at, seq: self.seq, what };
        self.ledger.apply(&event);
        self.follow(&event);
        self.events.push(event);
    }

    pub(super) fn take_events(&mut self) -> Vec<WorldEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn story(&self, message: MessageId) -> &[WorldEvent] {
        self.stories.get(&message).map_or(&[], Vec::as_slice)
    }

    /// The messages that a confirm on a connection is about.
    pub(super) fn confirmed(
        &mut self,
        connection: ConnectionId,
        number: u64,
        multiple: bool,
    ) -> Vec<MessageId> {
        let from = if multiple { 0 } else { number };
        let range = (connection, from)..=(connection, number);
        let keys: Vec<_> = self.unconfirmed.range(range).map(|(key, _)| *key).collect();
        keys.iter().filter_map(|key| self.unconfirmed.remove(key)).collect()
    }

    /// The message that a return on a connection is about: they come back in the order of publishing.
    pub(super) fn returned(&mut self, connection: ConnectionId) -> Option<MessageId> {
        self.returning.get_mut(&connection)?.pop_front()
    }

    /// Adds an event to the story of its message.
    fn follow(&mut self, event: &WorldEvent) {
        match &event.what {
            Happening::Sent(sending) => {
                self.sent.insert((sending.connection, sending.number), event.clone());
            }
            Happening::Broker(Event {
                fact: Fact::Published { message, connection, number, .. }, ..
            }) => {
                let key = (*connection, *number);
                self.unconfirmed.insert(key, *message);
                let sent = self.sent.remove(&key);
                self.stories.insert(*message, sent.into_iter().collect());
            }
            Happening::Broker(Event { fact: Fact::Unroutable { message, mandatory: true }, .. }) => {
                let publisher = self.unconfirmed.iter().rev().find(|(_, published)| *published == message);
                if let Some(((connection, _), _)) = publisher {
                    self.returning.entry(*connection).or_default().push_back(*message);
                }
            }
            Happening::Confirmed { actor, message } | Happening::Answered { actor, message, .. } => {
                if let Some(sent) = self.stories.get(message).and_then(|story| story.first()) {
                    self.ledger.heard(*actor, sent.at, event.at);
                }
            }
            _ => {}
        }
        if let Some(story) = event.what.message().and_then(|message| self.stories.get_mut(&message)) {
            story.push(event.clone());
        }
    }
}
