//! Calls and replies as JSON: what goes to an interpreter, and comes from one.

use std::time::Duration;

use serde_json::{Map, Value, json};
use warren_core::wire::{FieldTable, FieldValue};

use super::{Answer, Call, Command, Heard, Incoming, Mistake, Publication, Reply, Request, Settlement};

/// How deep tables may be in one another.
const DEEPEST: u32 = 20;

impl Call {
    /// What is told, as one object; the time is not in it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let told = match &self.what {
            Heard::Start => json!({ "heard": "start" }),
            Heard::Opened => json!({ "heard": "opened" }),
            Heard::Answered(answer) => json!({ "heard": "answer", "answer": answer_to_json(answer) }),
            Heard::Delivered(message) => json!({
                "heard": "delivered",
                "consumerTag": message.consumer_tag,
                "message": message_to_json(message),
            }),
            Heard::Returned(message) => json!({ "heard": "returned", "message": message_to_json(message) }),
            Heard::Confirmed { number, multiple, is_safe } => {
                json!({ "heard": "confirmed", "number": number, "multiple": multiple, "isSafe": is_safe })
            }
            Heard::Timer(timer) => json!({ "heard": "timer", "id": timer }),
            Heard::Closed { reason } => json!({ "heard": "closed", "reason": reason }),
        };
        told.to_string()
    }
}

fn answer_to_json(answer: &Answer) -> Value {
    let mut object = Map::new();
    let mut add =
        |name: &str, value: Option<Value>| object.extend(value.map(|value| (name.to_owned(), value)));
    add("queue", answer.queue.clone().map(Value::from));
    add("messageCount", answer.messages.map(Value::from));
    add("consumerCount", answer.consumers.map(Value::from));
    Value::Object(object)
}

/// As amqplib hands it to callbacks, but for the content, which is a list of bytes.
fn message_to_json(message: &Incoming) -> Value {
    let fields = match &message.returned {
        None => json!({
            "consumerTag": message.consumer_tag,
            "deliveryTag": message.delivery_tag,
            "redelivered": message.redelivered,
            "exchange": message.exchange,
            "routingKey": message.routing_key,
        }),
        Some((code, text)) => json!({
            "replyCode": code,
            "replyText": text,
            "exchange": message.exchange,
            "routingKey": message.routing_key,
        }),
    };
    let mut properties = Map::new();
    let mut add =
        |name: &str, value: Option<Value>| properties.extend(value.map(|value| (name.to_owned(), value)));
    add("contentType", message.content_type.clone().map(Value::from));
    add("headers", Some(table_to_json(&message.headers)));
    add("deliveryMode", message.delivery_mode.map(Value::from));
    add("priority", message.priority.map(Value::from));
    add("correlationId", message.correlation_id.clone().map(Value::from));
    add("replyTo", message.reply_to.clone().map(Value::from));
    add("expiration", message.expiration.clone().map(Value::from));
    add("messageId", message.message_id.clone().map(Value::from));
    json!({ "fields": fields, "properties": properties, "content": message.body })
}

fn table_to_json(table: &FieldTable) -> Value {
    Value::Object(table.iter().map(|(name, value)| (name.to_string(), value_to_json(value))).collect())
}

fn value_to_json(value: &FieldValue) -> Value {
    match value {
        FieldValue::Void => Value::Null,
        FieldValue::Bool(truth) => Value::Bool(*truth),
        FieldValue::F32(bits) => Value::from(f64::from(f32::from_bits(*bits))),
        FieldValue::F64(bits) => Value::from(f64::from_bits(*bits)),
        FieldValue::LongStr(bytes) | FieldValue::Bytes(bytes) => Value::from(String::from_utf8_lossy(bytes)),
        FieldValue::Array(list) => Value::Array(list.iter().map(value_to_json).collect()),
        FieldValue::Table(table) => table_to_json(table),
        FieldValue::Timestamp(seconds) => Value::from(*seconds),
        other => other.as_integer().map_or_else(|| Value::from(other.to_string()), Value::from),
    }
}

impl Reply {
    /// Reads what an interpreter answers.
    ///
    /// # Errors
    /// What of it cannot be read, for people. A program that changes what it stands on can bring that about.
    pub fn from_json(text: &str) -> Result<Reply, String> {
        let reply: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let commands = reply.get("commands").and_then(Value::as_array).ok_or("it has no commands")?;
        let mistake = reply.get("error").filter(|error| !error.is_null()).map(|error| Mistake {
            message: text_of(error, "message").unwrap_or_default(),
            line: number_of(error, "line"),
        });
        Ok(Reply { commands: commands.iter().map(command).collect::<Result<_, _>>()?, mistake })
    }
}

fn command(json: &Value) -> Result<Command, String> {
    let name = text_of(json, "do")?;
    Ok(match name.as_str() {
        "connect" => Command::Connect,
        "publish" => Command::Publish(Box::new(publication(json)?)),
        "ack" => settle(json, Settlement::Ack)?,
        "nack" => settle(json, Settlement::Nack { requeue: flag(json, "requeue") })?,
        "reject" => settle(json, Settlement::Reject { requeue: flag(json, "requeue") })?,
        "timer" => {
            let ms: u32 = number_of(json, "ms").ok_or("a timer has no time")?;
            Command::SetTimer { timer: timer(json)?, after: Duration::from_millis(ms.into()) }
        }
        "clear" => Command::ClearTimer(timer(json)?),
        "log" => Command::Print {
            text: text_of(json, "text")?,
            is_error: flag(json, "error"),
            line: number_of(json, "line"),
        },
        "done" => Command::Done { tag: tag(json)? },
        "close" => Command::Close,
        "exit" => Command::Exit { code: number_of(json, "code").unwrap_or(1) },
        _ => Command::Ask(request(&name, json)?),
    })
}

