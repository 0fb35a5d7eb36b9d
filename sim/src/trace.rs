//! The trace: one hash over all that happened in a world, to compare runs and machines.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use warren_core::Instant;

use crate::{Scenario, World, WorldEvent};

/// SHA-256, in hexadecimal, over the events of a whole scenario as lines of JSON. The same scenario and seed give
/// the same hash natively and in wasm.
#[must_use]
pub fn trace_hash(scenario: &Scenario, seed: u64) -> String {
    let mut world = World::new(scenario, seed);
    world.run_until(Instant::ZERO + scenario.until);
    let mut hash = TraceHash::default();
    world.take_events().iter().for_each(|event| hash.add(event));
    hash.finish()
}

/// The hash, event by event.
#[derive(Default)]
pub(crate) struct TraceHash(Sha256);

impl TraceHash {
    pub(crate) fn add(&mut self, event: &WorldEvent) {
        // An event holds nothing that JSON cannot say, and a hash of nothing would be noticed at once.
        self.0.update(serde_json::to_string(event).unwrap_or_default());
        self.0.update("\n");
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
