//! Bytes to values and back: alone, and beside another project's codec.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod frames;
mod methods;
mod peer;
mod tables;
mod values;
