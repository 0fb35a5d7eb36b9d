//! The programs around the broker: who sends, and who receives.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use warren_core::wire::FieldTable;

use super::{
    Frequency, Lapse,
    values::{self, is_default},
};

/// `[[producer]]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Producer {
    /// Its name.
    pub name: String,
    /// The client that it is a part of, with a channel of its own; it is a client of its own if it says nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub client: String,
    /// Which of the client's connections it uses; all that say nothing share one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub connection: String,
    /// When it connects.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub start: Duration,
    /// The latency of its link, if it is not the network's.
    #[serde(default, with = "values::some_duration", skip_serializing_if = "is_default")]
    pub latency: Option<Duration>,
    /// Where it publishes; the default exchange if it says nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub exchange: String,
    /// The routing keys of its messages, in turn.
    #[serde(default = "one_empty_key", with = "values::texts", skip_serializing_if = "is_one_empty_key")]
    pub routing_key: Vec<String>,
    /// What its messages say; `{n}` is the message's number, `{key}` its routing key, `{priority}` its
    /// priority, `{x}` its header x.
    #[serde(default = "default_body", skip_serializing_if = "is_default_body")]
    pub body: String,
    /// If its bodies are to be longer: they are filled up with dots to so many bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bytes: u32,
    /// The time from one message to the next, or from one burst to the next.
    #[serde(default = "one_second")]
    pub interval: Lapse,
    /// How many messages it sends at once.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub burst: u32,
    /// How many messages it sends in all.
    pub count: u32,
    /// The headers of its messages, in turn; none if it says nothing.
    #[serde(default, with = "values::tables", skip_serializing_if = "is_default")]
    pub headers: Vec<FieldTable>,
    /// The time that work on its messages takes, in turn; nothing if it says nothing.
    #[serde(default, with = "values::durations", skip_serializing_if = "is_default")]
    pub work: Vec<Duration>,
    /// How often work on its messages fails before it succeeds, in turn; never if it says nothing.
    #[serde(default, with = "values::numbers", skip_serializing_if = "is_default")]
    pub fails: Vec<u8>,
    /// The priorities of its messages, in turn; none if it says nothing.
    #[serde(default, with = "values::numbers", skip_serializing_if = "is_default")]
    pub priority: Vec<u8>,
    /// How long its messages may wait in a queue, if it says so.
    #[serde(default, with = "values::some_duration", skip_serializing_if = "is_default")]
    pub expiration: Option<Duration>,
    /// Whether its messages are to survive a restart (delivery-mode 2).
    #[serde(default, skip_serializing_if = "is_default")]
    pub persistent: bool,
    /// Whether messages that no queue takes come back to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mandatory: bool,
    /// Whether the broker confirms its messages.
    #[serde(default, skip_serializing_if = "is_default")]
    pub confirms: bool,
    /// How many messages may be without confirm or answer before it waits; 0 for any number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: u32,
    /// Whether it sends a message again, under the same message-id, when it cannot know that the broker has it: its
    /// connection broke before the confirm came, or a queue did not take it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub republishes: bool,
    /// How many messages it puts into a transaction; 0 for no transactions.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transaction: u32,
    /// How often it rolls a transaction back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rolls_back: Frequency,
    /// Where the answers to its messages are to come: `amq.rabbitmq.reply-to`, or a queue.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reply_to: Option<String>,
    /// How long it waits for an answer; for ever if it says nothing.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub timeout: Duration,
    /// How it comes back when its connection breaks; not at all if it says nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reconnect: Option<Reconnect>,
}

impl Producer {
    /// Who sends `count` messages, one a second, to a queue of the default exchange.
    #[must_use]
    pub fn new(name: &str, queue: &str, count: u32) -> Producer {
        Producer {
            name: name.into(),
            client: String::new(),
            connection: String::new(),
            start: Duration::ZERO,
            latency: None,
            exchange: String::new(),
            routing_key: vec![queue.into()],
            body: default_body(),
            bytes: 0,
            interval: one_second(),
            burst: one(),
            count,
            headers: Vec::new(),
            work: Vec::new(),
            fails: Vec::new(),
            priority: Vec::new(),
            expiration: None,
            persistent: false,
            mandatory: false,
            confirms: false,
            window: 0,
            republishes: false,
            transaction: 0,
            rolls_back: Frequency::Never,
            reply_to: None,
            timeout: Duration::ZERO,
            reconnect: None,
        }
    }
}

