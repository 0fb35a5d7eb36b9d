//! A deterministic world around the core: clients, network and clock from one seed.
//!
//! A [`Scenario`] says what there is and what befalls it; a [`World`] plays it with real protocol bytes on a
//! virtual clock; its [`WorldEvent`]s, [`Ledger`] and stories say what came of it.

mod actor;
mod agenda;
pub mod check;
mod client;
mod definitions;
mod disk;
mod happening;
mod ledger;
pub mod lessons;
mod network;
mod replay;
pub mod report;
mod scenario;
mod sentence;
mod shrink;
mod swarm;
mod trace;
mod trial;
mod world;

pub use actor::{ActorKind, ActorView, Status, WorkView};
pub use definitions::scenario_of_definitions;
pub use disk::{Disk, Survival};
pub use happening::{ActorId, Happening, LossReason, Sending, WorldEvent};
pub use ledger::{Ledger, Loss, Pace};
pub use network::Direction;
pub use replay::{FORMAT, Replay, ReplayHeader, trial};
pub use scenario::{
    AckMode, Binding, BrokerPlan, ClockJump, Consumer, DiskPlan, Exchange, ExchangeType, Fault, Frequency,
    GiveUp, Lapse, Mishap, NetworkPlan, OnFailure, Producer, Queue, Reconnect, Scenario, ScenarioError, Text,
    Unsynced,
};
pub use shrink::{shrink, shrink_with};
pub use swarm::{generate, swarm};
pub use trace::{generated_trace_hash, trace_hash};
pub use trial::{Ending, Outcome, Trial};
pub use warren_core;
pub use world::World;
