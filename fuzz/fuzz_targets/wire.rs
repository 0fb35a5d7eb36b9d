//! `cargo fuzz run wire`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| warren_fuzz::wire::run(bytes));
