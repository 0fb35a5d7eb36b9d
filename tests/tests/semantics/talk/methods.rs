//! Methods as lines, both ways.

use warren_core::wire::{FieldTable, Method, Properties, ShortStr};

use super::{fields::Fields, show::quoted};

/// A kind of field: how a line says it, and how it is shown. What is zero, empty or false needs no word.
trait Word<'a>: Sized {
    fn read(fields: &'a Fields, key: &str) -> Self;
    fn show(&self) -> Option<String>;
}

impl<'a> Word<'a> for bool {
    fn read(fields: &'a Fields, key: &str) -> Self {
        fields.flag(key)
    }

    fn show(&self) -> Option<String> {
        self.then(String::new)
    }
}

impl<'a> Word<'a> for &'a str {
    fn read(fields: &'a Fields, key: &str) -> Self {
        fields.text(key).unwrap_or_default()
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| quoted(self))
    }
}

impl<'a> Word<'a> for &'a [u8] {
    fn read(fields: &'a Fields, key: &str) -> Self {
        fields.text(key).unwrap_or_default().as_bytes()
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| quoted(&String::from_utf8_lossy(self)))
    }
}

impl<'a> Word<'a> for FieldTable {
    fn read(fields: &'a Fields, key: &str) -> Self {
        fields.table(key).unwrap_or_default()
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.to_string())
    }
}

