//! What happens, as English sentences.

use std::time::Duration;

use warren_core::{
    ChannelNumber, Event, Fact, Instant,
    event::{DeathReason, Destination, QueueEnd, RequeueReason},
};

use crate::{
    ActorId, Happening, LossReason, Mishap, Scenario, Sending, SettleBy, Unsynced, client::DIRECT_REPLY_TO,
    network::Direction, scenario::OPERATOR,
};

/// Whether a routing key is an address of direct reply-to, and leads straight to a client.
#[must_use]
pub fn is_reply_address(routing_key: &str) -> bool {
    routing_key.starts_with(DIRECT_REPLY_TO)
}

/// The actors by their names.
pub(crate) struct Names<'a> {
    actors: Vec<&'a str>,
}

const BROKER: &str = "broker";

impl<'a> Names<'a> {
    /// Those of a scenario.
    pub(crate) fn of(scenario: &'a Scenario) -> Self {
        Names { actors: scenario.actor_names().collect() }
    }

    /// The longest name's characters.
    pub(crate) fn width(&self) -> usize {
        let actors = self.actors.iter().map(|name| name.chars().count());
        actors.chain([BROKER.len()]).max().unwrap_or_default()
    }

    /// Theirs.
    pub(crate) fn name(&self, id: ActorId) -> &'a str {
        self.actors.get(id.0 as usize).copied().unwrap_or(OPERATOR)
    }

    /// Who did what; `None` for what only machines want to know.
    pub(crate) fn sentence(&self, what: &Happening) -> Option<(String, String)> {
        let (actor, what) = match what {
            Happening::Broker(event) => return Some((BROKER.into(), broker_sentence(event)?)),
            Happening::Lost { message, reason, .. } => {
                return Some((BROKER.into(), format!("message {message} is LOST: {}", self.loss(*reason))));
            }
            Happening::BrokerCrashed { unsynced } => {
                let left = match unsynced {
                    Unsynced::Lost => "CRASHES, and what its disk has not synced is gone",
                    Unsynced::Torn => "CRASHES, and of what its disk has not synced some is there",
                    Unsynced::Kept => "CRASHES; what was written is still in the cache",
                };
                return Some((BROKER.into(), left.into()));
            }
            Happening::BrokerStarted => return Some((BROKER.into(), "starts again".into())),
            Happening::BrokerStopped => {
                return Some((BROKER.into(), "has stopped, as it was asked to".into()));
            }
            Happening::BrokerHalted { reason } => {
                return Some((BROKER.into(), format!("STOPS ITSELF: {reason}")));
            }
            Happening::BrokerRefused { damage } => {
                return Some((BROKER.into(), format!("DOES NOT START: {damage}")));
            }
            Happening::Mishap(mishap) => return Some((mishap.whom().into(), self::mishap(mishap))),
            Happening::Healed => return Some((BROKER.into(), "and everyone else is well again".into())),
            Happening::Connecting { actor, channel: ChannelNumber(1), .. } => (actor, "connects".into()),
            Happening::Connecting { actor, channel, .. } => {
                (actor, format!("opens channel {channel} on its client's connection"))
            }
            Happening::Ready { actor } => (actor, "is ready".into()),
            Happening::Refused { actor, reason, again_at: None, .. } => {
                (actor, format!("is refused: {reason}"))
            }
            Happening::Refused { actor, reason, again_at: Some(at), others_go_on } => {
                let what = if *others_go_on { "channel" } else { "connection" };
                (actor, format!("loses its {what}: {reason}; it tries again at {}", whole_ms(*at)))
            }
            Happening::Sent(sending) => {
                let Sending { actor, exchange, routing_key, body, .. } = &**sending;
                let to = if exchange.is_empty() {
                    recipient(routing_key)
                } else if routing_key.is_empty() {
                    format!("exchange {exchange}")
                } else {
                    format!("exchange {exchange} with key {routing_key}")
                };
                (actor, format!("sends {body:?} to {to}"))
            }
            Happening::NeverArrived(sending) => {
                return Some((BROKER.into(), format!("is gone: {:?} never ARRIVES", sending.body)));
            }
            Happening::Confirmed { actor, message } => {
                (actor, format!("hears that message {message} is safe"))
            }
            Happening::Nacked { actor, message } => {
                (actor, format!("hears that message {message} was not taken"))
            }
            Happening::CommitSent { actor, messages, .. } => {
                (actor, format!("commits {}", counted(*messages)))
            }
            Happening::RollbackSent { actor, messages, .. } => {
                (actor, format!("rolls {} back", counted(*messages)))
            }
            Happening::Answered { actor, message, body, .. } => {
                (actor, format!("gets the answer {body:?} to message {message}"))
            }
            Happening::Returned { actor, message } => (actor, format!("gets message {message} back")),
            Happening::Received { actor, message, redelivered, .. } => {
                let again = if *redelivered { " again" } else { "" };
                (actor, format!("receives message {message}{again}"))
            }
            Happening::Invented { actor } => (actor, "receives a message that nobody has sent".into()),
            Happening::WorkStarted { actor, message, done_at, .. } => {
                let until = done_at.map_or_else(String::new, |at| format!(" until {}", whole_ms(at)));
                (actor, format!("works on message {message}{until}"))
            }
            Happening::WorkDone { actor, message, .. } => (actor, format!("has done message {message}")),
            Happening::WorkFailed { actor, message, rejections, .. } => {
                let before = match rejections {
                    0 => String::new(),
                    1 => ", rejected once before".into(),
                    count => format!(", rejected {count} times before"),
                };
                (actor, format!("has failed at message {message}{before}"))
            }
            Happening::RejectSent { actor, message, requeue, .. } => {
                let back = if *requeue { " and wants it back in the queue" } else { "" };
                (actor, format!("rejects message {message}{back}"))
            }
            Happening::AckSent { actor, message, .. } => (actor, format!("acks message {message}")),
            Happening::Crashed { actor, .. } => (actor, "CRASHES".into()),
            Happening::Revived { actor } => (actor, "starts again".into()),
            Happening::WentOn { actor } => (actor, "goes on".into()),
            Happening::Printed { actor, text, line: None, .. } => (actor, format!("prints {text:?}")),
            Happening::Printed { actor, text, line: Some(line), .. } => {
                (actor, format!("prints {text:?}, from line {line} of its code"))
            }
            Happening::CodeFailed { actor, message, line } => {
                let place = line.map_or_else(String::new, |line| format!(", at line {line}"));
                (actor, format!("its code FAILS{place}: {message}"))
            }
            Happening::Finished { actor } => (actor, "has come to the end of its program".into()),
            Happening::Dispatched { .. } => return None,
        };
        Some((self.name(*actor).into(), what))
    }

    /// Why a message is lost.
    pub(crate) fn loss(&self, reason: LossReason) -> String {
        match reason {
            LossReason::HeldByCrashed { actor, working: true } => {
                format!("{} crashed while working on it, and needed not ack", self.name(actor))
            }
            LossReason::HeldByCrashed { actor, working: false } => {
                format!("{} crashed with it in its buffer, and needed not ack", self.name(actor))
            }
            LossReason::InSocket { actor } => {
                format!("it was on its way when {} crashed, and needed no ack", self.name(actor))
            }
            LossReason::WorkFailed { actor } => {
                format!("{} failed at it, and needed no ack", self.name(actor))
            }
            LossReason::Unroutable => "no binding matched".into(),
            LossReason::Rejected => "a consumer rejected it".into(),
            LossReason::Expired => "it expired".into(),
            LossReason::MaxLength => "its queue was too long".into(),
            LossReason::DeliveryLimit => "its delivery failed too often".into(),
            LossReason::Refused => "its queue was full and did not take it".into(),
            LossReason::DeadLetterCycle => "as a dead letter it came round to the same queue".into(),
            LossReason::InMemory => "it was only in the broker's memory".into(),
            LossReason::NotSynced => "it was marked persistent, and the disk had not synced it yet".into(),
            LossReason::Purged => "its queue was purged".into(),
            LossReason::QueueDeleted => "its queue was deleted".into(),
        }
    }
}

