//! queue.declare's optional arguments: their types and ranges, and whether two sets say the same. The checks, their
//! order and their texts are RabbitMQ's.

use std::borrow::Cow;

use super::{
    Order, Priorities, Properties, Queue,
    offset::{has_number, parse_age},
};
use crate::{
    Behaviour, Behaviours, ConnectionId, ReplyCode,
    equivalence::{check_argument, check_flag},
    refusal::{Outcome, Refusal, queue_in},
    wire::{FieldTable, FieldValue},
};

/// What a queue is made for (`x-queue-type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Classic,
    Quorum,
    Stream,
}

/// An argument, how its value is checked, and which types of queue take it.
struct Argument {
    key: &'static str,
    check: fn(&FieldValue, &FieldTable) -> Result<(), String>,
    kinds: &'static [Kind],
}

const EVERY: &[Kind] = &[Kind::Classic, Kind::Quorum, Kind::Stream];
const NO_STREAM: &[Kind] = &[Kind::Classic, Kind::Quorum];
const CLASSIC: &[Kind] = &[Kind::Classic];
const QUORUM: &[Kind] = &[Kind::Quorum];
const STREAM: &[Kind] = &[Kind::Stream];

const ARGUMENTS: [Argument; 25] = [
    argument("x-expires", expires, NO_STREAM),
    argument("x-message-ttl", ttl, NO_STREAM),
    argument("x-dead-letter-exchange", text, NO_STREAM),
    argument("x-dead-letter-routing-key", dead_letter_routing_key, NO_STREAM),
    argument("x-dead-letter-strategy", dead_letter_strategy, QUORUM),
    argument("x-max-length", not_negative, NO_STREAM),
    argument("x-max-length-bytes", not_negative, EVERY),
    argument("x-max-in-memory-length", not_negative, QUORUM),
    argument("x-max-in-memory-bytes", not_negative, QUORUM),
    argument("x-max-priority", max_priority_value, CLASSIC),
    argument("x-overflow", overflow, NO_STREAM),
    argument(QUEUE_MODE, anything, CLASSIC),
    argument(QUEUE_VERSION, queue_version, CLASSIC),
    argument(MASTER_LOCATOR, anything, CLASSIC),
    argument("x-single-active-consumer", boolean, NO_STREAM),
    argument(TIMEOUTS[0], not_negative, QUORUM),
    argument(TIMEOUTS[1], not_negative, QUORUM),
    argument(QUEUE_TYPE, anything, EVERY),
    argument("x-quorum-initial-group-size", positive, QUORUM),
    argument(MAX_AGE, max_age, STREAM),
    argument("x-stream-max-segment-size-bytes", not_negative, STREAM),
    argument("x-stream-filter-size-bytes", not_negative, STREAM),
    argument("x-initial-cluster-size", positive, STREAM),
    argument("x-queue-leader-locator", leader_locator, EVERY),
    argument("x-delivery-limit", anything, QUORUM),
];

/// The order in which the arguments of a quorum queue are compared; for other types it is that of `ARGUMENTS`.
const COMPARED_OF_QUORUM: [&str; 17] = [
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-overflow",
    "x-single-active-consumer",
    QUEUE_TYPE,
    "x-quorum-initial-group-size",
    "x-delivery-limit",
    "x-message-ttl",
    "x-queue-leader-locator",
    "x-consumer-disconnected-timeout",
    "x-consumer-timeout",
];

const fn argument(
    key: &'static str,
    check: fn(&FieldValue, &FieldTable) -> Result<(), String>,
    kinds: &'static [Kind],
) -> Argument {
    Argument { key, check, kinds }
}

const QUEUE_TYPE: &str = "x-queue-type";
pub(crate) const MASTER_LOCATOR: &str = "x-queue-master-locator";
const QUEUE_VERSION: &str = "x-queue-version";
const QUEUE_MODE: &str = "x-queue-mode";
const TIMEOUTS: [&str; 2] = ["x-consumer-timeout", "x-consumer-disconnected-timeout"];
const MAX_AGE: &str = "x-max-age";
/// Ten years, in ms.
const LONGEST_MS: i64 = 315_360_000_000;

/// The type of queue that checked arguments ask for.
pub(crate) fn kind_of(arguments: &FieldTable) -> Kind {
    match arguments.get(QUEUE_TYPE).and_then(FieldValue::as_text) {
        Some("quorum") => Kind::Quorum,
        Some("stream") => Kind::Stream,
        _ => Kind::Classic,
    }
}

impl Priorities {
    /// Which level a message of this priority is in: one above the highest is in the highest (RabbitMQ).
    pub(crate) fn level_of(self, priority: Option<u8>) -> u8 {
        priority.unwrap_or(self.default).min(self.highest)
    }

