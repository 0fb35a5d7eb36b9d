//! What AMQP 0-9-1 applications meet when they talk to the broker, as RabbitMQ 4 answers them: bytes in, bytes out.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod closing;
mod conservation;
mod consuming;
mod exchanges;
mod frames;
mod handshake;
mod heartbeats;
mod limits;
mod publishing;
mod queues;
mod robustness;
mod talk;
