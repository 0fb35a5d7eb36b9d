//! The numbers that messages bear on the stage. A copy shares what both know, so that worlds can be kept cheaply.

use std::rc::Rc;

use warren_core::ordered::OrdMap;
use warren_sim::warren_core::MessageId;

/// Messages in one part.
const PART: u64 = 1_024;

/// The number of each message, in parts of neighbours.
#[derive(Clone, Default)]
pub(super) struct Ordinals(OrdMap<u64, Rc<Vec<u64>>>);

impl Ordinals {
    pub(super) fn insert(&mut self, message: MessageId, ordinal: u64) {
        let part = self.0.entry(message.0 / PART).or_default();
        let (part, place) = (Rc::make_mut(part), (message.0 % PART) as usize);
        if part.len() <= place {
            part.resize(place + 1, 0);
        }
        part[place] = ordinal;
    }

    /// `None` for a message that nobody has been seen sending.
    pub(super) fn get(&self, message: MessageId) -> Option<u64> {
        let part = self.0.get(&(message.0 / PART))?;
        part.get((message.0 % PART) as usize).copied().filter(|ordinal| *ordinal > 0)
    }
}
