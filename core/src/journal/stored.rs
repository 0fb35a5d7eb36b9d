//! A message with its places in queues, as a record holds it.

use std::sync::Arc;

use super::codec::{Decoder, put_bytes, put_number, put_option, put_text};
use crate::{
    MessageId, Name, QueueId,
    event::DeathReason,
    message::{Death, DeathRef, Extras, Message, Payload},
    queue::Returns,
};

/// A message's place in one queue, or among what an exchange holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StoredCopy {
    /// The queue, or the holding ([`Change::Holding`](super::Change::Holding)).
    pub(crate) queue: QueueId,
    pub(crate) position: u64,
    /// An exchange holds it.
    pub(crate) held: bool,
    pub(crate) redelivered: bool,
    /// When it expires, for a stream when it was written, for an exchange until when it is held back: in ms since 1970.
    pub(crate) time_ms: Option<u64>,
    pub(crate) returns: Returns,
}

/// What recovery wants to know of a message.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) id: MessageId,
    /// It is here to save memory, and does not outlive the broker.
    pub(super) transient: bool,
    persistent: bool,
    pub(super) priority: Option<u8>,
    pub(super) body_bytes: u32,
    pub(super) copies: Vec<StoredCopy>,
    /// All of it, if an exchange holds it: that is in memory from the start.
    pub(super) held: Option<Arc<Message>>,
}

const TRANSIENT: u8 = 1;
const PERSISTENT: u8 = 2;
const PRIORITY: u8 = 4;
const EXTRAS: u8 = 8;
const FAILED: u8 = 16;

const REDELIVERED: u8 = 1;
const TIME: u8 = 2;
const RETURNS: u8 = 4;
const HELD: u8 = 8;

pub(super) fn put_message(out: &mut Vec<u8>, message: &Message, transient: bool, copies: &[StoredCopy]) {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.push(
        flag(transient, TRANSIENT)
            | flag(message.persistent, PERSISTENT)
            | flag(message.priority.is_some(), PRIORITY)
            | flag(message.extras.is_some(), EXTRAS)
            | flag(message.failed_deliveries() > 0, FAILED),
    );
    put_number(out, message.id.0);
    out.extend(message.priority);
    put_number(out, copies.len() as u64);
    copies.iter().for_each(|copy| put_copy(out, copy));
    put_number(out, message.body().len() as u64);
    put_option(out, message.expiration_ms);
    put_text(out, &message.exchange);
    if let Some(extras) = &message.extras {
        put_extras(out, extras);
        if extras.failed > 0 {
            put_number(out, extras.failed.into());
        }
    }
    put_bytes(out, message.routing_key().as_bytes());
    put_bytes(out, message.properties());
    out.extend_from_slice(message.body());
}

/// Reads as much as recovery needs.
pub(super) fn read_head(from: &mut Decoder<'_>) -> Option<Head> {
    let mut whole = *from;
    let mut head = read_beginning(from)?;
    if head.copies.iter().any(|copy| copy.held) {
        head.held = Some(Arc::new(read_message(&mut whole)?.0));
    }
    Some(head)
}

fn read_beginning(from: &mut Decoder<'_>) -> Option<Head> {
    let flags = from.octet()?;
    let id = MessageId(from.number()?);
    let priority = if flags & PRIORITY != 0 { Some(from.octet()?) } else { None };
    let copies = from.list(read_copy)?;
    let body_bytes = from.small()?;
    let (transient, persistent) = (flags & TRANSIENT != 0, flags & PERSISTENT != 0);
    Some(Head { id, transient, persistent, priority, body_bytes, copies, held: None })
}

