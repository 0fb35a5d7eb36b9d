//! Scenarios: what a world consists of, and what befalls it, as a TOML file that a person reads and writes.

mod actors;
mod check;
mod error;
mod frequency;
mod topology;
mod values;

use std::time::Duration;

use serde::Deserialize;

use crate::happening::ActorId;
pub use actors::{AckMode, Consumer, GiveUp, OnFailure, Producer};
pub use error::ScenarioError;
pub use frequency::Frequency;
pub use topology::{Binding, Exchange, ExchangeType, Queue};

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
    /// The broker's disk; without one it keeps nothing.
    pub disk: Option<DiskPlan>,
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

/// `[disk]`: what the broker's disk is like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskPlan {
    /// How long a write takes until it is in the operating system's cache.
    #[serde(deserialize_with = "values::duration")]
    pub write: Duration,
    /// How long a sync takes until all that was written is on the disk for good.
    #[serde(deserialize_with = "values::duration")]
    pub sync: Duration,
}

/// What a crash of the broker does to what was written and not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsynced {
    /// It is gone, as in a power cut.
    #[default]
    Lost,
    /// It is there, as when only the broker's process ends.
    Kept,
}

/// Long enough for an eye to follow a message on its way.
const fn default_latency() -> Duration {
    Duration::from_millis(300)
}

/// `[[fault]]`: one actor or the broker, one moment.
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
    /// When the broker crashes: what becomes of what its disk has not synced.
    #[serde(default)]
    pub unsynced: Unsynced,
}

/// What faults call the broker.
pub(crate) const BROKER: &str = "broker";

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

    /// Whether an actor waits for answers to its messages.
    #[must_use]
    pub fn asks(&self, actor: ActorId) -> bool {
        let producer = usize::try_from(actor.0).ok().and_then(|index| self.producers.get(index));
        producer.is_some_and(|producer| producer.reply_to.is_some())
    }

    /// The exclusive queues that somebody else than `actor` takes from.
    pub(crate) fn exclusive_queues_of_others(&self, actor: &str) -> impl Iterator<Item = &str> {
        let exclusive = self.queues.iter().filter(|queue| queue.exclusive).map(|queue| queue.name.as_str());
        exclusive.filter(move |queue| {
            let mut consumers = self.consumers.iter().filter(|consumer| consumer.name == actor);
            let mut producers = self.producers.iter().filter(|producer| producer.name == actor);
            !consumers.any(|consumer| consumer.queue == *queue)
                && !producers.any(|producer| producer.reply_to.as_deref() == Some(queue))
        })
    }
}
