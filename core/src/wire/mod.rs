//! AMQP 0-9-1 on the wire: bytes to values and back.
//!
//! Nothing in here panics, whatever the bytes, or sets memory aside on the strength of a length that it has not
//! seen the bytes of. [`FrameReader`] cuts a stream into frames; [`Method`], [`ContentHeader`] and [`Properties`]
//! say what is in them; the `encode` functions write whole frames; [`describe`] tells people what a frame says.

mod content;
mod describe;
mod dialect;
mod fields;
mod frame;
mod method;
mod octets;
mod properties;
mod same;
mod shortstr;
mod table;

pub use content::ContentHeader;
pub use describe::{Damage, Description, Part, Section, describe};
pub use dialect::Dialect;
pub use fields::DecodeError;
pub use frame::{FrameError, FrameReader, RawFrame, encode_body, encode_heartbeat};
pub use method::Method;
pub(crate) use octets::{Numbers, Octets, Term};
pub use properties::Properties;
pub use shortstr::ShortStr;
pub use table::{FieldTable, FieldValue};

/// What a client sends first (AMQP 0-9-1, section 4.2.2).
pub const PROTOCOL_HEADER: [u8; 8] = *b"AMQP\x00\x00\x09\x01";
