//! What happens, as sentences: English templates with their values, which a host may say in another language.

use std::time::Duration;

use warren_core::{
    ChannelNumber, Fact, Instant,
    event::{DeathReason, Destination, QueueEnd, RequeueReason},
};
use warren_texts::{Fills, Said, Value, said, said_of};

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

impl<'a> Names<'a> {
    /// Those of a scenario.
    pub(crate) fn of(scenario: &'a Scenario) -> Self {
        Names { actors: scenario.actor_names().collect() }
    }

    /// The longest name's characters.
    pub(crate) fn width(&self) -> usize {
        let actors = self.actors.iter().map(|name| name.chars().count());
        actors.chain(["broker".len()]).max().unwrap_or_default()
    }

    /// Theirs.
    pub(crate) fn name(&self, id: ActorId) -> &'a str {
        self.actors.get(id.0 as usize).copied().unwrap_or(OPERATOR)
    }

    /// Who did what; `None` for what only machines want to know.
    pub(crate) fn sentence(&self, what: &Happening) -> Option<(Value, Said)> {
        if let Happening::Mishap(mishap) = what {
            return Some((Value::Plain(mishap.whom().into()), self::mishap(mishap)));
        }
        if let Some((actor, said)) = of_actor(what) {
            return Some((Value::Plain(self.name(actor).into()), said));
        }
        self.of_broker(what).map(|said| (said!("broker").into(), said))
    }

    /// What the broker does.
    fn of_broker(&self, what: &Happening) -> Option<Said> {
        Some(match what {
            Happening::Broker(event) => return fact(&event.fact),
            Happening::Lost { message, reason, .. } => {
                said!("message {message} is LOST: {why}", message, why = self.loss(*reason))
            }
            Happening::BrokerCrashed { unsynced: Unsynced::Lost } => {
                said!("CRASHES, and what its disk has not synced is gone")
            }
            Happening::BrokerCrashed { unsynced: Unsynced::Torn } => {
                said!("CRASHES, and of what its disk has not synced some is there")
            }
            Happening::BrokerCrashed { unsynced: Unsynced::Kept } => {
                said!("CRASHES; what was written is still in the cache")
            }
            Happening::BrokerStarted => said!("starts again"),
            Happening::BrokerStopped => said!("has stopped, as it was asked to"),
            Happening::BrokerHalted { reason } => said!("STOPS ITSELF: {reason}", reason),
            Happening::BrokerRefused { damage } => said!("DOES NOT START: {damage}", damage),
            Happening::NeverArrived(sending) => {
                said!("is gone: \"{body}\" never ARRIVES", body = in_a_line(&sending.body))
            }
            Happening::Healed => said!("and everyone else is well again"),
            _ => return None,
        })
    }

    /// Why a message is lost.
    pub(crate) fn loss(&self, reason: LossReason) -> Said {
        match reason {
            LossReason::HeldByCrashed { actor, working: true } => {
                said!("{name} crashed while working on it, and needed not ack", name = self.name(actor))
            }
            LossReason::HeldByCrashed { actor, working: false } => {
                said!("{name} crashed with it in its buffer, and needed not ack", name = self.name(actor))
            }
            LossReason::InSocket { actor } => {
                said!("it was on its way when {name} crashed, and needed no ack", name = self.name(actor))
            }
            LossReason::WorkFailed { actor } => {
                said!("{name} failed at it, and needed no ack", name = self.name(actor))
            }
            LossReason::Unroutable => said!("no binding matched"),
            LossReason::Rejected => said!("a consumer rejected it"),
            LossReason::Expired => said!("it expired"),
            LossReason::MaxLength => said!("its queue was too long"),
            LossReason::DeliveryLimit => said!("its delivery failed too often"),
            LossReason::Refused => said!("its queue was full and did not take it"),
            LossReason::DeadLetterCycle => said!("as a dead letter it came round to the same queue"),
            LossReason::InMemory => said!("it was only in the broker's memory"),
            LossReason::NotSynced => said!("it was marked persistent, and the disk had not synced it yet"),
            LossReason::Purged => said!("its queue was purged"),
            LossReason::QueueDeleted => said!("its queue was deleted"),
        }
    }
}

