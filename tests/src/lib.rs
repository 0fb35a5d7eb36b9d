//! What the tests of the whole share: the real server as a process, and where set-up puts the clients.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why")]

mod chrome;
mod clients;
mod crowd;
mod frames;
mod server;

pub use chrome::{Page, with_page};
pub use clients::{node, python};
pub use crowd::crowd;
pub use frames::Frames;
pub use server::{Server, program, warren};
