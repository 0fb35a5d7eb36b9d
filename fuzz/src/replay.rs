//! Bytes as a replay file.

use warren_sim::Replay;

use super::{scenario, text};

/// The bytes are the file.
pub fn run(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    match Replay::parse("fuzz.toml", text) {
        Ok(replay) => {
            let written = replay.to_toml();
            let again = Replay::parse("written.toml", &written);
            let again =
                again.unwrap_or_else(|error| panic!("what was written is refused: {error}\n{written}"));
            assert_eq!(again.to_toml(), written, "it is written as it was read");
            scenario::check(&replay.staged());
        }
        Err(error) => assert!(error.to_string().starts_with("fuzz.toml:"), "{error}"),
    }
}
