//! Methods as lines, both ways.

use warren_core::wire::{FieldTable, FieldValue, Method, Properties, ShortStr};

use crate::fields::{Fields, quoted};

/// A kind of field: how a line says it, and how it is shown. What is zero, empty or false needs no word.
trait Word<'a>: Sized {
    fn read(fields: &'a Fields, key: &str) -> Result<Self, String>;
    fn show(&self) -> Option<String>;
}

impl<'a> Word<'a> for bool {
    fn read(fields: &'a Fields, key: &str) -> Result<Self, String> {
        Ok(fields.flag(key))
    }

    fn show(&self) -> Option<String> {
        self.then(String::new)
    }
}

impl<'a> Word<'a> for &'a str {
    fn read(fields: &'a Fields, key: &str) -> Result<Self, String> {
        Ok(fields.text(key)?.unwrap_or_default())
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| quoted(self))
    }
}

impl<'a> Word<'a> for &'a [u8] {
    fn read(fields: &'a Fields, key: &str) -> Result<Self, String> {
        Ok(fields.text(key)?.unwrap_or_default().as_bytes())
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| quoted(&String::from_utf8_lossy(self)))
    }
}

impl<'a> Word<'a> for FieldTable {
    fn read(fields: &'a Fields, key: &str) -> Result<Self, String> {
        Ok(fields.table(key)?.unwrap_or_default())
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| sorted(self).to_string())
    }
}

macro_rules! numbers {
    ($($int:ty),*) => {$(
        impl<'a> Word<'a> for $int {
            fn read(fields: &'a Fields, key: &str) -> Result<Self, String> {
                Ok(fields.number(key)?.unwrap_or_default())
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
        pub(crate) fn parse<'a>(name: &str, fields: &'a Fields) -> Result<Method<'a>, String> {
            const NAMES: &[&str] = &[$($text),*];
            match name {
                $($text => Ok(Method::$name { $($field: Word::read(fields, stringify!($field))?,)* }),)*
                _ => Err(unknown(name, NAMES)),
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
                Method::ConnectionStart { version_major, version_minor, server_properties, mechanisms, .. } => {
                    let capabilities = server_properties.get("capabilities").map(sorted_value);
                    let mechanisms = String::from_utf8_lossy(mechanisms);
                    let mut mechanisms: Vec<&str> = mechanisms.split(' ').collect();
                    mechanisms.sort_unstable();
                    let shown = capabilities.map(|table| table.to_string()).unwrap_or_default();
                    format!(
                        "connection.start {version_major}-{version_minor} mechanisms='{}' capabilities={shown}",
                        mechanisms.join(" ")
                    )
                }
                Method::ConnectionClose { reply_code, reply_text, class_id, method_id }
                | Method::ChannelClose { reply_code, reply_text, class_id, method_id } => {
                    let reply_text = reply_text.replace('\n', "\\n");
                    format!("{} {reply_code} {reply_text} ({class_id},{method_id})", method.name())
                }
                other => format!("{} (which brokers do not send)", other.name()),
            }
        }
    };
}

broker_methods! {
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

/// Whether a method has an answer that is bound to come.
pub(crate) fn is_answered(name: &str) -> bool {
    let one_way = ["basic.publish", "basic.ack", "basic.nack", "basic.reject", "basic.recover-async"];
    // The answer to connection.tune-ok is the answer to what follows it.
    !one_way.contains(&name) && (!name.ends_with("-ok") || name == "connection.start-ok")
}

/// The properties that a line says.
pub(crate) fn properties(fields: &Fields) -> Result<Properties<'_>, String> {
    let text = |key| fields.text(key).map(|text| text.map(ShortStr::from));
    Ok(Properties {
        content_type: text("content_type")?,
        content_encoding: text("content_encoding")?,
        headers: fields.table("headers")?,
        delivery_mode: fields.number("delivery_mode")?,
        priority: fields.number("priority")?,
        correlation_id: text("correlation_id")?,
        reply_to: text("reply_to")?,
        expiration: text("expiration")?,
        message_id: text("message_id")?,
        timestamp: fields.number("timestamp")?,
        message_type: text("type")?,
        user_id: text("user_id")?,
        app_id: text("app_id")?,
        cluster_id: text("cluster_id")?,
    })
}

/// Tables in the order of their keys: brokers order them differently, and nobody may depend on it.
pub(crate) fn sorted(table: &FieldTable) -> FieldTable {
    let mut table: FieldTable =
        table.iter().map(|(key, value)| (key.to_string(), sorted_value(value))).collect();
    table.sort();
    table
}

fn sorted_value(value: &FieldValue) -> FieldValue {
    match value {
        FieldValue::Table(table) => FieldValue::Table(sorted(table)),
        FieldValue::Array(values) => FieldValue::Array(values.iter().map(sorted_value).collect()),
        other => other.clone(),
    }
}

fn unknown(name: &str, names: &[&str]) -> String {
    let nearest = names.iter().min_by_key(|known| strsim::damerau_levenshtein(name, known));
    format!("there is no method {name:?}; did you mean {}?", nearest.unwrap_or(&"basic.publish"))
}
