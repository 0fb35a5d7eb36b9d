//! The lessons: the scenarios that come with Warren, in teaching order.

use crate::{gallery, outages};

/// A scenario that comes with Warren.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lesson {
    /// What it is called in links and on the command line; its file is `scenarios/ID.toml`.
    pub id: &'static str,
    /// The file.
    pub toml: &'static str,
}

macro_rules! lessons {
    ($($id:literal),* $(,)?) => {
        &[$(Lesson { id: $id, toml: include_str!(concat!("../../scenarios/", $id, ".toml")) }),*]
    };
}

/// Every lesson, in teaching order.
#[must_use]
pub const fn all() -> &'static [Lesson] {
    lessons![
        "hello",
        "work-queue",
        "crash-without-ack",
        "crash-with-ack",
        "forgotten-ack",
        "durable",
        "confirms",
        "unfair-dispatch",
        "fair-dispatch",
        "fanout",
        "direct",
        "topic",
        "headers",
        "expired",
        "redeclare",
        "retry",
        "rpc",
        "priorities",
        "single-active",
        "protocols",
    ]
}

/// The lesson called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Lesson> {
    all().iter().find(|lesson| lesson.id == id)
}

/// The scenario called `id` of all that come with Warren: a lesson, an outage, or an example of the gallery.
#[must_use]
pub fn find_any(id: &str) -> Option<&'static Lesson> {
    find(id).or_else(|| outages::find(id)).or_else(|| gallery::find(id))
}
