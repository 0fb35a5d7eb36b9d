//! AMQP 0-8 as RabbitMQ 3 speaks it, where its methods differ on the wire from those of 0-9-1.
//!
//! It has no confirms, no nack, no exchange-to-exchange bindings and no blocked notifications; connection.close has
//! another number, basic.consume has no arguments, and channel.open-ok has no field.

use super::{
    DecodeError, FieldTable, Method,
    fields::{Field, Reader},
    frame::{KIND_METHOD, encode_frame},
};

/// A version of the protocol, as far as the form of methods goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dialect {
    /// AMQP 0-9-1, and 0-9.
    #[default]
    V0_9_1,
    /// AMQP 0-8.
    V0_8,
}

const CONNECTION_CLOSE: (u16, u16) = (10, 60);
const CONNECTION_CLOSE_OK: (u16, u16) = (10, 61);
const CHANNEL_OPEN_OK: (u16, u16) = (20, 11);
const BASIC_CONSUME: (u16, u16) = (60, 20);

impl Dialect {
    /// Reads the payload of a method frame.
    ///
    /// # Errors
    /// An unknown method, or fields that are not what they should be.
    #[inline]
    pub fn decode(self, payload: &[u8]) -> Result<Method<'_>, DecodeError> {
        match self {
            Dialect::V0_9_1 => Method::decode(payload),
            Dialect::V0_8 => decode_0_8(payload),
        }
    }

    /// Writes the whole frame of a method.
    #[inline]
    pub fn encode(self, method: &Method<'_>, channel: u16, out: &mut Vec<u8>) {
        match self {
            Dialect::V0_9_1 => method.encode(channel, out),
            Dialect::V0_8 => encode_0_8(method, channel, out),
        }
    }
}

fn decode_0_8(payload: &[u8]) -> Result<Method<'_>, DecodeError> {
    let mut reader = Reader::new(payload);
    let ids @ (class_id, method_id) = (u16::read(&mut reader)?, u16::read(&mut reader)?);
    let method = match ids {
        CONNECTION_CLOSE => Method::ConnectionClose {
            reply_code: u16::read(&mut reader)?,
            reply_text: <&str>::read(&mut reader)?,
            class_id: u16::read(&mut reader)?,
            method_id: u16::read(&mut reader)?,
        },
        CONNECTION_CLOSE_OK => Method::ConnectionCloseOk {},
        CHANNEL_OPEN_OK => Method::ChannelOpenOk { channel_id: b"" },
        BASIC_CONSUME => read_consume(&mut reader)?,
        _ if is_later(ids) => return Err(DecodeError::UnknownMethod { class_id, method_id }),
        _ => return Method::decode(payload),
    };
    reader.end()?;
    Ok(method)
}

fn read_consume<'a>(reader: &mut Reader<'a>) -> Result<Method<'a>, DecodeError> {
    let (ticket, queue) = (u16::read(reader)?, <&str>::read(reader)?);
    let (consumer_tag, bits) = (<&str>::read(reader)?, u8::read(reader)?);
    Ok(Method::BasicConsume {
        ticket,
        queue,
        consumer_tag,
        no_local: bits & 1 != 0,
        no_ack: bits & 2 != 0,
        exclusive: bits & 4 != 0,
        nowait: bits & 8 != 0,
        arguments: FieldTable::default(),
    })
}

/// Methods that 0-8 does not have: those of RabbitMQ's extensions, and the numbers that changed their meaning.
fn is_later((class_id, method_id): (u16, u16)) -> bool {
    const CONFIRM: u16 = 85;
    matches!((class_id, method_id), (CONFIRM, _) | (10, 50..) | (40, 30..) | (60, 120..))
}

fn encode_0_8(method: &Method<'_>, channel: u16, out: &mut Vec<u8>) {
    let mut frame = |(class, number): (u16, u16), fields: &dyn Fn(&mut Vec<u8>)| {
        encode_frame(KIND_METHOD, channel, out, |out| {
            class.write(out);
            number.write(out);
            fields(out);
        });
    };
    match method {
        Method::ConnectionClose { reply_code, reply_text, class_id, method_id } => {
            frame(CONNECTION_CLOSE, &|out| {
                reply_code.write(out);
                reply_text.write(out);
                class_id.write(out);
                method_id.write(out);
            });
        }
        Method::ConnectionCloseOk {} => frame(CONNECTION_CLOSE_OK, &|_| {}),
        Method::ChannelOpenOk { .. } => frame(CHANNEL_OPEN_OK, &|_| {}),
        &Method::BasicConsume {
            ticket, queue, consumer_tag, no_local, no_ack, exclusive, nowait, ..
        } => {
            let bits = [no_local, no_ack, exclusive, nowait];
            let octet = (0..).zip(bits).fold(0_u8, |octet, (at, bit)| octet | u8::from(bit) << at);
            frame(BASIC_CONSUME, &|out| {
                ticket.write(out);
                queue.write(out);
                consumer_tag.write(out);
                octet.write(out);
            });
        }
        other => other.encode(channel, out),
    }
}
