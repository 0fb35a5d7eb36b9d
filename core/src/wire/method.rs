//! The methods of AMQP 0-9-1 with RabbitMQ's extensions. The table at the end of this file is their only source.

use super::{
    DecodeError, FieldTable,
    fields::{Field, Kind, Reader},
    frame::{KIND_METHOD, encode_frame},
};

macro_rules! methods {
    ($($name:ident = $class:literal, $method:literal, $text:literal, $content:ident
        { $($field:ident: $type:ty),* };)*) => {
        /// A method with its fields, named as in the AMQP 0-9-1 reference and in RabbitMQ's extensions. Strings
        /// belong to the frame that was read, or to whoever sends.
        #[derive(Clone, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "the AMQP 0-9-1 reference describes every method and field by these names")]
        pub enum Method<'a> {
            $($name { $($field: $type),* },)*
        }

        impl<'a> Method<'a> {
            /// Every method as it stands on the wire.
            pub(super) const SHAPES: &'static [Shape] = &[$(Shape {
                class_id: $class,
                method_id: $method,
                name: $text,
                fields: &[$((stringify!($field), <$type as Argument<'a>>::KIND)),*],
            }),*];

            /// Reads the payload of a method frame.
            ///
            /// # Errors
            /// An unknown method, or fields that are not what they should be.
            pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
                let mut reader = Reader::new(payload);
                let class_id = u16::read(&mut reader)?;
                let method_id = u16::read(&mut reader)?;
                let mut from = BitReader { inner: reader, octet: 0, left: 0 };
                match (class_id, method_id) {
                    $(($class, $method) => {
                        let method = Method::$name { $($field: <$type>::read_from(&mut from)?),* };
                        from.inner.end()?;
                        Ok(method)
                    })*
                    _ => Err(DecodeError::UnknownMethod { class_id, method_id }),
                }
            }

            /// Writes the whole frame.
            pub fn encode(&self, channel: u16, out: &mut Vec<u8>) {
                encode_frame(KIND_METHOD, channel, out, |out| {
                    self.class_id().write(out);
                    self.method_id().write(out);
                    let mut to = BitWriter { inner: out, octet: 0, used: 0 };
                    match self {
                        $(Method::$name { $($field),* } => { $($field.write_to(&mut to);)* })*
                    }
                    to.flush();
                });
            }

            /// The class's number.
            #[must_use]
            pub const fn class_id(&self) -> u16 {
                match self { $(Method::$name { .. } => $class,)* }
            }

            /// The method's number in its class.
            #[must_use]
            pub const fn method_id(&self) -> u16 {
                match self { $(Method::$name { .. } => $method,)* }
            }

            /// The method's name: `basic.publish`.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Method::$name { .. } => $text,)* }
            }

            /// Whether a content header and body follow.
            #[must_use]
            pub const fn has_content(&self) -> bool {
                match self { $(Method::$name { .. } => has_content!($content),)* }
            }
        }
    };
}

macro_rules! has_content {
    (content) => {
        true
    };
    (alone) => {
        false
    };
}

/// How a method stands on the wire: its numbers, its name, and its fields in order.
pub(super) struct Shape {
    pub(super) class_id: u16,
    pub(super) method_id: u16,
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Kind)],
}

/// A field of a method. Bits that follow one another share an octet, lowest first (AMQP 0-9-1, section 4.2.5.2).
trait Argument<'a>: Sized {
    const KIND: Kind;

    fn read_from(from: &mut BitReader<'a>) -> Result<Self, DecodeError>;
    fn write_to(&self, to: &mut BitWriter<'_>);
}

struct BitReader<'a> {
    inner: Reader<'a>,
    octet: u8,
    left: u8,
}

struct BitWriter<'o> {
    inner: &'o mut Vec<u8>,
    octet: u8,
    used: u8,
}

impl BitWriter<'_> {
    #[inline]
    fn flush(&mut self) {
        if self.used > 0 {
            self.inner.push(self.octet);
            (self.octet, self.used) = (0, 0);
        }
    }
}

impl<'a> Argument<'a> for bool {
    const KIND: Kind = Kind::Bit;

    #[inline]
    fn read_from(from: &mut BitReader<'a>) -> Result<Self, DecodeError> {
        if from.left == 0 {
            from.octet = u8::read(&mut from.inner)?;
            from.left = 8;
        }
        let bit = from.octet & 1 == 1;
        from.octet >>= 1;
        from.left -= 1;
        Ok(bit)
    }

