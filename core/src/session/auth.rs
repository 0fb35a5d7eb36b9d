//! Who logs in: SASL PLAIN and ANONYMOUS, and AMQPLAIN of the early clients.

use crate::{
    Behaviour, Behaviours, Name, Peer, ReplyCode,
    access::{Access, PasswordHash},
    refusal::{Outcome, Refusal},
    wire::{Dialect, FieldTable, FieldValue},
};

/// Who a client without a name is, and the password that this user must have (RabbitMQ 4's `anonymous_login_user` and
/// `anonymous_login_pass`).
const ANONYMOUS: (&str, &str) = ("guest", "guest");

/// The mechanisms that connection.start offers: RabbitMQ 3's to clients of AMQP 0-8, whatever the release.
pub(crate) fn mechanisms(dialect: Dialect, compat: Behaviours) -> &'static str {
    match dialect {
        Dialect::V0_9_1 if compat.has(Behaviour::AnonymousLogin) => "PLAIN AMQPLAIN ANONYMOUS",
        Dialect::V0_9_1 | Dialect::V0_8 => "PLAIN AMQPLAIN",
    }
}

/// Checks the response of connection.start-ok and returns the user's name.
pub(crate) fn login(
    mechanism: &str,
    response: &[u8],
    access: &Access,
    (peer, compat): (&Peer, Behaviours),
) -> Outcome<Name> {
    let (name, password) = match mechanism {
        "PLAIN" => plain(response)?,
        "AMQPLAIN" => amqplain(response)?,
        "ANONYMOUS" if compat.has(Behaviour::AnonymousLogin) => (ANONYMOUS.0.into(), ANONYMOUS.1.into()),
        other => {
            let text = format!("unknown authentication mechanism '{other}'");
            return Err(Refusal::new(ReplyCode::CommandInvalid, text));
        }
    };
    // The client is not told the reason: it is in RabbitMQ's log.
    let refuse = |reason: &str| {
        let text = format!(
            "Login was refused using authentication mechanism {mechanism}. For details see the broker logfile."
        );
        let name = String::from_utf8_lossy(&name);
        let reason = format!("{mechanism} login refused: user '{name}' {reason}");
        Err(Refusal::new(ReplyCode::AccessRefused, text).because(reason))
    };
    let user = str::from_utf8(&name).ok().and_then(|name| access.user(name));
    // An unknown user takes as long as a wrong password.
    let known = user.map_or(PasswordHash::default(), |user| user.password);
    let is_right = known.matches(&password);
    match user.filter(|_| is_right) {
        _ if password.is_empty() => refuse("attempted to log in with a blank password, which is prohibited"),
        None => refuse("- invalid credentials"),
        Some(user) if user.loopback_only && !peer.loopback => refuse("can only connect via localhost"),
        Some(user) => Ok(Name::from(user.name.as_str())),
    }
}

/// `NUL name NUL password` (RFC 4616, without an authorization id as RabbitMQ has it).
fn plain(response: &[u8]) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let parts: Vec<&[u8]> = response.split(|&byte| byte == 0).collect();
    match parts[..] {
        [b"", name, password] => Ok((name.to_vec(), password.to_vec())),
        _ => Err(Refusal::new(ReplyCode::SyntaxError, "response does not have the form of mechanism PLAIN")),
    }
}

/// A field table without its length, with LOGIN and PASSWORD (RabbitMQ).
fn amqplain(response: &[u8]) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let table = FieldTable::decode_pairs(response).ok();
    let text = |key| match table.as_ref().and_then(|table| table.get(key)) {
        Some(FieldValue::LongStr(text)) => Ok(text.clone()),
        _ => Err(Refusal::new(
            ReplyCode::SyntaxError,
            format!("AMQPLAIN auth info {key} is missing or is no long string"),
        )),
    };
    Ok((text("LOGIN")?, text("PASSWORD")?))
}
