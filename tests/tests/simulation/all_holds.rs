//! Scenarios in which all is as it should be.

use warren_sim::{Ending, Ledger, Scenario, Trial};

/// Plays a file without its title, and finds nothing wrong.
pub(crate) fn assert_all_holds(text: &str) -> Ledger {
    const TITLE: &str = "title = { en = \"All holds\" }\nsummary = { en = \"All holds\" }\n";
    let scenario = Scenario::parse("all_holds.toml", &[TITLE, text].concat()).expect("a good file");
    let outcome = Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {});
    assert_eq!(outcome.violation(), None);
    outcome.ledger
}
