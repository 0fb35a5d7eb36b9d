//! What can be said of a topology before anything is played: keys that lead nowhere, messages that nobody will miss.

mod actors;
mod bindings;
mod flow;
mod keeping;
mod queues;
mod routes;

use std::fmt;

use serde::Serialize;
use warren_core::ordered::sort_by;
use warren_texts::Said;

use crate::Scenario;
use flow::Flow;

/// Something that an engineer would want to know of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule says so.
    pub rule: Rule,
    /// Of what.
    pub spot: Spot,
    /// What is so, and what may come of it.
    pub text: Said,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Messages are lost, stuck or circling, and hardly anybody wants that.
    Problem,
    /// It may be meant so.
    Hint,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $name:literal,)*) => {
        /// What is looked at.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// All of them.
            pub const ALL: &[Rule] = &[$(Rule::$rule,)*];

            /// The name that it goes by.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)*
                }
            }
        }
    };
}

rules! {
    /// The broker refuses what somebody declares or asks for.
    Refused = "refused",
    /// A message reaches no queue.
    Unroutable = "unroutable",
    /// A queue gives messages up, and they are gone.
    NoDeadLetter = "no-dead-letter",
    /// A dead letter reaches no queue.
    DeadLetterUnroutable = "dead-letter-unroutable",
    /// Dead letters come back to the queue that they left, and are dropped there.
    DeadLetterCycle = "dead-letter-cycle",
    /// Messages wait for nobody, and no limit ends that.
    NoConsumer = "no-consumer",
    /// Who waits for messages that never come.
    NothingArrives = "nothing-arrives",
    /// A binding that adds nothing to another one.
    ShadowedBinding = "shadowed-binding",
    /// Persistent messages in a queue that a restart forgets.
    TransientQueue = "transient-queue",
    /// Transient messages in a queue that a restart would have kept.
    TransientMessages = "transient-messages",
    /// The broker crashes without a disk.
    NoDisk = "no-disk",
    /// Nobody would notice a message that never reaches the broker.
    Unconfirmed = "unconfirmed",
    /// A client whose connection breaks stays away.
    NoReconnect = "no-reconnect",
    /// Acks wait behind publishes that the broker does not read.
    SharedConnection = "shared-connection",
    /// A consumer that never acks.
    NeverAcks = "never-acks",
    /// Messages that a consumer holds die with it.
    AutoAck = "auto-ack",
    /// One consumer takes what others could work on.
    NoPrefetch = "no-prefetch",
    /// A message that always fails comes back without end.
    RequeueLoop = "requeue-loop",
    /// Priorities that the queue does not look at.
    PriorityIgnored = "priority-ignored",
}

/// What a finding is about, by its name in the scenario.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spot {
    /// A producer.
    Producer(String),
    /// An exchange.
    Exchange(String),
    /// A binding, by its place in the scenario, from 0.
    Binding(u32),
    /// A queue.
    Queue(String),
    /// A consumer.
    Consumer(String),
    /// The broker's disk.
    Disk,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::Producer(name) => write!(f, "producer {name}"),
            Spot::Exchange(name) => write!(f, "exchange {name}"),
            Spot::Binding(place) => write!(f, "binding {}", place + 1),
            Spot::Queue(name) => write!(f, "queue {name}"),
            Spot::Consumer(name) => write!(f, "consumer {name}"),
            Spot::Disk => f.write_str("disk"),
        }
    }
}

/// Looks at a scenario; the worst comes first. Where messages go the core is asked: nothing else here routes.
///
/// ```
/// use warren_sim::{Producer, Queue, Rule, Scenario, lint};
///
/// let scenario = Scenario {
///     queues: vec![Queue::new("orders")],
///     producers: vec![Producer::new("website", "order", 10)],
///     ..Scenario::new("a typing error")
/// };
/// let found = lint(&scenario);
/// assert_eq!(found[0].rule, Rule::Unroutable);
/// assert_eq!(found[0].spot.to_string(), "producer website");
/// ```
#[must_use]
pub fn lint(scenario: &Scenario) -> Vec<Finding> {
    // Until everybody gets what they ask for, nothing is as it is written.
    let mut found = routes::refusals(scenario);
    if found.is_empty() {
        let flow = Flow::of(scenario);
        routes::check(scenario, &flow, &mut found);
        queues::check(scenario, &flow, &mut found);
        keeping::check(scenario, &flow, &mut found);
        actors::check(scenario, &flow, &mut found);
        bindings::check(scenario, &mut found);
    }
    sort_by(&mut found, |one, other| {
        (one.severity, one.rule, &one.spot).cmp(&(other.severity, other.rule, &other.spot))
    });
    found
}

fn problem(rule: Rule, spot: Spot, text: Said) -> Finding {
    Finding { severity: Severity::Problem, rule, spot, text }
}

fn hint(rule: Rule, spot: Spot, text: Said) -> Finding {
    Finding { severity: Severity::Hint, rule, spot, text }
}