/// What an actor does; `None` for what others do.
fn of_actor(what: &Happening) -> Option<(ActorId, Said)> {
    let (actor, said) = match what {
        Happening::Connecting { actor, channel: ChannelNumber(1), .. } => (actor, said!("connects")),
        Happening::Connecting { actor, channel, .. } => {
            (actor, said!("opens channel {channel} on its client's connection", channel))
        }
        Happening::Ready { actor } => (actor, said!("is ready")),
        Happening::Refused { actor, reason, again_at: None, .. } => {
            (actor, said!("is refused: {reason}", reason))
        }
        Happening::Refused { actor, reason, again_at: Some(at), others_go_on } => {
            let what = if *others_go_on { said!("channel") } else { said!("connection") };
            (
                actor,
                said!("loses its {what}: {reason}; it tries again at {at}", what, reason, at = moment(*at)),
            )
        }
        Happening::Sent(sending) => (&sending.actor, sent(sending)),
        Happening::Confirmed { actor, message } => {
            (actor, said!("hears that message {message} is safe", message))
        }
        Happening::Nacked { actor, message } => {
            (actor, said!("hears that message {message} was not taken", message))
        }
        Happening::CommitSent { actor, messages, .. } => {
            let count = u64::from(*messages);
            (actor, said_of!(count, "commits {count} message", "commits {count} messages"))
        }
        Happening::RollbackSent { actor, messages, .. } => {
            let count = u64::from(*messages);
            (actor, said_of!(count, "rolls {count} message back", "rolls {count} messages back"))
        }
        Happening::Answered { actor, message, body, .. } => {
            (actor, said!("gets the answer \"{body}\" to message {message}", body = in_a_line(body), message))
        }
        Happening::Returned { actor, message } => (actor, said!("gets message {message} back", message)),
        Happening::Received { actor, message, redelivered: false, .. } => {
            (actor, said!("receives message {message}", message))
        }
        Happening::Received { actor, message, .. } => {
            (actor, said!("receives message {message} again", message))
        }
        Happening::Invented { actor } => (actor, said!("receives a message that nobody has sent")),
        Happening::WorkStarted { actor, message, done_at: None, .. } => {
            (actor, said!("works on message {message}", message))
        }
        Happening::WorkStarted { actor, message, done_at: Some(at), .. } => {
            (actor, said!("works on message {message} until {at}", message, at = moment(*at)))
        }
        Happening::WorkDone { actor, message, .. } => (actor, said!("has done message {message}", message)),
        Happening::WorkFailed { actor, message, rejections, .. } => (
            actor,
            match rejections {
                0 => said!("has failed at message {message}", message),
                1 => said!("has failed at message {message}, rejected once before", message),
                count => {
                    said!("has failed at message {message}, rejected {count} times before", message, count)
                }
            },
        ),
        Happening::RejectSent { actor, message, requeue: false, .. } => {
            (actor, said!("rejects message {message}", message))
        }
        Happening::RejectSent { actor, message, .. } => {
            (actor, said!("rejects message {message} and wants it back in the queue", message))
        }
        Happening::AckSent { actor, message, .. } => (actor, said!("acks message {message}", message)),
        Happening::Crashed { actor, .. } => (actor, said!("CRASHES")),
        Happening::Revived { actor } => (actor, said!("starts again")),
        Happening::WentOn { actor } => (actor, said!("goes on")),
        Happening::Printed { actor, text, line: None, .. } => {
            (actor, said!("prints \"{text}\"", text = in_a_line(text)))
        }
        Happening::Printed { actor, text, line: Some(line), .. } => {
            (actor, said!("prints \"{text}\", from line {line} of its code", text = in_a_line(text), line))
        }
        Happening::CodeFailed { actor, message, line: None } => {
            (actor, said!("its code FAILS: {message}", message = Value::Known(message.clone())))
        }
        Happening::CodeFailed { actor, message, line: Some(line) } => {
            let message = Value::Known(message.clone());
            (actor, said!("its code FAILS, at line {line}: {message}", line, message))
        }
        Happening::Finished { actor } => (actor, said!("has come to the end of its program")),
        _ => return None,
    };
    Some((*actor, said))
}

