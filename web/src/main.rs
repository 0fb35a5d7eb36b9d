//! The simulator's page: the world, drawn.

mod app;
mod components;
mod editor;
mod exports;
mod files;
mod i18n;
mod interpreter;
mod player;
mod scene;
mod stage;
mod storage;
mod story;

/// Nothing: whoever loads the code says what to start ([`exports::start`]).
fn main() {}
