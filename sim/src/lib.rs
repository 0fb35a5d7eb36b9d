//! A deterministic world around the core: clients, network and clock from one seed.
//!
//! A [`Scenario`] says what there is and what befalls it; a [`World`] plays it with real protocol bytes on a
//! virtual clock; its [`WorldEvent`]s, [`Ledger`] and stories say what came of it. A [`Trial`] plays it under the eyes
//! of the [checks](check::Property), and [`swarm`] adds the weather and the faults that a seed decides on:
//!
//! ```
//! use std::time::Duration;
//! use warren_sim::{Consumer, Ending, Lapse, Producer, Queue, Scenario, Trial, check::Property, swarm};
//!
//! let orders = Scenario {
//!     until: Duration::from_secs(10),
//!     queues: vec![Queue::new("orders")],
//!     producers: vec![Producer { confirms: true, ..Producer::new("website", "orders", 20) }],
//!     consumers: vec![Consumer {
//!         work: Some(Lapse::Between(Duration::from_millis(10), Duration::from_millis(80))),
//!         ..Consumer::new("warehouse", "orders")
//!     }],
//!     ..Scenario::new("orders")
//! };
//! orders.check().expect("every name that is used exists");
//!
//! // What no broker may do, whatever breaks.
//! for seed in 0..10 {
//!     let scenario = swarm(&orders, seed);
//!     let outcome = Trial::new(&scenario, seed).run(Ending::Healed, |_| {});
//!     assert_eq!(outcome.violation(), None, "seed {seed}");
//! }
//!
//! // What this topology is to do on a good day.
//! let outcome = Trial::new(&orders, 1).wishing(&[Property::NothingLost]).run(Ending::AsItIs, |_| {});
//! assert_eq!(outcome.violation(), None);
//! ```

mod actor;
mod agenda;
pub mod check;
mod client;
mod definitions;
mod disk;
pub mod document;
pub mod gallery;
mod goal;
mod happening;
mod history;
mod ledger;
pub mod lessons;
mod link;
mod lint;
mod network;
pub mod outages;
mod power_cuts;
pub mod protocols;
mod releases;
mod replay;
pub mod report;
mod scenario;
pub mod script;
mod sentence;
mod shrink;
mod swarm;
mod trace;
mod trial;
mod wiretap;
mod world;

pub use actor::{ActorKind, ActorView, Status, WorkView};
pub use definitions::{definitions_of_scenario, scenario_of_definitions, scenario_of_definitions_in};
pub use disk::{Disk, Survival};
pub use goal::{GoalWatch, MilestoneView};
pub use happening::{ActorId, ChannelRef, Happening, LossReason, Sending, WorldEvent};
pub use history::{BranchView, Chapter, Entry, History, MOST_BRANCHES, Spectator};
pub use ledger::{Ledger, Loss, Pace, Shift};
pub use link::Moment;
pub use lint::{Finding, Rule, Severity, Spot, lint};
pub use network::Direction;
pub use power_cuts::PowerCut;
pub use releases::{Comparison, Difference, Measure};
pub use replay::{FORMAT, Replay, ReplayHeader, trial};
pub use scenario::{
    AckMode, Amount, Binding, BrokerPlan, ClockJump, Consumer, ConsumerTimeout, Counted, Declaration,
    DiskPlan, Exchange, ExchangeType, Fault, Frequency, GiveUp, Lapse, LessonPlan, LessonStep, Milestone,
    Mishap, NetworkPlan, OnFailure, Prediction, Producer, Queue, Reconnect, Scenario, ScenarioError, Seat,
    SettleBy, Text, Unsynced,
};
pub use shrink::{shrink, shrink_with};
pub use swarm::{generate, swarm};
pub use trace::{trace, trace_hash};
pub use trial::{Ending, Outcome, Trial};
pub use warren_core;
pub use wiretap::{Signal, Tape, Taped};
pub use world::World;
