//! The world as the broker's host: it hands in what the network brings, and does what the broker wants.

use std::collections::VecDeque;

use warren_core::{
    ConnectionId, Event, Fact, Input, Instant, MessageId, Name, Output, Peer, event::DropReason,
};

use super::{Task, World};
use crate::{
    actor::Held,
    client::DIRECT_REPLY_TO,
    happening::{Happening, LossReason},
    network::{Direction, Packet},
    scenario::Unsynced,
};

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
            return;
        }
        if !self.power.is_up {
            // Nobody is there to accept.
            self.send_to_client(connection, Packet::Cut);
            return;
        }
        let Some(packet) = self.network.read(connection, packet) else { return };
        match packet {
            Packet::Open => {
                let address = self.owner(connection).map_or_else(String::new, |actor| actor.name.clone());
                self.feed(Input::Accepted { connection, peer: Peer { address, loopback: true } });
            }
            Packet::Bytes(bytes) => self.feed(Input::Bytes { connection, bytes: &bytes }),
            Packet::Cut => self.feed(Input::Lost { connection }),
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
        self.drain();
    }

    /// Does what the broker wants.
    pub(super) fn drain(&mut self) {
        let mut facts = Vec::new();
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
                Output::Notice { .. } => {}
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
        let fact = event.fact.clone();
        self.power.follow(&fact);
        self.record(Happening::Broker(event));
        match fact {
            Fact::Delivered { message, queue, consumer, delivery_tag, redelivered, no_ack } => {
                let held = Held::new(message, queue, delivery_tag);
                self.dispatch(consumer.connection, held, redelivered, no_ack);
            }
            Fact::Read { message, queue, consumer, delivery_tag, .. } => {
                let held = Held::new(message, queue, delivery_tag);
                self.dispatch(consumer.connection, held, false, false);
            }
            Fact::Replied { message, connection, delivery_tag, .. } => {
                let held = Held::new(message, DIRECT_REPLY_TO.into(), delivery_tag);
                self.dispatch(connection, held, false, true);
            }
            Fact::Published { message, .. } => self.config.latest_message = message.0,
            Fact::Unroutable { message, mandatory: false } => {
                self.lose(message, None, LossReason::Unroutable);
            }
            Fact::Dropped { message, queue, reason, .. } => {
                let reason = match reason {
                    DropReason::Rejected => LossReason::Rejected,
                    DropReason::Expired => LossReason::Expired,
                    DropReason::MaxLength => LossReason::MaxLength,
                    DropReason::DeliveryLimit => LossReason::DeliveryLimit,
                    // A stream promises to keep messages so long, not to have them read.
                    DropReason::Retention => return,
                    DropReason::Purged => LossReason::Purged,
                    DropReason::QueueDeleted => LossReason::QueueDeleted,
                };
                self.lose(message, Some(queue), reason);
            }
            Fact::Refused { message, queue } => self.lose(message, Some(queue), LossReason::Refused),
            Fact::DeadLetterCycle { message, queue } => {
                self.lose(message, Some(queue), LossReason::DeadLetterCycle);
            }
            _ => {}
        }
    }

    /// A delivery is on the wire; if its consumer is already dead and need not ack, it is lost there.
    fn dispatch(&mut self, connection: ConnectionId, held: Held, redelivered: bool, no_ack: bool) {
        let Some(&actor) = self.owners.get(&connection) else { return };
        let (message, queue) = (held.message, held.queue.clone());
        if self.actor_on(connection).is_some() {
            let arrives_at = self.network.last_to_client(connection);
            self.dispatched.insert((connection, held.delivery_tag), held);
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
