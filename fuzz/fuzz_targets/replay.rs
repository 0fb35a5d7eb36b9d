//! `cargo fuzz run replay`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| warren_fuzz::replay::run(bytes));
