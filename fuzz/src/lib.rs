//! What the fuzz targets do with bytes: one function for each, which panics if a promise is broken. `cargo xtask soak
//! --fuzz` feeds them with what libFuzzer makes up, `tests/tests/corpus.rs` with the files of `corpus/`.

pub mod broker;
pub mod definitions;
pub mod http;
pub mod journal;
pub mod link;
mod machine;
pub mod replay;
pub mod scenario;
pub mod session;
pub mod wire;

/// What a target does with an input.
pub type Run = fn(&[u8]);

/// Every target: its name, which its folder in `corpus/` and its program in `fuzz_targets/` have, too.
pub const TARGETS: [(&str, Run); 9] = [
    ("wire", wire::run),
    ("session", session::run),
    ("broker", broker::run),
    ("journal", journal::run),
    ("scenario", scenario::run),
    ("definitions", definitions::run),
    ("replay", replay::run),
    ("link", link::run),
    ("http", http::run),
];

/// The bytes as text, as a file is read.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
