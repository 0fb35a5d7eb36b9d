//! What a client asks of the broker before it starts to work.

use warren_core::wire::{FieldTable, Method};

/// A method that the broker answers.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// exchange.declare
    Exchange { name: String, kind: &'static str, durable: bool, arguments: FieldTable },
    /// queue.declare
    Queue { name: String, durable: bool, exclusive: bool, arguments: FieldTable },
    /// queue.bind
    Bind { exchange: String, queue: String, routing_key: String, arguments: FieldTable },
    /// exchange.bind
    BindExchange { exchange: String, to: String, routing_key: String, arguments: FieldTable },
    /// confirm.select
    Confirms,
    /// tx.select
    Transactions,
    /// basic.qos, for the consumers started later
    Prefetch(u16),
    /// basic.consume
    Consume { queue: String, tag: String, no_ack: bool, arguments: FieldTable },
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
            Request::Queue { name, durable, exclusive, arguments } => Method::QueueDeclare {
                ticket: 0,
                queue: name,
                passive: false,
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
            Request::Prefetch(count) => {
                Method::BasicQos { prefetch_size: 0, prefetch_count: *count, global: false }
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
            Request::DeleteQueue { queue } => {
                Method::QueueDelete { ticket: 0, queue, if_unused: false, if_empty: false, nowait: false }
            }
            Request::PurgeQueue { queue } => Method::QueuePurge { ticket: 0, queue, nowait: false },
        };
        method.encode(channel, out);
    }
}

/// Whether a method answers something that a client asks before it starts to work.
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
            | Method::QueueDeleteOk { .. }
            | Method::QueuePurgeOk { .. }
    )
}
