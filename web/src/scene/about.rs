//! What the stage remembers of each message. A copy shares what both know, so that worlds can be kept cheaply.

use std::rc::Rc;

use warren_core::ordered::OrdMap;
use warren_sim::warren_core::{Instant, MessageId, Name};

use super::Label;

/// Messages in one part.
const PART: u64 = 1_024;

/// A message.
#[derive(Clone, Default)]
pub(crate) struct About {
    pub(super) label: Label,
    pub(crate) routing_key: Name,
    pub(crate) persistent: bool,
    /// Its publisher has the broker's word.
    pub(crate) confirmed: bool,
    /// How often a queue has given it up as a dead letter.
    pub(crate) deaths: u32,
    /// When a queue took it last.
    pub(crate) enqueued_at: Instant,
    /// How many queues have it.
    pub(super) copies: u32,
}

/// All messages, in parts of neighbours.
#[derive(Clone, Default)]
pub(super) struct Messages(OrdMap<u64, Rc<Vec<About>>>);

impl Messages {
    pub(super) fn entry(&mut self, message: MessageId) -> &mut About {
        let part = self.0.entry(message.0 / PART).or_default();
        let (part, place) = (Rc::make_mut(part), (message.0 % PART) as usize);
        if part.len() <= place {
            part.resize(place + 1, About::default());
        }
        &mut part[place]
    }

    /// A queue has taken a copy.
    pub(super) fn enqueue(&mut self, message: MessageId, at: Instant) {
        let about = self.entry(message);
        (about.copies, about.enqueued_at) = (about.copies + 1, at);
    }

    pub(super) fn get(&self, message: MessageId) -> Option<&About> {
        let part = self.0.get(&(message.0 / PART))?;
        part.get((message.0 % PART) as usize)
    }
}
