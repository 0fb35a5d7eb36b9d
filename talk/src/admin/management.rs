//! An operator's actions through the HTTP API of RabbitMQ's management plugin, as guest.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use serde_json::{Map, Value, json};
use warren_core::wire::{FieldTable, FieldValue};

use super::{Action, Limits, PolicyName, Scope};

/// RabbitMQ's plugin listens there unless it is told otherwise: this many ports above AMQP's.
const PORTS_ABOVE: u16 = 10_000;
const PATIENCE: Duration = Duration::from_secs(10);
/// `guest:guest` in base 64.
const GUEST: &str = "Z3Vlc3Q6Z3Vlc3Q=";

/// A RabbitMQ's management plugin.
#[derive(Clone, Debug)]
pub struct Management {
    place: String,
}

struct Request {
    method: &'static str,
    path: String,
    body: Value,
}

impl Management {
    /// The plugin of the broker at `host:port`, if there is one.
    #[must_use]
    pub fn find(broker: &str) -> Option<Self> {
        let (host, port) = broker.rsplit_once(':')?;
        let port = port.parse::<u16>().ok()?.checked_add(PORTS_ABOVE)?;
        let management = Management { place: format!("{host}:{port}") };
        management.connect().ok().map(|_| management)
    }

    /// Has an action done. Gives the refusal, if it is refused.
    pub(crate) fn ask(&self, action: &Action) -> Result<Option<String>, String> {
        for request in requests(action)? {
            let refusal = self.send(&request).map_err(|error| format!("{}: {error}", self.place))?;
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
        Ok(None)
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let mut addresses = self.place.to_socket_addrs()?;
        let address = addresses.next().ok_or(std::io::ErrorKind::NotFound)?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn send(&self, Request { method, path, body }: &Request) -> std::io::Result<Option<String>> {
        let body = body.to_string();
        let mut stream = self.connect()?;
        write!(
            stream,
            "{method} /api/{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Basic {GUEST}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.place,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(refusal(&answer))
    }
}

/// The reason of a status that is none of success. Deleting what is not there is no refusal.
fn refusal(answer: &str) -> Option<String> {
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status.starts_with('2') || status == "404" {
        return None;
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let reason = body["reason"].as_str().unwrap_or(status);
    let reason = reason.trim_start_matches("Validation failed\n").trim();
    Some(reason.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace('\n', ""))
}

fn requests(action: &Action) -> Result<Vec<Request>, String> {
    let put = |path: String, body| Request { method: "PUT", path, body };
    let delete = |path: String| Request { method: "DELETE", path, body: Value::Null };
    Ok(vec![match action {
        // It learns of connections in intervals only.
        Action::CloseConnection { .. } => return Err("the plugin knows no new connections".into()),
        Action::AddVhost(name) => put(format!("vhosts/{}", encoded(name)), json!({})),
        Action::DeleteVhost(name) => delete(format!("vhosts/{}", encoded(name))),
        Action::LimitVhost(limits) => return Ok(limit("vhost-limits", limits, "max-queues")),
        Action::SetUser { password, tag, limits } => {
            let user =
                put(format!("users/{}", encoded(&limits.name)), json!({ "password": password, "tags": tag }));
            return Ok([user].into_iter().chain(limit("user-limits", limits, "max-channels")).collect());
        }
        Action::DeleteUser(name) => delete(format!("users/{}", encoded(name))),
        Action::Permit { scope, patterns: [configure, write, read] } => put(
            permissions("permissions", scope),
            json!({ "configure": configure, "write": write, "read": read }),
        ),
        Action::Forbid(scope) => delete(permissions("permissions", scope)),
        Action::PermitTopics { scope, exchange, patterns: [write, read] } => put(
            permissions("topic-permissions", scope),
            json!({ "exchange": exchange, "write": write, "read": read }),
        ),
        Action::LiftTopics { scope, exchange } => {
            let one = exchange.as_ref().map(|exchange| format!("/{}", encoded(exchange))).unwrap_or_default();
            delete(permissions("topic-permissions", scope) + &one)
        }
        Action::SetPolicy { policy, pattern, apply_to, priority, definition } => put(
            policy_path(policy),
            json!({
                "pattern": pattern,
                "apply-to": apply_to,
                "priority": priority,
                "definition": table(definition),
            }),
        ),
        Action::ClearPolicy(policy) => delete(policy_path(policy)),
    }])
}

fn limit(kind: &str, limits: &Limits, second: &str) -> Vec<Request> {
    let both = [("max-connections", limits.max_connections), (second, limits.second)];
    let request = |(limit, value): (&str, Option<u64>)| Request {
        method: if value.is_some() { "PUT" } else { "DELETE" },
        path: format!("{kind}/{}/{limit}", encoded(&limits.name)),
        body: json!({ "value": value }),
    };
    both.into_iter().map(request).collect()
}

fn permissions(kind: &str, scope: &Scope) -> String {
    format!("{kind}/{}/{}", encoded(&scope.vhost), encoded(&scope.user))
}

fn policy_path(policy: &PolicyName) -> String {
    let kind = if policy.operators { "operator-policies" } else { "policies" };
    format!("{kind}/{}/{}", encoded(&policy.vhost), encoded(&policy.name))
}

fn table(table: &FieldTable) -> Value {
    let pair = |(key, value): (_, &FieldValue)| (String::from_utf8_lossy(key).into_owned(), json(value));
    Value::Object(table.iter().map(|(key, value)| (key.as_bytes(), value)).map(pair).collect::<Map<_, _>>())
}

fn json(value: &FieldValue) -> Value {
    match value {
        FieldValue::Bool(value) => json!(value),
        FieldValue::Array(values) => values.iter().map(json).collect(),
        FieldValue::Table(inner) => table(inner),
        FieldValue::Void => Value::Null,
        other => other.as_integer().map_or_else(|| json!(other.to_string()), |number| json!(number)),
    }
}

/// A part of a path: all but letters, digits and hyphens is written as its code.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
