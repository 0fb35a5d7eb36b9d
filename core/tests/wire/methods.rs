//! Every method, with arbitrary fields.

use amq_protocol::protocol::{AMQPClass, access, basic, channel, confirm, connection, exchange, queue, tx};
use proptest::{collection::vec, prelude::*};
use warren_core::wire::{ContentHeader, FieldTable, Method, Properties};

use crate::{
    peer::{self, Theirs},
    values::{properties, short_string, table},
};

/// What the fields of a method are taken from.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    texts: Vec<String>,
    bytes: Vec<Vec<u8>>,
    numbers: Vec<u64>,
    bits: Vec<bool>,
    table: FieldTable,
}

pub(crate) fn stock() -> impl Strategy<Value = Stock> {
    let bytes = vec(vec(any::<u8>(), 0..300), 2);
    (vec(short_string(), 4), bytes, vec(any::<u64>(), 4), vec(any::<bool>(), 6), table())
        .prop_map(|(texts, bytes, numbers, bits, table)| Stock { texts, bytes, numbers, bits, table })
}

/// Takes the next field of a kind from the stock.
trait Take<'a> {
    fn take(stock: &'a Stock, taken: &mut usize) -> Self;
}

fn next<'a, T>(from: &'a [T], taken: &mut usize) -> &'a T {
    *taken += 1;
    &from[*taken % from.len()]
}

impl<'a> Take<'a> for &'a str {
    fn take(stock: &'a Stock, taken: &mut usize) -> Self {
        next(&stock.texts, taken).as_str()
    }
}

impl<'a> Take<'a> for &'a [u8] {
    fn take(stock: &'a Stock, taken: &mut usize) -> Self {
        next(&stock.bytes, taken).as_slice()
    }
}

impl<'a> Take<'a> for bool {
    fn take(stock: &'a Stock, taken: &mut usize) -> Self {
        *next(&stock.bits, taken)
    }
}

impl<'a> Take<'a> for FieldTable {
    fn take(stock: &'a Stock, _: &mut usize) -> Self {
        stock.table.clone()
    }
}

macro_rules! take_numbers {
    ($($int:ty),*) => {$(
        impl<'a> Take<'a> for $int {
            fn take(stock: &'a Stock, taken: &mut usize) -> Self {
                *next(&stock.numbers, taken) as $int
            }
        }
    )*};
}

take_numbers!(u8, u16, u32, u64);

/// `fields` are in both codecs; `old` ones have lost their meaning, and the other codec writes constants there.
macro_rules! methods {
    ($($name:ident = $class:ident $class_module:ident::$theirs:ident
        { $($field:ident)* } $(old { $($old:ident = $constant:expr),* })?;)*) => {
        /// The name of every method.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// The method called `name`.
        pub(crate) fn build<'a>(name: &str, stock: &'a Stock) -> Method<'a> {
            let taken = &mut 0;
            match name {
                $(stringify!($name) => Method::$name {
                    $($field: Take::take(stock, taken),)* $($($old: Take::take(stock, taken),)*)?
                },)*
                _ => panic!("no method {name}"),
            }
        }

        /// The same, with the constants in its old fields.
        fn without_old<'a>(method: Method<'a>) -> Method<'a> {
            match method {
                $(Method::$name { $($field,)* .. } => Method::$name {
                    $($field,)* $($($old: $constant,)*)?
                },)*
            }
        }

        /// The method as the other codec has it.
        fn theirs(method: &Method<'_>) -> AMQPClass {
            match method {
                $(Method::$name { $($field,)* .. } => {
                    AMQPClass::$class($class_module::AMQPMethod::$theirs($class_module::$theirs {
                        $($field: $field.theirs(),)*
                    }))
                })*
            }
        }
    };
}