/// Nobody reads µs in a sentence.
fn whole_ms(at: Instant) -> Instant {
    Instant::from_micros(at.as_micros() / 1_000 * 1_000)
}

fn mishap(mishap: &Mishap) -> String {
    let seconds = |time: &Duration| Instant::ZERO + *time;
    let toward = |way: &Option<Direction>| match way {
        None => "",
        Some(Direction::ToBroker) => " towards the broker",
        Some(Direction::ToClient) => " towards the client",
    };
    match mishap {
        Mishap::Cut { way: None, .. } => "its connection BREAKS".into(),
        Mishap::Cut { way, frames, torn, .. } => {
            let torn = if *torn { " and a half" } else { "" };
            format!("its connection will BREAK after {frames}{torn} more frames{}", toward(way))
        }
        Mishap::Close { .. } => "closes its channel".into(),
        Mishap::Silence { .. } => "nothing passes on its connection any more, and nobody is told".into(),
        Mishap::Partition { way, lasts, .. } => {
            format!("nothing passes on its link{} for {} s", toward(way), seconds(lasts))
        }
        Mishap::Slow { latency, bandwidth: 0, lasts, .. } => {
            format!("its link takes {} s each way for {} s", seconds(latency), seconds(lasts))
        }
        Mishap::Slow { latency, bandwidth, lasts, .. } => {
            let (latency, lasts) = (seconds(latency), seconds(lasts));
            format!("its link takes {latency} s each way, and {bandwidth} bytes a second, for {lasts} s")
        }
        Mishap::Tire { times, lasts, .. } => {
            format!("its work takes {times} times as long for {} s", seconds(lasts))
        }
        Mishap::Pause { .. } => "stands still, with its connection open".into(),
        Mishap::Settle { message, how, .. } => match how {
            SettleBy::Ack => format!("is made to ack message {message}"),
            SettleBy::Reject => format!("is made to reject message {message}"),
            SettleBy::Requeue => format!("is made to give message {message} back"),
        },
        Mishap::ClockJump { by } => format!("its calendar jumps by {by}"),
        Mishap::SlowDisk { times, lasts } => {
            format!("its disk takes {times} times as long for {} s", seconds(lasts))
        }
        Mishap::FullDisk { lasts } => format!("its disk is full for {} s", seconds(lasts)),
        Mishap::FailingWrite => "its disk will fail the next write".into(),
        Mishap::FlippedBit => "one bit on its disk turns around".into(),
        Mishap::LowMemory { lasts } => format!("has too little memory for {} s", seconds(lasts)),
        Mishap::Policy { pattern, definition } => {
            format!("gets a policy for queues like {pattern:?}: {definition}")
        }
        Mishap::DeleteQueue { queue } => format!("the operator deletes queue {queue}"),
        Mishap::PurgeQueue { queue } => format!("the operator purges queue {queue}"),
        Mishap::Crash { .. } | Mishap::CrashBroker { .. } => "crashes".into(),
        Mishap::Revive { .. } | Mishap::StartBroker => "starts again".into(),
        Mishap::StopBroker => "stops".into(),
        Mishap::Heal => "and everyone else is well again".into(),
    }
}

