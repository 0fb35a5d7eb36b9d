//! RabbitMQ's `definitions.json`: in as a scenario, and out of one.

mod export;
mod import;

pub use export::definitions_of_scenario;
pub use import::{scenario_of_definitions, scenario_of_definitions_in};
