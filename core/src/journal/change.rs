//! Changes of what outlives a restart besides messages: exchanges, queues, bindings, and what an operator sets.

use super::{
    codec::{Decoder, put_flag, put_number, put_table, put_text},
    operator::{put_command, read_command},
};
use crate::{
    Command, Name, QueueId,
    event::{Destination, ExchangeKind},
    exchange::{self, Binding},
    queue,
};

/// One change. A snapshot is a list of those that lead from nothing to the state of its moment.
#[derive(Clone)]
pub(crate) enum Change {
    /// An operator's.
    Operator(Command),
    Exchange {
        vhost: Name,
        name: Name,
        properties: exchange::Properties,
    },
    ExchangeGone {
        vhost: Name,
        name: Name,
    },
    Queue {
        id: QueueId,
        vhost: Name,
        name: Name,
        properties: queue::Properties,
        /// The position that its next message will have at least.
        next_position: u64,
    },
    QueueGone(QueueId),
    /// What an exchange holds back or keeps is recorded as if it were in a queue with this id. It stays with the id when the
    /// exchange is gone.
    Holding {
        id: QueueId,
        vhost: Name,
        exchange: Name,
        /// The position that the next message will have at least.
        next_position: u64,
    },
    Bound {
        vhost: Name,
        exchange: Name,
        binding: Binding,
    },
    Unbound {
        vhost: Name,
        exchange: Name,
        binding: Binding,
    },
    /// The latest ids given out, so that none is given out again.
    Latest {
        message: u64,
        queue: u64,
    },
}

pub(super) const OPERATOR: u8 = 1;
const EXCHANGE: u8 = 2;
const EXCHANGE_GONE: u8 = 3;
const QUEUE: u8 = 4;
const QUEUE_GONE: u8 = 5;
const BOUND: u8 = 6;
const UNBOUND: u8 = 7;
const LATEST: u8 = 8;
const HOLDING: u8 = 9;

const TO_QUEUE: u8 = 0;
const TO_EXCHANGE: u8 = 1;

impl Change {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Change::Operator(command) => {
                out.push(OPERATOR);
                put_command(out, command);
            }
            Change::Exchange { vhost, name, properties } => {
                put_names(out, EXCHANGE, [vhost, name]);
                let exchange::Properties { kind, durable, auto_delete, internal, arguments } = properties;
                put_text(out, kind.as_str());
                [durable, auto_delete, internal].into_iter().for_each(|&flag| put_flag(out, flag));
                put_table(out, arguments);
            }
            Change::ExchangeGone { vhost, name } => put_names(out, EXCHANGE_GONE, [vhost, name]),
            Change::Queue { id, vhost, name, properties, next_position } => {
                put_names(out, QUEUE, [vhost, name]);
                put_number(out, id.0);
                put_number(out, *next_position);
                // One that is exclusive is not durable.
                [properties.durable, properties.auto_delete].into_iter().for_each(|flag| put_flag(out, flag));
                put_table(out, &properties.arguments);
            }
            Change::QueueGone(id) => {
                out.push(QUEUE_GONE);
                put_number(out, id.0);
            }
            Change::Holding { id, vhost, exchange, next_position } => {
                put_names(out, HOLDING, [vhost, exchange]);
                put_number(out, id.0);
                put_number(out, *next_position);
            }
            Change::Bound { vhost, exchange, binding } => put_binding(out, BOUND, [vhost, exchange], binding),
            Change::Unbound { vhost, exchange, binding } => {
                put_binding(out, UNBOUND, [vhost, exchange], binding);
            }
            Change::Latest { message, queue } => {
                out.push(LATEST);
                put_number(out, *message);
                put_number(out, *queue);
            }
        }
    }

    pub(super) fn decode(from: &mut Decoder<'_>) -> Option<Change> {
        Some(match from.octet()? {
            OPERATOR => Change::Operator(read_command(from)?),
            EXCHANGE => {
                let (vhost, name) = (from.name()?, from.name()?);
                let kind = ExchangeKind::named(from.text()?).ok()?;
                let [durable, auto_delete, internal] = [from.flag()?, from.flag()?, from.flag()?];
                let arguments = from.table()?;
                let properties = exchange::Properties { kind, durable, auto_delete, internal, arguments };
                Change::Exchange { vhost, name, properties }
            }
            EXCHANGE_GONE => Change::ExchangeGone { vhost: from.name()?, name: from.name()? },
            QUEUE => {
                let (vhost, name) = (from.name()?, from.name()?);
                let (id, next_position) = (QueueId(from.number()?), from.number()?);
                let [durable, auto_delete] = [from.flag()?, from.flag()?];
                let arguments = from.table()?;
                let properties = queue::Properties { durable, auto_delete, owner: None, arguments };
                Change::Queue { id, vhost, name, properties, next_position }
            }
            QUEUE_GONE => Change::QueueGone(QueueId(from.number()?)),
            HOLDING => {
                let (vhost, exchange) = (from.name()?, from.name()?);
                let (id, next_position) = (QueueId(from.number()?), from.number()?);
                Change::Holding { id, vhost, exchange, next_position }
            }
            BOUND => {
                let (vhost, exchange, binding) = read_binding(from)?;
                Change::Bound { vhost, exchange, binding }
            }
            UNBOUND => {
                let (vhost, exchange, binding) = read_binding(from)?;
                Change::Unbound { vhost, exchange, binding }
            }
            LATEST => Change::Latest { message: from.number()?, queue: from.number()? },
            _ => return None,
        })
    }
}

fn put_names(out: &mut Vec<u8>, kind: u8, names: [&Name; 2]) {
    out.push(kind);
    names.into_iter().for_each(|name| put_text(out, name));
}

fn put_binding(out: &mut Vec<u8>, kind: u8, from: [&Name; 2], binding: &Binding) {
    put_names(out, kind, from);
    let (to, name) = match &binding.destination {
        Destination::Queue(name) => (TO_QUEUE, name),
        Destination::Exchange(name) => (TO_EXCHANGE, name),
    };
    out.push(to);
    put_text(out, name);
    put_text(out, &binding.routing_key);
    put_table(out, &binding.arguments);
}

fn read_binding(from: &mut Decoder<'_>) -> Option<(Name, Name, Binding)> {
    let (vhost, exchange) = (from.name()?, from.name()?);
    let destination = match from.octet()? {
        TO_QUEUE => Destination::Queue(from.name()?),
        TO_EXCHANGE => Destination::Exchange(from.name()?),
        _ => return None,
    };
    let (routing_key, arguments) = (from.name()?, from.table()?);
    Some((vhost, exchange, Binding::new(destination, routing_key, arguments)))
}
