//! The programs around the broker: who sends, and who receives.

use std::time::Duration;

use serde::Deserialize;
use warren_core::wire::FieldTable;

use super::{Frequency, values};

/// `[[producer]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Producer {
    /// Its name.
    pub name: String,
    /// When it connects.
    #[serde(default, deserialize_with = "values::duration")]
    pub start: Duration,
    /// The latency of its link, if it is not the network's.
    #[serde(default, deserialize_with = "values::some_duration")]
    pub latency: Option<Duration>,
    /// Where it publishes; the default exchange if it says nothing.
    #[serde(default)]
    pub exchange: String,
    /// The routing keys of its messages, in turn.
    #[serde(default = "one_empty_key", deserialize_with = "values::one_or_more_texts")]
    pub routing_key: Vec<String>,
    /// What its messages say; `{n}` is the message's number, `{key}` its routing key, `{priority}` its
    /// priority, `{x}` its header x.
    #[serde(default = "default_body")]
    pub body: String,
    /// The time from one message to the next.
    #[serde(default = "one_second", deserialize_with = "values::duration")]
    pub interval: Duration,
    /// How many messages it sends.
    pub count: u32,
    /// The headers of its messages, in turn; none if it says nothing.
    #[serde(default, deserialize_with = "values::one_or_more_tables")]
    pub headers: Vec<FieldTable>,
    /// The time that work on its messages takes, in turn; nothing if it says nothing.
    #[serde(default, deserialize_with = "values::one_or_more_durations")]
    pub work: Vec<Duration>,
    /// How often work on its messages fails before it succeeds, in turn; never if it says nothing.
    #[serde(default, deserialize_with = "values::one_or_more_numbers")]
    pub fails: Vec<u8>,
    /// The priorities of its messages, in turn; none if it says nothing.
    #[serde(default, deserialize_with = "values::one_or_more_numbers")]
    pub priority: Vec<u8>,
    /// How long its messages may wait in a queue, if it says so.
    #[serde(default, deserialize_with = "values::some_duration")]
    pub expiration: Option<Duration>,
    /// Whether its messages are to survive a restart (delivery-mode 2).
    #[serde(default)]
    pub persistent: bool,
    /// Whether messages that no queue takes come back to it.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether the broker confirms its messages.
    #[serde(default)]
    pub confirms: bool,
    /// How many messages may be without confirm or answer before it waits; 0 for any number.
    #[serde(default)]
    pub window: u32,
    /// How many messages it puts into a transaction; 0 for no transactions.
    #[serde(default)]
    pub transaction: u32,
    /// How often it rolls a transaction back.
    #[serde(default)]
    pub rolls_back: Frequency,
    /// Where the answers to its messages are to come: `amq.rabbitmq.reply-to`, or a queue.
    #[serde(default)]
    pub reply_to: Option<String>,
}

fn one_empty_key() -> Vec<String> {
    vec![String::new()]
}

fn default_body() -> String {
    "message {n}".into()
}

const fn one_second() -> Duration {
    Duration::from_secs(1)
}

/// `[[consumer]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// Its name, which is its consumer tag too.
    pub name: String,
    /// When it connects.
    #[serde(default, deserialize_with = "values::duration")]
    pub start: Duration,
    /// The latency of its link, if it is not the network's.
    #[serde(default, deserialize_with = "values::some_duration")]
    pub latency: Option<Duration>,
    /// The queue it takes from.
    pub queue: String,
    /// When it acks.
    pub ack: AckMode,
    /// How many unacked messages it takes at most (basic.qos); 0 for any number.
    #[serde(default)]
    pub prefetch: u16,
    /// What else it asks of the queue: `x-priority` …
    #[serde(default, deserialize_with = "values::arguments")]
    pub arguments: FieldTable,
    /// The time that its work on a message takes, if it is not the message's.
    #[serde(default, deserialize_with = "values::some_duration")]
    pub work: Option<Duration>,
    /// What it answers to messages that want an answer (reply-to); `{body}` is what the message says.
    #[serde(default)]
    pub reply: Option<String>,
    /// How often its work on a message fails; besides, the message itself may bring failures with it.
    #[serde(default)]
    pub fails: Frequency,
    /// What it does with a message that it has failed at.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// When it tries no more.
    #[serde(default)]
    pub give_up: Option<GiveUp>,
}

/// When a consumer acks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AckMode {
    /// Never: the broker takes every message for done when it sends it out (`no-ack` in basic.consume).
    Auto,
    /// When its work on a message is done.
    AfterWork,
    /// Never, although the broker waits for it.
    Never,
}

/// What a consumer tells the broker of a message that it has failed at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// basic.reject: its queue drops it, or sends it to the dead-letter exchange.
    #[default]
    Reject,
    /// basic.reject with requeue: back to its queue.
    Requeue,
}

/// `give_up = { after = 3, to = "parked" }`: a message that comes back again and again is put aside.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveUp {
    /// After how many failures, going by the message's `x-death` header.
    pub after: u32,
    /// The queue that it is published to, and acked.
    pub to: String,
}
