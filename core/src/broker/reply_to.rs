//! Direct reply-to (RabbitMQ's extension): answers go straight to the channel that waits for them, without a queue.

use super::{Broker, channel::Caller, publish::encode_content};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, Fact, Name, QueueId, ReplyCode,
    event::Destination,
    generated::{could_be_generated, generated_name},
    message::Message,
    refusal::{Outcome, Refusal, no_queue},
    routing::Routes,
    session::ReplyConsumer,
    wire::{Method, Properties},
};

/// The pseudo-queue that a client consumes from and names in reply-to.
pub(super) const REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// How many times the send window direct replies may fill.
const UNREAD_REPLIES: u64 = 8;

/// Where the answers to a generated address go.
#[derive(Clone)]
pub(crate) struct ReplyAddress {
    pub(crate) connection: ConnectionId,
    pub(crate) channel: ChannelNumber,
    pub(crate) address: Name,
    vhost: Name,
}

impl Broker {
    /// basic.consume from the pseudo-queue.
    pub(super) fn consume_replies(
        &mut self,
        caller: &Caller,
        tag: &Name,
        no_ack: bool,
        nowait: bool,
    ) -> Outcome {
        let &Caller { connection, channel: number, ref vhost } = caller;
        let refuse = |text: &str| Err(Refusal::new(ReplyCode::PreconditionFailed, text));
        if !no_ack {
            return refuse("reply consumer cannot acknowledge");
        }
        let address = generated_name(REPLY_TO, ".", &mut self.random);
        self.latest.queue += 1;
        let queue = QueueId(self.latest.queue);
        let Some(channel) = self.channel_mut(connection, number) else { return Ok(()) };
        if channel.reply_consumer.is_some() {
            return refuse("reply consumer already set");
        }
        let consumer = ReplyConsumer { tag: tag.clone(), address: address.clone(), queue };
        channel.reply_consumer = Some(consumer);
        if let Some(vhost) = self.vhosts.get_mut(vhost) {
            vhost.reply_addresses.insert(address.clone(), queue);
        }
        let target = ReplyAddress { connection, channel: number, address, vhost: vhost.clone() };
        self.reply_consumers.insert(queue, target);
        self.reply(caller, nowait, &Method::BasicConsumeOk { consumer_tag: tag });
        Ok(())
    }

    /// queue.declare of an address: a way to ask whether somebody still waits there. The pseudo-queue is always there.
    pub(super) fn declare_reply_address(&mut self, caller: &Caller, queue: &str, nowait: bool) -> Outcome {
        if queue != REPLY_TO && !self.vhost(caller)?.reply_addresses.contains_key(queue) {
            return Err(no_queue(queue, &caller.vhost));
        }
        self.reply(caller, nowait, &Method::QueueDeclareOk { queue, message_count: 0, consumer_count: 1 });
        Ok(())
    }

    /// The address that stands for the pseudo-queue in this publish's reply-to.
    pub(super) fn reply_address(
        &self,
        connection: ConnectionId,
        channel: ChannelNumber,
        properties: &Properties<'_>,
    ) -> Outcome<Option<Name>> {
        if properties.reply_to != Some(REPLY_TO.into()) {
            return Ok(None);
        }
        let channel = self.sessions.get(&connection).and_then(|session| session.channels.get(&channel));
        match channel.and_then(|channel| channel.reply_consumer.as_ref()) {
            Some(consumer) => Ok(Some(consumer.address.clone())),
            None => {
                let text = "fast reply consumer does not exist";
                Err(Refusal::new(ReplyCode::PreconditionFailed, text))
            }
        }
    }

    /// Ends the waiting for answers.
    pub(super) fn end_reply_consumer(&mut self, consumer: &ReplyConsumer) {
        let Some(target) = self.reply_consumers.remove(&consumer.queue) else { return };
        if let Some(vhost) = self.vhosts.get_mut(&target.vhost) {
            vhost.reply_addresses.remove(&target.address);
        }
    }

    /// Whether a mandatory answer to a client that is gone is not returned.
    pub(super) fn drops_late_replies(&self) -> bool {
        self.config.has(Behaviour::LateReplyDropped)
    }

    /// Before reply addresses were queues, an answer went out as it was routed, and counted as routed nowhere. Whether one
    /// went out.
    pub(super) fn reply_past_queues(&mut self, message: &Message, routes: &mut Routes) -> bool {
        if self.config.has(Behaviour::ReplyAddressIsQueue) {
            return false;
        }
        let replies = &self.reply_consumers;
        let (answered, queues) = routes.queues.drain(..).partition(|id| replies.contains_key(id));
        routes.queues = queues;
        let answered: Vec<QueueId> = answered;
        answered.iter().for_each(|&id| self.reply_directly(id, message));
        !answered.is_empty()
    }

    /// Sends an answer to the channel that waits for it; without an ack, and without regard to prefetch.
    pub(super) fn reply_directly(&mut self, id: QueueId, message: &Message) {
        let Some(target) = self.reply_consumers.get(&id) else { return };
        let (connection, number) = (target.connection, target.channel);
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        // Prefetch does not hold answers back, and whoever sends them must not wait for who does not read them: what is too
        // much is dropped, as an answer is whose client is gone.
        if session.window_full(self.config.send_window_bytes * UNREAD_REPLIES) {
            return;
        }
        let Some(channel) = session.channels.get_mut(&number) else { return };
        let delivery_tag = match self.config.has(Behaviour::ReplyAddressIsQueue) {
            true => channel.next_tag(),
            false => channel.peek_tag(),
        };
        let Some(consumer) = &channel.reply_consumer else { return };
        if session.out.is_empty() {
            self.unsent.push_back(connection);
        }
        let method = Method::BasicDeliver {
            consumer_tag: &consumer.tag,
            delivery_tag: delivery_tag.0,
            redelivered: false,
            exchange: &message.exchange,
            routing_key: message.routing_key(),
        };
        method.encode(number.0, &mut session.out);
        encode_content(message, number, session.frame_max, &mut session.out);
        let message = message.id;
        self.events.emit(&target.vhost, || Fact::Replied {
            message,
            connection,
            channel: number,
            delivery_tag,
        });
    }
}

/// Whether this may be the address of a client that is gone: a reply to it is dropped, and its sender not told (RabbitMQ
/// 4.3).
pub(super) fn could_be_reply_address(name: &str) -> bool {
    let rest = name.strip_prefix(REPLY_TO).and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(could_be_generated)
}

/// Refuses bindings of an address: answers come through the default exchange only (RabbitMQ 4.2).
pub(super) fn check_not_reply_address(destination: &Destination) -> Outcome {
    let address = |queue: &Name| queue.strip_prefix(REPLY_TO).is_some_and(|rest| rest.starts_with('.'));
    match destination {
        Destination::Queue(queue) if address(queue) => {
            let text = "cannot bind or unbind to a volatile (direct reply-to) queue";
            Err(Refusal::new(ReplyCode::AccessRefused, text))
        }
        _ => Ok(()),
    }
}
