//! A message that an actor is about to publish.

use warren_core::wire::{FieldTable, Properties};

use crate::{
    client::{Client, Message, seal},
    script::Publication,
};

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
    /// `text/plain` if it says nothing.
    pub content_type: Option<String>,
}

impl Draft {
    /// Has the client put it on the wire, and hands out its check sum.
    pub(crate) fn publish(&self, client: &mut Client, channel: u16) -> u32 {
        let properties = Properties {
            priority: self.priority,
            expiration: self.expiration.as_deref().map(Into::into),
            content_type: Some(self.content_type.as_deref().unwrap_or("text/plain").into()),
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

impl From<Publication> for Draft {
    fn from(publication: Publication) -> Draft {
        let Publication { exchange, routing_key, body, headers, persistent, mandatory, priority, .. } =
            publication;
        Draft {
            exchange,
            routing_key,
            body,
            headers,
            priority,
            expiration: publication.expiration,
            message_id: publication.message_id,
            correlation_id: publication.correlation_id,
            reply_to: publication.reply_to,
            persistent,
            mandatory,
            content_type: publication.content_type,
        }
    }
}
