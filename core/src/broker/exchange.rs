//! Class exchange (AMQP 0-9-1 reference, section 1.6; bind and unbind are RabbitMQ's).

use std::borrow::Cow;

use super::{
    Broker,
    channel::{Caller, senseless},
    rights::Resource,
};
use crate::{
    Behaviour, Fact, Name, ReplyCode,
    event::{Destination, ExchangeKind},
    exchange::{Binding, Exchange, Properties, check_equivalent},
    journal::Change,
    refusal::{Outcome, Refusal, exchange_in},
    vhost::Vhost,
    wire::Method,
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
                let kind = self.exchange_kind(kind_name)?;
                let asked = Properties { kind, durable, auto_delete, internal, arguments };
                self.declare_exchange(caller, &strip(exchange), asked)?;
                self.reply(caller, nowait, &Method::ExchangeDeclareOk {});
            }
            Method::ExchangeDelete { exchange, if_unused, nowait, .. } => {
                let exchange = &*strip(exchange);
                check_deletable(exchange, &caller.vhost)?;
                self.check_configure(caller, Resource::Exchange(exchange))?;
                let found = self.vhost(caller)?.exchanges.get(exchange);
                if if_unused && found.is_some_and(|exchange| !exchange.is_unused()) {
                    let text = format!("{} in use", exchange_in(exchange, &caller.vhost));
                    return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
                }
                self.delete_exchange(&caller.vhost, exchange);
                self.await_unbinding(caller, &Destination::Exchange(exchange.into()));
                self.reply(caller, nowait, &Method::ExchangeDeleteOk {});
            }
            Method::ExchangeBind { destination, source, routing_key, nowait, arguments, .. } => {
                let destination = Destination::Exchange((&*strip(destination)).into());
                let binding = Binding::new(destination, routing_key.into(), arguments);
                self.bind(caller, &strip(source), binding)?;
                self.reply(caller, nowait, &Method::ExchangeBindOk {});
            }
            Method::ExchangeUnbind { destination, source, routing_key, nowait, arguments, .. } => {
                let destination = Destination::Exchange((&*strip(destination)).into());
                let binding = Binding::new(destination, routing_key.into(), arguments);
                self.unbind(caller, &strip(source), &binding)?;
                self.reply(caller, nowait, &Method::ExchangeUnbindOk {});
            }
            _ => return Err(senseless()),
        }
        Ok(())
    }

    fn exchange_kind(&self, name: &str) -> Outcome<ExchangeKind> {
        ExchangeKind::named(name).map_err(|refusal| {
            match self.config.has(Behaviour::UnknownTypeClosesChannel) {
                true => refusal,
                false => Refusal { code: ReplyCode::CommandInvalid, ..refusal },
            }
        })
    }

    fn declare_exchange(&mut self, caller: &Caller, name: &str, asked: Properties) -> Outcome {
        check_not_default(name)?;
        self.check_configure(caller, Resource::Exchange(name))?;
        let vhost = self.vhost(caller)?;
        if let Some(existing) = vhost.exchanges.get(name) {
            return check_equivalent(existing, &asked, &vhost.name);
        }
        if name.starts_with("amq.") {
            let text = format!("exchange name '{name}' contains reserved prefix 'amq.*'");
            return Err(Refusal::new(ReplyCode::AccessRefused, text));
        }
        if let Some(alternate) = asked.alternate(name, &caller.vhost)? {
            self.check_forwarding(caller, Resource::Exchange(name), alternate)?;
        }
        asked.check()?;
        let new = Exchange::new(name.into(), asked, self.config.behaviours());
        let (exchange, kind, durable) = (new.name.clone(), new.properties.kind, new.properties.durable);
        if durable {
            let (vhost, name, properties) = (caller.vhost.clone(), exchange.clone(), new.properties.clone());
            self.record(|| Change::Exchange { vhost, name, properties });
        }
        self.vhost_mut(caller)?.exchanges.insert(exchange.clone(), new);
        if self.journal.is_some() {
            self.add_holding(&caller.vhost, &exchange);
        }
        self.events.emit(&caller.vhost, || Fact::ExchangeDeclared { exchange, kind, durable });
        self.apply_exchange_policies(&caller.vhost, name);
        Ok(())
    }

    /// Removes an exchange with the bindings that it is an end of.
    pub(super) fn delete_exchange(&mut self, vhost: &Name, exchange: &str) {
        let gone = self.vhosts.get_mut(vhost).and_then(|vhost| vhost.exchanges.remove(exchange));
        let Some(mut gone) = gone else { return };
        let name = gone.name.clone();
        self.forget_exchange(vhost, &mut gone);
        self.forget_bindings(vhost.clone(), Box::new(gone));
        self.unbind_everywhere(vhost, Destination::Exchange(name.clone()));
        self.events.emit(vhost, || Fact::ExchangeDeleted { exchange: name });
    }

    /// An exchange without bindings has been removed.
    pub(super) fn exchange_is_gone(&mut self, vhost: &Name, mut gone: Exchange) {
        self.forget_exchange(vhost, &mut gone);
        let name = gone.name;
        self.events.emit(vhost, || Fact::ExchangeDeleted { exchange: name });
    }

    /// An exchange has been removed: that is recorded, and the history that it has kept goes with it.
    fn forget_exchange(&mut self, vhost: &Name, gone: &mut Exchange) {
        if gone.properties.durable {
            let (vhost, name) = (vhost.clone(), gone.name.clone());
            self.record(|| Change::ExchangeGone { vhost, name });
        }
        if let Some(id) = gone.holding {
            self.drop_holding_if_unused(vhost, id);
        }
        if let Some(history) = gone.history.take() {
            self.forget_history(history, gone.holding);
        }
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
