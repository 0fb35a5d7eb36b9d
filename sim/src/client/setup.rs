//! What a client asks of the broker before it starts to work.

use warren_core::wire::{FieldTable, Method};

use crate::script::{self, Answer};

/// A method that the broker answers.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// exchange.declare
    Exchange { name: String, kind: String, durable: bool, arguments: FieldTable },
    /// queue.declare
    Queue { name: String, passive: bool, durable: bool, exclusive: bool, arguments: FieldTable },
    /// queue.bind
    Bind { exchange: String, queue: String, routing_key: String, arguments: FieldTable },
    /// exchange.bind
    BindExchange { exchange: String, to: String, routing_key: String, arguments: FieldTable },
    /// confirm.select
    Confirms,
    /// tx.select
    Transactions,
    /// basic.qos, for each consumer started later, or for all of the channel together
    Prefetch { count: u16, global: bool },
    /// basic.consume
    Consume { queue: String, tag: String, no_ack: bool, arguments: FieldTable },
    /// basic.cancel
    Cancel { tag: String },
    /// queue.delete
    DeleteQueue { queue: String },
    /// queue.purge
    PurgeQueue { queue: String },
}

impl Request {
    /// Puts the method on the wire.
    pub(super) fn encode(&self, channel: u16, out: &mut Vec<u8>) {
        let method = match self {
            Request::Exchange { name, kind, durable, arguments } => Method::ExchangeDeclare {
                ticket: 0,
                exchange: name,
                kind,
                passive: false,
                durable: *durable,
                auto_delete: false,
                internal: false,
                nowait: false,
                arguments: arguments.clone(),
            },
            Request::Queue { name, passive, durable, exclusive, arguments } => Method::QueueDeclare {
                ticket: 0,
                queue: name,
                passive: *passive,
                durable: *durable,
                exclusive: *exclusive,
                auto_delete: false,
                nowait: false,
                arguments: arguments.clone(),
            },
            Request::Bind { exchange, queue, routing_key, arguments } => Method::QueueBind {
                ticket: 0,
                queue,
                exchange,
                routing_key,
                nowait: false,
                arguments: arguments.clone(),
            },
            Request::BindExchange { exchange, to, routing_key, arguments } => Method::ExchangeBind {
                ticket: 0,
                destination: to,
                source: exchange,
                routing_key,
                nowait: false,
                arguments: arguments.clone(),
            },
            Request::Confirms => Method::ConfirmSelect { nowait: false },
            Request::Transactions => Method::TxSelect {},
            Request::Prefetch { count, global } => {
                Method::BasicQos { prefetch_size: 0, prefetch_count: *count, global: *global }
            }
            Request::Consume { queue, tag, no_ack, arguments } => Method::BasicConsume {
                ticket: 0,
                queue,
                consumer_tag: tag,
                no_local: false,
                no_ack: *no_ack,
                exclusive: false,
                nowait: false,
                arguments: arguments.clone(),
            },
            Request::Cancel { tag } => Method::BasicCancel { consumer_tag: tag, nowait: false },
            Request::DeleteQueue { queue } => {
                Method::QueueDelete { ticket: 0, queue, if_unused: false, if_empty: false, nowait: false }
            }
            Request::PurgeQueue { queue } => Method::QueuePurge { ticket: 0, queue, nowait: false },
        };
        method.encode(channel, out);
    }
}

/// Whether a method answers something that a client asks.
pub(super) const fn is_answer(method: &Method<'_>) -> bool {
    matches!(
        method,
        Method::ChannelOpenOk { .. }
            | Method::ExchangeDeclareOk { .. }
            | Method::QueueDeclareOk { .. }
            | Method::QueueBindOk { .. }
            | Method::ExchangeBindOk { .. }
            | Method::ConfirmSelectOk { .. }
            | Method::TxSelectOk { .. }
            | Method::BasicQosOk { .. }
            | Method::BasicConsumeOk { .. }
            | Method::BasicCancelOk { .. }
            | Method::QueueDeleteOk { .. }
            | Method::QueuePurgeOk { .. }
    )
}

impl From<script::Request> for Request {
    fn from(request: script::Request) -> Request {
        match request {
            script::Request::Exchange { name, kind, durable, arguments } => {
                Request::Exchange { name, kind, durable, arguments }
            }
            script::Request::Queue { name, passive, durable, exclusive, arguments } => {
                Request::Queue { name, passive, durable, exclusive, arguments }
            }
            script::Request::Bind { exchange, queue, routing_key, arguments } => {
                Request::Bind { exchange, queue, routing_key, arguments }
            }
            script::Request::BindExchange { exchange, to, routing_key, arguments } => {
                Request::BindExchange { exchange, to, routing_key, arguments }
            }
            script::Request::Confirms => Request::Confirms,
            script::Request::Prefetch { count, global } => Request::Prefetch { count, global },
            script::Request::Consume { queue, tag, no_ack, arguments } => {
                Request::Consume { queue, tag, no_ack, arguments }
            }
            script::Request::Cancel { tag } => Request::Cancel { tag },
            script::Request::DeleteQueue { queue } => Request::DeleteQueue { queue },
            script::Request::PurgeQueue { queue } => Request::PurgeQueue { queue },
        }
    }
}

/// What an answer says.
pub(super) fn answer(method: &Method<'_>) -> Answer {
    match *method {
        Method::QueueDeclareOk { queue, message_count, consumer_count } => Answer {
            queue: Some(queue.to_owned()),
            messages: Some(message_count),
            consumers: Some(consumer_count),
        },
        Method::QueueDeleteOk { message_count } | Method::QueuePurgeOk { message_count } => {
            Answer { messages: Some(message_count), ..Answer::default() }
        }
        _ => Answer::default(),
    }
}
