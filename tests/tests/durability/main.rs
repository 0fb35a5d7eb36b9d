//! Nothing confirmed is ever lost: crashes at every point of a broker's work on its disk, and disks that fail.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cleaning;
mod commits;
mod crashes;
mod deliveries;
mod directory;
mod faults;
mod formats;
mod held;
mod killed;
mod large;
mod missing;
mod paging;
mod power_cuts;
mod promise;
mod restart;
mod rig;
mod slices;
mod snapshots;
mod workload;
