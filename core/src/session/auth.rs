//! Who logs in: SASL PLAIN, and AMQPLAIN of the early clients.

use crate::{
    Name, Peer, ReplyCode, User,
    refusal::{Outcome, Refusal},
    wire::{FieldTable, FieldValue},
};

/// The mechanisms that connection.start offers.
pub(crate) const MECHANISMS: &str = "PLAIN AMQPLAIN";

/// Checks the response of connection.start-ok and returns the user's name.
pub(crate) fn login(mechanism: &str, response: &[u8], users: &[User], peer: &Peer) -> Outcome<Name> {
    let (name, password) = match mechanism {
        "PLAIN" => plain(response)?,
        "AMQPLAIN" => amqplain(response)?,
        other => {
            let text = format!("unknown authentication mechanism '{other}'");
            return Err(Refusal::new(ReplyCode::CommandInvalid, text));
        }
    };
    let known =
        users.iter().find(|user| user.name.as_bytes() == name && user.password.as_bytes() == password);
    let user = known.ok_or_else(|| {
        let text = format!(
            "Login was refused using authentication mechanism {mechanism}. For details see the broker logfile."
        );
        Refusal::new(ReplyCode::AccessRefused, text)
    })?;
    if user.loopback_only && !peer.loopback {
        let text = format!("User '{}' can only connect via localhost", user.name);
        return Err(Refusal::new(ReplyCode::AccessRefused, text));
    }
    Ok(Name::from(user.name.as_str()))
}

/// `[authorization id] NUL name NUL password` (RFC 4616).
fn plain(response: &[u8]) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let mut parts = response.splitn(3, |&byte| byte == 0);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(name), Some(password)) => Ok((name.to_vec(), password.to_vec())),
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
