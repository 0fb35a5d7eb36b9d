//! The world as the broker's host: it hands in what the network brings, and does what the broker wants.

use std::{collections::VecDeque, time::Duration};

use warren_core::{
    ConnectionId, Event, Fact, Input, Instant, MessageId, Name, Output, Peer, event::DropReason,
};

use super::{Task, World, index};
use crate::{
    actor::{Connection, Held},
    client::DIRECT_REPLY_TO,
    happening::{ChannelRef, Happening, LossReason},
    network::{Direction, Packet},
    scenario::Unsynced,
};

/// How long the broker is busy with the work that one input may lead to: what arrives meanwhile, and what breaks, comes
/// between its slices.
const SLICE: Duration = Duration::from_micros(100);

impl World {
    /// Sends towards the broker, and says when it arrives there.
    pub(super) fn send_to_broker(&mut self, connection: ConnectionId, packet: Packet) -> Instant {
        self.transmit(connection, Direction::ToBroker, packet)
    }

    /// Sends towards a client.
    pub(super) fn send_to_client(&mut self, connection: ConnectionId, packet: Packet) {
        self.transmit(connection, Direction::ToClient, packet);
    }

    fn transmit(&mut self, connection: ConnectionId, way: Direction, mut packet: Packet) -> Instant {
        let passage = self.network.send(connection, way, self.now, &mut packet);
        let place = self.opened.get(&connection);
        let opener = place.and_then(|place| self.connections.get(index(*place)));
        if let (Some(wiretap), Some(Connection { client: owner, .. })) = (&mut self.wiretap, opener) {
            let owner = *owner;
            wiretap.tape((connection, owner), way, self.now, &packet, passage);
        }
        if !passage.is_lost {
            self.agenda.add(passage.arrives_at, Task::arrival(way, connection, packet));
        }
        if passage.breaks {
            self.break_link(connection);
        }
        passage.arrives_at
    }

    /// A connection breaks: what is on the way still arrives, then both sides hear of it.
    pub(super) fn break_link(&mut self, connection: ConnectionId) {
        self.send_to_broker(connection, Packet::Cut);
        self.send_to_client(connection, Packet::Cut);
        self.network.kill(connection);
    }

    /// Something has come to the broker's end of a stream.
    pub(super) fn arrive_at_broker(&mut self, connection: ConnectionId, packet: Packet) {
        if self.power.is_cut(connection) {
            return self.never_arrives(connection);
        }
        if !self.power.is_up {
            self.never_arrives(connection);
            // Nobody is there to accept.
            self.send_to_client(connection, Packet::Cut);
            return;
        }
        let Some(packet) = self.network.read(connection, packet) else { return };
        match packet {
            Packet::Open => {
                let address =
                    self.opened_by(connection).map(|opened| opened.name.clone()).unwrap_or_default();
                self.feed(Input::Accepted { connection, peer: Peer { address, loopback: true } });
            }
            Packet::Bytes(bytes) => self.feed(Input::Bytes { connection, bytes: &bytes }),
            Packet::Cut => self.feed(Input::Lost { connection }),
        }
    }

    /// What has just come on a connection finds nobody.
    fn never_arrives(&mut self, connection: ConnectionId) {
        for sending in self.trail.unheard(connection, self.now) {
            self.record(Happening::NeverArrived(sending));
        }
    }

    /// Tells the broker that time has passed.
    pub(super) fn tick(&mut self) {
        self.ticked_at = Some(self.now);
        self.feed(Input::Tick);
    }

    /// Hands something in, and obeys the one law.
    pub(super) fn feed(&mut self, input: Input<'_>) {
        let is_asked = !matches!(input, Input::Disk { .. } | Input::Tick);
        if !self.power.is_up || (self.power.is_stopping && is_asked) {
            return;
        }
        self.broker.handle(self.broker_now(), input);
        self.work_at = self.now + SLICE;
        self.drain();
    }

