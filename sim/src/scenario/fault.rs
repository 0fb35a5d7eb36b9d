//! What goes wrong, and when.

use std::{fmt, time::Duration};

use warren_core::{ApplyTo, Definition, Pattern, Policy, wire::FieldTable};

use super::values;
use crate::{
    document::{self, Error, Field, Node, Value, words},
    network::Direction,
};

/// What faults call the broker.
pub(crate) const BROKER: &str = "broker";

/// What faults call everyone and everything.
pub(crate) const ALL: &str = "all";

/// Who deletes and purges queues.
pub(crate) const OPERATOR: &str = "operator";

/// One fault, at its moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// When.
    pub at: Duration,
    /// What.
    pub what: Mishap,
}

/// What can go wrong, in events as in files. Actors, queues and the like go by their names in the scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each variant's sentence makes its fields plain")]
pub enum Mishap {
    /// `crash = "worker"`: an actor dies.
    Crash { actor: String },
    /// `revive = "worker"`: an actor that is down starts again.
    Revive { actor: String },
    /// `crash = "broker"`: the broker dies.
    CrashBroker { unsynced: Unsynced },
    /// `stop = "broker"`: the broker writes down the last of everything, and ends.
    StopBroker,
    /// `revive = "broker"`: it starts again, with what it finds on its disk.
    StartBroker,
    /// `revive = "all"`: whatever went wrong is over, and whoever is down starts again.
    Heal,
    /// `cut = "shop"`: the connection breaks, and both sides hear of it. With `way`, `frames` more frames pass in that
    /// direction first, and with `torn` half of the next.
    Cut { actor: String, way: Option<Direction>, frames: u32, torn: bool },
    /// `close = "worker"`: an actor closes its channel in order, and then its connection.
    Close { actor: String },
    /// `silence = "shop"`: nothing passes on the connection any more, and nobody is told (a half-open connection).
    Silence { actor: String },
    /// `partition = "shop"`: for so long nothing passes between the actor and the broker, or only in one direction;
    /// then it arrives.
    Partition { actor: String, way: Option<Direction>, lasts: Duration },
    /// `slow = "shop"`: for so long its link has this latency, and this many bytes pass in a second (0: any number).
    Slow { actor: String, latency: Duration, bandwidth: u64, lasts: Duration },
    /// `tire = "worker"`: for so long its work takes so many times as long.
    Tire { actor: String, times: u32, lasts: Duration },
    /// `pause = "worker"`: an actor stands still, and its connection stays open; `revive = "worker"` lets it go on.
    Pause { actor: String },
    /// `settle = "worker"`, `message = 7`, `how = "ack"`: a consumer settles a message that it has in hand, out of turn.
    Settle { actor: String, message: u64, how: SettleBy },
    /// `clock = "+1h"`: the broker's calendar jumps. Its stopwatch does not.
    ClockJump { by: ClockJump },
    /// `disk = "slow"`: for so long the disk takes so many times as long.
    SlowDisk { times: u32, lasts: Duration },
    /// `disk = "full"`: for so long the disk takes nothing more.
    FullDisk { lasts: Duration },
    /// `disk = "failing"`: the next write fails.
    FailingWrite,
    /// `disk = "flip"`: one bit on the disk turns around.
    FlippedBit,
    /// `memory = "low"`: for so long the broker has too little memory, and blocks publishers.
    LowMemory { lasts: Duration },
    /// `policy = { … }`: the operator sets a policy for the queues that bear names like this.
    Policy { pattern: String, definition: FieldTable },
    /// `delete = "orders"`: the operator deletes a queue.
    DeleteQueue { queue: String },
    /// `purge = "orders"`: the operator empties a queue.
    PurgeQueue { queue: String },
}

/// What a crash of the broker does to what was written and not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Unsynced {
    /// It is gone, as in a power cut.
    #[default]
    Lost,
    /// By chance some of it is gone, and one write is there only in part, as in a power cut.
    Torn,
    /// It is there, as when only the broker's process ends.
    Kept,
}

impl Unsynced {
    /// All of them.
    pub const ALL: [Unsynced; 3] = [Unsynced::Lost, Unsynced::Torn, Unsynced::Kept];
}

words! { pub Unsynced: Lost = "lost", Torn = "torn", Kept = "kept" }

