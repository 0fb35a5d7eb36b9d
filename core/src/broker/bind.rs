//! Bindings come and go (queue.bind, exchange.bind and their opposites; exchange.bind is RabbitMQ's extension).

use super::{
    Broker,
    channel::Caller,
    work::{Task, cost},
};
use crate::{
    Fact, Name,
    event::Destination,
    exchange::{Binding, Exchange},
    refusal::Outcome,
    vhost::Vhost,
};

impl Broker {
    /// Adds a binding. Checks, and their order, are RabbitMQ's.
    pub(super) fn bind(&mut self, caller: &Caller, source: &str, binding: Binding) -> Outcome {
        self.check_binding(caller, source, &binding.destination, &binding.routing_key)?;
        let vhost = self.vhost(caller)?;
        let exchange = vhost.exchange(source)?;
        vhost.check_exists(&binding.destination)?;
        exchange.check_binding(&binding, self.type_of(vhost, &binding.destination))?;
        self.check_accessible(caller, &binding.destination)?;

        let name = exchange.name.clone();
        if self.vhost_mut(caller)?.bind(&name, binding.clone()) {
            self.record_binding(&caller.vhost, &name, &binding, true);
            let Binding { destination, routing_key, .. } = binding;
            let to = destination.clone();
            self.events.emit(&caller.vhost, || Fact::Bound { exchange: name, destination, routing_key });
            self.send_history(&caller.vhost, source, &to)?;
        }
        Ok(())
    }

    /// Removes a binding. That it was never there, or one of its ends, is no error (RabbitMQ).
    pub(super) fn unbind(&mut self, caller: &Caller, source: &str, wanted: &Binding) -> Outcome {
        self.check_binding(caller, source, &wanted.destination, &wanted.routing_key)?;
        let forgotten = planted!(self.config, UnbindIgnored);
        let known = self.vhost(caller)?.exchanges.get(source);
        let Some(known) = known.filter(|exchange| !forgotten && exchange.has(wanted)) else { return Ok(()) };
        let (name, auto_delete) = (known.name.clone(), known.properties.auto_delete);
        self.check_accessible(caller, &wanted.destination)?;

        self.vhost_mut(caller)?.unbind(&name, wanted);
        let unused = auto_delete && self.vhost(caller)?.exchange(source)?.is_unused();
        self.record_binding(&caller.vhost, &name, wanted, false);
        self.emit_unbound(&caller.vhost, name, wanted);
        if unused {
            self.delete_exchange(&caller.vhost, source);
        }
        Ok(())
    }

    /// A queue or exchange is gone, and with it every binding to it.
    pub(super) fn unbind_everywhere(&mut self, vhost: &Name, destination: &Destination) {
        let Some(found) = self.vhosts.get_mut(vhost) else { return };
        let gone = found.unbind_everywhere(destination);
        self.work.charge(cost::CHANGE * gone.bindings.len() as u64);
        for (exchange, binding) in gone.bindings {
            self.emit_unbound(vhost, exchange, &binding);
        }
        for exchange in gone.exchanges {
            self.exchange_is_gone(vhost, exchange);
        }
    }

    /// Forgets the bindings of an exchange that is gone, as far as this slice goes.
    pub(super) fn forget_bindings(&mut self, vhost: Name, mut gone: Box<Exchange>) {
        while let Some(binding) = gone.take_binding() {
            self.work.charge(cost::CHANGE);
            if let Some(vhost) = self.vhosts.get_mut(&vhost) {
                vhost.forget_binding_of(&gone.name, &binding);
            }
            self.emit_unbound(&vhost, gone.name.clone(), &binding);
            if self.work.is_spent() && !gone.is_unused() {
                return self.work.add(Task::ForgetBindings(vhost, gone));
            }
        }
    }

    pub(super) fn emit_unbound(&mut self, vhost: &Name, exchange: Name, binding: &Binding) {
        self.events.emit(vhost, || {
            let (destination, routing_key) = (binding.destination.clone(), binding.routing_key.clone());
            Fact::Unbound { exchange, destination, routing_key }
        });
    }

    /// RabbitMQ's name for the type of the queue, if it is one.
    fn type_of(&self, vhost: &Vhost, destination: &Destination) -> Option<&'static str> {
        let Destination::Queue(queue) = destination else { return None };
        Some(self.queues.get(vhost.queues.get(queue)?)?.kind.module())
    }

    /// Another connection's exclusive queue is not to be bound or unbound.
    fn check_accessible(&self, caller: &Caller, destination: &Destination) -> Outcome {
        if let Destination::Queue(queue) = destination {
            self.accessible(caller, self.vhost(caller)?.queue_id(queue)?)?;
        }
        Ok(())
    }
}