fn request(name: &str, json: &Value) -> Result<Request, String> {
    let text = |field: &str| text_of(json, field);
    let arguments = || table(json.get("arguments"), 0);
    Ok(match name {
        "exchange" => Request::Exchange {
            name: text("exchange")?,
            kind: text("type")?,
            durable: flag(json, "durable"),
            arguments: arguments()?,
        },
        "queue" => Request::Queue {
            name: text("queue")?,
            passive: flag(json, "passive"),
            durable: flag(json, "durable"),
            exclusive: flag(json, "exclusive"),
            arguments: arguments()?,
        },
        "bind" => Request::Bind {
            exchange: text("exchange")?,
            queue: text("queue")?,
            routing_key: text("key")?,
            arguments: arguments()?,
        },
        "bind-exchange" => Request::BindExchange {
            exchange: text("exchange")?,
            to: text("to")?,
            routing_key: text("key")?,
            arguments: arguments()?,
        },
        "confirm" => Request::Confirms,
        "prefetch" => Request::Prefetch {
            count: number_of(json, "count").ok_or("prefetch has no count")?,
            global: flag(json, "global"),
        },
        "consume" => Request::Consume {
            queue: text("queue")?,
            tag: text("tag")?,
            no_ack: flag(json, "noAck"),
            arguments: arguments()?,
        },
        "cancel" => Request::Cancel { tag: text("tag")? },
        "delete" => Request::DeleteQueue { queue: text("queue")? },
        "purge" => Request::PurgeQueue { queue: text("queue")? },
        other => return Err(format!("there is no command {other:?}")),
    })
}

fn publication(json: &Value) -> Result<Publication, String> {
    let optional = |field: &str| match json.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => text_of(json, field).map(Some),
    };
    let priority = match json.get("priority") {
        None | Some(Value::Null) => None,
        Some(_) => Some(number_of(json, "priority").ok_or("a priority is a number from 0 to 255")?),
    };
    Ok(Publication {
        exchange: text_of(json, "exchange")?,
        routing_key: text_of(json, "key")?,
        body: text_of(json, "body")?,
        headers: table(json.get("headers"), 0)?,
        persistent: flag(json, "persistent"),
        mandatory: flag(json, "mandatory"),
        priority,
        expiration: optional("expiration")?,
        message_id: optional("messageId")?,
        correlation_id: optional("correlationId")?,
        reply_to: optional("replyTo")?,
        content_type: optional("contentType")?,
    })
}

fn settle(json: &Value, how: Settlement) -> Result<Command, String> {
    Ok(Command::Settle { tag: tag(json)?, multiple: flag(json, "multiple"), how })
}

fn tag(json: &Value) -> Result<u64, String> {
    number_of(json, "tag").ok_or_else(|| "a delivery has no tag".to_owned())
}

fn timer(json: &Value) -> Result<u32, String> {
    number_of(json, "id").ok_or_else(|| "a timer has no id".to_owned())
}

/// The longest name and key that AMQP can carry, in bytes.
const LONGEST_SHORT: usize = 255;

fn text_of(json: &Value, field: &str) -> Result<String, String> {
    let text = json.get(field).and_then(Value::as_str).ok_or_else(|| format!("{field} is not a text"))?;
    if text.len() > LONGEST_SHORT && !["text", "body", "message"].contains(&field) {
        return Err(format!("{field} is longer than {LONGEST_SHORT} bytes"));
    }
    Ok(text.to_owned())
}

fn flag(json: &Value, field: &str) -> bool {
    json.get(field).and_then(Value::as_bool).unwrap_or_default()
}

fn number_of<T: TryFrom<i64>>(json: &Value, field: &str) -> Option<T> {
    json.get(field)?.as_i64()?.try_into().ok()
}

fn table(json: Option<&Value>, depth: u32) -> Result<FieldTable, String> {
    let Some(json) = json else { return Ok(FieldTable::default()) };
    let entries = json.as_object().ok_or("headers and arguments are objects")?;
    let entry = |(name, value): (&String, &Value)| {
        if name.len() > LONGEST_SHORT {
            return Err(format!("the name of a header is longer than {LONGEST_SHORT} bytes"));
        }
        Ok((name.clone(), value_of(value, depth + 1)?))
    };
    entries.iter().map(entry).collect()
}

fn value_of(json: &Value, depth: u32) -> Result<FieldValue, String> {
    if depth > DEEPEST {
        return Err("headers and arguments go too deep".into());
    }
    Ok(match json {
        Value::Null => FieldValue::Void,
        Value::Bool(truth) => FieldValue::Bool(*truth),
        Value::Number(number) => match number.as_i64() {
            Some(number) => FieldValue::I64(number),
            None => FieldValue::F64(number.as_f64().unwrap_or_default().to_bits()),
        },
        Value::String(text) => FieldValue::LongStr(text.as_bytes().to_vec()),
        Value::Array(list) => {
            FieldValue::Array(list.iter().map(|one| value_of(one, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Object(_) => FieldValue::Table(table(Some(json), depth)?),
    })
}
