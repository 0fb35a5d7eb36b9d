//! Bytes to values and back: alone, and beside another project's codec.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod described;
mod frames;
mod hostile;
mod memory;
mod methods;
mod peer;
mod refused;
mod tables;
mod values;
