//! What has been recorded: the stream of events, and what follows from it.

use std::collections::{BTreeMap, VecDeque};

use warren_core::{ConnectionId, Event, Fact, Instant, MessageId};

use crate::{
    happening::{Happening, WorldEvent},
    ledger::Ledger,
};

/// The events, and who they are about.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    seq: u64,
    /// Not taken yet.
    events: Vec<WorldEvent>,
    pub(super) ledger: Ledger,
    /// `None` if nobody will ask for them.
    stories: Option<BTreeMap<MessageId, Vec<WorldEvent>>>,
    /// What is on the wire to the broker and has no id yet, by connection and number: when it was sent, and its sending if
    /// stories are kept.
    sent: BTreeMap<(ConnectionId, u64), (Instant, Option<WorldEvent>)>,
    /// When messages were sent that their producers wait to hear of.
    sent_at: BTreeMap<MessageId, Instant>,
    /// What the broker has numbered and the producer has heard nothing of.
    unconfirmed: BTreeMap<(ConnectionId, u64), MessageId>,
    /// What is going back, in the order in which it arrives.
    returning: BTreeMap<ConnectionId, VecDeque<MessageId>>,
}

impl Trail {
    /// Nothing has happened yet.
    pub(super) fn new() -> Trail {
        Trail {
            seq: 0,
            events: Vec::new(),
            ledger: Ledger::default(),
            stories: Some(BTreeMap::new()),
            sent: BTreeMap::new(),
            sent_at: BTreeMap::new(),
            unconfirmed: BTreeMap::new(),
            returning: BTreeMap::new(),
        }
    }

    /// Keeps no stories from now on.
    pub(super) fn forget_stories(&mut self) {
        self.stories = None;
    }

    /// Writes down what happens at `at`.
    pub(super) fn record(&mut self, at: Instant, what: Happening) {
        self.seq += 1;
        let event = WorldEvent { at, seq: self.seq, what };
        self.ledger.apply(&event);
        self.follow(&event);
        self.events.push(event);
    }

    pub(super) fn take_events(&mut self) -> Vec<WorldEvent> {
        // As many as last time find room without growing step by step.
        let room = Vec::with_capacity(self.events.len());
        std::mem::replace(&mut self.events, room)
    }

    pub(super) fn story(&self, message: MessageId) -> &[WorldEvent] {
        self.stories.as_ref().and_then(|stories| stories.get(&message)).map_or(&[], Vec::as_slice)
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
                let told = self.stories.is_some().then(|| event.clone());
                self.sent.insert((sending.connection, sending.number), (event.at, told));
            }
            Happening::Broker(Event {
                fact: Fact::Published { message, connection, number, .. }, ..
            }) => {
                let key = (*connection, *number);
                self.unconfirmed.insert(key, *message);
                let sent = self.sent.remove(&key);
                self.sent_at.extend(sent.as_ref().map(|(at, _)| (*message, *at)));
                if let Some(stories) = &mut self.stories {
                    stories.insert(*message, sent.and_then(|(_, told)| told).into_iter().collect());
                }
            }
            Happening::Broker(Event { fact: Fact::Unroutable { message, mandatory: true }, .. }) => {
                let publisher = self.unconfirmed.iter().rev().find(|(_, published)| *published == message);
                if let Some(((connection, _), _)) = publisher {
                    self.returning.entry(*connection).or_default().push_back(*message);
                }
            }
            Happening::Confirmed { actor, message } | Happening::Answered { actor, message, .. } => {
                if let Some(sent_at) = self.sent_at.remove(message) {
                    self.ledger.heard(*actor, sent_at, event.at);
                }
            }
            _ => {}
        }
        let Some(stories) = &mut self.stories else { return };
        if let Some(story) = event.what.message().and_then(|message| stories.get_mut(&message)) {
            story.push(event.clone());
        }
    }
}
