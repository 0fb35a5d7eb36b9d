//! The headers that say how a message was dead-lettered, and whether it goes round without a consumer's doing.

use crate::{
    Behaviour, Behaviours, Name,
    event::DeathReason,
    message::{Death, Extras, Message},
    wire::{FieldTable, FieldValue, Properties},
};

/// The queues that have given the message up since a client has rejected it last: one that it comes to again drops it
/// (RabbitMQ).
pub(super) fn circle(message: &Message, compat: Behaviours) -> Vec<Name> {
    if !compat.has(Behaviour::ClientDeathsIgnored) {
        return circle_of_headers(message);
    }
    let deaths = message.extras.as_ref().map_or(&[][..], |extras| &extras.deaths);
    let since = deaths.iter().take_while(|death| death.reason != DeathReason::Rejected);
    since.map(|death| death.queue.clone()).collect()
}

/// Writes `x-death` and its companions; RabbitMQ orders all headers by name then. The latest death comes first.
pub(super) fn write(extras: &Extras, headers: &mut FieldTable, compat: Behaviours) {
    if compat.has(Behaviour::ClientDeathsIgnored) {
        let deaths = extras.deaths.iter().map(|death| FieldValue::Table(table(death)));
        headers.insert("x-death", FieldValue::Array(deaths.collect()));
        write_ends(extras, headers, compat);
    } else if let Some(latest) = extras.deaths.first() {
        match headers.remove("x-death") {
            Some(FieldValue::Array(deaths)) => {
                headers.insert("x-death", FieldValue::Array(with_one_more(deaths, latest)));
            }
            _ => {
                headers.insert("x-death", FieldValue::Array(vec![FieldValue::Table(table(latest))]));
                write_ends(extras, headers, compat);
            }
        }
    }
    headers.sort();
}

/// The first and the latest queue that gave it up.
fn write_ends(extras: &Extras, headers: &mut FieldTable, compat: Behaviours) {
    let last = extras.last_death.as_ref().filter(|_| compat.has(Behaviour::LastDeathHeaders));
    for (which, death) in [("first", extras.first_death.as_ref()), ("last", last)] {
        let Some(death) = death else { continue };
        headers.insert(&format!("x-{which}-death-exchange"), text(&death.exchange));
        headers.insert(&format!("x-{which}-death-queue"), text(&death.queue));
        headers.insert(&format!("x-{which}-death-reason"), text(death.reason.as_str()));
    }
}

/// Before 4.0 the header is all that a broker knows: what a client has put there is gone on with.
fn with_one_more(mut deaths: Vec<FieldValue>, latest: &Death) -> Vec<FieldValue> {
    let is_same =
        |death: &FieldValue| is(death, "queue", &latest.queue) && is(death, "reason", latest.reason.as_str());
    let counted = match deaths.iter().position(is_same).map(|at| deaths.remove(at)) {
        Some(FieldValue::Table(mut death)) => {
            let count = death.get("count").and_then(FieldValue::as_integer).unwrap_or_default();
            death.insert("count", FieldValue::I64(count.saturating_add(1)));
            death
        }
        _ => table(latest),
    };
    deaths.insert(0, FieldValue::Table(counted));
    deaths
}

/// The same as the header has it. What is no table was put there by a client, so that the way round was not the broker's
/// alone (RabbitMQ).
fn circle_of_headers(message: &Message) -> Vec<Name> {
    let headers = Properties::decode(message.properties()).ok().and_then(|properties| properties.headers);
    let Some(FieldValue::Array(deaths)) = headers.as_ref().and_then(|headers| headers.get("x-death")) else {
        return Vec::new();
    };
    let by_the_broker = |death: &&FieldValue| {
        matches!(death, FieldValue::Table(_)) && !is(death, "reason", DeathReason::Rejected.as_str())
    };
    let since = deaths.iter().take_while(by_the_broker);
    since.filter_map(|death| field(death, "queue").map(Name::from)).collect()
}

fn is(death: &FieldValue, name: &str, value: &str) -> bool {
    field(death, name) == Some(value)
}

fn field<'a>(death: &'a FieldValue, name: &str) -> Option<&'a str> {
    let FieldValue::Table(death) = death else { return None };
    death.get(name).and_then(FieldValue::as_text)
}

fn table(death: &Death) -> FieldTable {
    let mut table = FieldTable::default();
    if let Some(ms) = death.expiration_ms {
        table.insert("original-expiration", text(&ms.to_string()));
    }
    table.insert("count", FieldValue::I64(i64::try_from(death.count).unwrap_or(i64::MAX)));
    table.insert("reason", text(death.reason.as_str()));
    table.insert("queue", text(&death.queue));
    table.insert("time", FieldValue::Timestamp(death.first_time_s));
    table.insert("exchange", text(&death.exchange));
    let keys = death.routing_keys.iter().map(|key| text(key));
    table.insert("routing-keys", FieldValue::Array(keys.collect()));
    table
}

fn text(text: &str) -> FieldValue {
    FieldValue::LongStr(text.into())
}
