//! The page around the stage. Components show what they are given and say what was clicked; they decide nothing.

mod charts;
mod check;
mod faults;
mod files;
mod form;
mod gallery;
mod header;
mod help;
mod inspector;
mod ledger;
mod log;
mod story;
mod tabs;
mod things;
mod timeline;
mod toolbar;
mod tools;
mod transport;

pub(crate) use charts::{Charts, Track};
pub(crate) use check::Check;
pub(crate) use faults::Faults;
pub(crate) use files::{FileWish, Files};
pub(crate) use header::Header;
pub(crate) use help::Help;
pub(crate) use inspector::Inspector;
pub(crate) use ledger::{LedgerPanel, Sum};
pub(crate) use log::{Line, Log};
pub(crate) use story::{Inspected, Story};
pub(crate) use tabs::{Tab, Tabs};
pub(crate) use things::{Thing, Things};
pub(crate) use timeline::{Mark, Timeline};
pub(crate) use toolbar::Toolbar;
pub(crate) use tools::{Tools, Victim};
pub(crate) use transport::{Transport, Wish};
