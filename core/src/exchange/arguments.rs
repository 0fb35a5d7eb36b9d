//! exchange.declare's optional arguments, and whether two declarations say the same. Checks, order and texts are
//! RabbitMQ's.

use super::{Exchange, Properties, consistent_hash, delayed_message, recent_history};
use crate::{
    ReplyCode,
    equivalence::{check_argument, check_flag, check_word},
    event::ExchangeKind,
    refusal::{Outcome, Refusal, exchange_in},
    wire::FieldValue,
};

/// The argument, and the policies' key, for where unroutable messages go.
pub(crate) const ALTERNATE_EXCHANGE: &str = "alternate-exchange";

impl Properties {
    /// Refuses what exchanges of this type cannot be.
    pub(crate) fn check(&self) -> Outcome {
        match self.rule()? {
            ExchangeKind::ConsistentHash => consistent_hash::check_arguments(&self.arguments),
            ExchangeKind::RecentHistory => recent_history::check_arguments(&self.arguments),
            _ => Ok(()),
        }
    }

    /// The type by whose rule messages are routed, now or later.
    pub(super) fn rule(&self) -> Outcome<ExchangeKind> {
        match self.kind {
            ExchangeKind::DelayedMessage => delayed_message::inner_kind(&self.arguments),
            kind => Ok(kind),
        }
    }

    /// The alternate exchange that is asked for.
    pub(crate) fn alternate(&self, exchange: &str, vhost: &str) -> Outcome<Option<&str>> {
        match self.arguments.get(ALTERNATE_EXCHANGE) {
            None => Ok(None),
            Some(value @ FieldValue::LongStr(_)) => Ok(value.as_text()),
            Some(other) => {
                let (kind, exchange) = (other.type_name(), exchange_in(exchange, vhost));
                let text = format!("invalid type '{kind}' for arg '{ALTERNATE_EXCHANGE}' in {exchange}");
                Err(Refusal::new(ReplyCode::PreconditionFailed, text))
            }
        }
    }
}

/// Refuses to declare an exchange again as something else. Of the arguments only one is compared (RabbitMQ).
pub(crate) fn check_equivalent(existing: &Exchange, asked: &Properties, vhost: &str) -> Outcome {
    let (current, exchange) = (&existing.properties, exchange_in(&existing.name, vhost));
    check_word(&exchange, "type", &type_atom(current.kind), &type_atom(asked.kind))?;
    check_flag(&exchange, "durable", current.durable, asked.durable)?;
    check_flag(&exchange, "auto_delete", current.auto_delete, asked.auto_delete)?;
    check_flag(&exchange, "internal", current.internal, asked.internal)?;
    let [current, asked] = [current, asked].map(|properties| properties.arguments.get(ALTERNATE_EXCHANGE));
    check_argument(&exchange, ALTERNATE_EXCHANGE, current, asked)
}

/// As Erlang writes the type: with quotes if there is a hyphen in it.
fn type_atom(kind: ExchangeKind) -> String {
    let name = kind.as_str();
    if name.contains('-') { format!("'{name}'") } else { name.into() }
}
