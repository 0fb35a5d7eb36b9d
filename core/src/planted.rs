//! Bugs that a test can switch on, one at a time, to see that its checks would notice them. Without the feature
//! `planted-bugs`, which no product has, nothing is left of them.

/// Whether a bug is switched on: `planted!(self.config, ForgetRedelivered)`. Whatever has a field `bug` may be asked.
#[cfg(feature = "planted-bugs")]
macro_rules! planted {
    ($holder:expr, $bug:ident) => {
        $holder.bug == Some(crate::planted::Bug::$bug)
    };
}

#[cfg(not(feature = "planted-bugs"))]
macro_rules! planted {
    ($holder:expr, $bug:ident) => {
        false
    };
}

#[cfg(feature = "planted-bugs")]
macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident = $name:literal,)*) => {
        /// A way in which a broker can be wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Bug {
            $($(#[$doc])* $bug,)*
        }

        impl Bug {
            /// Every bug, by subject.
            pub const ALL: &[Bug] = &[$(Bug::$bug,)*];

            /// Its name, in lower case with hyphens.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Bug::$bug => $name,)*
                }
            }
        }
    };
}

#[cfg(feature = "planted-bugs")]
bugs! {
    // What channels and connections leave behind.
    /// What a closed channel had unacked is lost instead of requeued.
    LoseUnackedOfChannel = "lose-unacked-of-channel",
    /// What a connection that is gone had unacked is lost instead of requeued.
    LoseUnackedOfConnection = "lose-unacked-of-connection",
    /// The consumers of a connection that is gone stay with their queues.
    GhostConsumer = "ghost-consumer",
    /// An exclusive queue outlives its connection.
    GhostQueue = "ghost-queue",

    // Settling.
    /// An ack with `multiple` also takes the next delivery.
    AckMultipleOneMore = "ack-multiple-one-more",
    /// An ack with `multiple` leaves the delivery that it names.
    AckMultipleOneLess = "ack-multiple-one-less",
    /// A single ack takes the delivery before the one it names, if there is one.
    AckPrevious = "ack-previous",
    /// What leaves a queue is not recorded in the journal.
    AckNotRecorded = "ack-not-recorded",
    /// A reject without requeue requeues what was delivered for the first time.
    RejectRequeues = "reject-requeues",
    /// A reject or nack with requeue gives the message up.
    RequeueDrops = "requeue-drops",
    /// A requeued message goes to the end of its queue.
    RequeueAtTail = "requeue-at-tail",
    /// A requeued message waits until something else happens to its queue.
    RequeueNotDispatched = "requeue-not-dispatched",
    /// An ack gives credit back, but nobody who waits for it is woken.
    AckWakesNobody = "ack-wakes-nobody",
    /// A delivery that is rejected goes on counting against its consumer's prefetch.
    CreditLostOnReject = "credit-lost-on-reject",
    /// A quorum queue never counts a delivery as failed.
    DeliveryLimitIgnored = "delivery-limit-ignored",

    // Prefetch.
    /// After basic.recover the channel's consumers have no prefetch any more.
    PrefetchForgottenByRecover = "prefetch-forgotten-by-recover",
    /// A queue's only consumer gets everything, whatever its prefetch.
    PrefetchIgnoredAlone = "prefetch-ignored-alone",
    /// A consumer gets one delivery more than its prefetch allows.
    PrefetchOneMore = "prefetch-one-more",
    /// The prefetch that a channel's consumers share is not looked at.
    SharedPrefetchIgnored = "shared-prefetch-ignored",
    /// Room in the prefetch that a channel's consumers share goes to who has waited least.
    SharedPrefetchToLatest = "shared-prefetch-to-latest",

    // Deliveries.
    /// A message that comes back does not say redelivered.
    ForgetRedelivered = "forget-redelivered",
    /// A message says redelivered the first time.
    AlwaysRedelivered = "always-redelivered",
    /// A delivery that needs no ack is kept, and delivered again when its channel is closed.
    NoAckKept = "no-ack-kept",
    /// The second ready message goes out before the first one.
    SwapNeighbours = "swap-neighbours",
    /// Who has its turn keeps it as long as it has credit.
    TurnNeverPasses = "turn-never-passes",
    /// A delivery has the properties of the message behind it in the queue.
    PropertiesOfNext = "properties-of-next",
    /// A delivery has one byte less of body.
    BodyCut = "body-cut",
    /// A delivery may be unacked for ever.
    ConsumerTimeoutIgnored = "consumer-timeout-ignored",
    /// basic.get finds a queue with one message empty.
    GetMissesLast = "get-misses-last",

    // Consumers.
    /// Consumers are served in turn, whatever their priorities.
    ConsumerPriorityIgnored = "consumer-priority-ignored",
    /// A second consumer may join an exclusive one.
    ExclusiveNotHeld = "exclusive-not-held",
    /// A consumer that joins a single active one is active, too.
    TwoActive = "two-active",
    /// When the single active consumer goes, nobody follows.
    NoNextActive = "no-next-active",
    /// A cancelled consumer is still served.
    CancelForgotten = "cancel-forgotten",

    // Publishes and confirms.
    /// Publishes are confirmed before they are safe.
    ConfirmBeforeSync = "confirm-before-sync",
    /// A publish that a queue refused is confirmed.
    ConfirmRefused = "confirm-refused",
    /// Confirms do not count unroutable publishes, so that the last of all wait for ever.
    UnroutableNotConfirmed = "unroutable-not-confirmed",
    /// An unroutable mandatory publish is confirmed before it is returned.
    ConfirmBeforeReturn = "confirm-before-return",
    /// A confirm of several publishes takes in one that is not safe, or not there yet.
    ConfirmOneMore = "confirm-one-more",
    /// An unroutable mandatory message is not returned.
    NoReturn = "no-return",
    /// The headers of a message are lost once it has been routed.
    HeadersDropped = "headers-dropped",
    /// Low priorities go before high ones, as far as 9.
    PriorityReversed = "priority-reversed",
    /// A message's own time to live does not count.
    ExpirationIgnored = "expiration-ignored",

    // Queues.
    /// Messages expire five seconds late.
    ExpireLate = "expire-late",
    /// A message that came back to its queue never expires.
    RequeuedNeverExpires = "requeued-never-expires",
    /// A queue holds one message more than its max-length.
    MaxLengthOneMore = "max-length-one-more",
    /// A full queue refuses new messages instead of giving its oldest up.
    MaxLengthRefusesNewest = "max-length-refuses-newest",
    /// A message for several queues enters the first one twice.
    FanoutTwice = "fanout-twice",
    /// Other connections may use an exclusive queue.
    LockedQueueOpen = "locked-queue-open",
    /// A file of the journal is deleted before what has taken the place of its messages is synced.
    SegmentDeletedEarly = "segment-deleted-early",
    /// A message for several queues is recorded for the first one only.
    SecondQueueNotRecorded = "second-queue-not-recorded",
    /// A durable queue is not recorded when it is declared.
    QueueNotRecorded = "queue-not-recorded",

    // Transactions.
    /// tx.commit publishes only the first message.
    CommitFirstOnly = "commit-first-only",
    /// tx.rollback publishes what it should forget.
    RollbackPublishes = "rollback-publishes",
    /// What is published in a transaction is queued at once.
    TxPublishAtOnce = "tx-publish-at-once",
    /// What is acked in a transaction is settled at once.
    TxAckAtOnce = "tx-ack-at-once",

    // Dead letters.
    /// Dead letters go nowhere.
    DeadLetterLost = "dead-letter-lost",
    /// A message that dies for the first time goes on twice.
    DeadLetterTwice = "dead-letter-twice",
    /// A dead letter keeps its expiration.
    DeadLetterKeepsExpiration = "dead-letter-keeps-expiration",
    /// A dead letter keeps its routing key where the queue names another.
    DeadLetterKeepsKey = "dead-letter-keeps-key",
    /// `x-death` does not count a second death.
    DeathNotCounted = "death-not-counted",
    /// A dead letter that has to wait (at-least-once) is never tried again.
    WaitingDeadLetterForgotten = "waiting-dead-letter-forgotten",
    /// The journal is done with a dead letter that has to wait (at-least-once).
    WaitingDeadLetterNotRecorded = "waiting-dead-letter-not-recorded",

    // Exchanges.
    /// Of several bindings, a fanout exchange forgets the last.
    FanoutSkipsLast = "fanout-skips-last",
    /// A direct exchange takes every binding.
    DirectIgnoresKey = "direct-ignores-key",
    /// `#` at the end of a topic mask needs a word.
    HashNeedsWord = "hash-needs-word",
    /// `*` at the end of a topic mask takes any number of words.
    StarTakesMany = "star-takes-many",
    /// One header is enough for a binding with `x-match: all`.
    HeadersAllAsAny = "headers-all-as-any",
    /// An unroutable message does not go to the alternate exchange.
    AlternateIgnored = "alternate-ignored",
    /// What an exchange holds back never goes on.
    DelayedForgotten = "delayed-forgotten",
    /// What an exchange holds back or keeps is not recorded in the journal.
    HeldNotRecorded = "held-not-recorded",
    /// An exchange that should hold a message back routes it at once.
    DelayIgnored = "delay-ignored",
    /// queue.unbind is answered, and nothing else.
    UnbindIgnored = "unbind-ignored",
    /// Bindings are not recorded.
    BindingNotRecorded = "binding-not-recorded",

    // The disk.
    /// Who waits for the disk is never let go on.
    BacklogForgotten = "backlog-forgotten",

    // Recovery.
    /// A queue does not get back the last of the runs of messages that recovery has found.
    RecoveryForgetsLast = "recovery-forgets-last",
    /// What comes back from the disk does not say redelivered.
    RecoveredNotRedelivered = "recovered-not-redelivered",
}
