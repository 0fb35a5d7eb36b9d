//! Outages to live through: scenarios after public post-mortems, each with the setting that would have prevented it. The
//! sources are named in each file.

use crate::lessons::Lesson;

macro_rules! outages {
    ($($id:literal),* $(,)?) => {
        &[$(Lesson { id: $id, toml: include_str!(concat!("../../scenarios/outages/", $id, ".toml")) }),*]
    };
}

/// Every outage; its file is `scenarios/outages/ID.toml`, and it is a lesson with a prediction, a task and a goal.
#[must_use]
pub const fn all() -> &'static [Lesson] {
    outages![
        "acked-too-early",
        "sent-and-hoped",
        "blocked-by-one",
        "retry-storm",
        "twenty-returns",
        "expired-in-circles",
        "memory",
    ]
}

/// The outage called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Lesson> {
    all().iter().find(|outage| outage.id == id)
}