    pub(crate) fn of(kind: Kind, arguments: &FieldTable) -> Self {
        match kind {
            // Recovery sorts messages by it before a release is known, so it is the same for all; `Order` says what goes first.
            Kind::Quorum => Priorities { highest: 31, default: 4 },
            // Streams do not sort; this is for the empty place of what is ready.
            Kind::Classic | Kind::Stream => {
                let asked = arguments.get("x-max-priority").and_then(FieldValue::as_integer);
                // There are at least the priorities 0 and 1 (RabbitMQ 4.0).
                let highest = asked.and_then(|max| u8::try_from(max.max(1)).ok()).unwrap_or(0);
                Priorities { highest, default: 0 }
            }
        }
    }
}

impl Order {
    pub(super) fn of(kind: Kind, arguments: &FieldTable, compat: Behaviours) -> Self {
        let asked = || arguments.get("x-max-priority").and_then(FieldValue::as_integer);
        match kind {
            Kind::Quorum if compat.has(Behaviour::StrictPriorities) => Order::Strict,
            Kind::Quorum if compat.has(Behaviour::QuorumPriorities) => Order::TwoToOne { taken: 0 },
            Kind::Quorum => Order::Arrival,
            Kind::Classic if asked() == Some(0) && !compat.has(Behaviour::PriorityOfAtLeast1) => {
                Order::Arrival
            }
            Kind::Classic | Kind::Stream => Order::Strict,
        }
    }
}

/// Whether checked arguments ask for one consumer at a time.
pub(super) fn single_active(arguments: &FieldTable) -> bool {
    arguments.get("x-single-active-consumer") == Some(&FieldValue::Bool(true))
}

/// Refuses arguments that no queue of this kind takes.
pub(crate) fn check_arguments(queue: &str, vhost: &str, asked: &Properties, compat: Behaviours) -> Outcome {
    let arguments = &asked.arguments;
    if fails_over(arguments, compat) {
        return Err(Refusal::internal_error());
    }
    let refuse = |text: String| Err(Refusal::new(ReplyCode::PreconditionFailed, text));
    let invalid =
        |key: &str, why: &str| refuse(format!("invalid arg '{key}' for {}: {why}", queue_in(queue, vhost)));
    if let Some(value) = arguments.get(QUEUE_TYPE)
        && let Err(why) = queue_type(value)
    {
        return invalid(QUEUE_TYPE, &why);
    }
    let kind = kind_of(arguments);
    let is_known = |key: &str| compat.has(Behaviour::ConsumerTimeoutOfQueues) || !TIMEOUTS.contains(&key);
    let known = || ARGUMENTS.iter().filter(|argument| is_known(argument.key));
    for Argument { key, check, .. } in known().filter(|argument| argument.is_for(kind)) {
        if let Some(Err(why)) = arguments.get(key).map(|value| check(value, arguments)) {
            return invalid(key, &why);
        }
        if *key == QUEUE_VERSION
            && compat.has(Behaviour::NoQueueVersion1)
            && arguments.get(key).and_then(FieldValue::as_integer) == Some(1)
        {
            return invalid(key, &unsupported_version(1));
        }
        if *key == QUEUE_MODE
            && !compat.has(Behaviour::QueueModeUnchecked)
            && let Some(Err(why)) = arguments.get(key).map(queue_mode)
        {
            return invalid(key, &why);
        }
    }
    let misplaced = |key: &str| known().any(|known| known.key == key && !known.is_for(kind));
    if let Some((key, _)) = arguments.iter().find(|(key, _)| key.as_str().is_some_and(&misplaced)) {
        let queue = queue_in(queue, vhost);
        return refuse(format!("invalid arg '{key}' for {queue} of queue type {}", kind.module()));
    }
    Ok(())
}

/// Refuses what no queue of this kind can be, once its arguments are good.
pub(crate) fn check_kind(queue: &str, vhost: &str, asked: &Properties) -> Outcome {
    let refuse = |text: String| Err(Refusal::new(ReplyCode::PreconditionFailed, text));
    check_properties(kind_of(&asked.arguments), asked).or_else(|property| {
        refuse(format!("invalid property '{property}' for {}", queue_in(queue, vhost)))
    })?;
    check_stream_sizes(&asked.arguments).or_else(refuse)
}

/// Whether RabbitMQ fails with an internal error at an argument, because it did not check it yet.
fn fails_over(arguments: &FieldTable, compat: Behaviours) -> bool {
    const LOCATORS: [&str; 3] = ["min-masters", "client-local", "random"];
    let locator = || arguments.get(MASTER_LOCATOR).and_then(FieldValue::as_text);
    let age = || arguments.get(MAX_AGE).and_then(FieldValue::as_text);
    let unknown_locator = !compat.has(Behaviour::MasterLocatorUnchecked)
        && locator().is_some_and(|locator| !LOCATORS.contains(&locator));
    let unreadable_age = !compat.has(Behaviour::StreamAgeChecked)
        && kind_of(arguments) == Kind::Stream
        && age().is_some_and(|age| !has_number(age.as_bytes()));
    unknown_locator || unreadable_age
}