fn one_empty_key() -> Vec<String> {
    vec![String::new()]
}

fn is_one_empty_key(keys: &Vec<String>) -> bool {
    *keys == one_empty_key()
}

fn default_body() -> String {
    "message {n}".into()
}

fn is_default_body(body: &String) -> bool {
    *body == default_body()
}

const fn one_second() -> Lapse {
    Lapse::Fixed(Duration::from_secs(1))
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_one(number: &u32) -> bool {
    *number == 1
}

/// `[[consumer]]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// Its name, which is its consumer tag too.
    pub name: String,
    /// The client that it is a part of, with a channel of its own; it is a client of its own if it says nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub client: String,
    /// Which of the client's connections it uses; all that say nothing share one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub connection: String,
    /// When it connects.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub start: Duration,
    /// The latency of its link, if it is not the network's.
    #[serde(default, with = "values::some_duration", skip_serializing_if = "is_default")]
    pub latency: Option<Duration>,
    /// The queue it takes from.
    pub queue: String,
    /// When it acks.
    pub ack: AckMode,
    /// How many unacked messages it takes at most (basic.qos); 0 for any number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prefetch: u16,
    /// What else it asks of the queue: `x-priority` …
    #[serde(default, with = "values::arguments", skip_serializing_if = "is_default")]
    pub arguments: FieldTable,
    /// After how many messages it acks, all of them at once (`multiple`); sooner, if nothing else waits for it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub ack_every: u32,
    /// How long after its work it acks.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub ack_delay: Duration,
    /// The time that its work on a message takes, if it is not the message's.
    #[serde(default, skip_serializing_if = "is_default")]
    pub work: Option<Lapse>,
    /// What it answers to messages that want an answer (reply-to); `{body}` is what the message says.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reply: Option<String>,
    /// How often its work on a message fails; besides, the message itself may bring failures with it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fails: Frequency,
    /// What it does with a message that it has failed at.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_failure: OnFailure,
    /// When it tries no more.
    #[serde(default, skip_serializing_if = "is_default")]
    pub give_up: Option<GiveUp>,
    /// How it comes back when its connection breaks; not at all if it says nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reconnect: Option<Reconnect>,
}

impl Consumer {
    /// Who takes from `queue`, works on each message as long as it says, and acks then.
    #[must_use]
    pub fn new(name: &str, queue: &str) -> Consumer {
        Consumer {
            name: name.into(),
            client: String::new(),
            connection: String::new(),
            start: Duration::ZERO,
            latency: None,
            queue: queue.into(),
            ack: AckMode::AfterWork,
            prefetch: 0,
            arguments: FieldTable::default(),
            ack_every: one(),
            ack_delay: Duration::ZERO,
            work: None,
            reply: None,
            fails: Frequency::Never,
            on_failure: OnFailure::Reject,
            give_up: None,
            reconnect: None,
        }
    }
}

/// `reconnect = { after = "500ms", up_to = "8s" }`: each attempt that fails doubles the wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reconnect {
    /// The wait before the first attempt.
    #[serde(with = "values::duration")]
    pub after: Duration,
    /// The longest wait; as long as the first if it says nothing.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub up_to: Duration,
}

impl Reconnect {
    /// How long to wait when so many attempts have failed.
    pub(crate) fn wait(&self, failed: u32) -> Duration {
        self.after.saturating_mul(1 << failed.min(20)).min(self.up_to.max(self.after))
    }
}

/// When a consumer acks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AckMode {
    /// Never: the broker takes every message for done when it sends it out (`no-ack` in basic.consume).
    Auto,
    /// As soon as it has a message, before it has worked on it.
    OnReceipt,
    /// When its work on a message is done.
    AfterWork,
    /// Never, although the broker waits for it.
    Never,
}

/// What a consumer tells the broker of a message that it has failed at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// basic.reject: its queue drops it, or sends it to the dead-letter exchange.
    #[default]
    Reject,
    /// basic.reject with requeue: back to its queue.
    Requeue,
    /// basic.nack: as reject.
    Nack,
    /// basic.nack with requeue.
    NackRequeue,
}

/// `give_up = { after = 3, to = "parked" }`: a message that comes back again and again is put aside.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GiveUp {
    /// After how many failures, going by the message's `x-death` header.
    pub after: u32,
    /// The queue that it is published to, and acked.
    pub to: String,
}
