//! What AMQP 0-9-1 applications meet when they talk to the broker: the conversations, and what holds for any bytes.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod collection;
mod conservation;
mod conversations;
mod differences;
mod generated;
mod robustness;
mod topics;