macro_rules! numbers {
    ($($int:ty),*) => {$(
        impl<'a> Word<'a> for $int {
            fn read(fields: &'a Fields, key: &str) -> Self {
                fields.number(key).unwrap_or_default()
            }

            fn show(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64);

fn word<'a>(key: &str, value: &impl Word<'a>) -> String {
    match value.show() {
        None => String::new(),
        Some(flag) if flag.is_empty() => format!(" {key}"),
        Some(value) => format!(" {key}={value}"),
    }
}

macro_rules! client_methods {
    ($($text:literal $name:ident { $($field:ident)* })*) => {
        /// The method that a line says.
        pub(crate) fn parse<'a>(name: &str, fields: &'a Fields) -> Method<'a> {
            match name {
                $($text => Method::$name { $($field: Word::read(fields, stringify!($field)),)* },)*
                _ => panic!("no method {name}"),
            }
        }
    };
}

client_methods! {
    "connection.start-ok" ConnectionStartOk { client_properties mechanism response locale }
    "connection.tune-ok" ConnectionTuneOk { channel_max frame_max heartbeat }
    "connection.open" ConnectionOpen { virtual_host capabilities insist }
    "connection.close" ConnectionClose { reply_code reply_text class_id method_id }
    "connection.close-ok" ConnectionCloseOk {}
    "connection.update-secret" ConnectionUpdateSecret { new_secret reason }
    "channel.open" ChannelOpen { out_of_band }
    "channel.flow" ChannelFlow { active }
    "channel.close" ChannelClose { reply_code reply_text class_id method_id }
    "channel.close-ok" ChannelCloseOk {}
    "access.request" AccessRequest { realm exclusive passive active write read }
    "exchange.declare" ExchangeDeclare { ticket exchange kind passive durable auto_delete internal nowait arguments }
    "exchange.delete" ExchangeDelete { ticket exchange if_unused nowait }
    "exchange.bind" ExchangeBind { ticket destination source routing_key nowait arguments }
    "exchange.unbind" ExchangeUnbind { ticket destination source routing_key nowait arguments }
    "queue.declare" QueueDeclare { ticket queue passive durable exclusive auto_delete nowait arguments }
    "queue.bind" QueueBind { ticket queue exchange routing_key nowait arguments }
    "queue.unbind" QueueUnbind { ticket queue exchange routing_key arguments }
    "queue.purge" QueuePurge { ticket queue nowait }
    "queue.delete" QueueDelete { ticket queue if_unused if_empty nowait }
    "queue.declare-ok" QueueDeclareOk { queue message_count consumer_count }
    "basic.qos" BasicQos { prefetch_size prefetch_count global }
    "basic.consume" BasicConsume { ticket queue consumer_tag no_local no_ack exclusive nowait arguments }
    "basic.cancel" BasicCancel { consumer_tag nowait }
    "basic.cancel-ok" BasicCancelOk { consumer_tag }
    "basic.publish" BasicPublish { ticket exchange routing_key mandatory immediate }
    "basic.get" BasicGet { ticket queue no_ack }
    "basic.ack" BasicAck { delivery_tag multiple }
    "basic.reject" BasicReject { delivery_tag requeue }
    "basic.nack" BasicNack { delivery_tag multiple requeue }
    "basic.recover" BasicRecover { requeue }
    "basic.recover-async" BasicRecoverAsync { requeue }
    "confirm.select" ConfirmSelect { nowait }
    "tx.select" TxSelect {}
    "tx.commit" TxCommit {}
    "tx.rollback" TxRollback {}
}

macro_rules! broker_methods {
    ($($name:ident { $($field:ident)* })*) => {
        /// A method that a broker sends, as a line.
        pub(crate) fn show(method: &Method<'_>) -> String {
            match method {
                $(Method::$name { $($field),* } => {
                    [method.name().to_owned(), $(word(stringify!($field), $field),)*].concat()
                })*
                Method::ConnectionClose { reply_code, reply_text, class_id, method_id }
                | Method::ChannelClose { reply_code, reply_text, class_id, method_id } => {
                    format!("{} {reply_code} {reply_text} ({class_id},{method_id})", method.name())
                }
                other => panic!("a broker does not send {other:?}"),
            }
        }
    };
}

broker_methods! {
    ConnectionStart { version_major version_minor server_properties mechanisms locales }
    ConnectionTune { channel_max frame_max heartbeat }
    ConnectionOpenOk { known_hosts }
    ConnectionCloseOk {}
    ConnectionBlocked { reason }
    ConnectionUnblocked {}
    ConnectionUpdateSecretOk {}
    ChannelOpenOk { channel_id }
    ChannelFlowOk { active }
    ChannelCloseOk {}
    AccessRequestOk { ticket }
    ExchangeDeclareOk {}
    ExchangeDeleteOk {}
    ExchangeBindOk {}
    ExchangeUnbindOk {}
    QueueDeclareOk { queue message_count consumer_count }
    QueueBindOk {}
    QueueUnbindOk {}
    QueuePurgeOk { message_count }
    QueueDeleteOk { message_count }
    BasicQosOk {}
    BasicConsumeOk { consumer_tag }
    BasicCancel { consumer_tag nowait }
    BasicCancelOk { consumer_tag }
    BasicReturn { reply_code reply_text exchange routing_key }
    BasicDeliver { consumer_tag delivery_tag redelivered exchange routing_key }
    BasicGetOk { delivery_tag redelivered exchange routing_key message_count }
    BasicGetEmpty { cluster_id }
    BasicAck { delivery_tag multiple }
    BasicNack { delivery_tag multiple requeue }
    BasicRecoverOk {}
    ConfirmSelectOk {}
    TxSelectOk {}
    TxCommitOk {}
    TxRollbackOk {}
}

/// The properties that a line says.
pub(crate) fn properties(fields: &Fields) -> Properties<'_> {
    let text = |key| fields.text(key).map(ShortStr::from);
    Properties {
        content_type: text("content_type"),
        headers: fields.table("headers"),
        delivery_mode: fields.number("delivery_mode"),
        priority: fields.number("priority"),
        correlation_id: text("correlation_id"),
        reply_to: text("reply_to"),
        expiration: text("expiration"),
        message_id: text("message_id"),
        timestamp: fields.number("timestamp"),
        user_id: text("user_id"),
        app_id: text("app_id"),
        ..Properties::default()
    }
}
