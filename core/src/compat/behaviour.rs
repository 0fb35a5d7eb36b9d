//! What RabbitMQ's releases differ in. docs/RABBITMQ.md has this table with the conversations that show each.

use super::Release;

/// Declares [`Behaviour`]: of each variant its name, the release since which RabbitMQ behaves so, and one sentence that
/// says what is so since then and what was before.
macro_rules! behaviours {
    ($($variant:ident $name:literal $since:ident $what:literal)*) => {
        /// Something that RabbitMQ does since a release, and did otherwise before.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Behaviour {
            $(#[doc = $what] $variant,)*
        }

        impl Behaviour {
            /// All of them, in the order of their names.
            pub const ALL: &[Behaviour] = &[$(Behaviour::$variant),*];

            /// Its name, in kebab case, as conversations have it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Behaviour::$variant => $name,)* }
            }

            /// The first of Warren's releases that behaves so.
            #[must_use]
            pub const fn since(self) -> Release {
                match self { $(Behaviour::$variant => Release::$since,)* }
            }

            /// The behaviour with this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Behaviour> {
                Behaviour::ALL.iter().copied().find(|behaviour| behaviour.name() == name)
            }

            /// One sentence: what is so since then, and what was before.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self { $(Behaviour::$variant => $what,)* }
            }
        }
    };
}

