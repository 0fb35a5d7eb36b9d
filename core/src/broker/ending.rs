//! The end of a channel, or of a connection with all its channels, in slices: consumers end, unacked messages go back,
//! exclusive queues go.
//!
//! The channels are taken out of their connection at once, so that nothing is delivered to what is about to end: a consumer
//! without a channel has no credit. A client that has asked for the end hears of it when all of this is done.

use std::collections::VecDeque;

use super::{
    Broker,
    connection::CHANNEL_0,
    settling::Settling,
    timers::Timer,
    work::{Task, cost},
};
use crate::{
    ChannelNumber, ConnectionId, Fact, Name, QueueId,
    event::{QueueEnd, RequeueReason},
    id::ConsumerId,
    ordered::OrdSet,
    queue::Queue,
    session::{Channel, Phase, Settlement},
    wire::Method,
};

/// What is left to do, in this order.
#[derive(Clone)]
pub(super) struct Ending {
    connection: ConnectionId,
    vhost: Name,
    /// Why, for whoever watches.
    reason: Name,
    whole_connection: bool,
    /// The broker closes a channel, and its client has not answered yet.
    is_refused: bool,
    /// The consumers of all `channels`: all of them end before anything goes back.
    consumers: VecDeque<ConsumerId>,
    /// Queues that have lost a consumer, in the order in which they did.
    queues: VecDeque<QueueId>,
    /// The same, to know each once.
    known: OrdSet<QueueId>,
    /// Those of `queues` that stay.
    used: VecDeque<QueueId>,
    stage: Stage,
    channels: VecDeque<(ChannelNumber, Channel)>,
    settling: Option<(ChannelNumber, Settling, bool)>,
    /// The connection's exclusive queues.
    exclusive: OrdSet<QueueId>,
    /// What the client hears at the end.
    answer: Option<Answer>,
    /// The connection's next frames wait for the end of this.
    holds_input: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Consumers,
    UnusedQueues,
    Channels,
    QueuesGoOn,
    ExclusiveQueues,
}

/// The answer to a client that has asked for the end.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    ChannelCloseOk(ChannelNumber),
    ConnectionCloseOk,
}