fn counted(messages: u32) -> String {
    if messages == 1 { "1 message".into() } else { format!("{messages} messages") }
}

/// Where the default exchange leads. The addresses of direct reply-to are long, and say nothing to a reader.
fn recipient(routing_key: &str) -> String {
    if is_reply_address(routing_key) { "who asked".into() } else { format!("queue {routing_key}") }
}

fn broker_sentence(event: &Event) -> Option<String> {
    Some(match &event.fact {
        Fact::ExchangeDeclared { exchange, kind, .. } => {
            format!("has a new {} exchange {exchange}", kind.as_str())
        }
        Fact::ExchangeDeleted { exchange } => format!("has no exchange {exchange} any more"),
        Fact::QueueDeclared { queue, .. } => format!("has a new queue {queue}"),
        Fact::QueueDeleted { queue, messages, reason } => {
            let why = match reason {
                QueueEnd::Deleted => "deleted",
                QueueEnd::Unused => "its last consumer is gone",
                QueueEnd::OwnerGone => "its connection is gone",
                QueueEnd::Expired => "nobody used it for too long",
            };
            format!("has no queue {queue} any more, with {messages} messages: {why}")
        }
        Fact::Bound { exchange, destination, routing_key } => {
            let destination = match destination {
                Destination::Queue(queue) => format!("queue {queue}"),
                Destination::Exchange(exchange) => format!("exchange {exchange}"),
            };
            format!("binds {destination} to exchange {exchange} with key {routing_key:?}")
        }
        // The next fact tells of it.
        Fact::Routed { queues, .. } if queues.iter().all(|queue| is_reply_address(queue)) => {
            return None;
        }
        Fact::Routed { message, queues } => {
            format!(
                "message {message} → {}",
                queues.iter().map(|q| format!("queue {q}")).collect::<Vec<_>>().join(", ")
            )
        }
        Fact::Unroutable { message, .. } => format!("message {message} matches no binding"),
        Fact::Delayed { message, exchange, delay_ms } => {
            format!("message {message} waits in exchange {exchange} for {delay_ms} ms")
        }
        Fact::ReturnedEarly { message } => format!("message {message} is mandatory, and no queue has it yet"),
        Fact::Delivered { message, consumer, redelivered, no_ack, .. } => {
            let again = if *redelivered { ", again" } else { "" };
            let forget = if *no_ack { ", and forgets it" } else { "" };
            format!("message {message} → {}{again}{forget}", consumer.tag)
        }
        Fact::Read { message, consumer, offset, .. } => {
            format!("message {message} → {} from offset {offset}, and stays in the stream", consumer.tag)
        }
        Fact::ReadSettled { message, queue, acked: true } => {
            format!("message {message} is acked, and stays in stream {queue}")
        }
        Fact::Acked { message, queue, .. } => format!("message {message} is acked: gone from queue {queue}"),
        Fact::Requeued { message, queue, reason } => {
            let why = match reason {
                RequeueReason::Rejected | RequeueReason::Nacked => "rejected",
                RequeueReason::Recovered => "recovered",
                RequeueReason::ChannelClosed => "the channel is closed",
                RequeueReason::ConnectionClosed => "the connection is gone",
            };
            format!("message {message} back to queue {queue}: {why}")
        }
        Fact::DeadLettered { message, queue, reason, exchange, .. } => {
            let why = match reason {
                DeathReason::Rejected => "was rejected",
                DeathReason::Expired => "has expired",
                DeathReason::MaxLength => "is one too many",
                DeathReason::DeliveryLimit => "failed too often",
            };
            let to = if exchange.is_empty() { "the default exchange" } else { exchange };
            format!("message {message} in queue {queue} {why}: a dead letter for {to}")
        }
        Fact::DeadLetterWaits { message, queue } => {
            format!("dead letter {message} cannot go on yet: queue {queue} keeps it and tries again")
        }
        Fact::DeadLetterTaken { message, queue } => {
            format!("dead letter {message} has gone on: queue {queue} keeps it no longer")
        }
        Fact::DeadLetterDropped { message, queue } => {
            format!("dead letter {message} goes with queue {queue}, which kept it")
        }
        Fact::Refused { message, queue } => format!("message {message} is refused: queue {queue} is full"),
        Fact::Nacked { .. } => "tells the producer that it was not taken".into(),
        Fact::Committed { .. } => "commits the transaction".into(),
        Fact::RolledBack { publishes, acks, .. } => {
            format!("rolls the transaction back: {publishes} publishes, {acks} acks")
        }
        Fact::ConsumerActivated { consumer, queue } => {
            format!("queue {queue} now serves {} alone", consumer.tag)
        }
        Fact::Replied { message, .. } => format!("message {message} → straight to who waits for it"),
        Fact::Recorded { message, commit } => {
            format!("message {message} is written down, to go to the disk with commit {commit}")
        }
        Fact::Written { commit } => format!("commit {commit} is written: in the cache"),
        Fact::Synced { commit } => format!("commit {commit} is synced: on the disk for good"),
        Fact::Recovered { message, queue } => {
            format!("message {message} is found on the disk, in queue {queue}")
        }
        Fact::RecoveredDelayed { message, exchange, delay_ms } => {
            format!(
                "message {message} is found on the disk: it waits in exchange {exchange} for {delay_ms} ms more"
            )
        }
        Fact::DiskFull => "has no space left on its disk".into(),
        Fact::Blocked => "is low on memory or disk space, and pauses publishers".into(),
        Fact::Unblocked => "lets publishers go on".into(),
        _ => return None,
    })
}
