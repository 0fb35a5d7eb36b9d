//! The properties of class basic (AMQP 0-9-1, section 1.8 of the reference), in wire order.

use super::{
    DecodeError, FieldTable, ShortStr,
    fields::{Field, Kind, Reader},
};

/// Counts down from the flag word's highest bit.
macro_rules! properties {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $bit:literal,)*) => {
        /// A message's properties. What is absent on the wire is `None`.
        #[derive(Clone, PartialEq, Eq, Debug, Default)]
        pub struct Properties<'a> {
            $($(#[$doc])* pub $name: Option<$type>,)*
        }

        impl<'a> Properties<'a> {
            /// Every property in wire order: its name, its flag's bit, and what it is.
            pub(super) const SHAPE: &'static [(&'static str, u8, Kind)] =
                &[$((stringify!($name), $bit, <$type as Field<'a>>::KIND)),*];

            /// Reads property flags and values.
            ///
            /// # Errors
            /// Bytes that hold no properties.
            #[inline]
            pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
                let mut reader = Reader::new(bytes);
                // The lowest two bits stand for nothing; RabbitMQ does not look at them.
                let flags = u16::read(&mut reader)?;
                let properties = Properties {
                    $($name: if flags & (1 << $bit) == 0 { None } else { Some(<$type>::read(&mut reader)?) },)*
                };
                reader.end()?;
                Ok(properties)
            }

            /// Writes property flags and values.
            pub fn encode(&self, out: &mut Vec<u8>) {
                let mut flags = 0_u16;
                $(if self.$name.is_some() { flags |= 1 << $bit; })*
                flags.write(out);
                $(if let Some(value) = &self.$name { value.write(out); })*
            }

            /// The property flags and values.
            #[must_use]
            pub fn to_bytes(&self) -> Vec<u8> {
                let mut bytes = Vec::with_capacity(64);
                self.encode(&mut bytes);
                bytes
            }

            /// The properties that are there, as names and values for people.
            #[must_use]
            pub fn shown(&self) -> Vec<(String, String)> {
                let mut shown = Vec::new();
                $(if let Some(value) = &self.$name {
                    shown.push((stringify!($name).to_owned(), value.to_string()));
                })*
                shown
            }
        }
    };
}

properties! {
    /// MIME content type.
    content_type: ShortStr<'a> = 15,
    /// MIME content encoding.
    content_encoding: ShortStr<'a> = 14,
    /// The application's own fields; what a headers exchange looks at.
    headers: FieldTable = 13,
    /// 1 transient, 2 persistent.
    delivery_mode: u8 = 12,
    /// From 0.
    priority: u8 = 11,
    /// The application's.
    correlation_id: ShortStr<'a> = 10,
    /// Where an answer is wanted.
    reply_to: ShortStr<'a> = 9,
    /// How long the message is worth delivering: ms, as a decimal number.
    expiration: ShortStr<'a> = 8,
    /// The application's.
    message_id: ShortStr<'a> = 7,
    /// The application's, in seconds since 1970.
    timestamp: u64 = 6,
    /// The application's.
    message_type: ShortStr<'a> = 5,
    /// Who published; the broker checks it.
    user_id: ShortStr<'a> = 4,
    /// The application's.
    app_id: ShortStr<'a> = 3,
    /// Of early versions; passed on.
    cluster_id: ShortStr<'a> = 2,
}
