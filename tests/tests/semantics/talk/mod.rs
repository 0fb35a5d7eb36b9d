//! Conversations with a broker, written down as a reader would: what clients say (`->`), what the broker answers
//! (`<-`). [`check`] plays what is said against a fresh broker on a virtual clock and compares what is answered.
//!
//! ```text
//! -> 1 queue.declare queue=q                      on channel 1; connection and channel open by themselves
//! <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
//! -> b:2 basic.publish routing_key=q body=hello   on channel 2 of another connection, content included
//! -> 1 header body_size=5                         one frame of a content; `body` and `frame` likewise
//! -> b: lost                                      the stream of connection b breaks
//! -> c:0 login                                   by hand: the handshake up to connection.tune (`greet`: to start)
//! wait 30s                                        virtual time passes
//! ```
//!
//! Every conversation is played three times: as written, byte by byte, and watched. All must read the same.
//! `UPDATE_EXPECT=1` writes the answers into the test; read them before you commit them.

mod fields;
mod hex;
mod methods;
mod player;
mod show;

use expect_test::Expect;
use warren_core::Config;

pub(crate) use player::Player;

/// Plays a conversation with a broker as it comes.
#[track_caller]
pub(crate) fn check(expect: Expect) {
    check_with(Config::default(), expect);
}

/// Plays a conversation with a broker set up so.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the macro that makes an Expect gives it away")]
pub(crate) fn check_with(config: Config, expect: Expect) {
    let said = said(expect.data());
    let played = Player::new(config.clone(), Bytes::Together).play_all(&said);
    let dripped = Player::new(config.clone(), Bytes::OneByOne).play_all(&said);
    assert_eq!(dripped.transcript, played.transcript, "fed byte by byte, it reads differently");
    let watched = Player::new(Config { watched: true, ..config }, Bytes::Together).play_all(&said);
    assert!(watched == played, "watched, it sends other bytes");
    expect.assert_eq(&played.transcript);
}

/// How a client's bytes reach the broker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bytes {
    Together,
    OneByOne,
}

/// A conversation that was played.
#[derive(PartialEq, Eq)]
pub(crate) struct Played {
    pub(crate) transcript: String,
    /// Every output in order, with its bytes.
    pub(crate) outputs: Vec<String>,
}

fn said(transcript: &str) -> Vec<&str> {
    transcript.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("<-")).collect()
}
