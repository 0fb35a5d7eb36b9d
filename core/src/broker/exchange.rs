//! Class exchange (AMQP 0-9-1 reference, section 1.6; bind and unbind are RabbitMQ's).

use std::borrow::Cow;

use super::{
    Broker,
    channel::{Caller, senseless},
    rights::Resource,
};
use crate::{
    Fact, Name, ReplyCode,
    event::{Destination, ExchangeKind},
    exchange::{Binding, Exchange, check_headers_arguments},
    policy::Thing,
    refusal::{Outcome, Refusal, exchange_in},
    vhost::Vhost,
    wire::{FieldTable, Method},
};

impl Broker {
    pub(super) fn exchange_class(&mut self, caller: &Caller, method: Method<'_>) -> Outcome {
        match method {
            Method::ExchangeDeclare { exchange, passive: true, nowait, .. } => {
                let exchange = &*strip(exchange);
                check_not_default(exchange)?;
                self.check_any(caller, Resource::Exchange(exchange))?;
                self.vhost(caller)?.exchange(exchange)?;
                self.reply(caller, nowait, &Method::ExchangeDeclareOk {});
            }
            Method::ExchangeDeclare {
                exchange,
                kind: kind_name,
                durable,
                auto_delete,
                internal,
                nowait,
                arguments,
                ..
            } => {
                let kind = parse_kind(kind_name)?;
                check_arguments(&arguments)?;
                let new = Exchange::new((&*strip(exchange)).into(), kind, durable, auto_delete, internal);
                self.declare_exchange(caller, new)?;
                self.reply(caller, nowait, &Method::ExchangeDeclareOk {});
            }
            Method::ExchangeDelete { exchange, if_unused, nowait, .. } => {
                let exchange = &*strip(exchange);
                check_deletable(exchange, &caller.vhost)?;
                self.check_configure(caller, Resource::Exchange(exchange))?;
                self.delete_exchange(caller, exchange, if_unused)?;
                self.reply(caller, nowait, &Method::ExchangeDeleteOk {});
            }
            Method::ExchangeBind { destination, source, routing_key, nowait, arguments, .. } => {
                let destination = Destination::Exchange((&*strip(destination)).into());
                let source = &*strip(source);
                self.check_binding(caller, source, &destination, routing_key)?;
                if let Destination::Exchange(destination) = &destination {
                    self.vhost(caller)?.exchange(destination)?;
                }
                self.bind(caller, source, destination, routing_key.into(), arguments)?;
                self.reply(caller, nowait, &Method::ExchangeBindOk {});
            }
            Method::ExchangeUnbind { destination, source, routing_key, nowait, arguments, .. } => {
                let destination = Destination::Exchange((&*strip(destination)).into());
                let source = &*strip(source);
                self.check_binding(caller, source, &destination, routing_key)?;
                self.unbind(caller, source, destination, routing_key.into(), arguments)?;
                self.reply(caller, nowait, &Method::ExchangeUnbindOk {});
            }
            _ => return Err(senseless()),
        }
        Ok(())
    }

    fn declare_exchange(&mut self, caller: &Caller, mut new: Exchange) -> Outcome {
        check_not_default(&new.name)?;
        self.check_configure(caller, Resource::Exchange(&new.name))?;
        new.policy = self.policies.effective(&caller.vhost, Thing::Exchange, &new.name);
        let vhost = self.vhost_mut(caller)?;
        if let Some(existing) = vhost.exchanges.get(&new.name) {
            return check_equivalent(existing, &new, &vhost.name);
        }
        if new.name.starts_with("amq.") {
            let text = format!("exchange name '{}' contains reserved prefix 'amq.*'", new.name);
            return Err(Refusal::new(ReplyCode::AccessRefused, text));
        }
        let (exchange, kind, durable) = (new.name.clone(), new.kind(), new.durable);
        vhost.exchanges.insert(exchange.clone(), new);
        self.events.emit(&caller.vhost, || Fact::ExchangeDeclared { exchange, kind, durable });
        Ok(())
    }

    fn delete_exchange(&mut self, caller: &Caller, exchange: &str, if_unused: bool) -> Outcome {
        let vhost = self.vhost_mut(caller)?;
        let Some(found) = vhost.exchanges.get(exchange) else { return Ok(()) };
        if if_unused && !found.is_unused() {
            let text = format!("{} in use", exchange_in(exchange, &caller.vhost));
            return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
        }
        let Some(mut gone) = vhost.exchanges.remove(exchange) else { return Ok(()) };
        for binding in gone.unbind(|_| true) {
            self.emit_unbound(&caller.vhost, gone.name.clone(), binding);
        }
        self.unbind_everywhere(&caller.vhost, &Destination::Exchange(gone.name.clone()));
        self.events.emit(&caller.vhost, || Fact::ExchangeDeleted { exchange: gone.name });
        Ok(())
    }

    /// Adds a binding; `destination` exists.
    pub(super) fn bind(
        &mut self,
        caller: &Caller,
        source: &str,
        destination: Destination,
        routing_key: Name,
        arguments: FieldTable,
    ) -> Outcome {
        let binding = Binding { destination, routing_key, arguments };
        check_destination(&binding.destination)?;
        check_not_default(source)?;
        let exchange = self.vhost_mut(caller)?.exchange_mut(source)?;
        if exchange.kind() == ExchangeKind::Headers {
            check_headers_arguments(&binding.arguments)?;
        }
        let name = exchange.name.clone();
        if exchange.bind(binding.clone()) {
            let Binding { destination, routing_key, .. } = binding;
            self.events.emit(&caller.vhost, || Fact::Bound { exchange: name, destination, routing_key });
        }
        Ok(())
    }

