//! Messages: the ones a client sends, and the ones whose frames come in.

use std::time::Duration;

use warren_core::{
    DeliveryTag, checksum,
    wire::{ContentHeader, FieldTable, FieldValue, Method, Properties, RawFrame},
};

use super::{ClientEvent, DIRECT_REPLY_TO};
use crate::script::Incoming;

/// The header that tells a consumer how long the work on a message takes, in ms.
pub(crate) const WORK_HEADER: &str = "x-work-ms";
/// The header that tells consumers how often the work on a message fails before it succeeds.
pub(crate) const FAILS_HEADER: &str = "x-fails";

/// A message to publish.
pub(crate) struct Message<'a> {
    pub exchange: &'a str,
    pub routing_key: &'a str,
    pub mandatory: bool,
    pub properties: &'a Properties<'a>,
    pub body: &'a [u8],
}

/// A message that came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Delivery {
    pub delivery_tag: DeliveryTag,
    pub redelivered: bool,
    pub parcel: Parcel,
    /// All of it, on a channel of a program.
    pub incoming: Option<Box<Incoming>>,
}

/// What is in a message that came, as far as consumers look at it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Parcel {
    pub headers: FieldTable,
    pub message_id: Option<String>,
    pub correlation_id: Option<String>,
    pub reply_to: Option<String>,
    pub body: Vec<u8>,
    /// See [`seal`].
    pub seal: u32,
}

impl Parcel {
    /// The body as a text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// How long the work on it takes.
    pub(crate) fn work(&self) -> Duration {
        Duration::from_millis(self.number(WORK_HEADER))
    }

    /// How often the work on it fails before it succeeds.
    pub(crate) fn fails(&self) -> u64 {
        self.number(FAILS_HEADER)
    }

    /// How often consumers of `queue` have rejected it, by its `x-death` header.
    pub(crate) fn rejections(&self, queue: &str) -> u64 {
        let Some(FieldValue::Array(deaths)) = self.headers.get("x-death") else { return 0 };
        let is = |death: &FieldTable, name, word| death.get(name).and_then(FieldValue::as_text) == Some(word);
        let mut counts = deaths.iter().filter_map(|death| match death {
            FieldValue::Table(death) if is(death, "queue", queue) && is(death, "reason", "rejected") => {
                whole(death.get("count"))
            }
            _ => None,
        });
        counts.next().unwrap_or_default()
    }

    /// How often queues gave it up, by its `x-death` header.
    pub(crate) fn deaths(&self) -> u64 {
        deaths(&self.headers)
    }

    fn number(&self, header: &str) -> u64 {
        whole(self.headers.get(header)).unwrap_or_default()
    }
}

/// How often queues gave a message up, by its `x-death` header.
pub(crate) fn deaths(headers: &FieldTable) -> u64 {
    let Some(FieldValue::Array(deaths)) = headers.get("x-death") else { return 0 };
    let counts = deaths.iter().filter_map(|death| match death {
        FieldValue::Table(death) => whole(death.get("count")),
        _ => None,
    });
    counts.sum()
}