/// What the more than classic queues cannot be.
fn check_properties(kind: Kind, asked: &Properties) -> Result<(), &'static str> {
    match kind {
        Kind::Classic => Ok(()),
        Kind::Quorum | Kind::Stream if asked.auto_delete => Err("auto-delete"),
        Kind::Quorum | Kind::Stream if asked.owner.is_some() => Err("exclusive-owner"),
        Kind::Quorum | Kind::Stream if !asked.durable => Err("non-durable"),
        Kind::Quorum | Kind::Stream => Ok(()),
    }
}

/// What RabbitMQ says of a stream's sizes only at the end, and without naming the queue.
fn check_stream_sizes(arguments: &FieldTable) -> Result<(), String> {
    const LARGEST_SEGMENT_BYTES: i64 = 3_000_000_000;
    let size = |key| arguments.get(key).and_then(FieldValue::as_integer);
    let (segment, filter) = ("x-stream-max-segment-size-bytes", "x-stream-filter-size-bytes");
    if size(segment).is_some_and(|bytes| bytes > LARGEST_SEGMENT_BYTES) {
        return Err(format!("Exceeded max value for {segment}"));
    }
    if size(filter).is_some_and(|bytes| !(16..=255).contains(&bytes)) {
        return Err(format!("Invalid value for {filter}"));
    }
    Ok(())
}

/// Refuses to declare a queue again as something else. The texts and their order are RabbitMQ's.
pub(crate) fn check_equivalent(existing: &Queue, asked: &Properties) -> Outcome {
    if existing.owner != asked.owner {
        return Err(locked(existing));
    }
    let queue = queue_in(&existing.name, &existing.vhost);
    check_flag(&queue, "durable", existing.durable, asked.durable)?;
    check_flag(&queue, "auto_delete", existing.auto_delete, asked.auto_delete)?;
    let check = |key: &str| {
        // A queue without a type is a classic one, also where the texts do not say so.
        if key == QUEUE_TYPE && existing.kind == kind_of(&asked.arguments) {
            return Ok(());
        }
        let meaning = |arguments| meaning(key, arguments, existing.compat);
        let (current, received) = (meaning(&existing.arguments), meaning(&asked.arguments));
        check_argument(&queue, key, current.as_deref(), received.as_deref())
    };
    match existing.kind {
        Kind::Quorum => COMPARED_OF_QUORUM.into_iter().try_for_each(check),
        kind => ARGUMENTS.iter().filter(|one| one.is_for(kind)).try_for_each(|one| check(one.key)),
    }
}

/// What an argument is compared as: no type of queue is the classic one, and ages are in ms.
fn meaning<'a>(key: &str, arguments: &'a FieldTable, compat: Behaviours) -> Option<Cow<'a, FieldValue>> {
    let value = arguments.get(key);
    let other = match (key, value) {
        (QUEUE_TYPE, None) if compat.has(Behaviour::DefaultTypeCompared) => Some("classic".to_owned()),
        (MAX_AGE, Some(FieldValue::LongStr(age))) if compat.has(Behaviour::AgesComparedInMs) => {
            parse_age(age).map(|ms| ms.to_string())
        }
        _ => None,
    };
    let other = other.map(|text| Cow::Owned(FieldValue::LongStr(text.into_bytes())));
    other.or_else(|| value.map(Cow::Borrowed))
}

/// The refusal to touch another connection's exclusive queue.
pub(super) fn locked(queue: &Queue) -> Refusal {
    Refusal::new(
        ReplyCode::ResourceLocked,
        format!(
            "cannot obtain exclusive access to locked {}. It could be originally declared on another connection \
             or the exclusive property value does not match that of the original declaration.",
            queue_in(&queue.name, &queue.vhost)
        ),
    )
}

impl Argument {
    fn is_for(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }
}

impl Kind {
    /// RabbitMQ's texts call a type of queue by the module that serves it.
    pub(crate) fn module(self) -> &'static str {
        match self {
            Kind::Classic => "rabbit_classic_queue",
            Kind::Quorum => "rabbit_quorum_queue",
            Kind::Stream => "rabbit_stream_queue",
        }
    }
}

impl Queue {
    /// Refuses access to another connection's exclusive queue.
    pub(crate) fn check_access(&self, connection: ConnectionId) -> Outcome {
        if self.owner.is_none_or(|owner| owner == connection) { Ok(()) } else { Err(locked(self)) }
    }
}