    /// Removes a binding. That it was never there, or one of its ends, is no error (RabbitMQ).
    pub(super) fn unbind(
        &mut self,
        caller: &Caller,
        source: &str,
        destination: Destination,
        routing_key: Name,
        arguments: FieldTable,
    ) -> Outcome {
        let wanted = Binding { destination, routing_key, arguments };
        check_destination(&wanted.destination)?;
        check_not_default(source)?;
        let vhost = self.vhost_mut(caller)?;
        let Some(exchange) = vhost.exchanges.get_mut(source) else { return Ok(()) };
        let unbound = exchange.unbind(|binding| *binding == wanted);
        let name = exchange.name.clone();
        let unused = exchange.auto_delete && exchange.is_unused();
        for binding in unbound {
            self.emit_unbound(&caller.vhost, name.clone(), binding);
            if unused {
                self.delete_exchange(caller, source, false)?;
            }
        }
        Ok(())
    }

    /// A queue or exchange is gone, and with it every binding to it.
    pub(super) fn unbind_everywhere(&mut self, vhost: &Name, destination: &Destination) {
        let Some(found) = self.vhosts.get_mut(vhost) else { return };
        let gone = found.unbind_everywhere(destination);
        for (exchange, binding) in gone.bindings {
            self.emit_unbound(vhost, exchange, binding);
        }
        for exchange in gone.exchanges {
            self.events.emit(vhost, || Fact::ExchangeDeleted { exchange });
        }
    }

    fn emit_unbound(&mut self, vhost: &Name, exchange: Name, binding: Binding) {
        let Binding { destination, routing_key, .. } = binding;
        self.events.emit(vhost, || Fact::Unbound { exchange, destination, routing_key });
    }

    pub(super) fn vhost(&self, caller: &Caller) -> Outcome<&Vhost> {
        self.vhosts.get(&caller.vhost).ok_or_else(|| no_vhost(caller))
    }

    pub(super) fn vhost_mut(&mut self, caller: &Caller) -> Outcome<&mut Vhost> {
        self.vhosts.get_mut(&caller.vhost).ok_or_else(|| no_vhost(caller))
    }
}

/// Names lose line ends, because people paste them (RabbitMQ).
pub(super) fn strip(name: &str) -> Cow<'_, str> {
    const LINE_ENDS: [char; 2] = ['\r', '\n'];
    if name.contains(LINE_ENDS) { name.replace(LINE_ENDS, "").into() } else { name.into() }
}

fn no_vhost(caller: &Caller) -> Refusal {
    Refusal::new(ReplyCode::NotAllowed, format!("vhost {} not found", caller.vhost))
}

fn parse_kind(name: &str) -> Outcome<ExchangeKind> {
    const KINDS: [ExchangeKind; 4] =
        [ExchangeKind::Direct, ExchangeKind::Fanout, ExchangeKind::Topic, ExchangeKind::Headers];
    KINDS
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or_else(|| Refusal::new(ReplyCode::PreconditionFailed, format!("unknown exchange type '{name}'")))
}

/// Refuses what would change how messages are routed and is not served yet.
fn check_arguments(arguments: &FieldTable) -> Outcome {
    if arguments.get("alternate-exchange").is_none() {
        return Ok(());
    }
    let text = "invalid arg 'alternate-exchange': not supported by this version of Warren";
    Err(Refusal::new(ReplyCode::PreconditionFailed, text))
}

fn check_deletable(exchange: &str, vhost: &str) -> Outcome {
    check_not_default(exchange)?;
    if exchange.starts_with("amq.") {
        let text = format!("deletion of system {} not allowed", exchange_in(exchange, vhost));
        return Err(Refusal::new(ReplyCode::AccessRefused, text));
    }
    Ok(())
}

pub(super) fn check_not_default(exchange: &str) -> Outcome {
    if exchange.is_empty() {
        let text = "operation not permitted on the default exchange";
        return Err(Refusal::new(ReplyCode::AccessRefused, text));
    }
    Ok(())
}

pub(super) fn check_destination(destination: &Destination) -> Outcome {
    match destination {
        Destination::Exchange(exchange) => check_not_default(exchange),
        Destination::Queue(_) => Ok(()),
    }
}

/// Refuses to declare an exchange again as something else. The texts and their order are RabbitMQ's.
fn check_equivalent(existing: &Exchange, asked: &Exchange, vhost: &str) -> Outcome {
    let compared = [
        ("type", existing.kind().as_str(), asked.kind().as_str()),
        ("durable", word(existing.durable), word(asked.durable)),
        ("auto_delete", word(existing.auto_delete), word(asked.auto_delete)),
        ("internal", word(existing.internal), word(asked.internal)),
    ];
    match compared.into_iter().find(|(_, current, received)| current != received) {
        None => Ok(()),
        Some((key, current, received)) => {
            let exchange = exchange_in(&existing.name, vhost);
            let text = format!(
                "inequivalent arg '{key}' for {exchange}: received '{received}' but current is '{current}'"
            );
            Err(Refusal::new(ReplyCode::PreconditionFailed, text))
        }
    }
}

fn word(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}
