//! What must hold, whatever goes wrong: each property has a name, and a sentence that a person understands.

use serde::Serialize;

use crate::document::{self, Error, Field, Node, Value};

macro_rules! properties {
    ($($(#[doc = $sentence:literal])+ $name:ident = $word:literal,)*) => {
        /// Something that must hold in every run.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
        pub enum Property {
            $($(#[doc = $sentence])+ #[serde(rename = $word)] $name,)*
        }

        impl Property {
            /// All of them.
            pub const ALL: &[Property] = &[$(Property::$name,)*];

            /// Its name: in reports, in files, on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Property::$name => $word,)*
                }
            }

            /// What it says.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Property::$name => concat!($($sentence),+).trim(),)*
                }
            }
        }
    };
}

properties! {
    /// No confirmed message is lost: it is with a client, in a queue, dead-lettered, or gone for a stated reason.
    ConfirmedKept = "confirmed-kept",
    /// A persistent message is confirmed only when the disk has it.
    ConfirmedWhenSafe = "confirmed-when-safe",
    /// A confirm is for a message that came and was taken; one that a queue refused is nacked.
    ConfirmedHonestly = "confirmed-honestly",
    /// Nothing is delivered that was not published.
    NothingInvented = "nothing-invented",
    /// Body and properties arrive as they were sent.
    ContentUnchanged = "content-unchanged",
    /// A message goes to the queues that its exchange's bindings say, and to no others.
    RoutedRight = "routed-right",
    /// A queue that a message is routed to gets it, once.
    RoutedOnce = "routed-once",
    /// A queue delivers in the order in which messages came.
    OrderKept = "order-kept",
    /// A message that comes back takes its old place in the queue.
    OldPlaceKept = "old-place-kept",
    /// Of several messages, the one with the highest priority is delivered first.
    PriorityFirst = "priority-first",
    /// A delivery says that it is a redelivery if, and only if, the message was delivered before, or the broker has
    /// started again.
    RedeliveryFlagged = "redelivery-flagged",
    /// A message of a queue is with one consumer at a time.
    OneConsumerAtATime = "one-consumer-at-a-time",
    /// No consumer has more unacked messages than its prefetch allows, and none gets more that has to settle what it has left
    /// unacked for too long.
    PrefetchHeld = "prefetch-held",
    /// What is delivered without acks is delivered once.
    AutoAckOnce = "auto-ack-once",
    /// What was acked does not come back, once the disk has the ack.
    AckedStaysGone = "acked-stays-gone",
    /// What a client acks, rejects or gives back is settled so, and nothing else is.
    SettledAsSaid = "settled-as-said",
    /// Consumers with room take turns, those with the highest priority first.
    TurnsTaken = "turns-taken",
    /// An expired message is not delivered.
    ExpiredNotDelivered = "expired-not-delivered",
    /// No message expires before its time.
    ExpiredOnTime = "expired-on-time",
    /// No queue holds more messages than its limit, and delivers none more often than it may.
    LimitHeld = "limit-held",
    /// What a queue with a dead-letter exchange gives up goes there, and on to where its bindings lead.
    DeadLettersGoOn = "dead-letters-go-on",
    /// The x-death header counts every time that a queue gave the message up.
    DeathsCounted = "deaths-counted",
    /// Only the owner of an exclusive queue takes from it, and it goes with its owner.
    ExclusiveHeld = "exclusive-held",
    /// A queue with a single active consumer serves that one alone.
    SingleActiveHeld = "single-active-held",
    /// A mandatory message that no queue takes comes back, before its confirm.
    MandatoryReturned = "mandatory-returned",
    /// Of a transaction everything takes effect, or nothing; and nothing before its commit.
    TransactionWhole = "transaction-whole",
    /// What came into a queue is what left it, what is ready and what is unacked, at every step.
    QueueAdds = "queue-adds-up",
    /// When all is well again, every client gets through.
    Connected = "connected",
    /// When all is well again, producers get rid of all their messages, and hear of each.
    Heard = "heard",
    /// When all is well again, queues with working consumers run empty.
    Drained = "drained",
    /// The broker keeps no connection, consumer or exclusive queue of a client that is gone.
    NoGhosts = "no-ghosts",
    /// No message is lost: nothing that is gone before someone has finished work on it is never sent again. (No broker promises that; a topology may.)
    NothingLost = "nothing-lost",
    /// Nobody works twice on the same message of a queue. (No broker promises that; a topology may.)
    NothingTwice = "nothing-twice",
}

impl Property {
    /// Whether it is for a topology to keep, and not for the broker: it is looked at only where that is asked for.
    #[must_use]
    pub const fn is_a_wish(self) -> bool {
        matches!(self, Property::NothingLost | Property::NothingTwice)
    }

    /// The property with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Property> {
        Property::ALL.iter().copied().find(|property| property.name() == name)
    }
}

impl Field for Property {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        let names: Vec<_> = Property::ALL.iter().map(|property| (property.name(), *property)).collect();
        document::word(node, &names)
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.name().to_owned()))
    }
}
