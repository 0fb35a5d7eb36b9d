//! The values of a scenario file that TOML has no type for: how each is read, and written.

mod argument;
mod lapse;
mod list;
mod time;

pub(crate) use argument::arguments;
pub use lapse::Lapse;
pub(crate) use list::{durations, numbers, tables, texts};
pub(crate) use time::{duration, some_duration};
pub(super) use time::{parse as parse_time, show};

/// Whether a field may be left out, because it is what it would be anyway.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