methods! {
    ConnectionStart = Connection connection::Start { version_major version_minor server_properties mechanisms locales };
    ConnectionStartOk = Connection connection::StartOk { client_properties mechanism response locale };
    ConnectionSecure = Connection connection::Secure { challenge };
    ConnectionSecureOk = Connection connection::SecureOk { response };
    ConnectionTune = Connection connection::Tune { channel_max frame_max heartbeat };
    ConnectionTuneOk = Connection connection::TuneOk { channel_max frame_max heartbeat };
    ConnectionOpen = Connection connection::Open { virtual_host } old { capabilities = "", insist = false };
    ConnectionOpenOk = Connection connection::OpenOk {} old { known_hosts = "" };
    ConnectionClose = Connection connection::Close { reply_code reply_text class_id method_id };
    ConnectionCloseOk = Connection connection::CloseOk {};
    ConnectionBlocked = Connection connection::Blocked { reason };
    ConnectionUnblocked = Connection connection::Unblocked {};
    ConnectionUpdateSecret = Connection connection::UpdateSecret { new_secret reason };
    ConnectionUpdateSecretOk = Connection connection::UpdateSecretOk {};

    ChannelOpen = Channel channel::Open {} old { out_of_band = "" };
    ChannelOpenOk = Channel channel::OpenOk {} old { channel_id = b"" };
    ChannelFlow = Channel channel::Flow { active };
    ChannelFlowOk = Channel channel::FlowOk { active };
    ChannelClose = Channel channel::Close { reply_code reply_text class_id method_id };
    ChannelCloseOk = Channel channel::CloseOk {};

    AccessRequest = Access access::Request { realm exclusive passive active write read };
    AccessRequestOk = Access access::RequestOk {} old { ticket = 1 };

    ExchangeDeclare = Exchange exchange::Declare { exchange kind passive durable auto_delete internal nowait arguments } old { ticket = 0 };
    ExchangeDeclareOk = Exchange exchange::DeclareOk {};
    ExchangeDelete = Exchange exchange::Delete { exchange if_unused nowait } old { ticket = 0 };
    ExchangeDeleteOk = Exchange exchange::DeleteOk {};
    ExchangeBind = Exchange exchange::Bind { destination source routing_key nowait arguments } old { ticket = 0 };
    ExchangeBindOk = Exchange exchange::BindOk {};
    ExchangeUnbind = Exchange exchange::Unbind { destination source routing_key nowait arguments } old { ticket = 0 };
    ExchangeUnbindOk = Exchange exchange::UnbindOk {};

    QueueDeclare = Queue queue::Declare { queue passive durable exclusive auto_delete nowait arguments } old { ticket = 0 };
    QueueDeclareOk = Queue queue::DeclareOk { queue message_count consumer_count };
    QueueBind = Queue queue::Bind { queue exchange routing_key nowait arguments } old { ticket = 0 };
    QueueBindOk = Queue queue::BindOk {};
    QueuePurge = Queue queue::Purge { queue nowait } old { ticket = 0 };
    QueuePurgeOk = Queue queue::PurgeOk { message_count };
    QueueDelete = Queue queue::Delete { queue if_unused if_empty nowait } old { ticket = 0 };
    QueueDeleteOk = Queue queue::DeleteOk { message_count };
    QueueUnbind = Queue queue::Unbind { queue exchange routing_key arguments } old { ticket = 0 };
    QueueUnbindOk = Queue queue::UnbindOk {};

    BasicQos = Basic basic::Qos { prefetch_count global } old { prefetch_size = 0 };
    BasicQosOk = Basic basic::QosOk {};
    BasicConsume = Basic basic::Consume { queue consumer_tag no_local no_ack exclusive nowait arguments } old { ticket = 0 };
    BasicConsumeOk = Basic basic::ConsumeOk { consumer_tag };
    BasicCancel = Basic basic::Cancel { consumer_tag nowait };
    BasicCancelOk = Basic basic::CancelOk { consumer_tag };
    BasicPublish = Basic basic::Publish { exchange routing_key mandatory immediate } old { ticket = 0 };
    BasicReturn = Basic basic::Return { reply_code reply_text exchange routing_key };
    BasicDeliver = Basic basic::Deliver { consumer_tag delivery_tag redelivered exchange routing_key };
    BasicGet = Basic basic::Get { queue no_ack } old { ticket = 0 };
    BasicGetOk = Basic basic::GetOk { delivery_tag redelivered exchange routing_key message_count };
    BasicGetEmpty = Basic basic::GetEmpty {} old { cluster_id = "" };
    BasicAck = Basic basic::Ack { delivery_tag multiple };
    BasicReject = Basic basic::Reject { delivery_tag requeue };
    BasicRecoverAsync = Basic basic::RecoverAsync { requeue };
    BasicRecover = Basic basic::Recover { requeue };
    BasicRecoverOk = Basic basic::RecoverOk {};
    BasicNack = Basic basic::Nack { delivery_tag multiple requeue };

    ConfirmSelect = Confirm confirm::Select { nowait };
    ConfirmSelectOk = Confirm confirm::SelectOk {};

    TxSelect = Tx tx::Select {};
    TxSelectOk = Tx tx::SelectOk {};
    TxCommit = Tx tx::Commit {};
    TxCommitOk = Tx tx::CommitOk {};
    TxRollback = Tx tx::Rollback {};
    TxRollbackOk = Tx tx::RollbackOk {};
}

