//! Bytes as RabbitMQ's definitions.json.

use warren_sim::{definitions_of_scenario, scenario_of_definitions};

use super::{scenario, text};

/// The bytes are the file.
pub fn run(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    match scenario_of_definitions("fuzz.json", text, None) {
        Ok(read) => {
            scenario::check(&read);
            let written = definitions_of_scenario(&read);
            let again = scenario_of_definitions("written.json", &written, None);
            assert!(again.is_ok(), "what was written is refused: {:?}\n{written}", again.err());
        }
        Err(error) => assert!(error.to_string().starts_with("fuzz.json:"), "{error}"),
    }
}
