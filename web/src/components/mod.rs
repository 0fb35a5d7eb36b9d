//! The page around the stage. Components show what they are given and say what was clicked; they decide nothing.

mod actors;
mod header;
mod inspector;
mod ledger;
mod lessons;
mod log;
mod transport;

pub(crate) use actors::Actors;
pub(crate) use header::Header;
pub(crate) use inspector::{Inspected, Inspector};
pub(crate) use ledger::LedgerPanel;
pub(crate) use lessons::Lessons;
pub(crate) use log::Log;
pub(crate) use transport::{Transport, Wish};
