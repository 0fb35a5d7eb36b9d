//! The keys that a policy may have (RabbitMQ 4).

use crate::{
    queue::{Kind, parse_age},
    wire::FieldValue,
};

/// A key that a policy may have.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) check: fn(&FieldValue) -> bool,
    /// What its value is to be, as RabbitMQ's texts call it.
    pub(super) noun: &'static str,
    /// How it is merged; without, operators may not say it.
    pub(super) merge: Option<Merge>,
    /// Queues of these types know nothing of it.
    pub(super) foreign_to: &'static [Kind],
}

/// What holds if a policy and an operator's both say something.
#[derive(Clone, Copy)]
pub(super) enum Merge {
    Lower,
    /// A negative limit is none, and then the other one holds.
    LowerUnlessNegative,
    Higher,
    Operators,
}

const NOBODY: &[Kind] = &[];
const STREAMS: &[Kind] = &[Kind::Stream];
const ALL_BUT_CLASSIC: &[Kind] = &[Kind::Quorum, Kind::Stream];
const ALL_BUT_QUORUM: &[Kind] = &[Kind::Classic, Kind::Stream];
const ALL_BUT_STREAMS: &[Kind] = &[Kind::Classic, Kind::Quorum];

const LOWER: Option<Merge> = Some(Merge::Lower);
const HIGHER: Option<Merge> = Some(Merge::Higher);
const OPERATORS: Option<Merge> = Some(Merge::Operators);
const LOWER_UNLESS_NEGATIVE: Option<Merge> = Some(Merge::LowerUnlessNegative);

static KEYS: [Key; 23] = [
    key("alternate-exchange", text, "alternate exchange name", None, NOBODY),
    key("consumer-disconnected-timeout", not_negative, "consumer disconnected timeout", None, NOBODY),
    key("consumer-timeout", not_negative, "consumer timeout", None, NOBODY),
    key("dead-letter-exchange", text, "dead letter exchange name", None, STREAMS),
    key("dead-letter-routing-key", text, "dead letter routing key", None, STREAMS),
    key("dead-letter-strategy", strategy, "dead letter strategy", None, ALL_BUT_QUORUM),
    key("delivery-limit", integer, "delivery limit", LOWER_UNLESS_NEGATIVE, ALL_BUT_QUORUM),
    key("expires", positive, "queue expiry", LOWER, STREAMS),
    key("initial-cluster-size", not_negative, "cluster size", None, ALL_BUT_STREAMS),
    key("max-age", max_age, "max age", None, ALL_BUT_STREAMS),
    key("max-in-memory-bytes", not_negative, "maximum memory in bytes", LOWER, ALL_BUT_QUORUM),
    key("max-in-memory-length", not_negative, "maximum memory in bytes", LOWER, ALL_BUT_QUORUM),
    key("max-length", not_negative, "maximum length", LOWER, STREAMS),
    key("max-length-bytes", not_negative, "maximum length in bytes", LOWER, NOBODY),
    key("message-ttl", not_negative, "message TTL", LOWER, STREAMS),
    key("overflow", overflow, "overflow value", OPERATORS, STREAMS),
    key("queue-leader-locator", leader_locator, "queue leader locator value", None, NOBODY),
    key("queue-mode", queue_mode, "queue-mode value", None, ALL_BUT_CLASSIC),
    key("queue-version", queue_version, "queue-version value", OPERATORS, NOBODY),
    key("stream-filter-size-bytes", filter_size, "filter size. Valid range is 16-255", None, NOBODY),
    key("stream-max-segment-size-bytes", segment_size, "segment size", None, ALL_BUT_STREAMS),
    key("target-group-size", positive, "qq target count value", HIGHER, ALL_BUT_QUORUM),
    key("member-placement-tag", some_text, MEMBER_PLACEMENT_TAG, OPERATORS, NOBODY),
];

const MEMBER_PLACEMENT_TAG: &str = "member-placement-tag value. Must be a non-empty string";

const fn key(
    name: &'static str,
    check: fn(&FieldValue) -> bool,
    noun: &'static str,
    merge: Option<Merge>,
    foreign_to: &'static [Kind],
) -> Key {
    Key { name, check, noun, merge, foreign_to }
}

pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    KEYS.iter()
}

pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

fn integer(value: &FieldValue) -> bool {
    value.as_integer().is_some()
}

fn not_negative(value: &FieldValue) -> bool {
    value.as_integer().is_some_and(|number| number >= 0)
}

fn positive(value: &FieldValue) -> bool {
    value.as_integer().is_some_and(|number| number >= 1)
}

fn queue_version(value: &FieldValue) -> bool {
    matches!(value.as_integer(), Some(1 | 2))
}

fn filter_size(value: &FieldValue) -> bool {
    matches!(value.as_integer(), Some(16..=255))
}

/// At most 3 GB.
fn segment_size(value: &FieldValue) -> bool {
    matches!(value.as_integer(), Some(0..=3_000_000_000))
}

fn text(value: &FieldValue) -> bool {
    value.as_text().is_some()
}

fn some_text(value: &FieldValue) -> bool {
    value.as_text().is_some_and(|text| !text.is_empty())
}

fn strategy(value: &FieldValue) -> bool {
    matches!(value.as_text(), Some("at-most-once" | "at-least-once"))
}

fn overflow(value: &FieldValue) -> bool {
    matches!(value.as_text(), Some("drop-head" | "reject-publish" | "reject-publish-dlx"))
}

fn leader_locator(value: &FieldValue) -> bool {
    matches!(value.as_text(), Some("client-local" | "balanced" | "random" | "least-leaders"))
}

fn queue_mode(value: &FieldValue) -> bool {
    matches!(value.as_text(), Some("default" | "lazy"))
}

/// A number and a unit, such as `7D`.
fn max_age(value: &FieldValue) -> bool {
    value.as_text().is_some_and(|age| parse_age(age.as_bytes()).is_some())
}
