//! What messages are known by on the stage.

use warren_sim::{ActorId, warren_core::MessageId};

use super::{super::Label, Motion};

impl Motion {
    /// The number that a message bears on the stage, from 1.
    pub(crate) fn ordinal(&self, message: MessageId) -> u64 {
        self.label(message).number
    }

    /// What a message is known by on the stage.
    pub(crate) fn label(&self, message: MessageId) -> Label {
        let known = self.messages.get(message).map(|about| about.label);
        let unknown = Label { number: message.0, colour: message.0 };
        known.filter(|label| label.number > 0).unwrap_or(unknown)
    }

    /// The colour of all that an actor sends, if each has one.
    pub(crate) fn colour_of(&self, sender: ActorId) -> Option<u64> {
        self.is_coloured_by_sender.then(|| u64::from(sender.0) + 1)
    }
}
