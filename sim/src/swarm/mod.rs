//! The swarm: from a seed, which faults there are in a run, how often and when; and whole topologies.
//!
//! What a seed decides is written into a scenario, so that it can be read, played, made smaller and kept like any
//! other.

mod dice;
mod faults;
mod generate;

pub use faults::swarm;
pub use generate::generate;
