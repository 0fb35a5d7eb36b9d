//! What an upgrade changes for applications, whatever the topology: a file of definitions cannot tell whether they do it.

use warren_core::{Behaviour, Release};

use super::survey::Survey;

/// Something that applications may do and that an upgrade changes.
pub(super) struct Question {
    /// In kebab case.
    pub(super) name: &'static str,
    /// The first of Warren's releases for which it holds.
    pub(super) since: Release,
    /// What is so since then, and was otherwise.
    pub(super) change: &'static str,
    /// What to look for in applications.
    pub(super) look_for: &'static str,
    /// The behaviour, if conversations show it.
    pub(super) behaviour: Option<Behaviour>,
}

/// Who would notice a behaviour.
enum NoticedBy {
    /// Who reads this file: a rule is about it.
    Topology,
    /// Applications that do this.
    Applications(&'static str),
    /// Nobody who does not compare texts of refusals, or try what was refused.
    Nobody,
}

/// The questions between two releases; those about what the file does not have are left out.
pub(super) fn questions(survey: &Survey, from: Release, to: Release) -> Vec<Question> {
    let settings = SETTINGS.iter().map(|(name, since, change, look_for)| Question {
        name,
        since: *since,
        change,
        look_for,
        behaviour: None,
    });
    let behaviours = Behaviour::ALL.iter().filter(|behaviour| is_about(survey, **behaviour));
    let behaviours = behaviours.filter_map(|behaviour| match noticed_by(*behaviour) {
        NoticedBy::Applications(look_for) => Some(Question {
            name: behaviour.name(),
            since: behaviour.since(),
            change: behaviour.what(),
            look_for,
            behaviour: Some(*behaviour),
        }),
        NoticedBy::Topology | NoticedBy::Nobody => None,
    });
    let all = settings.chain(behaviours);
    all.filter(|question| super::rule::is_between(question.since, from, to)).collect()
}

/// How many behaviours change between two releases that only the texts of refusals, or who was refused, would show.
pub(super) fn unnoticed(from: Release, to: Release) -> usize {
    let changes =
        Behaviour::ALL.iter().filter(|behaviour| super::rule::is_between(behaviour.since(), from, to));
    changes.filter(|behaviour| matches!(noticed_by(**behaviour), NoticedBy::Nobody)).count()
}

/// Whether who reads the file can tell; a rule is about it then.
#[cfg(test)]
pub(super) fn shows_in_a_topology(behaviour: Behaviour) -> bool {
    matches!(noticed_by(behaviour), NoticedBy::Topology)
}

/// What is a setting of the broker.
const SETTINGS: &[(&str, Release, &str, &str)] = &[
    (
        "max-message-size",
        Release::V4_0,
        "A message may have 16 MiB unless max_message_size says otherwise; before, 128 MiB",
        "publishers of larger messages: their channel is closed (406)",
    ),
    (
        "global-qos",
        Release::V4_3,
        "basic.qos with global=true is deprecated and denied by default: it is ignored silently, and the prefetch \
         counts for each consumer; before, for all consumers of the channel together",
        "basic.qos with global=true and several consumers on a channel: each gets as many as all together did \
         (deprecated_features.permit.global_qos = true keeps it; or open a channel for each consumer)",
    ),
];

/// Whether the file has what the behaviour is about.
fn is_about(survey: &Survey, behaviour: Behaviour) -> bool {
    match behaviour {
        Behaviour::AcquiredCount
        | Behaviour::DeliveryCountAfterReturns
        | Behaviour::QuorumPriorities
        | Behaviour::StrictPriorities => survey.has("quorum"),
        Behaviour::PriorityOfAtLeast1 => survey.has_priority_0(),
        Behaviour::StreamFilters => survey.has("stream"),
        Behaviour::CcKeptInDeadLetters => survey.has_dead_letters(),
        Behaviour::HeaderTimesInMs => !survey.bindings("headers", |_| true).is_empty(),
        _ => true,
    }
}

/// Exhaustive, so that whoever adds a behaviour decides.
fn noticed_by(behaviour: Behaviour) -> NoticedBy {
    use Behaviour::*;
    match behaviour {
        ConsumerTimeoutOfQueues
        | DeliveryLimit20
        | FailedDeadLettersRedelivered
        | FloatsAreNoIntegers
        | HashWeightLimit
        | HeaderHashedByValue
        | ModulusHashByName
        | NackIsNoFailure
        | NoQueueVersion1
        | PermissionToAsk
        | QueueModeUnchecked
        | QuorumActiveByPriority
        | TimeoutTakesBack
        | TopicPermissionsOfCc => NoticedBy::Topology,
        AcquiredCount => NoticedBy::Applications(
            "consumers that read x-delivery-count to decide when to give up: what was merely returned is counted in \
             x-acquired-count",
        ),
        AnonymousLogin => NoticedBy::Applications(
            "clients that may reach the broker and have no account: they are guest unless anonymous_login_user says none",
        ),
        CcKeptInDeadLetters => NoticedBy::Applications(
            "consumers of dead letters that publish them again with all headers: CC routes them once more",
        ),
        ClientDeathsIgnored => NoticedBy::Applications(
            "consumers that publish a message again with its headers and read the count in x-death to decide when to give up: \
             it stays 1 (count in a header of your own, or reject into a queue with a TTL instead)",
        ),
        CommitNamesTheQueue | CommitNeedsItsQueues => NoticedBy::Applications(
            "transactions that publish to queues which may be deleted before the commit",
        ),
        ConsumerTimeoutArgument => NoticedBy::Applications(
            "basic.consume with x-consumer-timeout from classic queues or streams: it is refused",
        ),
        DeliveryCountAfterReturns => NoticedBy::Applications(
            "programs that expect x-delivery-count in the first delivery of basic.get",
        ),
        FramesOf8192 => NoticedBy::Applications(
            "clients that set frame_max below 8192, among them amqplib for Node.js before 0.10.7: they cannot connect",
        ),
        HeaderTimesInMs => {
            NoticedBy::Applications("bindings of headers exchanges that compare times: they match nothing")
        }
        PriorityOfAtLeast1 => NoticedBy::Applications(
            "publishers that set a priority on messages for queues with x-max-priority=0: they overtake the others",
        ),
        QuorumPriorities | StrictPriorities => NoticedBy::Applications(
            "publishers that set a priority on messages for quorum queues: the others wait as long as such messages come",
        ),
        LateReplyDropped => NoticedBy::Applications(
            "servers that publish direct replies as mandatory and wait for basic.return to notice that a client is gone",
        ),
        ReplyAddressIsQueue => NoticedBy::Applications(
            "direct replies (amq.rabbitmq.reply-to) that are published in a transaction, or to an address that is bound",
        ),
        StreamFilters => {
            NoticedBy::Applications("basic.consume with x-stream-filter from other queues: it is refused")
        }
        EveryPriorityExpires
        | TypeAsTerm
        | AgesComparedInMs
        | AnyDeliveryMode
        | DefaultTypeCompared
        | ExpirationBeforeUserId
        | HaFailoverUnchecked
        | LastDeathHeaders
        | LimitBare
        | MasterLocatorUnchecked
        | NowhereExplained
        | PermissionNamed
        | StreamAgeChecked
        | StreamDeliveryMode
        | StreamListsKept
        | StreamNackSettles
        | StreamOffsetChecked
        | StreamRefusalsNameIt
        | UnknownTypeClosesChannel => NoticedBy::Nobody,
    }
}