/// Reads all of it.
pub(super) fn read_message(from: &mut Decoder<'_>) -> Option<(Message, Vec<StoredCopy>)> {
    let flags = *from.0.first()?;
    let Head { id, persistent, priority, body_bytes, copies, .. } = read_beginning(from)?;
    let expiration_ms = from.option()?;
    let exchange = from.name()?;
    let extras = if flags & EXTRAS != 0 { Some(Box::new(read_extras(from, flags)?)) } else { None };
    let routing_key = from.text()?;
    let properties = from.bytes()?;
    if from.0.len() != body_bytes as usize || routing_key.len() > usize::from(u8::MAX) {
        return None;
    }
    let payload = Payload::join(routing_key, properties, from.0);
    let message = Message { id, exchange, persistent, priority, expiration_ms, extras, payload };
    Some((message, copies))
}

fn put_copy(out: &mut Vec<u8>, copy: &StoredCopy) {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let returned = copy.returns != Returns::default();
    out.push(
        flag(copy.redelivered, REDELIVERED)
            | flag(copy.time_ms.is_some(), TIME)
            | flag(returned, RETURNS)
            | flag(copy.held, HELD),
    );
    put_number(out, copy.queue.0);
    put_number(out, copy.position);
    if let Some(time_ms) = copy.time_ms {
        put_number(out, time_ms);
    }
    if returned {
        put_number(out, copy.returns.acquired.into());
        put_number(out, copy.returns.failed.into());
    }
}

fn read_copy(from: &mut Decoder<'_>) -> Option<StoredCopy> {
    let flags = from.octet()?;
    let (queue, position) = (QueueId(from.number()?), from.number()?);
    let time_ms = if flags & TIME != 0 { Some(from.number()?) } else { None };
    let returns = if flags & RETURNS != 0 {
        Returns { acquired: from.small()?, failed: from.small()? }
    } else {
        Returns::default()
    };
    let (held, redelivered) = (flags & HELD != 0, flags & REDELIVERED != 0);
    Some(StoredCopy { queue, position, held, redelivered, time_ms, returns })
}

fn put_extras(out: &mut Vec<u8>, extras: &Extras) {
    for keys in [&extras.cc, &extras.bcc] {
        put_names(out, keys);
    }
    put_number(out, extras.deaths.len() as u64);
    for death in &extras.deaths {
        put_text(out, &death.queue);
        put_text(out, death.reason.as_str());
        put_number(out, death.count);
        put_number(out, death.first_time_s);
        put_text(out, &death.exchange);
        put_names(out, &death.routing_keys);
        put_option(out, death.expiration_ms);
    }
    for death in [&extras.first_death, &extras.last_death] {
        put_number(out, death.is_some().into());
        if let Some(DeathRef { queue, reason, exchange }) = death {
            [queue, reason.as_str(), exchange].into_iter().for_each(|text| put_text(out, text));
        }
    }
}

fn read_extras(from: &mut Decoder<'_>, flags: u8) -> Option<Extras> {
    let (cc, bcc) = (from.list(Decoder::name)?, from.list(Decoder::name)?);
    let deaths = from.list(|from| {
        Some(Death {
            queue: from.name()?,
            reason: read_reason(from)?,
            count: from.number()?,
            first_time_s: from.number()?,
            exchange: from.name()?,
            routing_keys: from.list(Decoder::name)?,
            expiration_ms: from.option()?,
        })
    })?;
    let mut one = || from.list(read_death_ref).map(|mut deaths| deaths.pop());
    let (first_death, last_death) = (one()?, one()?);
    let failed = if flags & FAILED != 0 { from.small()? } else { 0 };
    Some(Extras { cc, bcc, deaths, first_death, last_death, failed })
}

fn read_death_ref(from: &mut Decoder<'_>) -> Option<DeathRef> {
    Some(DeathRef { queue: from.name()?, reason: read_reason(from)?, exchange: from.name()? })
}

fn read_reason(from: &mut Decoder<'_>) -> Option<DeathReason> {
    use DeathReason::{DeliveryLimit, Expired, MaxLength, Rejected};
    let word = from.text()?;
    [Rejected, Expired, MaxLength, DeliveryLimit].into_iter().find(|reason| reason.as_str() == word)
}

fn put_names(out: &mut Vec<u8>, names: &[Name]) {
    put_number(out, names.len() as u64);
    names.iter().for_each(|name| put_text(out, name));
}
