//! The gallery: well-known patterns of production, as scenarios to look at and to take apart.

use crate::lessons::Lesson;

macro_rules! gallery {
    ($($id:literal),* $(,)?) => {
        &[$(Lesson { id: $id, toml: include_str!(concat!("../../scenarios/gallery/", $id, ".toml")) }),*]
    };
}

/// Every example, the simple ones first; its file is `scenarios/gallery/ID.toml`.
#[must_use]
pub const fn all() -> &'static [Lesson] {
    gallery![
        "pub-sub",
        "log-routing",
        "retry-and-park",
        "back-off",
        "rpc-timeout",
        "priority-lanes",
        "outbox",
        "ordered",
        "poison",
        "safety-net",
        "event-bus",
        "saga",
        "two-connections",
        "delayed",
        "late-joiner",
    ]
}

/// The example called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Lesson> {
    all().iter().find(|example| example.id == id)
}
