//! Bytes as a scenario that somebody was sent: it is refused with a reason, or reads, plays and can be written again.

use warren_sim::{Scenario, World, lint};

use super::text;

/// What a page plays in a moment.
const STEPS: u32 = 300;
/// Longer ones say nothing new, and take their time.
const MOST_BYTES: usize = 4096;

/// The bytes are the file.
pub fn run(bytes: &[u8]) {
    let Some(text) = text(bytes).filter(|text| text.len() <= MOST_BYTES) else { return };
    match Scenario::parse("fuzz.toml", text) {
        Ok(scenario) => check(&scenario),
        Err(error) => assert!(error.to_string().starts_with("fuzz.toml:"), "{error}"),
    }
}

/// What holds for every scenario that could be read.
pub(crate) fn check(scenario: &Scenario) {
    let once = read(&scenario.to_toml());
    // What did not come from a file may have its arguments in another order.
    let written = once.to_toml();
    assert_eq!(read(&written).to_toml(), written, "it is written as it was read");
    play(scenario);
    let _ = lint(scenario);
}

fn read(written: &str) -> Scenario {
    let again = Scenario::parse("written.toml", written);
    again.unwrap_or_else(|error| panic!("what was written is refused: {error}\n{written}"))
}

fn play(scenario: &Scenario) {
    let mut world = World::new(scenario, 1);
    for _ in 0..STEPS {
        if !world.step() {
            return;
        }
    }
}