impl Broker {
    /// A channel is over: it is taken out of its connection, and all it holds is released.
    pub(super) fn release_channel(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        reason: &str,
        answer: Option<Answer>,
    ) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let Some(channel) = session.channels.remove(&number) else { return };
        self.unfinished_bytes -= channel.unfinished_bytes();
        let consumers = channel.consumers.values().copied().collect();
        let ending = Ending {
            channels: VecDeque::from([(number, channel)]),
            answer,
            ..Ending::new(connection, session.vhost.clone(), reason, consumers)
        };
        self.continue_ending(ending);
    }

    /// The broker closes a channel. What it has of the queues that it consumes from goes back at once, the rest only when
    /// the client answers (RabbitMQ).
    pub(super) fn refuse_channel(&mut self, connection: ConnectionId, number: ChannelNumber, reason: &str) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let Some(found) = session.channels.get_mut(&number) else { return };
        let channel = std::mem::replace(found, Channel { closing: true, ..Channel::default() });
        self.unfinished_bytes -= channel.unfinished_bytes();
        let consumers = channel.consumers.values().copied().collect();
        let ending = Ending {
            channels: VecDeque::from([(number, channel)]),
            is_refused: true,
            ..Ending::new(connection, session.vhost.clone(), reason, consumers)
        };
        self.continue_ending(ending);
    }

    /// A connection is over: all its channels and exclusive queues are. Its session stays, without channels.
    pub(super) fn release_connection(
        &mut self,
        connection: ConnectionId,
        reason: &str,
        answer: Option<Answer>,
    ) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        self.unfinished_bytes -= session.channels.values().map(Channel::unfinished_bytes).sum::<u64>();
        let consumers = session.channels.values().flat_map(|channel| channel.consumers.values().copied());
        let consumers = consumers.filter(|_| !planted!(self.config, GhostConsumer)).collect();
        let exclusive = std::mem::take(&mut session.exclusive);
        let ending = Ending {
            whole_connection: true,
            channels: std::mem::take(&mut session.channels).into_iter().collect(),
            exclusive: if planted!(self.config, GhostQueue) { OrdSet::new() } else { exclusive },
            answer,
            ..Ending::new(connection, session.vhost.clone(), reason, consumers)
        };
        self.continue_ending(ending);
    }

    pub(super) fn continue_ending(&mut self, mut ending: Ending) {
        let changes = self.changes;
        let is_done = self.end_slice(&mut ending);
        if self.changes != changes {
            self.hold_answers(ending.connection);
        }
        if !is_done {
            if !ending.holds_input {
                ending.holds_input = true;
                self.hold_input(ending.connection);
            }
            return self.work.add(Task::End(Box::new(ending)));
        }
        let (connection, reason) = (ending.connection, ending.reason);
        if ending.whole_connection && !ending.vhost.is_empty() {
            self.events
                .emit(&ending.vhost, || Fact::ConnectionClosed { connection, reason: reason.to_string() });
        }
        match ending.answer {
            None => {}
            Some(Answer::ChannelCloseOk(number)) => {
                self.send(connection, number, &Method::ChannelCloseOk {});
            }
            Some(Answer::ConnectionCloseOk) => {
                self.send(connection, CHANNEL_0, &Method::ConnectionCloseOk {});
                // The client is left to close the stream, for a while (RabbitMQ).
                self.enter(connection, Phase::Closing);
            }
        }
        if ending.holds_input {
            self.release_input(connection);
        }
    }

    /// Goes on as far as this slice goes; `true` if that was all.
    fn end_slice(&mut self, ending: &mut Ending) -> bool {
        if self.commits.has(ending.connection) {
            // What it commits has become certain before.
            self.work.charge(cost::CONSUMER);
            return false;
        }
        loop {
            if self.work.is_spent() {
                return false;
            }
            self.work.charge(cost::CONSUMER);
            let is_over = match ending.stage {
                Stage::Consumers => self.end_next_consumer(ending),
                Stage::UnusedQueues => self.delete_unused_queues(ending),
                Stage::Channels => self.end_next_channel(ending),
                Stage::QueuesGoOn => match ending.used.pop_front() {
                    Some(queue) => {
                        self.consumer_ended(queue);
                        false
                    }
                    None => true,
                },
                Stage::ExclusiveQueues => match ending.exclusive.pop_first() {
                    Some(queue) => {
                        self.delete_queue(queue, QueueEnd::OwnerGone);
                        false
                    }
                    None => return true,
                },
            };
            if is_over {
                ending.stage = ending.stage.next();
            }
        }
    }

    fn end_next_consumer(&mut self, ending: &mut Ending) -> bool {
        let Some(consumer) = ending.consumers.pop_front() else { return true };
        if let Some(queue) = self.end_consumer(consumer)
            && ending.known.insert(queue)
        {
            ending.queues.push_back(queue);
        }
        false
    }

    /// An auto-delete queue goes with its last consumer, and with what is unacked: nothing comes back to it (RabbitMQ).
    fn delete_unused_queues(&mut self, ending: &mut Ending) -> bool {
        let Some(queue) = ending.queues.pop_front() else { return true };
        if self.queues.get(&queue).is_some_and(Queue::is_unused) {
            self.delete_queue(queue, QueueEnd::Unused);
        } else {
            ending.used.push_back(queue);
        }
        false
    }

    fn end_next_channel(&mut self, ending: &mut Ending) -> bool {
        if let Some((number, mut settling, was_closing)) = ending.settling.take() {
            if !self.settle_slice(&mut settling) {
                ending.settling = Some((number, settling, was_closing));
                return false;
            }
            if !was_closing {
                let (connection, reason) = (ending.connection, &ending.reason);
                self.events.emit(&ending.vhost, || Fact::ChannelClosed {
                    connection,
                    channel: number,
                    reason: reason.to_string(),
                });
            }
        }
        // Of a transaction everything is as before.
        if let Some((_, channel)) = ending.channels.front_mut()
            && channel.roll_back_next().is_some()
        {
            return false;
        }
        let Some((number, channel)) = ending.channels.pop_front() else { return true };
        ending.settling = Some(self.end_channel(ending, number, channel));
        false
    }

    /// A channel's unacked messages are to go back. Of one that the broker has closed, the rest was done then.
    fn end_channel(
        &mut self,
        ending: &Ending,
        number: ChannelNumber,
        mut channel: Channel,
    ) -> (ChannelNumber, Settling, bool) {
        let connection = ending.connection;
        let (requeue, lost) = if ending.whole_connection {
            (RequeueReason::ConnectionClosed, planted!(self.config, LoseUnackedOfConnection))
        } else {
            (RequeueReason::ChannelClosed, planted!(self.config, LoseUnackedOfChannel))
        };
        if !channel.closing {
            self.timers.set(Timer::Channel(connection, number), None);
            if let Some(consumer) = &channel.reply_consumer {
                self.end_reply_consumer(consumer);
            }
            if lost {
                channel.unacked.clear();
            }
        }
        let settlement = Settlement::Requeue(requeue);
        let now = ending.is_refused.then(|| ending.known.clone());
        let settling = Settling::of_channel(connection, number, channel.unacked, settlement, now);
        (number, settling, channel.closing)
    }
}

impl Ending {
    fn new(connection: ConnectionId, vhost: Name, reason: &str, consumers: VecDeque<ConsumerId>) -> Self {
        Ending {
            connection,
            vhost,
            reason: reason.into(),
            whole_connection: false,
            is_refused: false,
            consumers,
            queues: VecDeque::new(),
            known: OrdSet::new(),
            used: VecDeque::new(),
            stage: Stage::Consumers,
            channels: VecDeque::new(),
            settling: None,
            exclusive: OrdSet::new(),
            answer: None,
            holds_input: false,
        }
    }
}

impl Stage {
    fn next(self) -> Stage {
        match self {
            Stage::Consumers => Stage::UnusedQueues,
            Stage::UnusedQueues => Stage::Channels,
            Stage::Channels => Stage::QueuesGoOn,
            Stage::QueuesGoOn | Stage::ExclusiveQueues => Stage::ExclusiveQueues,
        }
    }
}
