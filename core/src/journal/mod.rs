//! The journal: what a broker writes down to survive a crash, and how it finds it again.
//!
//! One log in segments. A record is a change of the topology, a message with its places in queues, or what has become of
//! such places. `FORMAT.md` gives the bytes; `log` writes, `recovery` reads.

mod bounds;
mod change;
mod chunk;
mod codec;
mod disk;
mod flight;
mod found;
mod held;
mod log;
mod operator;
mod positions;
mod ranges;
mod record;
mod recovery;
mod repair;
mod report;
mod scrub;
mod segment;
mod snapshot;
mod space;
mod stored;
mod sync;

pub(crate) use self::log::{Group, Journal, Progress};
pub use bounds::Bounds;
pub(crate) use change::Change;
pub(crate) use chunk::{Chunk, Parked};
pub use disk::{DiskAction, DiskFailure, DiskResult};
pub(crate) use found::{RecoveredQueue, chunks_of};
pub(crate) use held::{FoundHeld, FoundHolding};
pub(crate) use positions::RANGES_AT_ONCE;
pub(crate) use ranges::ranges_of;
pub(crate) use record::{
    Place, put_change, put_closed, put_moved, put_redelivered, put_returned, put_stored, stored_at,
};
pub use recovery::Recovery;
pub use repair::{Lost, repair};
pub use report::{Cut, Damage, ReadRequest, Recovered, RecoveryReport};
pub use scrub::without_passwords;
pub(crate) use snapshot::Snapshot;
pub(crate) use stored::StoredCopy;
pub use sync::SyncPolicy;