/// Where a message is sent. The addresses of direct reply-to are long, and say nothing to a reader.
fn sent(sending: &Sending) -> Said {
    let Sending { exchange, routing_key, body, .. } = sending;
    let body = in_a_line(body);
    match (exchange.is_empty(), routing_key.is_empty()) {
        (true, _) if is_reply_address(routing_key) => said!("sends \"{body}\" to who asked", body),
        (true, _) => said!("sends \"{body}\" to queue {queue}", body, queue = routing_key),
        (false, true) => said!("sends \"{body}\" to exchange {exchange}", body, exchange),
        (false, false) => {
            said!("sends \"{body}\" to exchange {exchange} with key {key}", body, exchange, key = routing_key)
        }
    }
}

/// Nobody reads µs in a sentence.
fn moment(at: Instant) -> Value {
    Value::Moment(at.since(Instant::ZERO))
}

fn lasts(time: &Duration) -> Value {
    Value::Lasts(*time)
}

/// A text of a program or a message as one line.
fn in_a_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            line.extend(letter.escape_debug());
        } else {
            line.push(letter);
        }
    }
    line
}

fn mishap(mishap: &Mishap) -> Said {
    match mishap {
        Mishap::Cut { way: None, .. } => said!("its connection BREAKS"),
        Mishap::Cut { way, frames, torn, .. } => {
            let half = if *torn { said!(" and a half").into() } else { Value::nothing() };
            said!(
                "its connection will BREAK after {frames}{half} more frames{way}",
                frames,
                half,
                way = toward(*way)
            )
        }
        Mishap::Close { .. } => said!("closes its channel"),
        Mishap::Silence { .. } => said!("nothing passes on its connection any more, and nobody is told"),
        Mishap::Partition { way, lasts: time, .. } => {
            said!("nothing passes on its link{way} for {time}", way = toward(*way), time = lasts(time))
        }
        Mishap::Slow { latency, bandwidth: 0, lasts: time, .. } => {
            said!(
                "its link takes {latency} each way for {time}",
                latency = lasts(latency),
                time = lasts(time)
            )
        }
        Mishap::Slow { latency, bandwidth, lasts: time, .. } => said!(
            "its link takes {latency} each way, and {bandwidth} bytes a second, for {time}",
            latency = lasts(latency),
            bandwidth,
            time = lasts(time)
        ),
        Mishap::Tire { times, lasts: time, .. } => {
            said!("its work takes {times} times as long for {time}", times, time = lasts(time))
        }
        Mishap::Pause { .. } => said!("stands still, with its connection open"),
        Mishap::Settle { message, how: SettleBy::Ack, .. } => {
            said!("is made to ack message {message}", message)
        }
        Mishap::Settle { message, how: SettleBy::Reject, .. } => {
            said!("is made to reject message {message}", message)
        }
        Mishap::Settle { message, how: SettleBy::Requeue, .. } => {
            said!("is made to give message {message} back", message)
        }
        Mishap::ClockJump { by } => said!("its calendar jumps by {by}", by),
        Mishap::SlowDisk { times, lasts: time } => {
            said!("its disk takes {times} times as long for {time}", times, time = lasts(time))
        }
        Mishap::FullDisk { lasts: time } => said!("its disk is full for {time}", time = lasts(time)),
        Mishap::FailingWrite => said!("its disk will fail the next write"),
        Mishap::FlippedBit => said!("one bit on its disk turns around"),
        Mishap::LowMemory { lasts: time } => said!("has too little memory for {time}", time = lasts(time)),
        Mishap::Policy { pattern, definition } => {
            let pattern = format!("{pattern:?}");
            said!("gets a policy for queues like {pattern}: {definition}", pattern, definition)
        }
        Mishap::DeleteQueue { queue } => said!("the operator deletes queue {queue}", queue),
        Mishap::PurgeQueue { queue } => said!("the operator purges queue {queue}", queue),
        Mishap::Crash { .. } | Mishap::CrashBroker { .. } => said!("crashes"),
        Mishap::Revive { .. } | Mishap::StartBroker => said!("starts again"),
        Mishap::StopBroker => said!("stops"),
        Mishap::Heal => said!("and everyone else is well again"),
    }
}

