//! What the tests of the whole share: the real server as a process, and where set-up puts the clients.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why")]

mod chrome;
mod clients;
mod crowd;
mod files;
mod frames;
mod hands;
mod proxy;
mod server;
mod touch;

pub use chrome::{Page, dist, with_first_visit, with_page, with_page_at};
pub use clients::{node, python};
pub use crowd::crowd;
pub use files::FileServer;
pub use frames::Frames;
pub use proxy::{Faults, Proxy};
pub use server::{Server, program, warren};
