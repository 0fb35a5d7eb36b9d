//! A consumer: who gets a queue's messages, and how many at once.

use super::{
    Kind,
    arguments::{integer, not_negative, unacceptable},
    offset::{Filter, StartAt},
};
use crate::{
    Behaviour, Behaviours, ChannelNumber, ConnectionId, Name, QueueId, ReplyCode, WallTime,
    event::ConsumerRef,
    refusal::{Outcome, Refusal, queue_in},
    wire::{FieldTable, FieldValue},
};

#[derive(Clone)]
pub(crate) struct Consumer {
    pub(crate) queue: QueueId,
    pub(crate) connection: ConnectionId,
    pub(crate) channel: ChannelNumber,
    pub(crate) tag: Name,
    pub(crate) no_ack: bool,
    /// How many deliveries it may have unacked; 0 is no limit. basic.qos of before its basic.consume.
    pub(crate) prefetch: u16,
    /// `x-priority`: those with a higher one are served first.
    pub(crate) priority: i64,
    /// How long a delivery may be unacked, in ms; 0 is no limit.
    pub(crate) timeout_ms: u64,
    pub(crate) unacked: u64,
    /// Deliveries that its queue has taken back because they were unacked for too long, and that its client has not
    /// settled since: it gets nothing more until then (RabbitMQ 4.3).
    pub(crate) overdue: u64,
    /// It had its turn without credit, and waits outside its queue's turns until it may have some.
    pub(crate) parked: Option<Parked>,
    #[cfg(feature = "planted-bugs")]
    pub(crate) bug: Option<crate::Bug>,
}

/// A consumer that waits for credit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Parked {
    /// Who has waited longer has a lower number.
    pub(crate) number: u64,
    pub(crate) lacks: Lacks,
}

/// What a consumer without credit waits for. It is woken by this alone: who wakes others at every ack, or all consumers of
/// a connection at every write, does work that grows with their number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lacks {
    /// Its own prefetch is used up.
    OwnPrefetch,
    /// The prefetch that its channel's consumers share is used up.
    SharedPrefetch,
    /// Its connection has enough on its way.
    SendWindow,
    /// Its client has to settle what was taken back because it was overdue.
    OverdueAcks,
}

impl Consumer {
    /// Whether its own prefetch allows one more.
    pub(crate) fn below_prefetch(&self) -> bool {
        let more = u64::from(planted!(self, PrefetchOneMore));
        self.no_ack || self.prefetch == 0 || self.unacked < u64::from(self.prefetch) + more
    }

    pub(crate) fn address(&self) -> ConsumerRef {
        ConsumerRef { connection: self.connection, channel: self.channel, tag: self.tag.clone() }
    }
}

/// What basic.consume's arguments ask for.
pub(crate) struct ConsumerArguments {
    /// `x-priority`.
    pub(crate) priority: i64,
    /// `x-consumer-timeout`, in ms.
    pub(crate) timeout_ms: Option<u64>,
    /// Where to start in a stream.
    pub(crate) start: StartAt,
    /// What to pass over in a stream.
    pub(crate) filter: Option<Filter>,
}

const STREAM_FILTER: &str = "x-stream-filter";
const CONSUMER_TIMEOUT: &str = "x-consumer-timeout";
/// The arguments that RabbitMQ knows, and which types of queue take them.
const ARGUMENTS: [(&str, &[Kind]); 5] = [
    ("x-priority", &[Kind::Classic, Kind::Quorum]),
    (CONSUMER_TIMEOUT, &[Kind::Quorum]),
    ("x-stream-offset", &[Kind::Stream]),
    (STREAM_FILTER, &[Kind::Stream]),
    ("x-stream-match-unfiltered", &[Kind::Stream]),
];

impl ConsumerArguments {
    /// Reads what a queue of this kind takes. What no queue knows is ignored; checks and texts are RabbitMQ's.
    pub(crate) fn read(
        kind: Kind,
        (queue, vhost): (&str, &str),
        arguments: &FieldTable,
        (now, compat): (WallTime, Behaviours),
    ) -> Outcome<Self> {
        let refuse = |text: String| Refusal::new(ReplyCode::PreconditionFailed, text);
        let place = queue_in(queue, vhost);
        let checked = |key: &str, check: fn(&FieldValue, &FieldTable) -> Result<(), String>| {
            let Some(value) = arguments.get(key).filter(|_| takes(kind, key, compat)) else {
                return Ok(None);
            };
            check(value, arguments)
                .map_err(|why| refuse(format!("invalid arg '{key}' for {place}: {why}")))?;
            Ok(value.as_integer())
        };
        let priority = checked("x-priority", |value, _| integer(value).map(|_| ()))?;
        let timeout = checked(CONSUMER_TIMEOUT, not_negative)?;
        let start = match kind {
            Kind::Stream => StartAt::read(arguments, (queue, vhost), (now, compat))?,
            Kind::Classic | Kind::Quorum => StartAt::Next,
        };
        const HA_FAILOVER: &str = "x-cancel-on-ha-failover";
        match arguments.get(HA_FAILOVER) {
            None | Some(FieldValue::Bool(_)) => {}
            Some(_) if compat.has(Behaviour::HaFailoverUnchecked) => {}
            Some(value) => {
                return Err(refuse(format!(
                    "invalid arg '{HA_FAILOVER}' for {place}: {}",
                    unacceptable(value)
                )));
            }
        }
        let misplaced = |key: &str| known(compat).any(|(known, _)| known == key) && !takes(kind, key, compat);
        if let Some((key, _)) = arguments.iter().find(|(key, _)| key.as_str().is_some_and(&misplaced)) {
            return Err(refuse(format!("invalid arg '{key}' for {place} of queue type {}", kind.module())));
        }
        Ok(ConsumerArguments {
            priority: priority.unwrap_or(0),
            timeout_ms: timeout.and_then(|ms| u64::try_from(ms).ok()),
            start,
            filter: Filter::read(arguments).filter(|_| takes(kind, STREAM_FILTER, compat)),
        })
    }
}

fn takes(kind: Kind, key: &str, compat: Behaviours) -> bool {
    known(compat).any(|(known, kinds)| known == key && kinds.contains(&kind))
}

fn known(compat: Behaviours) -> impl Iterator<Item = (&'static str, &'static [Kind])> {
    let is_known = move |key| match key {
        CONSUMER_TIMEOUT => compat.has(Behaviour::ConsumerTimeoutArgument),
        STREAM_FILTER | "x-stream-match-unfiltered" => compat.has(Behaviour::StreamFilters),
        _ => true,
    };
    ARGUMENTS.into_iter().filter(move |(key, _)| is_known(*key))
}