/// How a consumer settles a message by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SettleBy {
    /// basic.ack
    #[default]
    Ack,
    /// basic.reject without requeue: its queue gives it up.
    Reject,
    /// basic.nack with requeue: it goes back to its queue.
    Requeue,
}

words! { pub SettleBy: Ack = "ack", Reject = "reject", Requeue = "requeue" }

/// By how much a calendar jumps: `"+1h"`, `"-30s"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockJump {
    /// How far.
    pub by: Duration,
    /// Whether to an earlier time.
    pub is_back: bool,
}

/// The policy that [`Mishap::Policy`] sets. There is one; the next takes its place.
pub(crate) fn queue_policy(pattern: &str, definition: FieldTable) -> Result<Policy, String> {
    Ok(Policy {
        vhost: "/".into(),
        name: "operator".into(),
        pattern: Pattern::parse(pattern)?,
        apply_to: ApplyTo::Queues,
        priority: 0,
        definition: Definition::of_policy(definition)?,
    })
}

impl Mishap {
    /// The actor that it befalls, or the broker.
    #[must_use]
    pub fn whom(&self) -> &str {
        match self {
            Mishap::Crash { actor }
            | Mishap::Revive { actor }
            | Mishap::Cut { actor, .. }
            | Mishap::Close { actor }
            | Mishap::Silence { actor }
            | Mishap::Partition { actor, .. }
            | Mishap::Slow { actor, .. }
            | Mishap::Pause { actor }
            | Mishap::Settle { actor, .. }
            | Mishap::Tire { actor, .. } => actor,
            _ => BROKER,
        }
    }

    /// Calls the actor that it befalls by another name, if it befalls that one.
    pub fn rename_actor(&mut self, old: &str, new: &str) {
        match self {
            Mishap::Crash { actor }
            | Mishap::Revive { actor }
            | Mishap::Cut { actor, .. }
            | Mishap::Close { actor }
            | Mishap::Silence { actor }
            | Mishap::Partition { actor, .. }
            | Mishap::Slow { actor, .. }
            | Mishap::Pause { actor }
            | Mishap::Settle { actor, .. }
            | Mishap::Tire { actor, .. }
                if actor == old =>
            {
                new.clone_into(actor);
            }
            _ => {}
        }
    }

    /// Whether it befalls the whole client of an actor, so that it may call the client by name.
    #[must_use]
    pub const fn is_the_clients(&self) -> bool {
        matches!(
            self,
            Mishap::Crash { .. }
                | Mishap::Revive { .. }
                | Mishap::Pause { .. }
                | Mishap::Partition { .. }
                | Mishap::Slow { .. }
        )
    }

    /// Whether the operator does it, who needs a connection for it.
    pub(crate) const fn is_the_operators(&self) -> bool {
        matches!(self, Mishap::DeleteQueue { .. } | Mishap::PurgeQueue { .. })
    }

    /// The word in the file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Mishap::Crash { .. } | Mishap::CrashBroker { .. } => "crash",
            Mishap::Revive { .. } | Mishap::StartBroker | Mishap::Heal => "revive",
            Mishap::StopBroker => "stop",
            Mishap::Cut { .. } => "cut",
            Mishap::Close { .. } => "close",
            Mishap::Silence { .. } => "silence",
            Mishap::Partition { .. } => "partition",
            Mishap::Slow { .. } => "slow",
            Mishap::Tire { .. } => "tire",
            Mishap::Pause { .. } => "pause",
            Mishap::Settle { .. } => "settle",
            Mishap::ClockJump { .. } => "clock",
            Mishap::SlowDisk { .. } | Mishap::FullDisk { .. } | Mishap::FailingWrite | Mishap::FlippedBit => {
                "disk"
            }
            Mishap::LowMemory { .. } => "memory",
            Mishap::Policy { .. } => "policy",
            Mishap::DeleteQueue { .. } => "delete",
            Mishap::PurgeQueue { .. } => "purge",
        }
    }
}

impl fmt::Display for ClockJump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_back { '-' } else { '+' }, values::show(self.by))
    }
}

impl Field for ClockJump {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::spelled(node, "a jump such as \"+1h\" or \"-30s\"", |text| {
            let is_back = text.starts_with('-');
            let by = text.strip_prefix(['+', '-']).and_then(values::parse_time)?;
            Some(ClockJump { by, is_back })
        })
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}
