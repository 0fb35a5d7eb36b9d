//! The trace: one hash over all that happened in a world, to compare runs and machines.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use warren_core::Instant;

use crate::{Scenario, World, WorldEvent};

/// SHA-256, in hexadecimal, over the events of a whole scenario as lines of JSON. The same scenario and seed give
/// the same hash natively and in wasm.
#[must_use]
pub fn trace_hash(scenario: &Scenario, seed: u64) -> String {
    let mut hash = TraceHash::default();
    hash.0.update(trace(scenario, seed));
    hash.finish()
}

/// What is hashed.
#[must_use]
pub fn trace(scenario: &Scenario, seed: u64) -> String {
    let mut world = World::new(scenario, seed);
    world.run_until(Instant::ZERO + scenario.until);
    world.take_events().iter().map(line).collect()
}

fn line(event: &WorldEvent) -> String {
    // An event holds nothing that JSON cannot say, and a hash of nothing would be noticed at once.
    serde_json::to_string(event).unwrap_or_default() + "\n"
}

/// The hash, event by event.
#[derive(Default)]
pub(crate) struct TraceHash(Sha256);

impl TraceHash {
    pub(crate) fn add(&mut self, event: &WorldEvent) {
        self.0.update(line(event));
    }

    pub(crate) fn finish(self) -> String {
        let mut hex = String::new();
        for byte in self.0.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}