    /// Does what the broker wants.
    pub(super) fn drain(&mut self) {
        let mut facts = Vec::with_capacity(8);
        let mut resumed = VecDeque::new();
        let mut ended = None;
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => self.send_to_client(connection, Packet::Bytes(bytes)),
                Output::Close { connection } => self.send_to_client(connection, Packet::Cut),
                Output::PauseReads { connection } => self.network.pause(connection),
                Output::ResumeReads { connection } => {
                    let unread = self.network.resume(connection);
                    resumed.extend(unread.into_iter().map(|packet| (connection, packet)));
                }
                Output::Event(event) => facts.push(event),
                Output::Disk { op, action } => self.ask_disk(op, action),
                // For the logs of servers.
                Output::Notice(_) => {}
                Output::Stopped => ended = Some(Happening::BrokerStopped),
                Output::Halt { reason } => ended = Some(Happening::BrokerHalted { reason }),
            }
        }
        // After the sends, so that it is known when a delivery arrives.
        for event in facts {
            self.note(event);
        }
        if let Some(ended) = ended {
            return self.end_broker(ended, Unsynced::Kept);
        }
        for (connection, packet) in resumed {
            self.arrive_at_broker(connection, packet);
        }
    }

    /// Records a fact, and what it means for the actors.
    fn note(&mut self, event: Event) {
        self.power.follow(&event.fact);
        let meaning = meaning(&event.fact);
        self.record(Happening::Broker(event));
        match meaning {
            Meaning::Nothing => {}
            Meaning::Taken(message) => self.config.latest_message = message.0,
            Meaning::Dispatched { channel, held, redelivered, no_ack } => {
                self.dispatch(channel, held, redelivered, no_ack);
            }
            Meaning::Lost { message, queue, reason } => self.lose(message, queue, reason),
        }
    }

    /// A delivery is on the wire; if its consumer is already dead and need not ack, it is lost there.
    fn dispatch(&mut self, channel: ChannelRef, held: Held, redelivered: bool, no_ack: bool) {
        let Some(&actor) = self.owners.get(&channel) else { return };
        let (message, queue) = (held.message, held.queue.clone());
        if self.actor_on(channel).is_some() {
            let arrives_at = self.network.last_to_client(channel.connection);
            self.dispatched.entry((channel, held.delivery_tag)).or_default().push_back(held);
            self.record(Happening::Dispatched { actor, message, queue, redelivered, arrives_at });
        } else if no_ack {
            self.lose(message, Some(queue), LossReason::InSocket { actor });
        }
    }

    /// Nobody will ever finish work on this copy of the message.
    pub(super) fn lose(&mut self, message: MessageId, queue: Option<Name>, reason: LossReason) {
        self.record(Happening::Lost { message, queue, reason });
    }
}

/// What a fact means for the actors.
enum Meaning {
    Nothing,
    Taken(MessageId),
    Dispatched { channel: ChannelRef, held: Held, redelivered: bool, no_ack: bool },
    Lost { message: MessageId, queue: Option<Name>, reason: LossReason },
}

fn meaning(fact: &Fact) -> Meaning {
    match fact {
        Fact::Published { message, .. } => Meaning::Taken(*message),
        Fact::Delivered { message, queue, consumer, delivery_tag, redelivered, no_ack } => {
            let held = Held::new(*message, queue.clone(), *delivery_tag, *no_ack);
            let (channel, redelivered, no_ack) = (ChannelRef::of(consumer), *redelivered, *no_ack);
            Meaning::Dispatched { channel, held, redelivered, no_ack }
        }
        Fact::Read { message, queue, consumer, delivery_tag, .. } => {
            let held = Held::new(*message, queue.clone(), *delivery_tag, false);
            Meaning::Dispatched { channel: ChannelRef::of(consumer), held, redelivered: false, no_ack: false }
        }
        Fact::Replied { message, connection, channel, delivery_tag } => {
            let channel = ChannelRef::new(*connection, *channel);
            let held = Held::new(*message, DIRECT_REPLY_TO.into(), *delivery_tag, true);
            Meaning::Dispatched { channel, held, redelivered: false, no_ack: true }
        }
        Fact::Unroutable { message, mandatory: false } => {
            Meaning::Lost { message: *message, queue: None, reason: LossReason::Unroutable }
        }
        Fact::Dropped { message, queue, reason, .. } => match dropped(*reason) {
            Some(reason) => lost(*message, queue, reason),
            None => Meaning::Nothing,
        },
        Fact::DeadLetterDropped { message, queue } => lost(*message, queue, LossReason::QueueDeleted),
        Fact::Refused { message, queue } => lost(*message, queue, LossReason::Refused),
        Fact::DeadLetterCycle { message, queues, is_gone: true } => Meaning::Lost {
            message: *message,
            queue: queues.first().cloned(),
            reason: LossReason::DeadLetterCycle,
        },
        _ => Meaning::Nothing,
    }
}

fn lost(message: MessageId, queue: &Name, reason: LossReason) -> Meaning {
    Meaning::Lost { message, queue: Some(queue.clone()), reason }
}

const fn dropped(reason: DropReason) -> Option<LossReason> {
    Some(match reason {
        DropReason::Rejected => LossReason::Rejected,
        DropReason::Expired => LossReason::Expired,
        DropReason::MaxLength => LossReason::MaxLength,
        DropReason::DeliveryLimit => LossReason::DeliveryLimit,
        // A stream promises to keep messages so long, not to have them read.
        DropReason::Retention => return None,
        DropReason::Purged => LossReason::Purged,
        DropReason::QueueDeleted => LossReason::QueueDeleted,
    })
}
