//! The values of a scenario file that TOML has no type for: how each is read, and written.

mod argument;
mod broker;
mod lapse;
mod time;

pub(crate) use argument::headers;
pub use broker::ConsumerTimeout;
pub use lapse::Lapse;
pub(super) use time::{parse as parse_time, show};