behaviours! {
    AcquiredCount "acquired-count" V4_3
        "A quorum queue tells of all deliveries that came back (`x-acquired-count`) and of those that failed (`x-delivery-count`); before, of the latter alone"
    AgesComparedInMs "ages-compared-in-ms" V4_3
        "Declaring a stream again compares `x-max-age` in ms, and says so; before, the text"
    AnonymousLogin "anonymous-login" V4_0
        "connection.start offers ANONYMOUS; before, PLAIN and AMQPLAIN alone"
    AnyDeliveryMode "any-delivery-mode" V4_0
        "A delivery mode that is neither 1 nor 2 passes through; before, it is refused with 406"
    CcKeptInDeadLetters "cc-kept-in-dead-letters" V4_0
        "The header CC stays in a dead letter that has got a key of its queue's; before, it is taken out"
    ClientDeathsIgnored "client-deaths-ignored" V4_0
        "What a publisher sends along as `x-death` is neither counted on nor looked at for cycles; before, the broker went on counting from it"
    CommitNamesTheQueue "commit-names-the-queue" V4_3
        "tx.commit ends the connection with 506 if no queue has that name any more; before, the channel with 406"
    CommitNeedsItsQueues "commit-needs-its-queues" V4_0
        "tx.commit fails with 406 if a queue that a message was routed to is gone; before, the message goes to what has the queue's name, or is returned"
    ConsumerTimeoutArgument "consumer-timeout-argument" V4_3
        "basic.consume takes `x-consumer-timeout` of quorum queues and refuses it of others; before, it is ignored"
    ConsumerTimeoutOfQueues "consumer-timeout-of-queues" V4_3
        "Quorum queues alone take the arguments `x-consumer-timeout` and `x-consumer-disconnected-timeout`; before, every queue does, whatever they say"
    DefaultTypeCompared "default-type-compared" V4_0
        "Declaring a queue again without `x-queue-type` compares it as a classic one; before, as one without a type"
    DeliveryCountAfterReturns "delivery-count-after-returns" V4_0
        "basic.get of a quorum queue tells `x-delivery-count` from the second delivery on; before, of the first one, too, as 0"
    DeliveryLimit20 "delivery-limit-20" V4_0
        "A quorum queue gives a message up after 20 failed deliveries unless its delivery limit says otherwise; before, never"
    EveryPriorityExpires "every-priority-expires" V4_3
        "In a quorum queue the first message of each priority expires on time; before, the one that goes out next"
    ExpirationBeforeUserId "expiration-before-user-id" V4_0
        "A publish with a wrong expiration and a wrong user id is refused for the expiration; before, for the user id"
    FailedDeadLettersRedelivered "failed-dead-letters-redelivered" V4_3
        "A dead letter whose delivery had failed says redelivered; before, no dead letter does"
    FloatsAreNoIntegers "floats-are-no-integers" V4_0
        "A headers exchange tells 1 from 1.0; before, they agree"
    FramesOf8192 "frames-of-8192" V4_3
        "A client may not ask for frames below 8192 bytes; before, below 4096"
    HaFailoverUnchecked "ha-failover-unchecked" V4_0
        "The consumer argument `x-cancel-on-ha-failover` may be anything, as there are no mirrored queues; before, it has to be a truth value"
    HashWeightLimit "hash-weight-limit" V4_3
        "A binding key of x-consistent-hash may not exceed 10000; before, there is no limit"
    HeaderHashedByValue "header-hashed-by-value" V4_0
        "x-consistent-hash hashes the value of a header; before, its type and value"
    HeaderTimesInMs "header-times-in-ms" V4_0
        "A headers exchange counts times of messages in ms and those of bindings in s, so that they do not agree; before, both in s"
    LastDeathHeaders "last-death-headers" V4_0
        "`x-last-death-exchange`, `-queue` and `-reason` tell which queue gave a dead letter up last; before, the first is told alone"
    LateReplyDropped "late-reply-dropped" V4_3
        "A mandatory reply to a client that is gone is dropped; before, it is returned to its sender"
    LimitBare "limit-bare" V4_3
        "The refusal of a user's channel names the limit as a number; before, in parentheses"
    MasterLocatorUnchecked "master-locator-unchecked" V4_0
        "`x-queue-master-locator` may be anything; before, an unknown one ends the connection with 541"
    ModulusHashByName "modulus-hash-by-name" V4_3
        "x-modulus-hash counts its queues in the order of their names; before, in the order of their binding keys"
    NackIsNoFailure "nack-is-no-failure" V4_3
        "What comes back to a quorum queue by basic.nack or basic.recover does not count towards its delivery limit; before, it does"
    NoQueueVersion1 "no-queue-version-1" V4_3
        "`x-queue-version` has to be 2; before, 1 or 2"
    NowhereExplained "nowhere-explained" V4_0
        "The 541 of what x-recent-history cannot send on to an exchange says why; before, it has no text"
    PermissionNamed "permission-named" V4_0
        "The refusal of an access says whether configure, write or read is missing; before, it does not"
    PermissionToAsk "permission-to-ask" V4_3
        "A passive declare needs one of the three permissions; before, none"
    PriorityOfAtLeast1 "priority-of-at-least-1" V4_0
        "A queue with `x-max-priority=0` tells the priorities 0 and 1 apart; before, none"
    QueueModeUnchecked "queue-mode-unchecked" V4_3
        "`x-queue-mode` may be anything, as it means nothing; before, `default` or `lazy`"
    QuorumActiveByPriority "quorum-active-by-priority" V4_0
        "With a single active consumer, one of a higher priority takes over in a quorum queue; before, who was first stays"
    QuorumPriorities "quorum-priorities" V4_0
        "Quorum queues know priorities; before, they deliver messages as they came"
    ReplyAddressIsQueue "reply-address-is-queue" V4_3
        "A direct reply-to address is a queue: replies are routed, wait for a commit and count among the deliveries, and it cannot be bound; before, they pass queues by, and mandatory ones are returned, too"
    StreamAgeChecked "stream-age-checked" V4_3
        "An `x-max-age` that is no age is refused with 406; before, one without a number ends the connection with 541"
    StreamDeliveryMode "stream-delivery-mode" V4_0
        "A message from a stream has a delivery mode; before, as it was published"
    StreamFilters "stream-filters" V4_0
        "A consumer of a stream may ask for some of its messages (`x-stream-filter`), and one of another queue may not; before, the argument is ignored"
    StreamListsKept "stream-lists-kept" V4_0
        "A stream keeps lists and tables that are in CC or in headers beginning with `x-`; before, none"
    StreamNackSettles "stream-nack-settles" V4_0
        "basic.nack and basic.reject settle what comes from a stream; before, they end the connection with 540"
    StreamOffsetChecked "stream-offset-checked" V4_3
        "An `x-stream-offset` that is neither a place nor a time is refused with 406; before, it ends the connection with 541"
    StreamRefusalsNameIt "stream-refusals-name-it" V4_0
        "Refusals of basic.consume name the stream as `stream queue 's'`; before, in other words"
    StrictPriorities "strict-priorities" V4_3
        "A quorum queue tells 32 priorities apart and delivers the highest first; before, those above 4 from the rest, and of three messages one is of the rest if it is older"
    TimeoutTakesBack "timeout-takes-back" V4_3
        "Quorum queues alone have a consumer timeout, and take back what is overdue (basic.cancel tells the consumer); before, the channel is closed with 406, whatever the queue"
    TopicPermissionsOfCc "topic-permissions-of-cc" V4_0
        "Topic permissions are asked for the keys of CC and BCC, too; before, for the routing key alone"
    TypeAsTerm "type-as-term" V4_3
        "The refusal of basic.get from a quorum queue with a single active consumer has the queue's type as an Erlang term; before, as a word"
    UnknownTypeClosesChannel "unknown-type-closes-channel" V4_0
        "exchange.declare of an unknown type closes the channel with 406; before, the connection with 503"
}