fn toward(way: Option<Direction>) -> Value {
    match way {
        None => Value::nothing(),
        Some(Direction::ToBroker) => said!(" towards the broker").into(),
        Some(Direction::ToClient) => said!(" towards the client").into(),
    }
}

/// What the broker does to things and messages.
fn fact(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::ExchangeDeclared { exchange, kind, .. } => {
            said!("has a new {kind} exchange {exchange}", kind = kind.as_str(), exchange)
        }
        Fact::ExchangeDeleted { exchange } => said!("has no exchange {exchange} any more", exchange),
        Fact::QueueDeclared { queue, .. } => said!("has a new queue {queue}", queue),
        Fact::QueueDeleted { queue, messages, reason } => {
            let why = match reason {
                QueueEnd::Deleted => said!("deleted"),
                QueueEnd::Unused => said!("its last consumer is gone"),
                QueueEnd::OwnerGone => said!("its connection is gone"),
                QueueEnd::Expired => said!("nobody used it for too long"),
            };
            said!("has no queue {queue} any more, with {count} messages: {why}", queue, count = messages, why)
        }
        Fact::Bound { exchange, destination: Destination::Queue(queue), routing_key } => {
            let key = format!("{routing_key:?}");
            said!("binds queue {queue} to exchange {exchange} with key {key}", queue, exchange, key)
        }
        Fact::Bound { exchange, destination: Destination::Exchange(bound), routing_key } => {
            let key = format!("{routing_key:?}");
            said!("binds exchange {bound} to exchange {exchange} with key {key}", bound, exchange, key)
        }
        // The next fact tells of it.
        Fact::Routed { queues, .. } if queues.iter().all(|queue| is_reply_address(queue)) => {
            return None;
        }
        Fact::Routed { message, queues } => {
            let names: Vec<&str> = queues.iter().map(|queue| &**queue).collect();
            let all = names.join(", ");
            if names.len() == 1 {
                return Some(said!("message {message} → queue {queue}", message, queue = all));
            }
            said!("message {message} → queues {queues}", message, queues = all)
        }
        Fact::Unroutable { message, .. } => said!("message {message} matches no binding", message),
        Fact::Delayed { message, exchange, delay_ms } => {
            said!(
                "message {message} waits in exchange {exchange} for {ms} ms",
                message,
                exchange,
                ms = delay_ms
            )
        }
        Fact::ReturnedEarly { message } => {
            said!("message {message} is mandatory, and no queue has it yet", message)
        }
        Fact::Delivered { message, consumer, redelivered, no_ack, .. } => {
            let again = if *redelivered { said!(", again").into() } else { Value::nothing() };
            let forgets = if *no_ack { said!(", and forgets it").into() } else { Value::nothing() };
            said!(
                "message {message} → {consumer}{again}{forgets}",
                message,
                consumer = &consumer.tag,
                again,
                forgets
            )
        }
        Fact::Read { message, consumer, offset, .. } => said!(
            "message {message} → {consumer} from offset {offset}, and stays in the stream",
            message,
            consumer = &consumer.tag,
            offset
        ),
        Fact::ReadSettled { message, queue, acked: true } => {
            said!("message {message} is acked, and stays in stream {queue}", message, queue)
        }
        Fact::Acked { message, queue, .. } => {
            said!("message {message} is acked: gone from queue {queue}", message, queue)
        }
        Fact::Requeued { message, queue, reason } => {
            let why = match reason {
                RequeueReason::Rejected | RequeueReason::Nacked => said!("rejected"),
                RequeueReason::Recovered => said!("recovered"),
                RequeueReason::ChannelClosed => said!("the channel is closed"),
                RequeueReason::ConnectionClosed => said!("the connection is gone"),
                RequeueReason::TimedOut => said!("it was unacked for too long"),
            };
            said!("message {message} back to queue {queue}: {why}", message, queue, why)
        }
        Fact::DeadLettered { message, queue, reason, exchange, .. } => {
            let why = match reason {
                DeathReason::Rejected => said!("was rejected"),
                DeathReason::Expired => said!("has expired"),
                DeathReason::MaxLength => said!("is one too many"),
                DeathReason::DeliveryLimit => said!("failed too often"),
            };
            let to =
                if exchange.is_empty() { said!("the default exchange").into() } else { exchange.value() };
            said!("message {message} in queue {queue} {why}: a dead letter for {to}", message, queue, why, to)
        }
        Fact::DeadLetterWaits { message, queue } => {
            said!(
                "dead letter {message} cannot go on yet: queue {queue} keeps it and tries again",
                message,
                queue
            )
        }
        Fact::DeadLetterTaken { message, queue } => {
            said!("dead letter {message} has gone on: queue {queue} keeps it no longer", message, queue)
        }
        Fact::DeadLetterDropped { message, queue } => {
            said!("dead letter {message} goes with queue {queue}, which kept it", message, queue)
        }
        Fact::Refused { message, queue } => {
            said!("message {message} is refused: queue {queue} is full", message, queue)
        }
        Fact::Nacked { .. } => said!("tells the producer that it was not taken"),
        Fact::Committed { .. } => said!("commits the transaction"),
        Fact::RolledBack { publishes, acks, .. } => {
            said!("rolls the transaction back: {publishes} publishes, {acks} acks", publishes, acks)
        }
        Fact::ConsumerActivated { consumer, queue } => {
            said!("queue {queue} now serves {consumer} alone", queue, consumer = &consumer.tag)
        }
        Fact::ConsumerTimedOut { consumer, queue } => {
            said!(
                "{consumer} took too long: queue {queue} gives it nothing more until it settles what it has",
                consumer = &consumer.tag,
                queue
            )
        }
        Fact::ConsumerResumed { consumer, queue } => {
            said!("{consumer} has settled: queue {queue} serves it again", consumer = &consumer.tag, queue)
        }
        Fact::Replied { message, .. } => said!("message {message} → straight to who waits for it", message),
        _ => return of_disk(fact),
    })
}

/// What the broker does with its disk, and when it has too little of something.
fn of_disk(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::Recorded { message, commit } => {
            said!(
                "message {message} is written down, to go to the disk with commit {commit}",
                message,
                commit
            )
        }
        Fact::Written { commit } => said!("commit {commit} is written: in the cache", commit),
        Fact::Synced { commit } => said!("commit {commit} is synced: on the disk for good", commit),
        Fact::Recovered { message, queue } => {
            said!("message {message} is found on the disk, in queue {queue}", message, queue)
        }
        Fact::RecoveredDelayed { message, exchange, delay_ms } => said!(
            "message {message} is found on the disk: it waits in exchange {exchange} for {ms} ms more",
            message,
            exchange,
            ms = delay_ms
        ),
        Fact::DiskFull => said!("has no space left on its disk"),
        Fact::Blocked => said!("is low on memory or disk space, and pauses publishers"),
        Fact::Unblocked => said!("lets publishers go on"),
        _ => return None,
    })
}
