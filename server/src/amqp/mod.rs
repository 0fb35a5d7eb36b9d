//! AMQP over TCP: sockets around the one broker, all on one thread.
//!
//! Every connection is a task that reads a chunk into the owner's shared buffer, hands it to the broker at
//! once and later writes what the broker put into its outbox. There is no queue between a socket and the
//! broker, so nothing needs a bound: what the broker does not take stays in the client's TCP window.

mod connection;
mod inspector;
mod listener;
mod notices;
mod outbox;
mod owner;
mod streams;
mod timer;

pub(crate) use inspector::Inspector;
pub(crate) use listener::accept;
pub(crate) use owner::{End, Owner};
pub(crate) use timer::{Clock, keep_time};
