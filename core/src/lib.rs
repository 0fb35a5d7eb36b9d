//! The Warren broker core: AMQP 0-9-1 as a machine that is fed bytes and time, and answers with bytes.
//!
//! Nothing in here reads a clock, opens a socket, starts a thread or rolls a die. A host owns a
//! [`Broker`], calls [`Broker::handle`] with what happened and then drains [`Broker::poll_output`]
//! until it is empty. The same inputs give the same outputs, byte for byte, natively and in wasm.

#![deny(clippy::float_arithmetic)]

#[macro_use]
mod planted;

mod access;
mod blocks;
mod broker;
pub mod checksum;
mod compat;
mod config;
mod equivalence;
pub mod event;
mod exchange;
pub mod explain;
mod generated;
mod id;
pub mod journal;
mod message;
mod name;
mod notice;
pub mod ordered;
mod policy;
mod queue;
mod random;
mod refusal;
mod reply;
mod routing;
mod session;
pub mod time;
mod vhost;
pub mod view;
pub mod wire;

pub use access::{
    PasswordHash, Pattern, Permissions, TopicPattern, TopicPermissions, User, UserLimits, VhostLimits,
};
pub use broker::{Broker, Command, Input, Output, Peer};
pub use compat::{Behaviour, Behaviours, DeprecatedFeature, DeprecatedFeatures, Release};
pub use config::Config;
pub use event::{ConsumerRef, Event, Fact};
pub use id::{ChannelNumber, ConnectionId, DeliveryTag, MessageId, QueueId, SegmentId};
pub use journal::{DiskAction, DiskResult, Recovered, Recovery, SyncPolicy};
pub use name::Name;
pub use notice::{Alarm, Client, Notice};
#[cfg(feature = "planted-bugs")]
pub use planted::Bug;
pub use policy::{ApplyTo, Definition, Policy};
pub use random::Random;
pub use reply::ReplyCode;
pub use time::{Instant, Now, WallTime};
pub use view::View;
