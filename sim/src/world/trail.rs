//! What has been recorded: the stream of events, and what follows from it.

use std::{collections::VecDeque, sync::Arc};

use warren_core::{
    ChannelNumber, ConnectionId, Event, Fact, Instant, MessageId,
    ordered::{OrdMap, OrdSet},
};

use crate::{
    happening::{ActorId, ChannelRef, Happening, Sending, WorldEvent},
    ledger::Ledger,
    scenario::{Producer, Scenario},
};

/// The events, and who they are about.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    seq: u64,
    /// Not taken yet.
    events: Vec<WorldEvent>,
    pub(super) ledger: Ledger,
    /// `None` if nobody will ask for them.
    stories: Option<OrdMap<MessageId, Vec<WorldEvent>>>,
    /// Who hears of messages: only theirs are remembered until then.
    hearers: OrdSet<ActorId>,
    /// What is on the wire to the broker and has no id yet, by channel and number.
    sent: OrdMap<(ChannelRef, u64), Sent>,
    /// When messages were sent that their producers wait to hear of.
    sent_at: OrdMap<MessageId, Instant>,
    /// What the broker has numbered and the producer has heard nothing of.
    unconfirmed: OrdMap<(ChannelRef, u64), MessageId>,
    /// What is going back, in the order in which it arrives.
    returning: OrdMap<ChannelRef, VecDeque<MessageId>>,
}

/// A message that is on the wire to the broker.
#[derive(Clone, Debug)]
struct Sent {
    at: Instant,
    sending: Arc<Sending>,
    /// Whether its producer hears of it.
    is_heard_of: bool,
    /// Whether it comes back if no queue takes it.
    is_mandatory: bool,
    /// Its sending, if stories are kept.
    told: Option<WorldEvent>,
}

impl Trail {
    /// Nothing has happened yet.
    pub(super) fn new(scenario: &Scenario) -> Trail {
        Trail {
            seq: 0,
            events: Vec::new(),
            ledger: Ledger::default(),
            stories: Some(OrdMap::new()),
            hearers: hearers(scenario),
            sent: OrdMap::new(),
            sent_at: OrdMap::new(),
            unconfirmed: OrdMap::new(),
            returning: OrdMap::new(),
        }
    }

    /// Keeps no stories from now on.
    pub(super) fn forget_stories(&mut self) {
        self.stories = None;
    }

    /// From now on this actor hears of its messages.
    pub(super) fn hears(&mut self, actor: ActorId) {
        self.hearers.insert(actor);
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

    /// How many things it would take to remember all of this.
    pub(super) fn weight(&self) -> usize {
        self.sent.len() + self.sent_at.len() + self.unconfirmed.len() + self.ledger.losses.len()
    }

    pub(super) fn story(&self, message: MessageId) -> &[WorldEvent] {
        self.stories.as_ref().and_then(|stories| stories.get(&message)).map_or(&[], Vec::as_slice)
    }

    /// The messages that a confirm on a channel is about.
    pub(super) fn confirmed(&mut self, channel: ChannelRef, number: u64, multiple: bool) -> Vec<MessageId> {
        let from = if multiple { 0 } else { number };
        let range = (channel, from)..=(channel, number);
        let keys: Vec<_> = self.unconfirmed.range(range).map(|(key, _)| *key).collect();
        keys.iter().filter_map(|key| self.unconfirmed.remove(key)).collect()
    }

    /// The message that a return on a channel is about: they come back in the order of publishing.
    pub(super) fn returned(&mut self, channel: ChannelRef) -> Option<MessageId> {
        self.returning.get_mut(&channel)?.pop_front()
    }

    /// What has come to a connection by `now` that the broker knows nothing of any more: it arrives nowhere.
    pub(super) fn unheard(&mut self, connection: ConnectionId, now: Instant) -> Vec<Arc<Sending>> {
        let (first, last) = (ChannelNumber(0), ChannelNumber(u16::MAX));
        let all = (ChannelRef::new(connection, first), 0)..=(ChannelRef::new(connection, last), u64::MAX);
        let has_come = |(_, sent): &(_, &Sent)| sent.sending.arrives_at <= now;
        let keys: Vec<_> = self.sent.range(all).filter(has_come).map(|(key, _)| *key).collect();
        keys.iter().filter_map(|key| Some(self.sent.remove(key)?.sending)).collect()
    }

    /// Adds an event to the story of its message.
    fn follow(&mut self, event: &WorldEvent) {
        match &event.what {
            Happening::Sent(sending) => {
                let (is_heard_of, is_mandatory) = (self.hearers.contains(&sending.actor), sending.mandatory);
                let told = self.stories.is_some().then(|| event.clone());
                let sent = Sent { at: event.at, sending: sending.clone(), is_heard_of, is_mandatory, told };
                self.sent.insert((sending.channel(), sending.number), sent);
            }
            Happening::Broker(Event {
                fact: Fact::Published { message, connection, channel, number, .. },
                ..
            }) => {
                let key = (ChannelRef::new(*connection, *channel), *number);
                let sent = self.sent.remove(&key);
                if let Some(sent) = &sent {
                    self.sent_at.extend(sent.is_heard_of.then_some((*message, sent.at)));
                    if sent.is_heard_of || sent.is_mandatory {
                        self.unconfirmed.insert(key, *message);
                    }
                }
                if let Some(stories) = &mut self.stories {
                    stories.insert(*message, sent.and_then(|sent| sent.told).into_iter().collect());
                }
            }
            Happening::Broker(Event {
                fact: Fact::Unroutable { message, mandatory: true } | Fact::ReturnedEarly { message },
                ..
            }) => {
                let publisher = self.unconfirmed.iter().rev().find(|(_, published)| *published == message);
                if let Some(((channel, _), _)) = publisher {
                    self.returning.entry(*channel).or_default().push_back(*message);
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

/// The producers that hear of their messages: by a confirm, the end of a transaction, or an answer.
fn hearers(scenario: &Scenario) -> OrdSet<ActorId> {
    let hears = |plan: &Producer| plan.confirms || plan.transaction > 0 || plan.reply_to.is_some();
    (0..).zip(&scenario.producers).filter(|(_, plan)| hears(plan)).map(|(id, _)| ActorId(id)).collect()
}
