//! How a message was routed, for whoever wonders: every binding that was asked, and why it took the message or did not.
//! It is written down by the routing itself.

use crate::{
    MessageId, Name,
    event::{Destination, ExchangeKind},
    wire::FieldTable,
};

/// The way of a message through the exchanges.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Routing {
    /// Which message.
    pub message: MessageId,
    /// The exchange it was published to, or went to as a dead letter.
    pub exchange: Name,
    /// The exchanges in the order in which they were asked; none if there is no exchange of that name.
    pub asked: Vec<Asked>,
}

/// An exchange on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Its name; empty for the default exchange.
    pub exchange: Name,
    /// Its type; of one that could have held the message back and did not, the type by which it asks its bindings.
    pub kind: ExchangeKind,
    /// The routing key, and those of the CC and BCC headers.
    pub keys: Vec<Name>,
    /// How long it holds the message back, in ms; then no binding has been asked yet.
    pub delay_ms: Option<u64>,
    /// Every binding.
    pub tried: Vec<Tried>,
    /// Its alternate exchange, if the message goes on there because no binding took it.
    pub alternate: Option<Name>,
}

/// A binding that was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// Where it leads.
    pub destination: Destination,
    /// Its binding key.
    pub binding_key: Name,
    /// Its arguments.
    pub arguments: FieldTable,
    /// Why it did not take the message; `None` if it did.
    pub mismatch: Option<Mismatch>,
}

/// Why a binding does not take a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// The routing key is another.
    Key,
    /// The routing key has not as many words as the mask needs, or at least.
    Words {
        /// The mask's.
        needs: u64,
        /// The routing key's.
        has: u64,
        /// Whether more would do: there is a `#` in the mask.
        or_more: bool,
    },
    /// A word is another.
    Word {
        /// Which word of the routing key, from 1.
        at: u64,
        /// The mask's.
        wants: String,
        /// The routing key's.
        has: String,
    },
    /// However many words the mask's `#` take, the others do not fit.
    Mask,
    /// A header is not there.
    NoHeader(String),
    /// A header has another value.
    Header {
        /// Its name.
        name: String,
        /// The binding's value.
        wants: String,
        /// The message's.
        has: String,
    },
    /// Of the headers that the binding names, one would do, and none agrees.
    NoneOfHeaders,
    /// The hash of the message, or chance, picked another.
    NotPicked,
    /// There is no queue of that name.
    NoQueue,
}

/// A step of a message on its way, told as it is routed: of all that [`Asked`] says only what took it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// Which message.
    pub message: MessageId,
    /// From this exchange; its name is empty for the default exchange.
    pub exchange: Name,
    /// To this queue or exchange.
    pub destination: Destination,
    /// By the binding with this key and these arguments; `None` to an alternate exchange.
    pub binding: Option<(Name, FieldTable)>,
}

impl Tried {
    /// Whether the binding took the message.
    #[must_use]
    pub const fn matched(&self) -> bool {
        self.mismatch.is_none()
    }
}