    #[inline]
    fn write_to(&self, to: &mut BitWriter<'_>) {
        to.octet |= u8::from(*self) << to.used;
        to.used += 1;
        if to.used == 8 {
            to.flush();
        }
    }
}

macro_rules! whole_octets {
    ($($type:ty),*) => {$(
        impl<'a> Argument<'a> for $type {
            const KIND: Kind = <$type as Field<'a>>::KIND;

            #[inline]
            fn read_from(from: &mut BitReader<'a>) -> Result<Self, DecodeError> {
                from.left = 0;
                <$type>::read(&mut from.inner)
            }

            #[inline]
            fn write_to(&self, to: &mut BitWriter<'_>) {
                to.flush();
                self.write(to.inner);
            }
        }
    )*};
}

whole_octets!(u8, u16, u32, u64, &'a str, &'a [u8], FieldTable);

methods! {
    // class connection
    ConnectionStart = 10, 10, "connection.start", alone { version_major: u8, version_minor: u8, server_properties: FieldTable, mechanisms: &'a [u8], locales: &'a [u8] };
    ConnectionStartOk = 10, 11, "connection.start-ok", alone { client_properties: FieldTable, mechanism: &'a str, response: &'a [u8], locale: &'a str };
    ConnectionSecure = 10, 20, "connection.secure", alone { challenge: &'a [u8] };
    ConnectionSecureOk = 10, 21, "connection.secure-ok", alone { response: &'a [u8] };
    ConnectionTune = 10, 30, "connection.tune", alone { channel_max: u16, frame_max: u32, heartbeat: u16 };
    ConnectionTuneOk = 10, 31, "connection.tune-ok", alone { channel_max: u16, frame_max: u32, heartbeat: u16 };
    ConnectionOpen = 10, 40, "connection.open", alone { virtual_host: &'a str, capabilities: &'a str, insist: bool };
    ConnectionOpenOk = 10, 41, "connection.open-ok", alone { known_hosts: &'a str };
    ConnectionClose = 10, 50, "connection.close", alone { reply_code: u16, reply_text: &'a str, class_id: u16, method_id: u16 };
    ConnectionCloseOk = 10, 51, "connection.close-ok", alone {};
    ConnectionBlocked = 10, 60, "connection.blocked", alone { reason: &'a str };
    ConnectionUnblocked = 10, 61, "connection.unblocked", alone {};
    ConnectionUpdateSecret = 10, 70, "connection.update-secret", alone { new_secret: &'a [u8], reason: &'a str };
    ConnectionUpdateSecretOk = 10, 71, "connection.update-secret-ok", alone {};

    // class channel
    ChannelOpen = 20, 10, "channel.open", alone { out_of_band: &'a str };
    ChannelOpenOk = 20, 11, "channel.open-ok", alone { channel_id: &'a [u8] };
    ChannelFlow = 20, 20, "channel.flow", alone { active: bool };
    ChannelFlowOk = 20, 21, "channel.flow-ok", alone { active: bool };
    ChannelClose = 20, 40, "channel.close", alone { reply_code: u16, reply_text: &'a str, class_id: u16, method_id: u16 };
    ChannelCloseOk = 20, 41, "channel.close-ok", alone {};

    // class access
    AccessRequest = 30, 10, "access.request", alone { realm: &'a str, exclusive: bool, passive: bool, active: bool, write: bool, read: bool };
    AccessRequestOk = 30, 11, "access.request-ok", alone { ticket: u16 };

    // class exchange
    ExchangeDeclare = 40, 10, "exchange.declare", alone { ticket: u16, exchange: &'a str, kind: &'a str, passive: bool, durable: bool, auto_delete: bool, internal: bool, nowait: bool, arguments: FieldTable };
    ExchangeDeclareOk = 40, 11, "exchange.declare-ok", alone {};
    ExchangeDelete = 40, 20, "exchange.delete", alone { ticket: u16, exchange: &'a str, if_unused: bool, nowait: bool };
    ExchangeDeleteOk = 40, 21, "exchange.delete-ok", alone {};
    ExchangeBind = 40, 30, "exchange.bind", alone { ticket: u16, destination: &'a str, source: &'a str, routing_key: &'a str, nowait: bool, arguments: FieldTable };
    ExchangeBindOk = 40, 31, "exchange.bind-ok", alone {};
    ExchangeUnbind = 40, 40, "exchange.unbind", alone { ticket: u16, destination: &'a str, source: &'a str, routing_key: &'a str, nowait: bool, arguments: FieldTable };
    ExchangeUnbindOk = 40, 51, "exchange.unbind-ok", alone {};

    // class queue
    QueueDeclare = 50, 10, "queue.declare", alone { ticket: u16, queue: &'a str, passive: bool, durable: bool, exclusive: bool, auto_delete: bool, nowait: bool, arguments: FieldTable };
    QueueDeclareOk = 50, 11, "queue.declare-ok", alone { queue: &'a str, message_count: u32, consumer_count: u32 };
    QueueBind = 50, 20, "queue.bind", alone { ticket: u16, queue: &'a str, exchange: &'a str, routing_key: &'a str, nowait: bool, arguments: FieldTable };
    QueueBindOk = 50, 21, "queue.bind-ok", alone {};
    QueuePurge = 50, 30, "queue.purge", alone { ticket: u16, queue: &'a str, nowait: bool };
    QueuePurgeOk = 50, 31, "queue.purge-ok", alone { message_count: u32 };
    QueueDelete = 50, 40, "queue.delete", alone { ticket: u16, queue: &'a str, if_unused: bool, if_empty: bool, nowait: bool };
    QueueDeleteOk = 50, 41, "queue.delete-ok", alone { message_count: u32 };
    QueueUnbind = 50, 50, "queue.unbind", alone { ticket: u16, queue: &'a str, exchange: &'a str, routing_key: &'a str, arguments: FieldTable };
    QueueUnbindOk = 50, 51, "queue.unbind-ok", alone {};

    // class basic
    BasicQos = 60, 10, "basic.qos", alone { prefetch_size: u32, prefetch_count: u16, global: bool };
    BasicQosOk = 60, 11, "basic.qos-ok", alone {};
    BasicConsume = 60, 20, "basic.consume", alone { ticket: u16, queue: &'a str, consumer_tag: &'a str, no_local: bool, no_ack: bool, exclusive: bool, nowait: bool, arguments: FieldTable };
    BasicConsumeOk = 60, 21, "basic.consume-ok", alone { consumer_tag: &'a str };
    BasicCancel = 60, 30, "basic.cancel", alone { consumer_tag: &'a str, nowait: bool };
    BasicCancelOk = 60, 31, "basic.cancel-ok", alone { consumer_tag: &'a str };
    BasicPublish = 60, 40, "basic.publish", content { ticket: u16, exchange: &'a str, routing_key: &'a str, mandatory: bool, immediate: bool };
    BasicReturn = 60, 50, "basic.return", content { reply_code: u16, reply_text: &'a str, exchange: &'a str, routing_key: &'a str };
    BasicDeliver = 60, 60, "basic.deliver", content { consumer_tag: &'a str, delivery_tag: u64, redelivered: bool, exchange: &'a str, routing_key: &'a str };
    BasicGet = 60, 70, "basic.get", alone { ticket: u16, queue: &'a str, no_ack: bool };
    BasicGetOk = 60, 71, "basic.get-ok", content { delivery_tag: u64, redelivered: bool, exchange: &'a str, routing_key: &'a str, message_count: u32 };
    BasicGetEmpty = 60, 72, "basic.get-empty", alone { cluster_id: &'a str };
    BasicAck = 60, 80, "basic.ack", alone { delivery_tag: u64, multiple: bool };
    BasicReject = 60, 90, "basic.reject", alone { delivery_tag: u64, requeue: bool };
    BasicRecoverAsync = 60, 100, "basic.recover-async", alone { requeue: bool };
    BasicRecover = 60, 110, "basic.recover", alone { requeue: bool };
    BasicRecoverOk = 60, 111, "basic.recover-ok", alone {};
    BasicNack = 60, 120, "basic.nack", alone { delivery_tag: u64, multiple: bool, requeue: bool };

    // class confirm
    ConfirmSelect = 85, 10, "confirm.select", alone { nowait: bool };
    ConfirmSelectOk = 85, 11, "confirm.select-ok", alone {};

    // class tx
    TxSelect = 90, 10, "tx.select", alone {};
    TxSelectOk = 90, 11, "tx.select-ok", alone {};
    TxCommit = 90, 20, "tx.commit", alone {};
    TxCommitOk = 90, 21, "tx.commit-ok", alone {};
    TxRollback = 90, 30, "tx.rollback", alone {};
    TxRollbackOk = 90, 31, "tx.rollback-ok", alone {};
}
