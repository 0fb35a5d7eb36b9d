//! The program as its users meet it: a process with a command line, two ports and signals.

#![expect(clippy::expect_used, clippy::panic, reason = "a helper that cannot go on fails its test")]

mod amqp;
mod code;
mod command_line;
mod configuration;
mod http;
mod lint;
mod log;
mod operator;
mod process;
mod shutdown;
mod sim;
mod stopped;
mod strangers;
mod sweep;
mod unread;
mod upgrade;
