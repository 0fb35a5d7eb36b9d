//! `cargo fuzz run journal`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| warren_fuzz::journal::run(bytes));
