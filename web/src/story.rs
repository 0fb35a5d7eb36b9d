//! What happened, as sentences in the visitor's language: the simulation's report has the words.

pub(crate) mod why;

use warren_sim::{Happening, Mishap, Scenario, report};

use crate::i18n::{Lang, say};

/// Who did what; `None` for what only machines want to know.
pub(crate) fn sentence(lang: Lang, scenario: &Scenario, what: &Happening) -> Option<(String, String)> {
    report::said(scenario, what).map(|(who, what)| (who.told(lang.catalogue()), lang.tell(&what)))
}

/// What goes wrong, in words.
pub(crate) fn mishap(lang: Lang, scenario: &Scenario, mishap: &Mishap) -> String {
    sentence(lang, scenario, &Happening::Mishap(mishap.clone())).map(|(_, what)| what).unwrap_or_default()
}

/// Why messages were lost, and how many for each reason, in one line.
pub(crate) fn losses(lang: Lang, scenario: &Scenario, ledger: &warren_sim::Ledger) -> String {
    let reasons = ledger.lost_by_reason().into_iter();
    let said =
        reasons.map(|(reason, count)| format!("{count}: {}", lang.tell(&report::loss(scenario, reason))));
    let count = ledger.not_arrived;
    let never =
        (count > 0).then(|| say!(lang, "{count} never arrived: on the wire when the broker ended", count));
    said.chain(never).collect::<Vec<_>>().join("; ")
}

/// How those producers fare that wait to hear of their messages, a line for each.
pub(crate) fn paces(lang: Lang, scenario: &Scenario, ledger: &warren_sim::Ledger) -> Vec<String> {
    report::paces(scenario, ledger).iter().map(|said| lang.tell(said)).collect()
}

/// An error of code. JavaScript has its own words for its errors; the limits are ours.
pub(crate) fn mistake(lang: Lang, message: &str) -> String {
    lang.catalogue().find(message).unwrap_or(message).to_owned()
}
