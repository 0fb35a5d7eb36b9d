//! Producers: who sends what, one message per interval.

use std::time::Duration;

use warren_core::wire::{FieldTable, FieldValue};

use super::Draft;
use crate::{
    client::{FAILS_HEADER, WORK_HEADER},
    scenario,
};

/// A producer's plan, and how far it has come. A revived producer goes on where it stopped.
#[derive(Debug)]
pub(crate) struct Producer {
    pub plan: scenario::Producer,
    pub sent: u32,
}

impl Producer {
    /// The next message, if there is one.
    pub(crate) fn next(&mut self) -> Option<Draft> {
        if self.sent == self.plan.count {
            return None;
        }
        let (turn, plan) = (self.sent, &self.plan);
        self.sent += 1;
        let routing_key = cycle(&plan.routing_key, turn).cloned().unwrap_or_default();
        let priority = cycle(&plan.priority, turn).copied();
        let mut headers = cycle(&plan.headers, turn).cloned().unwrap_or_default();
        let body = plan
            .body
            .replace("{n}", &self.sent.to_string())
            .replace("{key}", &routing_key)
            .replace("{priority}", &priority.map_or_else(String::new, |number| number.to_string()));
        let body = with_headers(body, &headers);
        if let Some(work) = cycle(&plan.work, turn) {
            headers.insert(WORK_HEADER, FieldValue::I64(whole_ms(*work)));
        }
        if let Some(fails) = cycle(&plan.fails, turn) {
            headers.insert(FAILS_HEADER, FieldValue::I64((*fails).into()));
        }
        Some(Draft {
            exchange: plan.exchange.clone(),
            routing_key,
            body,
            headers,
            priority,
            expiration: plan.expiration.map(|time| time.as_millis().to_string()),
            message_id: Some(format!("{}-{}", plan.name, self.sent)),
            persistent: plan.persistent,
            mandatory: plan.mandatory,
        })
    }

    /// Whether messages are left.
    pub(crate) const fn has_more(&self) -> bool {
        self.sent < self.plan.count
    }
}

/// What is at `turn` when the list starts over each time it ends.
fn cycle<T>(list: &[T], turn: u32) -> Option<&T> {
    list.get(usize::try_from(turn).unwrap_or_default().checked_rem(list.len())?)
}

fn whole_ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Puts the header x where the body says `{x}`.
fn with_headers(mut body: String, headers: &FieldTable) -> String {
    for (name, value) in headers.iter() {
        let value = value.as_text().map_or_else(|| value.to_string(), str::to_owned);
        body = body.replace(&format!("{{{name}}}"), &value);
    }
    body
}
