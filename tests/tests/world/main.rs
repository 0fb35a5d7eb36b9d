//! The world as a tool: sweeps, the checks and the proof that they can see, shrinking, replays, a library for tests.

mod definitions;
mod gallery;
mod library;
mod lint;
mod mutations;
mod replays;
mod rewinding;
mod sweeps;
