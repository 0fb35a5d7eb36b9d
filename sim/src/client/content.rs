//! Messages: the ones a client sends, and the ones whose frames come in.

use warren_core::{
    DeliveryTag,
    wire::{ContentHeader, FieldValue, Method, Properties, RawFrame},
};

use super::ClientEvent;

/// The header that tells a consumer how long the work on a message takes, in ms.
pub(crate) const WORK_HEADER: &str = "x-work-ms";

/// A message to publish.
pub(crate) struct Message<'a> {
    pub exchange: &'a str,
    pub routing_key: &'a str,
    pub mandatory: bool,
    pub properties: &'a Properties<'a>,
    pub body: &'a [u8],
}

/// A message that came.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Delivery {
    pub delivery_tag: DeliveryTag,
    pub redelivered: bool,
    /// What [`WORK_HEADER`] says, in ms.
    pub work_ms: Option<u64>,
}

/// A message whose frames are coming in.
#[derive(Debug)]
pub(super) struct Assembly {
    /// What to tell when it is whole.
    event: ClientEvent,
    /// Bytes of the body that are still to come; unknown before the header.
    missing: Option<u64>,
}

impl Assembly {
    /// What begins with `method`, if it begins a message.
    pub(super) fn begin(method: &Method<'_>) -> Option<Self> {
        let event = match *method {
            Method::BasicDeliver { delivery_tag, redelivered, .. } => ClientEvent::Delivered(Delivery {
                delivery_tag: DeliveryTag(delivery_tag),
                redelivered,
                work_ms: None,
            }),
            Method::BasicReturn { .. } => ClientEvent::Returned,
            _ => return None,
        };
        Some(Assembly { event, missing: None })
    }

    /// Adds a header or body frame, and says whether the message is whole now.
    pub(super) fn add(&mut self, frame: &RawFrame<'_>) -> Result<bool, String> {
        if frame.kind == 2 {
            let header = ContentHeader::decode(frame.payload).map_err(|error| error.to_string())?;
            self.missing = Some(header.body_size);
            if let ClientEvent::Delivered(delivery) = &mut self.event {
                let properties = Properties::decode(header.properties).map_err(|error| error.to_string())?;
                delivery.work_ms = work_ms(&properties);
            }
        } else {
            let bytes = u64::try_from(frame.payload.len()).unwrap_or(u64::MAX);
            self.missing = self.missing.map(|missing| missing.saturating_sub(bytes));
        }
        Ok(self.missing == Some(0))
    }

    /// The event that the whole message is.
    pub(super) fn finish(self) -> ClientEvent {
        self.event
    }
}

fn work_ms(properties: &Properties<'_>) -> Option<u64> {
    match properties.headers.as_ref()?.get(WORK_HEADER)? {
        FieldValue::I64(ms) => u64::try_from(*ms).ok(),
        _ => None,
    }
}