/// The payload of the only frame in `bytes`.
fn payload(bytes: &[u8]) -> &[u8] {
    &bytes[7..bytes.len() - 1]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn methods_come_back(stock in stock(), channel in any::<u16>()) {
        for name in NAMES {
            let method = build(name, &stock);
            let mut bytes = Vec::new();
            method.encode(channel, &mut bytes);
            prop_assert_eq!(Method::decode(payload(&bytes)), Ok(method));
        }
    }

    #[test]
    fn methods_are_what_another_codec_makes_of_them(stock in stock(), channel in 1_u16..) {
        for name in NAMES {
            let method = without_old(build(name, &stock));
            let mut bytes = Vec::new();
            method.encode(channel, &mut bytes);
            let frame = peer::method(channel, theirs(&method));
            prop_assert_eq!(&bytes, &peer::encode(&frame), "{} encoded", name);
            prop_assert_eq!(peer::decode(&bytes), frame, "{} read by the other", name);
        }
    }

    /// What does not fit into a short string is cut between two characters, and the frame stays a frame.
    #[test]
    fn long_reply_texts_are_cut(text in "[aé€😀]{60,300}") {
        let mut bytes = Vec::new();
        Method::ChannelClose { reply_code: 404, reply_text: &text, class_id: 0, method_id: 0 }
            .encode(1, &mut bytes);
        let Ok(Method::ChannelClose { reply_text, .. }) = Method::decode(payload(&bytes)) else {
            panic!("no channel.close");
        };
        prop_assert!(text.starts_with(reply_text));
        prop_assert!(reply_text.len() > 251 || reply_text == text);
    }

    #[test]
    fn properties_come_back(owned in properties()) {
        let properties = owned.borrow();
        let mut bytes = Vec::new();
        properties.encode(&mut bytes);
        prop_assert_eq!(Properties::decode(&bytes), Ok(properties));
    }

    #[test]
    fn content_headers_are_what_another_codec_makes_of_them(
        owned in properties(),
        body_size in any::<u64>(),
        channel in 1_u16..,
    ) {
        let mut properties = Vec::new();
        owned.borrow().encode(&mut properties);
        let header = ContentHeader { class_id: 60, body_size, properties: &properties };
        let mut bytes = Vec::new();
        header.encode(channel, &mut bytes);
        prop_assert_eq!(ContentHeader::decode(payload(&bytes)), Ok(header));

        let frame = peer::header(channel, body_size, &owned.borrow());
        prop_assert_eq!(&bytes, &peer::encode(&frame));
        prop_assert_eq!(peer::decode(&bytes), frame);
    }

    #[test]
    fn garbage_is_refused(garbage in vec(any::<u8>(), 0..80), class in 10_u8..100, method in 0_u8..130) {
        let _ = Method::decode(&garbage);
        let _ = Properties::decode(&garbage);
        let _ = ContentHeader::decode(&garbage);
        let _ = Method::decode(&[&[0, class, 0, method], garbage.as_slice()].concat());
    }

    /// What ends early or goes on is no method.
    #[test]
    fn every_byte_counts(stock in stock()) {
        for name in NAMES {
            let mut bytes = Vec::new();
            build(name, &stock).encode(1, &mut bytes);
            let payload = payload(&bytes);
            for end in 0..payload.len().min(60) {
                prop_assert!(Method::decode(&payload[..end]).is_err(), "{} cut at {}", name, end);
            }
            prop_assert!(Method::decode(&[payload, &[0]].concat()).is_err(), "{} with a byte more", name);
        }
    }
}
