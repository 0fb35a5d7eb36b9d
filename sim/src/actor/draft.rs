//! A message that an actor is about to publish.

use warren_core::wire::{FieldTable, Properties};

use crate::client::{Client, Message, seal};

/// What to publish, and where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// Empty for the default exchange.
    pub exchange: String,
    pub routing_key: String,
    pub body: String,
    pub headers: FieldTable,
    pub priority: Option<u8>,
    /// In ms, as AMQP writes it.
    pub expiration: Option<String>,
    pub message_id: Option<String>,
    pub correlation_id: Option<String>,
    pub reply_to: Option<String>,
    pub persistent: bool,
    pub mandatory: bool,
}

impl Draft {
    /// Has the client put it on the wire, and hands out its check sum.
    pub(crate) fn publish(&self, client: &mut Client, channel: u16) -> u32 {
        let properties = Properties {
            priority: self.priority,
            expiration: self.expiration.as_deref().map(Into::into),
            content_type: Some("text/plain".into()),
            headers: (!self.headers.is_empty()).then(|| self.headers.clone()),
            delivery_mode: self.persistent.then_some(2),
            message_id: self.message_id.as_deref().map(Into::into),
            correlation_id: self.correlation_id.as_deref().map(Into::into),
            reply_to: self.reply_to.as_deref().map(Into::into),
            ..Properties::default()
        };
        let message = Message {
            exchange: &self.exchange,
            routing_key: &self.routing_key,
            mandatory: self.mandatory,
            properties: &properties,
            body: self.body.as_bytes(),
        };
        client.publish(channel, &message);
        seal(&properties, self.body.as_bytes())
    }
}
