//! Methods that come before what is unfinished is done: they wait with all that the client sends behind them, and are served
//! then as if they had come now.

use super::{Broker, channel::Caller, exchange::strip};
use crate::{event::Destination, wire::Method};

impl Broker {
    /// Whether this method has to wait; it is served again later then.
    pub(super) fn comes_too_early(&mut self, caller: &Caller, method: &Method<'_>) -> bool {
        let waits = match method {
            Method::QueueDeclare { passive: false, queue, .. } => {
                self.await_unbinding(caller, &Destination::Queue((&*strip(queue)).into()))
            }
            Method::ExchangeDeclare { passive: false, exchange, .. } => {
                self.await_unbinding(caller, &Destination::Exchange((&*strip(exchange)).into()))
            }
            _ => false,
        };
        if waits && let Some(session) = self.sessions.get_mut(&caller.connection) {
            let mut frame = Vec::new();
            session.dialect.encode(method, caller.channel.0, &mut frame);
            // What has come behind it is put behind it.
            session.backlog.splice(..0, frame);
        }
        waits
    }

    /// Has the client's next frames wait until there are no bindings to `destination` any more, if that is gone and they are
    /// not; `false` if there is nothing to wait for.
    pub(super) fn await_unbinding(&mut self, caller: &Caller, destination: &Destination) -> bool {
        let vhost = self.vhosts.get_mut(&caller.vhost);
        let waits = vhost.is_some_and(|vhost| vhost.await_unbinding(destination, caller.connection));
        if waits {
            self.hold_input(caller.connection);
        }
        waits
    }
}
