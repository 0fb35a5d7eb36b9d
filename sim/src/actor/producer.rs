//! Producers: who sends what, one message per interval.

use std::time::Duration;

use warren_core::wire::{FieldTable, FieldValue, Properties};

use crate::{
    client::{Message, WORK_HEADER},
    scenario,
};

/// A producer's plan, and how far it has come. A revived producer goes on where it stopped.
#[derive(Debug)]
pub(crate) struct Producer {
    pub plan: scenario::Producer,
    pub sent: u32,
}

/// A message about to be published.
pub(crate) struct Draft {
    pub routing_key: String,
    pub body: String,
    work: Option<Duration>,
    priority: Option<u8>,
    message_id: String,
}

impl Producer {
    /// The next message, if there is one.
    pub(crate) fn next(&mut self) -> Option<Draft> {
        if self.sent == self.plan.count {
            return None;
        }
        let turn = self.sent;
        self.sent += 1;
        let routing_key = cycle(&self.plan.routing_key, turn).cloned().unwrap_or_default();
        let body = self.plan.body.replace("{n}", &self.sent.to_string()).replace("{key}", &routing_key);
        let work = cycle(&self.plan.work, turn).copied();
        let message_id = format!("{}-{}", self.plan.name, self.sent);
        let priority = cycle(&self.plan.priority, turn).copied();
        let body =
            body.replace("{priority}", &priority.map_or_else(String::new, |number| number.to_string()));
        Some(Draft { routing_key, body, work, priority, message_id })
    }

    /// Whether messages are left.
    pub(crate) const fn has_more(&self) -> bool {
        self.sent < self.plan.count
    }

    /// Hands the message for the wire to `publish`.
    pub(crate) fn compose(&self, draft: &Draft, publish: impl FnOnce(&Message<'_>)) {
        let headers = draft.work.map(|work| {
            let work_ms = i64::try_from(work.as_millis()).unwrap_or(i64::MAX);
            let mut headers = FieldTable::default();
            headers.insert(WORK_HEADER, FieldValue::I64(work_ms));
            headers
        });
        let expiration = self.plan.expiration.map(|time| time.as_millis().to_string());
        let properties = Properties {
            priority: draft.priority,
            expiration: expiration.as_deref().map(Into::into),
            content_type: Some("text/plain".into()),
            headers,
            delivery_mode: self.plan.persistent.then_some(2),
            message_id: Some(draft.message_id.as_str().into()),
            ..Properties::default()
        };
        publish(&Message {
            exchange: &self.plan.exchange,
            routing_key: &draft.routing_key,
            mandatory: self.plan.mandatory,
            properties: &properties,
            body: draft.body.as_bytes(),
        });
    }
}

/// What is at `turn` when the list starts over each time it ends.
fn cycle<T>(list: &[T], turn: u32) -> Option<&T> {
    list.get(usize::try_from(turn).unwrap_or_default().checked_rem(list.len())?)
}
