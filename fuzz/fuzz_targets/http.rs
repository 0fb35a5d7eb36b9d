//! `cargo fuzz run http`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| warren_fuzz::http::run(bytes));
