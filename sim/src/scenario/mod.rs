//! Scenarios: what a world consists of, and what befalls it, as a TOML file that a person reads and writes.

mod actors;
mod check;
mod entry;
mod error;
mod fault;
mod file;
mod frequency;
mod lesson;
mod plans;
mod seat;
mod step;
mod text;
mod topology;
mod values;

use std::time::Duration;

use crate::{document, happening::ActorId};
pub use actors::{AckMode, Consumer, Declaration, GiveUp, OnFailure, Producer, Reconnect};
pub(crate) use error::Mistake;
pub use error::ScenarioError;
pub(crate) use fault::{BROKER, OPERATOR, queue_policy};
pub use fault::{ClockJump, Fault, Mishap, SettleBy, Unsynced};
pub use frequency::Frequency;
pub use lesson::{Amount, Counted, LessonPlan, Milestone, Prediction};
pub use plans::{BrokerPlan, DiskPlan, NetworkPlan};
pub use seat::Seat;
pub use step::LessonStep;
pub use text::Text;
pub use topology::{Binding, Exchange, ExchangeType, Queue};
pub(crate) use values::headers;
pub use values::{ConsumerTimeout, Lapse};
use warren_core::ordered::OrdMap;

/// A scenario: read from its file and checked, or put together in a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// What it is called.
    pub title: Text,
    /// What to watch.
    pub summary: Text,
    /// How much virtual time it takes until it has shown what it shows.
    pub until: Duration,
    /// What it teaches, if it is a lesson.
    pub lesson: Option<LessonPlan>,
    /// The network between the actors and the broker.
    pub network: NetworkPlan,
    /// The broker's own settings.
    pub broker: BrokerPlan,
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
    /// Where things stand when they are drawn, by what they are (`queue orders`), in pixels from some left upper corner;
    /// what is not here finds a place of its own. The world does not know of it.
    pub positions: OrdMap<String, (i32, i32)>,
}

impl Scenario {
    /// A scenario of a minute without anything in it: the fields are for you to fill.
    #[must_use]
    pub fn new(title: &str) -> Scenario {
        Scenario {
            title: Text::new(title),
            summary: Text::default(),
            until: Duration::from_secs(60),
            lesson: None,
            network: NetworkPlan::default(),
            broker: BrokerPlan::default(),
            disk: None,
            exchanges: Vec::new(),
            queues: Vec::new(),
            bindings: Vec::new(),
            producers: Vec::new(),
            consumers: Vec::new(),
            faults: Vec::new(),
            positions: OrdMap::new(),
        }
    }

    /// Reads a scenario. `file` is the name that errors begin with.
    ///
    /// # Errors
    /// A text that is no TOML, a field that is unknown, missing or wrong, a name that nothing bears: with file,
    /// line and field, and the word that was probably meant.
    pub fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
        check::parse(text).map_err(|fault| ScenarioError::new(file, text, fault))
    }

    /// The scenario as a file that [`Scenario::parse`] reads, and a person, too.
    #[must_use]
    pub fn to_toml(&self) -> String {
        document::write(&file::File::of(self))
    }

    /// Looks at it as at one that comes from a file.
    ///
    /// # Errors
    /// As [`Scenario::parse`], with lines of what [`Scenario::to_toml`] gives.
    pub fn check(&self) -> Result<(), ScenarioError> {
        Scenario::parse(&self.title.en, &self.to_toml()).map(drop)
    }

    /// The name of an actor, in the order of their ids.
    pub fn actor_names(&self) -> impl Iterator<Item = &str> {
        let producers = self.producers.iter().map(|producer| producer.name.as_str());
        producers.chain(self.consumers.iter().map(|consumer| consumer.name.as_str()))
    }

    /// The actors that have code of their own, and their code.
    pub fn programs(&self) -> impl Iterator<Item = (&str, &str)> {
        let producers = self.producers.iter().map(|plan| (plan.name.as_str(), plan.code.as_deref()));
        let consumers = self.consumers.iter().map(|plan| (plan.name.as_str(), plan.code.as_deref()));
        producers.chain(consumers).filter_map(|(name, code)| Some((name, code?)))
    }

    /// Whether an actor waits for answers to its messages.
    #[must_use]
    pub fn asks(&self, actor: ActorId) -> bool {
        let producer = usize::try_from(actor.0).ok().and_then(|index| self.producers.get(index));
        producer.is_some_and(|producer| producer.reply_to.is_some())
    }

    /// The queues as `actor` declares them: all but those that are exclusively another's.
    pub fn queues_declared_by(&self, actor: &str) -> impl Iterator<Item = Queue> {
        let others: Vec<&str> = self.exclusive_queues_of_others(actor).collect();
        let producers = self.producers.iter().map(|plan| (plan.name.as_str(), plan.declares.as_ref()));
        let consumers = self.consumers.iter().map(|plan| (plan.name.as_str(), plan.declares.as_ref()));
        let own = producers.chain(consumers).find(|(name, _)| *name == actor);
        let own = own.and_then(|(_, declares)| declares);
        let queues = self.queues.iter().filter(move |queue| !others.contains(&queue.name.as_str()));
        queues.map(move |queue| Declaration::applied_to(own, queue))
    }

    /// Whether actors declare one queue differently: the broker refuses all of them that come after the first, and it
    /// depends on what goes wrong who that is.
    #[must_use]
    pub fn has_conflicting_declarations(&self) -> bool {
        let mut declared: OrdMap<String, Queue> = OrdMap::new();
        let mut differs = |queue: Queue| {
            let first = declared.entry(queue.name.clone()).or_insert_with(|| queue.clone());
            *first != queue
        };
        self.actor_names().any(|actor| self.queues_declared_by(actor).any(&mut differs))
    }

    /// The exclusive queues that are not `actor`'s to use.
    pub fn exclusive_queues_of_others(&self, actor: &str) -> impl Iterator<Item = &str> {
        let own: Vec<&str> = self.exclusive_queues_of(actor).collect();
        let exclusive = self.queues.iter().filter(|queue| queue.exclusive).map(|queue| queue.name.as_str());
        exclusive.filter(move |queue| !own.contains(queue))
    }

    /// The exclusive queues that an actor may use: those that its connection takes from.
    pub fn exclusive_queues_of(&self, actor: &str) -> impl Iterator<Item = &str> {
        let exclusive = self.queues.iter().filter(|queue| queue.exclusive).map(|queue| queue.name.as_str());
        let own = self.seats().find(|seat| seat.actor == actor);
        exclusive.filter(move |queue| {
            let mut takers = self.seats().filter(|seat| seat.takes_from == Some(queue));
            takers.any(|taker| own.is_some_and(|own| own.shares_connection(taker)))
        })
    }
}
