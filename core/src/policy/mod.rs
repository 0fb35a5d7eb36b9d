//! Policies: what an operator says of the queues and exchanges whose names match, instead of their applications.
//!
//! Of all that match, one policy and one operator policy hold: those with the highest priority.

mod definition;
mod keys;

pub use definition::Definition;

use crate::{
    Command, Name, Pattern,
    broker::{Subject, value_from},
    ordered::OrdMap,
    queue::Kind,
    wire::FieldTable,
};

/// A rule that gives optional arguments to queues or exchanges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The virtual host.
    pub vhost: String,
    /// What it is called; another one of this name is replaced.
    pub name: String,
    /// Which names it is about.
    pub pattern: Pattern,
    /// What it is about.
    pub apply_to: ApplyTo,
    /// Of several that match, the highest holds.
    pub priority: i64,
    /// What it says, and whether it is an operator's.
    pub definition: Definition,
}

/// What a policy is about (RabbitMQ's `apply-to`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ApplyTo {
    /// Queues of every type, and exchanges.
    #[default]
    All,
    /// Exchanges.
    Exchanges,
    /// Queues of every type.
    Queues,
    /// Classic queues.
    ClassicQueues,
    /// Quorum queues.
    QuorumQueues,
    /// Streams.
    Streams,
}

/// All policies.
#[derive(Clone, Default)]
pub(crate) struct Policies {
    /// By virtual host, kind (operator's or not) and name.
    all: OrdMap<(String, bool, String), Policy>,
}

/// What policies say of one queue or exchange.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Effective {
    /// The policy that holds.
    pub(crate) policy: Option<Name>,
    /// The operator's policy that holds.
    pub(crate) operator_policy: Option<Name>,
    /// Both definitions, merged.
    pub(crate) definition: FieldTable,
}

impl ApplyTo {
    /// Reads RabbitMQ's word.
    ///
    /// # Errors
    /// Another word; RabbitMQ's text.
    pub fn parse(text: &str) -> Result<ApplyTo, String> {
        Ok(match text {
            "all" => ApplyTo::All,
            "exchanges" => ApplyTo::Exchanges,
            "queues" => ApplyTo::Queues,
            "classic_queues" => ApplyTo::ClassicQueues,
            "quorum_queues" => ApplyTo::QuorumQueues,
            "streams" => ApplyTo::Streams,
            _ => {
                return Err(format!(
                    "apply-to '{text}' unrecognised; should be one of: 'queues', 'classic_queues',  \
                     'quorum_queues', 'streams', 'exchanges', or 'all'"
                ));
            }
        })
    }

    /// RabbitMQ's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ApplyTo::All => "all",
            ApplyTo::Exchanges => "exchanges",
            ApplyTo::Queues => "queues",
            ApplyTo::ClassicQueues => "classic_queues",
            ApplyTo::QuorumQueues => "quorum_queues",
            ApplyTo::Streams => "streams",
        }
    }

    fn is_about(self, thing: Thing) -> bool {
        match thing {
            Thing::Exchange => matches!(self, ApplyTo::All | ApplyTo::Exchanges),
            Thing::Queue(kind) => matches!(self, ApplyTo::All | ApplyTo::Queues) || self == of_kind(kind),
        }
    }
}

/// What a policy may be about.
#[derive(Clone, Copy)]
pub(crate) enum Thing {
    Exchange,
    Queue(Kind),
}

fn of_kind(kind: Kind) -> ApplyTo {
    match kind {
        Kind::Classic => ApplyTo::ClassicQueues,
        Kind::Quorum => ApplyTo::QuorumQueues,
        Kind::Stream => ApplyTo::Streams,
    }
}

impl Policies {
    pub(crate) fn new(policies: &[Policy]) -> Self {
        let mut all = Policies::default();
        policies.iter().cloned().for_each(|policy| all.set(policy));
        all
    }

    pub(crate) fn set(&mut self, policy: Policy) {
        let key = (policy.vhost.clone(), policy.definition.is_operators(), policy.name.clone());
        self.all.insert(key, policy);
    }

    /// How many there are, those of all virtual hosts together.
    pub(crate) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// What sets the first policy again, from this one on or `behind` it.
    pub(crate) fn command_from(&self, subject: &Subject, behind: bool) -> Option<Command> {
        let Subject::Policy(vhost, operators, name) = subject.clone() else { return None };
        let policy = value_from(&self.all, (vhost, operators, name), behind)?.clone();
        Some(Command::SetPolicy(Box::new(policy)))
    }

    pub(crate) fn clear(&mut self, vhost: &str, operators: bool, name: &str) {
        self.all.remove(&(vhost.into(), operators, name.into()));
    }

    pub(crate) fn delete_vhost(&mut self, vhost: &str) {
        self.all.retain(|(of, ..), _| of != vhost);
    }

    /// What holds for a queue or an exchange.
    pub(crate) fn effective(&self, vhost: &str, thing: Thing, name: &str) -> Effective {
        let [policy, operators] = [false, true].map(|operators| self.highest(vhost, operators, thing, name));
        let named = |policy: Option<&Policy>| policy.map(|policy| Name::from(policy.name.as_str()));
        Effective {
            policy: named(policy),
            operator_policy: named(operators),
            definition: Definition::merge(policy.map(|p| &p.definition), operators.map(|p| &p.definition)),
        }
    }

    fn highest(&self, vhost: &str, operators: bool, thing: Thing, name: &str) -> Option<&Policy> {
        let all = self.all.range((vhost.into(), operators, String::new())..);
        let own = all.take_while(|((of, kind, _), _)| of == vhost && *kind == operators);
        highest(own.map(|(_, policy)| policy), thing, name)
    }
}

/// The policy that holds; of two with the same priority, the one with the first name.
fn highest<'a>(policies: impl Iterator<Item = &'a Policy>, thing: Thing, name: &str) -> Option<&'a Policy> {
    let outranks = |one: &Policy, other: &Policy| (one.priority, &other.name) > (other.priority, &one.name);
    let matching = policies.filter(|policy| policy.is_about(thing, name));
    matching.reduce(|best, other| if outranks(other, best) { other } else { best })
}

impl Policy {
    /// What policies say of a queue of this type (`classic`, `quorum`, `stream`), or, without a type, of an exchange: the
    /// definition of the one that holds, with that of the operator's policy that holds.
    #[must_use]
    pub fn effective(policies: &[Policy], vhost: &str, queue_type: Option<&str>, name: &str) -> FieldTable {
        let thing = match queue_type {
            None => Thing::Exchange,
            Some("quorum") => Thing::Queue(Kind::Quorum),
            Some("stream") => Thing::Queue(Kind::Stream),
            Some(_) => Thing::Queue(Kind::Classic),
        };
        let [policy, operators] = [false, true].map(|operators| {
            let own =
                policies.iter().filter(|it| it.vhost == vhost && it.definition.is_operators() == operators);
            highest(own, thing, name)
        });
        Definition::merge(policy.map(|policy| &policy.definition), operators.map(|policy| &policy.definition))
    }

    /// One that says anything that queues of this type know nothing of is not for them at all (RabbitMQ).
    fn is_about(&self, thing: Thing, name: &str) -> bool {
        let known = match thing {
            Thing::Exchange => true,
            Thing::Queue(kind) => self.definition.suits(kind),
        };
        known && self.apply_to.is_about(thing) && self.pattern.matches(name)
    }
}
