//! A property that did not hold.

use serde::Serialize;
use warren_core::{Instant, MessageId};

use super::Property;

/// Where a property did not hold, and on which message it can be seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Violation {
    /// Which.
    pub property: Property,
    /// When.
    pub at: Instant,
    /// The event at which it shows, by its place in the stream.
    pub seq: u64,
    /// The message that shows it, if one does.
    pub message: Option<MessageId>,
    /// What is wrong, in this case.
    pub detail: String,
}