fn anything(_: &FieldValue, _: &FieldTable) -> Result<(), String> {
    Ok(())
}

/// Of the time when it meant something.
fn queue_mode(value: &FieldValue) -> Result<(), String> {
    match value {
        FieldValue::LongStr(mode) if matches!(mode.as_slice(), b"default" | b"lazy") => Ok(()),
        FieldValue::LongStr(mode) => {
            Err(format!("\"unsupported queue mode '{}'\"", String::from_utf8_lossy(mode)))
        }
        other => Err(unacceptable(other)),
    }
}

fn queue_type(value: &FieldValue) -> Result<(), String> {
    match value {
        FieldValue::LongStr(kind) if matches!(kind.as_slice(), b"classic" | b"quorum" | b"stream") => Ok(()),
        FieldValue::LongStr(kind) => {
            Err(format!("\"unsupported queue type '{}'\"", String::from_utf8_lossy(kind)))
        }
        other => Err(unacceptable(other)),
    }
}

/// An integer of any width, as a signed number.
pub(crate) fn integer(value: &FieldValue) -> Result<i64, String> {
    value.as_integer().ok_or_else(|| format!("\"expected integer, got {}\"", value.type_name()))
}

pub(crate) fn not_negative(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    match integer(value)? {
        negative @ ..0 => Err(format!("{{value_negative,{negative}}}")),
        _ => Ok(()),
    }
}

fn positive(value: &FieldValue, arguments: &FieldTable) -> Result<(), String> {
    not_negative(value, arguments)?;
    if integer(value)? == 0 { Err("{value_zero,0}".into()) } else { Ok(()) }
}

fn ttl(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    check_duration_ms(integer(value)?)
}

fn expires(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    match integer(value)? {
        0 => Err("{value_zero,0}".into()),
        ms => check_duration_ms(ms),
    }
}

/// A time to live, in ms, in RabbitMQ's limits.
pub(crate) fn check_duration_ms(ms: i64) -> Result<(), String> {
    match ms {
        ..0 => Err(format!("{{value_negative,{ms}}}")),
        0..=LONGEST_MS => Ok(()),
        _ => Err(format!("{{value_too_large,{ms}}}")),
    }
}

fn max_age(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    match value {
        FieldValue::LongStr(age) if parse_age(age).is_some() => Ok(()),
        FieldValue::LongStr(_) => Err("invalid_max_age".into()),
        other => Err(unacceptable(other)),
    }
}

fn max_priority_value(value: &FieldValue, arguments: &FieldTable) -> Result<(), String> {
    not_negative(value, arguments)?;
    match integer(value)? {
        0..=255 => Ok(()),
        more => Err(format!("{{max_value_exceeded,{more}}}")),
    }
}

fn boolean(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    if matches!(value, FieldValue::Bool(_)) { Ok(()) } else { Err(unacceptable(value)) }
}

fn text(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    if matches!(value, FieldValue::LongStr(_)) { Ok(()) } else { Err(unacceptable(value)) }
}

fn dead_letter_routing_key(value: &FieldValue, arguments: &FieldTable) -> Result<(), String> {
    text(value, arguments)?;
    match arguments.get("x-dead-letter-exchange") {
        None => Err("routing_key_but_no_dlx_defined".into()),
        Some(_) => Ok(()),
    }
}

fn dead_letter_strategy(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    one_of(value, &["at-most-once", "at-least-once"], "invalid_dlx_strategy")
}

fn overflow(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    one_of(value, &["drop-head", "reject-publish", "reject-publish-dlx"], "invalid_overflow")
}

fn leader_locator(value: &FieldValue, _: &FieldTable) -> Result<(), String> {
    let known = ["client-local", "balanced", "random", "least-leaders"];
    one_of(value, &known, "invalid_queue_locator_arg")
}

fn one_of(value: &FieldValue, known: &[&str], why: &str) -> Result<(), String> {
    match value {
        FieldValue::LongStr(_) if value.as_text().is_some_and(|text| known.contains(&text)) => Ok(()),
        FieldValue::LongStr(_) => Err(why.into()),
        other => Err(unacceptable(other)),
    }
}

fn queue_version(value: &FieldValue, arguments: &FieldTable) -> Result<(), String> {
    not_negative(value, arguments)?;
    match integer(value)? {
        1 | 2 => Ok(()),
        version => Err(unsupported_version(version)),
    }
}

fn unsupported_version(version: i64) -> String {
    format!("\"unsupported queue version '{version}'\"")
}

pub(super) fn unacceptable(value: &FieldValue) -> String {
    format!("{{unacceptable_type,{}}}", value.type_name())
}
