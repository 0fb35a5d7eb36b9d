//! `cargo fuzz run session`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| warren_fuzz::session::run(bytes));
