//! What happened in a world, for people: a timeline and a ledger, and the same as JSON.

use std::fmt::Write as _;

use serde_json::json;
use warren_core::Instant;
use warren_texts::{Catalogue, Said, Value, said};

pub use crate::sentence::is_reply_address;
use crate::{ActorId, Happening, Ledger, LossReason, Pace, Scenario, WorldEvent, sentence::Names};

/// One line for each event that a person wants to know of: when, who, what.
#[must_use]
pub fn timeline(scenario: &Scenario, events: &[WorldEvent]) -> String {
    let names = Names::of(scenario);
    let mut text = String::new();
    for event in events {
        if let Some((who, what)) = names.sentence(&event.what) {
            let (who, what) = (who.told(Catalogue::ENGLISH), what.english());
            let time = event.at.to_string();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{time:>8}  {who:<width$}  {what}", width = names.width());
        }
    }
    text
}

/// The ledger as a small table, with the reason of everything that is lost.
#[must_use]
pub fn ledger(scenario: &Scenario, ledger: &Ledger) -> String {
    let names = Names::of(scenario);
    let always = [
        ("published", ledger.published, "messages reached the broker"),
        ("routed", ledger.routed, "found at least one queue"),
        ("unroutable", ledger.unroutable, "found none"),
        ("delivered", ledger.delivered, "copies went out to consumers"),
        ("redelivered", ledger.redelivered, "of them for the second time or more"),
        ("processed", ledger.processed, "copies were worked on to the end"),
        ("acked", ledger.acked, "acks reached the broker"),
        ("ready", ledger.ready, "copies wait in queues"),
        ("unacked", ledger.unacked, "copies are delivered and not acked"),
        ("lost", ledger.lost(), "copies are gone for good"),
    ];
    let sometimes = [
        ("not arrived", ledger.not_arrived, "messages were on the wire when the broker ended"),
        ("confirmed", ledger.confirmed, "messages are safe, and their producer knows"),
        ("rolled back", ledger.rolled_back, "messages were taken back in transactions"),
        ("answered", ledger.answered, "requests got their answer"),
        ("failed", ledger.failed, "times work on a copy failed"),
        ("requeued", ledger.requeued, "copies went back to their queue"),
        ("dead letters", ledger.dead_lettered, "copies went on to a dead-letter exchange"),
    ];
    let mut text = String::new();
    for (name, count, meaning) in always.into_iter().chain(sometimes.into_iter().filter(|row| row.1 > 0)) {
        let _ = writeln!(text, "  {name:<12}{count:>6}   {meaning}");
    }
    for pace in paces(scenario, ledger) {
        let _ = writeln!(text, "    {}", pace.english());
    }
    for loss in &ledger.losses {
        let from = loss.queue.as_ref().map_or_else(String::new, |queue| format!(" of queue {queue}"));
        let reason = names.loss(loss.reason).english();
        let _ = writeln!(text, "    at {}  message {}{from}: {reason}", loss.at, loss.message);
    }
    text
}

/// How those producers fare that wait to hear of their messages, a line for each.
#[must_use]
pub fn paces(scenario: &Scenario, ledger: &Ledger) -> Vec<Said> {
    let names = Names::of(scenario);
    let line = |(actor, pace): (ActorId, &Pace)| {
        let (who, count) = (names.name(actor), pace.heard);
        let [average, total] =
            [pace.average(), pace.total()].map(|time| Value::Lasts(time.since(Instant::ZERO)));
        if scenario.asks(actor) {
            return said!(
                "{who}: {count} answered, on average {average} after sending, the last {total} after the first was sent",
                who,
                count,
                average,
                total
            );
        }
        said!(
            "{who}: {count} confirmed, on average {average} after sending, the last {total} after the first was sent",
            who,
            count,
            average,
            total
        )
    };
    ledger.paces().map(line).collect()
}

/// Everything as one JSON object: the actors' names by id, all events, and the ledger.
#[must_use]
pub fn json(scenario: &Scenario, seed: u64, events: &[WorldEvent], ledger: &Ledger) -> serde_json::Value {
    let actors: Vec<&str> = scenario.actor_names().collect();
    json!({ "title": scenario.title.en, "seed": seed, "actors": actors, "events": events, "ledger": ledger })
}

/// What a story says in one line: who, and what they did, for a reader whose language is known later. `None` for what only
/// machines want to know.
#[must_use]
pub fn said(scenario: &Scenario, what: &Happening) -> Option<(Value, Said)> {
    Names::of(scenario).sentence(what)
}

/// The same in English.
#[must_use]
pub fn sentence(scenario: &Scenario, what: &Happening) -> Option<(String, String)> {
    said(scenario, what).map(|(who, what)| (who.told(Catalogue::ENGLISH), what.english()))
}

/// Why a message is lost, in words.
#[must_use]
pub fn loss(scenario: &Scenario, reason: LossReason) -> Said {
    Names::of(scenario).loss(reason)
}
