//! Scenarios: what a world consists of, and what befalls it, as a TOML file that a person reads and writes.

mod check;
mod error;
mod values;

use std::time::Duration;

use serde::Deserialize;
use warren_core::wire::FieldTable;

pub use error::ScenarioError;

/// A scenario, read from its file and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is called.
    pub title: Text,
    /// What to watch.
    pub summary: Text,
    /// How much virtual time it takes until it has shown what it shows.
    pub until: Duration,
    /// The network between the actors and the broker.
    pub network: NetworkPlan,
    /// Exchanges, declared by every actor before it starts to work, as AMQP applications do.
    pub exchanges: Vec<Exchange>,
    /// Queues, declared likewise.
    pub queues: Vec<Queue>,
    /// Bindings, declared likewise.
    pub bindings: Vec<Binding>,
    /// Who sends.
    pub producers: Vec<Producer>,
    /// Who receives.
    pub consumers: Vec<Consumer>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
}

/// A text in the languages of the page.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

/// `[network]`: how long bytes travel between an actor and the broker, each way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkPlan {
    /// The latency of a link whose actor names none.
    #[serde(default = "default_latency", deserialize_with = "values::duration")]
    pub latency: Duration,
    /// Up to this much more, different for every write and drawn from the seed.
    #[serde(default, deserialize_with = "values::duration")]
    pub jitter: Duration,
}

impl Default for NetworkPlan {
    fn default() -> Self {
        NetworkPlan { latency: default_latency(), jitter: Duration::ZERO }
    }
}

/// Long enough for an eye to follow a message on its way.
const fn default_latency() -> Duration {
    Duration::from_millis(300)
}

/// `[[exchange]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// How it chooses among its bindings.
    #[serde(rename = "type")]
    pub kind: ExchangeType,
    /// Whether it is to survive a restart.
    #[serde(default)]
    pub durable: bool,
}

/// The `type` of an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeType {
    /// The binding key equals the routing key.
    Direct,
    /// Every binding.
    Fanout,
    /// The binding key is a mask over dot-separated words.
    Topic,
}

impl ExchangeType {
    /// The type's name in exchange.declare.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ExchangeType::Direct => "direct",
            ExchangeType::Fanout => "fanout",
            ExchangeType::Topic => "topic",
        }
    }
}

/// `[[queue]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Whether it is to survive a restart.
    #[serde(default)]
    pub durable: bool,
    /// What else is asked of it: `x-message-ttl`, `x-max-priority` …
    #[serde(default, deserialize_with = "values::arguments")]
    pub arguments: FieldTable,
}

/// `[[binding]]`: from an exchange to a queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Where it leads from.
    pub exchange: String,
    /// Where it leads.
    pub queue: String,
    /// The binding key; for a topic exchange a mask.
    #[serde(default)]
    pub routing_key: String,
}

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
    /// priority.
    #[serde(default = "default_body")]
    pub body: String,
    /// The time from one message to the next.
    #[serde(default = "one_second", deserialize_with = "values::duration")]
    pub interval: Duration,
    /// How many messages it sends.
    pub count: u32,
    /// The time that work on its messages takes, in turn; nothing if it says nothing.
    #[serde(default, deserialize_with = "values::one_or_more_durations")]
    pub work: Vec<Duration>,
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

/// `[[fault]]`: one actor, one moment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When.
    #[serde(deserialize_with = "values::duration")]
    pub at: Duration,
    /// Who dies.
    #[serde(default)]
    pub crash: Option<String>,
    /// Who comes back.
    #[serde(default)]
    pub revive: Option<String>,
}

impl Scenario {
    /// Reads a scenario. `file` is the name that errors begin with.
    ///
    /// # Errors
    /// A text that is no TOML, a field that is unknown, missing or wrong, a name that nothing bears: with file,
    /// line and field, and the word that was probably meant.
    pub fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
        check::parse(text).map_err(|fault| ScenarioError::new(file, text, fault))
    }

    /// The name of an actor, in the order of their ids.
    pub fn actor_names(&self) -> impl Iterator<Item = &str> {
        let producers = self.producers.iter().map(|producer| producer.name.as_str());
        producers.chain(self.consumers.iter().map(|consumer| consumer.name.as_str()))
    }
}
