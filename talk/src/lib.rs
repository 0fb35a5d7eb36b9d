//! Conversations with a broker, written down as a reader would: what clients say (`->`), what the broker answers
//! (`<-`). A [`Player`] plays what is said against a [`Host`]: the core on a virtual clock, or a live broker.
//!
//! ```text
//! -> 1 queue.declare queue=q                      on channel 1; connection and channel open by themselves
//! <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
//! -> b:2 basic.publish routing_key=q body=hello   on channel 2 of another connection, content included
//! -> 1 header body_size=5                         one frame of a content; `body` and `frame` likewise
//! -> b: lost                                      the stream of connection b breaks
//! -> c:0 login                                    by hand: the handshake up to connection.tune (`greet`: to start)
//! wait 30s                                        time passes
//! ```
//!
//! `conversations/README.md` explains the format to those who write such files.

mod admin;
mod chance;
mod cleanup;
mod compare;
mod conversation;
mod core_host;

mod fields;
mod frames;
mod generate;
mod hex;

mod methods;
mod names;
mod player;
mod show;
mod shrink;
mod tcp_host;

pub use admin::{Action, Management};
pub use compare::{Difference, Played, first_difference, play, play_steps};
pub use conversation::{Conversation, Mistake, Step};
pub use core_host::{Bytes, CoreHost};
pub use generate::Kind;
pub use player::{Heard, Host, Player};
pub use tcp_host::{Address, TcpHost};
pub use warren_core::{Behaviour, Release};
