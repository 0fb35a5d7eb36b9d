//! The rules: what in a file of definitions an upgrade changes.

use warren_core::{
    Behaviour, Release,
    wire::{FieldTable, FieldValue},
};

use super::{
    rule::{Effect, Proof, Rule},
    survey::{Spot, Survey, is_a, of_queue},
};

/// The keys that mirrored a classic queue.
const MIRRORING: &[&str] = &[
    "ha-mode",
    "ha-params",
    "ha-sync-mode",
    "ha-sync-batch-size",
    "ha-promote-on-shutdown",
    "ha-promote-on-failure",
];

/// All rules, in the order in which they are told.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "mirrored-queues",
        effect: Effect::Breaks,
        proof: Proof::Known(
            Release::V4_0,
            "release notes of 4.0.1; an import was tried with 4.0.5 and 4.3.6",
        ),
        change: "Classic queues are not mirrored any more, and policies may not say ha-mode and the like.",
        consequence: "The import of this file fails as a whole (\"not recognised policy settings\"). After an upgrade in \
                      place the policies stay and do nothing: each of these queues is on one node only, and is away when \
                      that node is.",
        advice: "Take the ha-… keys out of the policies; declare what has to be replicated as quorum queues \
                 (x-queue-type: quorum), under new names or after deleting the old ones.",
        // Operators' policies could not say it before either.
        spots: |survey| {
            let found = survey.policies(MIRRORING);
            found.into_iter().filter(|spot| spot.kind == "policy").collect()
        },
    },
    Rule {
        name: "delayed-message-plugin",
        effect: Effect::Breaks,
        proof: Proof::Known(
            Release::V4_3,
            "the plugin's README, and RabbitMQ's release notes of 4.3.0 (Mnesia is gone)",
        ),
        change: "The plugin rabbitmq_delayed_message_exchange keeps its messages in Mnesia, which 4.3 does not have; it is \
                 no longer maintained.",
        consequence: "The exchange cannot be declared or imported (\"unknown exchange type\"), and what it holds back at \
                      the upgrade is lost.",
        advice: "Delay by queues with a TTL and a dead-letter exchange (one queue for each delay), or in the application; \
                 let the exchange run empty before the upgrade.",
        spots: |survey| survey.exchanges(|exchange| exchange.kind == "x-delayed-message"),
    },
    Rule {
        name: "master-locator-in-policy",
        effect: Effect::Breaks,
        proof: Proof::Known(Release::V4_3, "an import was tried with 4.3.6"),
        change: "queue-master-locator is deprecated, and denied unless the configuration permits it.",
        consequence: "The import of this file fails as a whole (\"use of deprecated queue-master-locator argument is not \
                      permitted\").",
        advice: "Say queue-leader-locator (client-local or balanced) instead, or set \
                 deprecated_features.permit.queue_master_locator = true for now.",
        spots: |survey| survey.policies(&["queue-master-locator"]),
    },
    Rule {
        name: "master-locator-of-queue",
        effect: Effect::Breaks,
        proof: Proof::Known(Release::V4_3, "conversations/deprecated; an import was tried with 4.3.6"),
        change: "x-queue-master-locator is deprecated, and denied unless the configuration permits it.",
        consequence: "The import takes the queue, but an application that declares it with this argument loses its \
                      connection (541 INTERNAL_ERROR).",
        advice: "Say x-queue-leader-locator instead, or set deprecated_features.permit.queue_master_locator = true for now.",
        spots: |survey| {
            survey.queues(|queue, setting| {
                queue.kind() == "classic" && setting.argument("queue-master-locator").is_some()
            })
        },
    },
    Rule {
        name: "no-queue-version-1",
        effect: Effect::Breaks,
        proof: Proof::Shown(Behaviour::NoQueueVersion1),
        change: "The first storage of classic queues is gone; x-queue-version has to be 2.",
        consequence: "The import of this file fails as a whole, and applications that declare the queue so are refused (406).",
        advice: "Take x-queue-version out; queues that exist are converted when a node of 4.x starts.",
        spots: |survey| {
            survey.queues(|queue, setting| {
                queue.kind() == "classic"
                    && setting.argument("queue-version").and_then(FieldValue::as_integer) == Some(1)
            })
        },
    },
    Rule {
        name: "consumer-timeout-of-queues",
        effect: Effect::Breaks,
        proof: Proof::Shown(Behaviour::ConsumerTimeoutOfQueues),
        change: "Quorum queues alone take the arguments x-consumer-timeout and x-consumer-disconnected-timeout.",
        consequence: "The import of this file fails as a whole, and an application that declares the queue so is refused (406).",
        advice: "Take the argument out: classic queues and streams have no consumer timeout any more.",
        spots: |survey| {
            survey.queues(|queue, setting| {
                let timeouts = ["consumer-timeout", "consumer-disconnected-timeout"];
                queue.kind() != "quorum" && timeouts.iter().any(|key| setting.argument(key).is_some())
            })
        },
    },
    Rule {
        name: "bound-to-nothing",
        effect: Effect::Breaks,
        proof: Proof::Known(Release::V4_0, "imports were tried with 3.10.8, 4.0.5 and 4.3.6"),
        change: "A binding whose exchange, or whose queue, is not in the file is refused; before, it was left out.",
        consequence: "The import of this file fails as a whole (\"resources_missing\").",
        advice: "Take the binding out, or add what it names.",
        spots: Survey::bound_to_nothing,
    },
    Rule {
        name: "hash-weight-is-a-number",
        effect: Effect::Breaks,
        proof: Proof::Known(Release::V4_0, "imports were tried with 3.10.8, 4.0.5 and 4.3.6"),
        change: "An import checks the weights of bindings of x-consistent-hash exchanges: whole numbers from 1 on.",
        consequence: "The import of this file fails as a whole (\"binding_invalid\"); an application that binds so was refused before, too.",
        advice: "Write a whole number from 1 on as the binding key.",
        spots: |survey| {
            survey.bindings("x-consistent-hash", |binding| {
                binding.routing_key.parse::<u64>().map_or(true, |weight| weight == 0)
            })
        },
    },
    Rule {
        name: "default-queue-type",
        effect: Effect::Changes,
        proof: Proof::Known(Release::V4_3, "an import was tried with 4.3.6"),
        change: "An import declares durable queues that say no x-queue-type with the default queue type of their virtual host.",
        consequence: "These queues become quorum queues or streams, with all that this means: a delivery limit of 20, a consumer \
                      timeout, no priorities by x-max-priority.",
        advice: "Write x-queue-type: classic to the queues that are to stay so.",
        spots: Survey::of_default_type,
    },
    Rule {
        name: "hash-weight-limit",
        effect: Effect::Breaks,
        proof: Proof::Shown(Behaviour::HashWeightLimit),
        change: "The weight of a binding of an x-consistent-hash exchange may not exceed 10000.",
        consequence: "The import of this file fails, and an application that binds so is refused (406).",
        advice: "Divide all weights of the exchange by the same number; only their ratio counts.",
        spots: |survey| {
            survey.bindings("x-consistent-hash", |binding| {
                binding.routing_key.parse::<u64>().is_ok_and(|weight| weight > 10_000)
            })
        },
    },
    Rule {
        name: "delivery-limit-20",
        effect: Effect::Breaks,
        proof: Proof::Shown(Behaviour::DeliveryLimit20),
        change: "A quorum queue without a delivery limit of its own gives a message up after 20 failed deliveries (rejected \
                 with requeue, or their consumer was lost; in 4.0 nacked, too); before, it was delivered again for ever.",
        consequence: "These queues have no dead-letter exchange: the message is gone without a trace.",
        advice: "Before the upgrade set a dead-letter exchange by a policy, so that nothing is lost; or a delivery-limit that \
                 fits (none, which is -1, can be said by a policy only after the upgrade).",
        spots: |survey| without_delivery_limit(survey, false),
    },
    Rule {
        name: "delivery-limit-20-dead-letters",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::DeliveryLimit20),
        change: "A quorum queue without a delivery limit of its own gives a message up after 20 failed deliveries (rejected \
                 with requeue, or their consumer was lost; in 4.0 nacked, too); before, it was delivered again for ever.",
        consequence: "Messages come to the dead-letter exchange with the reason delivery_limit, where none came before.",
        advice: "See that somebody looks at the dead letters; or set a delivery-limit that fits (none, which is -1, can be said \
                 by a policy only after the upgrade).",
        spots: |survey| without_delivery_limit(survey, true),
    },
    Rule {
        name: "nack-is-no-failure",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::NackIsNoFailure),
        change: "What a consumer gives back by basic.nack or basic.recover no longer counts towards the delivery limit of a \
                 quorum queue.",
        consequence: "A message that a consumer always gives back by basic.nack with requeue comes again without end: the \
                      limit that stopped it before does not.",
        advice: "Have consumers give up by themselves (nack or reject without requeue) after so many times \
                 (x-acquired-count tells how many).",
        spots: |survey| {
            let limits_all = survey.from.has(Behaviour::DeliveryLimit20);
            survey.queues(|queue, setting| {
                let limit = setting.argument("delivery-limit").and_then(FieldValue::as_integer);
                let has_one = setting.is("delivery-limit") && limit.is_none_or(|limit| limit >= 0);
                queue.kind() == "quorum" && (has_one || (limits_all && !setting.is("delivery-limit")))
            })
        },
    },
    Rule {
        name: "modulus-hash-by-name",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::ModulusHashByName),
        change: "An x-modulus-hash exchange counts its queues in the order of their names; before, in that of their binding \
                 keys.",
        consequence: "The same routing key goes to another queue than before: the order of messages of a key that are in \
                      both queues is not kept.",
        advice: "Let the queues run empty before publishers come back.",
        spots: |survey| survey.exchanges(|exchange| is_a(exchange, "x-modulus-hash")),
    },
    Rule {
        name: "header-hashed-by-value",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::HeaderHashedByValue),
        change: "An x-consistent-hash exchange that hashes a header hashes its value; before, its type and value.",
        consequence: "The same header goes to another queue than before: the order of messages of a header that are in both \
                      queues is not kept.",
        advice: "Let the queues run empty before publishers come back.",
        spots: |survey| {
            let by_header = |arguments: &FieldTable| arguments.get("hash-header").is_some();
            survey.exchanges(|exchange| is_a(exchange, "x-consistent-hash") && by_header(&exchange.arguments))
        },
    },
    Rule {
        name: "floats-are-no-integers",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::FloatsAreNoIntegers),
        change: "A headers exchange tells 1 from 1.0; before, they agreed.",
        consequence: "A message whose header is a floating-point number does not match a binding with a whole one, and the \
                      other way round.",
        advice: "See which type publishers send (JavaScript and Lua have one for both), and bind with that.",
        spots: |survey| {
            survey.bindings("headers", |binding| {
                let is_number =
                    |value: &FieldValue| value.as_integer().is_some() || matches!(value, FieldValue::F64(_));
                binding.arguments.iter().any(|(_, value)| is_number(value))
            })
        },
    },
    Rule {
        name: "failed-dead-letters-redelivered",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::FailedDeadLettersRedelivered),
        change: "A dead letter whose delivery had failed says redelivered; before, no dead letter did.",
        consequence: "A consumer of dead letters that takes redelivered for \"I may have worked on this already\" skips or \
                      checks what it did not before.",
        advice: "Look at what consumers of the dead-letter queues do with the flag.",
        spots: |survey| survey.queues(|_, setting| setting.is("dead-letter-exchange")),
    },
    Rule {
        name: "timeout-takes-back",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::TimeoutTakesBack),
        change: "Only quorum queues have a consumer timeout (30 minutes by default), and take back what is overdue, telling \
                 the consumer by basic.cancel; before, the channel was closed, whatever the queue.",
        consequence: "In a classic queue or a stream a delivery that is never acked stays with its consumer as long as the \
                      connection lives. A consumer of a quorum queue goes on after a timeout only if it reacts to basic.cancel.",
        advice: "Watch the number of unacked messages of classic queues. In consumers of quorum queues handle basic.cancel.",
        spots: |survey| survey.queues(|_, _| true),
    },
    Rule {
        name: "quorum-active-by-priority",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::QuorumActiveByPriority),
        change: "In a quorum queue with a single active consumer, one of a higher priority takes over; before, who was first \
                 stayed.",
        consequence: "The active consumer changes when one with a higher x-priority comes.",
        advice: "Leave x-priority out, or give all consumers the same.",
        spots: |survey| {
            survey.queues(|queue, setting| {
                queue.kind() == "quorum" && setting.argument("single-active-consumer").is_some()
            })
        },
    },
    Rule {
        name: "transient-queues",
        effect: Effect::Changes,
        proof: Proof::Known(
            Release::V4_3,
            "release notes of 4.3.0; conversations/deprecated (4.3.6 still permits them)",
        ),
        change: "Queues that are neither durable nor exclusive are deprecated (transient_nonexcl_queues). The release notes of \
                 4.3.0 deny them by default; 4.3.6 still permits them, and warns.",
        consequence: "Where they are denied, declaring one ends the connection (541 INTERNAL_ERROR).",
        advice: "Declare them durable with an x-expires, or exclusive; or set \
                 deprecated_features.permit.transient_nonexcl_queues = true for now.",
        spots: |survey| {
            let transient = survey.definitions.queues.iter().filter(|queue| !queue.durable);
            transient.map(of_queue).collect()
        },
    },
    Rule {
        name: "queue-mode-unchecked",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::QueueModeUnchecked),
        change: "x-queue-mode means nothing (since 3.12): every classic queue keeps messages on the disk and a small part in \
                 memory.",
        consequence: "Nothing breaks; queues that were not lazy need less memory, and the disk is read more.",
        advice: "Take x-queue-mode and queue-mode out when it suits.",
        spots: |survey| {
            let lazy = survey.queues(|_, setting| setting.argument("queue-mode").is_some());
            [survey.policies(&["queue-mode"]), lazy].concat()
        },
    },
    Rule {
        name: "permission-to-ask",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::PermissionToAsk),
        change: "Declaring passively (to ask whether a queue or an exchange is there) needs one of the three permissions; \
                 before, none.",
        consequence: "A user without any is refused (403).",
        advice: "Give the user read or write access to what it asks for.",
        spots: |survey| {
            let nothing = |pattern: &str| matches!(pattern, "" | "^$");
            let permissions = survey.definitions.permissions.iter();
            let without =
                permissions.filter(|it| nothing(&it.configure) && nothing(&it.write) && nothing(&it.read));
            without.map(of_user).collect()
        },
    },
    Rule {
        name: "topic-permissions-of-cc",
        effect: Effect::Changes,
        proof: Proof::Shown(Behaviour::TopicPermissionsOfCc),
        change: "Topic permissions are asked for the keys in the headers CC and BCC, too; before, for the routing key alone.",
        consequence: "A publish whose CC or BCC the user may not use is refused (403).",
        advice: "Look at what these users put into CC and BCC.",
        spots: |survey| survey.definitions.topic_permissions.iter().map(of_user).collect(),
    },
];

/// Quorum queues for which neither an argument nor a policy says how often a delivery may fail.
fn without_delivery_limit(survey: &Survey, dead_letters: bool) -> Vec<Spot> {
    survey.queues(|queue, setting| {
        queue.kind() == "quorum"
            && !setting.is("delivery-limit")
            && setting.is("dead-letter-exchange") == dead_letters
    })
}

fn of_user(permission: &warren_definitions::PermissionElement) -> Spot {
    Spot {
        line: permission.line,
        kind: "user",
        name: permission.user.clone(),
        vhost: permission.vhost.clone(),
    }
}
