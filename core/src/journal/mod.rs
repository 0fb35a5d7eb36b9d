//! The journal: what a broker writes down to survive a crash, and how it finds it again.
//!
//! One log in segments. A record is a change of the topology, a message with its places in queues, or what has become of
//! such places. `FORMAT.md` gives the bytes; `log` writes, `recovery` reads.

mod change;
mod chunk;
mod codec;
mod disk;
mod found;
mod log;
mod operator;
mod ranges;
mod record;
mod recovery;
mod repair;
mod segment;
mod space;
mod stored;
mod sync;

pub(crate) use self::log::{Group, Journal, Progress};
pub(crate) use change::Change;
pub(crate) use chunk::{Chunk, Parked};
pub use disk::{DiskAction, DiskFailure, DiskResult};
pub(crate) use found::{RecoveredQueue, chunks_of};
pub(crate) use ranges::ranges_of;
pub(crate) use record::{
    Place, put_begin, put_change, put_closed, put_end, put_moved, put_redelivered, put_returned,
    put_snapshot, put_stored, stored_at,
};
pub use recovery::{Cut, Damage, ReadRequest, Recovered, Recovery, RecoveryReport};
pub use repair::{Dropped, Repaired, previous_end, repair};
pub(crate) use stored::StoredCopy;
pub use sync::SyncPolicy;