fn whole(value: Option<&FieldValue>) -> Option<u64> {
    match value? {
        FieldValue::I64(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

/// A message whose frames are coming in.
#[derive(Clone, Debug)]
pub(super) struct Assembly {
    /// What to tell when it is whole.
    event: ClientEvent,
    /// Bytes of the body that are still to come; unknown before the header.
    missing: Option<u64>,
    /// The check sum of the properties.
    sealed: u32,
    /// All of the message, if it is wanted.
    incoming: Option<Box<Incoming>>,
}

/// The check sum of what a message carries. What a broker may change on the way is left out: the expiration and the
/// headers of dead letters, the header of delays, and the address of direct reply-to.
pub(crate) fn seal(properties: &Properties<'_>, body: &[u8]) -> u32 {
    seal_body(seal_properties(properties), body)
}

fn seal_body(sealed: u32, body: &[u8]) -> u32 {
    let mut hasher = checksum::Hasher::new_with_initial(sealed);
    hasher.update(body);
    hasher.finalize()
}

fn seal_properties(properties: &Properties<'_>) -> u32 {
    let mut properties = Properties { expiration: None, ..properties.clone() };
    let is_direct = |address: &str| address.starts_with(DIRECT_REPLY_TO);
    if properties.reply_to.is_some_and(|address| address.as_str().is_some_and(is_direct)) {
        properties.reply_to = None;
    }
    if let Some(headers) = &mut properties.headers {
        headers.retain(|name, _| {
            !name.as_str().is_some_and(|name| CHANGING.iter().any(|word| name.starts_with(word)))
        });
    }
    if let Some(headers) = &mut properties.headers {
        headers.sort();
    }
    properties.headers = properties.headers.filter(|headers| !headers.is_empty());
    checksum::of(&properties.to_bytes())
}

/// How the headers begin that brokers write.
const CHANGING: [&str; 7] = [
    "x-death",
    "x-first-death-",
    "x-last-death-",
    "x-delivery-count",
    "x-acquired-count",
    "x-stream-offset",
    "x-delay",
];

impl Assembly {
    /// What begins with `method`, if it begins a message.
    pub(super) fn begin(method: &Method<'_>, is_wanted_whole: bool) -> Option<Self> {
        let event = match *method {
            Method::BasicDeliver { delivery_tag, redelivered, .. } => ClientEvent::Delivered(Delivery {
                delivery_tag: DeliveryTag(delivery_tag),
                redelivered,
                parcel: Parcel::default(),
                incoming: None,
            }),
            Method::BasicReturn { .. } => ClientEvent::Returned(None),
            _ => return None,
        };
        let incoming = is_wanted_whole.then(|| Box::new(incoming(method)));
        Some(Assembly { event, missing: None, sealed: 0, incoming })
    }

    /// Adds a header or body frame, and says whether the message is whole now.
    pub(super) fn add(&mut self, frame: &RawFrame<'_>) -> Result<bool, String> {
        if frame.kind == 2 {
            let header = ContentHeader::decode(frame.payload).map_err(|error| error.to_string())?;
            self.missing = Some(header.body_size);
            if let Some(incoming) = &mut self.incoming {
                describe(incoming, header.properties)?;
            }
            if let ClientEvent::Delivered(delivery) = &mut self.event {
                let properties = Properties::decode(header.properties).map_err(|error| error.to_string())?;
                self.sealed = seal_properties(&properties);
                let parcel = &mut delivery.parcel;
                parcel.message_id = properties.message_id.map(|id| id.to_string());
                parcel.correlation_id = properties.correlation_id.map(|id| id.to_string());
                parcel.reply_to = properties.reply_to.map(|address| address.to_string());
                parcel.headers = properties.headers.unwrap_or_default();
            }
        } else {
            if let ClientEvent::Delivered(delivery) = &mut self.event {
                delivery.parcel.body.extend_from_slice(frame.payload);
            }
            if let Some(incoming) = &mut self.incoming {
                incoming.body.extend_from_slice(frame.payload);
            }
            let bytes = u64::try_from(frame.payload.len()).unwrap_or(u64::MAX);
            self.missing = self.missing.map(|missing| missing.saturating_sub(bytes));
        }
        Ok(self.missing == Some(0))
    }

    /// The event that the whole message is.
    pub(super) fn finish(mut self) -> ClientEvent {
        match &mut self.event {
            ClientEvent::Delivered(delivery) => {
                delivery.parcel.seal = seal_body(self.sealed, &delivery.parcel.body);
                delivery.incoming = self.incoming;
            }
            ClientEvent::Returned(incoming) => *incoming = self.incoming,
            _ => {}
        }
        self.event
    }
}

/// What a method says of the message that follows it.
fn incoming(method: &Method<'_>) -> Incoming {
    match *method {
        Method::BasicDeliver { consumer_tag, delivery_tag, redelivered, exchange, routing_key } => Incoming {
            consumer_tag: consumer_tag.to_owned(),
            delivery_tag,
            redelivered,
            exchange: exchange.to_owned(),
            routing_key: routing_key.to_owned(),
            ..Incoming::default()
        },
        Method::BasicReturn { reply_code, reply_text, exchange, routing_key } => Incoming {
            exchange: exchange.to_owned(),
            routing_key: routing_key.to_owned(),
            returned: Some((reply_code, reply_text.to_owned())),
            ..Incoming::default()
        },
        _ => Incoming::default(),
    }
}

/// Enters the properties.
fn describe(incoming: &mut Incoming, properties: &[u8]) -> Result<(), String> {
    let properties = Properties::decode(properties).map_err(|error| error.to_string())?;
    incoming.content_type = properties.content_type.map(|text| text.to_string());
    incoming.headers = properties.headers.unwrap_or_default();
    incoming.delivery_mode = properties.delivery_mode;
    incoming.priority = properties.priority;
    incoming.correlation_id = properties.correlation_id.map(|text| text.to_string());
    incoming.reply_to = properties.reply_to.map(|text| text.to_string());
    incoming.expiration = properties.expiration.map(|text| text.to_string());
    incoming.message_id = properties.message_id.map(|text| text.to_string());
    Ok(())
}
