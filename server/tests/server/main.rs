//! The program as its users meet it: a process with a command line, two ports and signals.

mod amqp;
mod command_line;
mod configuration;
mod http;
mod process;
mod shutdown;
