//! A property that did not hold.

use serde::Serialize;
use warren_core::{Instant, MessageId};

use super::Property;
use crate::LossReason;

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
    /// Why a message is lost, if that is what is wrong: another reason is another story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<LossReason>,
}

impl Violation {
    /// Whether another one tells the same: the same property, and the same reason, whoever it befalls.
    #[must_use]
    pub fn is_like(&self, other: &Violation) -> bool {
        let kind = |violation: &Violation| violation.reason.as_ref().map(std::mem::discriminant);
        self.property == other.property && kind(self) == kind(other)
    }
}
