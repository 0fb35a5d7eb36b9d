//! How much of the machine's memory messages may take before they are kept on the disk only.

use std::fs;

/// The share of a machine's memory.
const SHARE: u64 = 1024;
/// The least, in bytes.
const LEAST: u64 = 16 << 20;

/// A thousandth of the memory, 16 MiB at least: what is behind that is in the operating system's cache, as long as there
/// is room.
pub(super) fn budget_bytes() -> u64 {
    (total_bytes().unwrap_or_default() / SHARE).max(LEAST)
}

/// `MemTotal:       24065044 kB`
fn total_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
