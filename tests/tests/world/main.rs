//! The world as a tool: sweeps, the checks and the proof that they can see, shrinking, replays, a library for tests.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why")]

mod clients;
mod declares;
mod definitions;
mod explained;
mod gallery;
mod lessons_by_release;
mod library;
mod links;
mod lint;
mod mutations;
mod outages;
mod protocols;
mod releases;
mod replays;
mod rewinding;
mod scripts;
mod sharing;
mod sweeps;
mod wiretap;
