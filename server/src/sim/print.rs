//! Words for the terminal.

use std::io::{self, ErrorKind, Write};

use warren_sim::{ChannelRef, Happening, Outcome, Scenario, WorldEvent, check::Violation, report};

use crate::failure::Failure;

/// A reader that has seen enough (`warren sim hello | head`) is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::system(format!("cannot print the result: {error}")))
        }
        _ => Ok(()),
    }
}

/// What the checks say of a run, in a line.
pub(super) fn checks(outcome: &Outcome) -> String {
    let looks: u64 = outcome.exercised.values().sum();
    let properties = outcome.exercised.len();
    match outcome.violation() {
        None => format!("Checks: {properties} properties looked at {} times; all hold\n", grouped(looks)),
        Some(violation) => {
            let (name, sentence) = (violation.property.name(), violation.property.sentence());
            format!(
                "Checks: {name} DOES NOT HOLD. {sentence}\n  at {}: {}\n",
                violation.at,
                subject(violation)
            )
        }
    }
}

/// What is wrong, beginning with the message that shows it.
pub(super) fn subject(violation: &Violation) -> String {
    match violation.message {
        Some(message) => format!("message {message}: {}", violation.detail),
        None => violation.detail.clone(),
    }
}

/// The story of the message that shows a violation, with what went wrong around it; the last events if there is none.
pub(super) fn story(scenario: &Scenario, violation: &Violation, events: &[WorldEvent]) -> String {
    let belongs = |event: &&WorldEvent| match violation.message {
        Some(message) => {
            event.what.message() == Some(message)
                || is_sending(events, event, message)
                || strikes(&event.what)
        }
        None => event.seq + 25 > violation.seq,
    };
    let story: Vec<WorldEvent> = events.iter().filter(belongs).cloned().collect();
    report::timeline(scenario, &story)
}

fn is_sending(events: &[WorldEvent], event: &WorldEvent, message: warren_core::MessageId) -> bool {
    use warren_core::{Event, Fact};
    let Happening::Sent(sending) = &event.what else { return false };
    events.iter().any(|other| match &other.what {
        Happening::Broker(Event {
            fact: Fact::Published { message: published, connection, channel, number, .. },
            ..
        }) => {
            let on = ChannelRef::new(*connection, *channel);
            *published == message && (on, *number) == (sending.channel(), sending.number)
        }
        _ => false,
    })
}

/// What goes wrong, and what is done about it.
const fn strikes(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Mishap(_)
            | Happening::Crashed { .. }
            | Happening::Revived { .. }
            | Happening::WentOn { .. }
            | Happening::BrokerCrashed { .. }
            | Happening::BrokerStarted
            | Happening::BrokerStopped
            | Happening::BrokerHalted { .. }
            | Happening::BrokerRefused { .. }
            | Happening::Refused { .. }
            | Happening::Healed
    )
}

/// `1 queue`, `2 queues`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `1 234 567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
