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
        exchange.check_binding(
            &binding,
            self.type_of(vhost, &binding.destination),
            self.config.behaviours(),
        )?;
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
        let vhost = self.vhost(caller)?;
        let is_there =
            |exchange: &&Exchange| exchange.has(wanted) && !vhost.is_unbinding(&wanted.destination);
        let known = vhost.exchanges.get(source).filter(is_there).filter(|_| !forgotten);
        let Some(known) = known else { return Ok(()) };
        let name = known.name.clone();
        self.check_accessible(caller, &wanted.destination)?;

        self.vhost_mut(caller)?.unbind(&name, wanted);
        let unused = self.vhost(caller)?.exchange(source)?.is_over();
        self.record_binding(&caller.vhost, &name, wanted, false);
        self.emit_unbound(&caller.vhost, name, wanted);
        if unused {
            self.delete_exchange(&caller.vhost, source);
        }
        Ok(())
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
