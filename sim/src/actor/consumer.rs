//! Consumers: one message at a time out of a local buffer.

use std::{collections::VecDeque, time::Duration};

use warren_core::{DeliveryTag, Instant, MessageId, Name, Random};

use super::Draft;
use crate::{
    client::{FAILS_HEADER, Parcel},
    scenario::{self, GiveUp},
};

/// A consumer's plan, and what it has in hand.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    pub plan: scenario::Consumer,
    /// What has arrived and waits.
    pub buffer: VecDeque<Held>,
    pub work: Option<Work>,
    pub processed: u64,
    pub failed: u64,
    /// Messages that it has worked on and not acked, for an ack of several at once.
    unacked: Vec<Held>,
    /// Messages that it has worked on and will never ack of its own accord.
    forgotten: Vec<Held>,
    /// How many times as long its work takes, and until when.
    tired: (u32, Instant),
    random: Random,
}

/// A message on its way to a consumer, or in its hands.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub message: MessageId,
    pub queue: Name,
    pub delivery_tag: DeliveryTag,
    /// What is in it, as soon as it has arrived.
    pub parcel: Parcel,
    /// Whether the work on it must fail, as the message says.
    pub is_doomed: bool,
    /// Whether the broker has forgotten it: nobody is to ack it.
    pub no_ack: bool,
}

/// What a consumer works on.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub held: Held,
    pub started_at: Instant,
    pub done_at: Instant,
}

/// How work on a message ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Done,
    Failed,
    /// It failed, and not for the first time: nobody shall try again.
    GivenUp,
}

impl Held {
    /// A delivery that is on the wire.
    pub(crate) fn new(message: MessageId, queue: Name, delivery_tag: DeliveryTag, no_ack: bool) -> Self {
        Held { message, queue, delivery_tag, parcel: Parcel::default(), is_doomed: false, no_ack }
    }
}

impl Consumer {
    /// A consumer that has nothing yet. Its chances come from `random`.
    pub(crate) fn new(plan: scenario::Consumer, random: Random) -> Self {
        Consumer {
            plan,
            buffer: VecDeque::new(),
            work: None,
            processed: 0,
            failed: 0,
            unacked: Vec::new(),
            forgotten: Vec::new(),
            tired: (1, Instant::ZERO),
            random,
        }
    }

    /// Forgets what it has in hand.
    pub(crate) fn stop(&mut self) {
        self.buffer.clear();
        self.work = None;
        self.unacked.clear();
        self.forgotten.clear();
    }

    /// Until then its work takes so many times as long.
    pub(crate) const fn tire(&mut self, times: u32, until: Instant) {
        self.tired = (times, until);
    }

    /// How long something takes it now that takes so long when it is not tired.
    pub(crate) fn stretched(&self, now: Instant, time: Duration) -> Duration {
        let (times, until) = self.tired;
        if now < until { time.saturating_mul(times) } else { time }
    }

    /// A message is done, and nobody is going to ack it.
    pub(crate) fn forget_ack(&mut self, held: Held) {
        self.forgotten.push(held);
    }

    /// What it has worked on and not acked.
    pub(super) fn kept(&self) -> impl Iterator<Item = MessageId> {
        self.unacked.iter().chain(&self.forgotten).map(|held| held.message)
    }

    /// Lets go of a message that it has in hand, to settle it out of turn.
    pub(crate) fn let_go(&mut self, message: MessageId) -> Option<Held> {
        if self.work.as_ref().is_some_and(|work| work.held.message == message) {
            return self.work.take().map(|work| work.held);
        }
        if let Some(at) = self.buffer.iter().position(|held| held.message == message) {
            return self.buffer.remove(at);
        }
        let kept = [&mut self.unacked, &mut self.forgotten];
        kept.into_iter().find_map(|kept| {
            let at = kept.iter().position(|held| held.message == message)?;
            Some(kept.remove(at))
        })
    }

    /// A message is to be acked.
    pub(crate) fn collect_ack(&mut self, held: Held) {
        self.unacked.push(held);
    }

    /// The messages that are acked now, with one ack: it waits for more of them as long as there are any in its buffer.
    pub(crate) fn take_acks(&mut self) -> Vec<Held> {
        let enough = usize::try_from(self.plan.ack_every).unwrap_or(usize::MAX);
        let is_time = self.unacked.len() >= enough || self.buffer.is_empty();
        if is_time { std::mem::take(&mut self.unacked) } else { Vec::new() }
    }

    /// Takes up the next message, unless it is busy or has none.
    pub(crate) fn take_up(&mut self, now: Instant) -> Option<&Work> {
        if self.work.is_some() {
            return None;
        }
        let held = self.buffer.pop_front()?;
        let work = self.plan.work.map_or_else(|| held.parcel.work(), |work| work.draw(&mut self.random));
        let done_at = now + self.stretched(now, work);
        Some(self.work.insert(Work { held, started_at: now, done_at }))
    }

    /// Ends the work at hand, if it is done by now.
    pub(crate) fn finish(&mut self, now: Instant) -> Option<(Held, Verdict)> {
        let held = self.work.take_if(|work| work.done_at <= now)?.held;
        let tries = self.processed + self.failed + 1;
        if !self.plan.fails.strikes(tries, &mut self.random) && !held.is_doomed {
            self.processed += 1;
            return Some((held, Verdict::Done));
        }
        self.failed += 1;
        let failures = held.parcel.rejections(&held.queue) + 1;
        let enough = self.plan.give_up.as_ref().is_some_and(|give_up| failures >= give_up.after.into());
        Some((held, if enough { Verdict::GivenUp } else { Verdict::Failed }))
    }

    /// A message that it gives up, for the queue where such messages are put aside. There it fails nobody.
    pub(crate) fn put_aside(&self, parcel: &Parcel) -> Option<Draft> {
        let GiveUp { to, .. } = self.plan.give_up.as_ref()?;
        let mut headers = parcel.headers.clone();
        headers.remove(FAILS_HEADER);
        Some(Draft {
            routing_key: to.clone(),
            body: parcel.text(),
            headers,
            message_id: parcel.message_id.clone(),
            ..Draft::default()
        })
    }

    /// Its answer to a message that wants one.
    pub(crate) fn answer(&self, parcel: &Parcel) -> Option<Draft> {
        Some(Draft {
            routing_key: parcel.reply_to.clone()?,
            body: self.plan.reply.as_ref()?.replace("{body}", &parcel.text()),
            correlation_id: parcel.correlation_id.clone(),
            ..Draft::default()
        })
    }
}
