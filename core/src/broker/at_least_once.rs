//! At-least-once dead-lettering (RabbitMQ's quorum queues): a queue keeps a message until every queue that its dead letter
//! is routed to has taken it. What cannot go now is tried again.
//!
//! Until then the journal has the message in its first queue, and a restart finds it there.

use std::{sync::Arc, time::Duration};

use super::{
    Broker,
    cleaning::{AT_ONCE, LOOKS_PER_OPERATION, Next},
    dead_letter::DeadLetter,
    enqueue::Sender,
    timers::Timer,
    work::{Task, cost},
};
use crate::{Fact, QueueId, SegmentId, blocks::Blocks, message::Message, ordered::OrdSet};

/// What a dead letter has been through.
#[derive(Clone)]
pub(super) struct Attempt {
    /// As it goes on.
    message: Arc<Message>,
    /// Queues that have it already.
    taken_by: OrdSet<QueueId>,
}

/// How long dead letters wait before they are tried again. (RabbitMQ: three minutes.)
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How many of a queue are tried again at once; as long as they go, more follow (RabbitMQ).
const TRIED_AT_ONCE: u64 = 32;

impl Broker {
    /// Sends a dead letter on, and keeps it if something that it is routed to does not take it.
    pub(super) fn try_dead_letter(&mut self, mut letter: DeadLetter) {
        let (id, vhost) = (letter.message.id, letter.vhost.clone());
        let has_waited = letter.attempt.is_some();
        let mut attempt = letter
            .attempt
            .take()
            .unwrap_or_else(|| Attempt { message: self.readdress(&letter), taken_by: OrdSet::new() });
        let targets = self.route_dead_letter(&letter, &attempt.message);
        let goes_nowhere = targets.is_nothing();
        let is_gone = targets.queues.is_empty() && !targets.held_back && attempt.taken_by.is_empty();
        // However often it is tried, this is told at first, and when nothing else is left.
        if !targets.circling.is_empty() && (is_gone || !has_waited) {
            self.tell_of_cycle(&letter, &targets.circling, is_gone);
        }
        let open = targets.queues.into_iter().filter(|queue| !attempt.taken_by.contains(queue));
        let refuses = |queue: &QueueId| {
            let queue = self.queues.get(queue);
            queue.is_some_and(|queue| queue.refuses(&attempt.message, Sender::Told))
        };
        let (refusing, taking): (Vec<QueueId>, Vec<QueueId>) = open.partition(refuses);
        let waits = goes_nowhere || !refusing.is_empty();
        if waits && !has_waited {
            let queue = letter.queue.clone();
            self.events.emit(&vhost, || Fact::DeadLetterWaits { message: id, queue });
        }
        if !taking.is_empty() {
            self.enqueue(&vhost, &attempt.message, &taking, Sender::Told);
        }
        if waits {
            attempt.taken_by.extend(taking);
            letter.attempt = Some(attempt);
            if planted!(self.config, WaitingDeadLetterForgotten) {
                return;
            }
            if planted!(self.config, WaitingDeadLetterNotRecorded) {
                self.release_copy(letter.copy.take(), true);
            }
            return self.keep_dead_letter(letter);
        }
        self.message_bytes -= letter.message.size();
        self.release_copy(letter.copy, true);
        if has_waited {
            let queue = letter.queue.clone();
            self.events.emit(&vhost, || Fact::DeadLetterTaken { message: id, queue });
            // Where one went, others may go.
            self.try_again(letter.source, 1);
        }
    }

    fn keep_dead_letter(&mut self, mut letter: DeadLetter) {
        // Its queue may be gone meanwhile, and its messages with it.
        if !self.queues.contains_key(&letter.source) {
            return self.forget_dead_letter(&letter);
        }
        // Its queue's dead letters may have been looked through.
        if let (Some(cleaning), Some(journal)) = (&self.cleaning, &mut self.journal) {
            letter.relocate(journal, self.now, cleaning.segment);
        }
        if self.waiting_dead_letters.is_empty() {
            self.timers.set(Timer::DeadLetters, Some(self.now.instant + TRY_AGAIN));
        }
        self.waiting_dead_letters.entry(letter.source).or_default().push_back(letter);
    }

    /// Dead letters have waited long enough.
    pub(super) fn dead_letters_are_due(&mut self) {
        self.try_dead_letters(QueueId(0));
        // What comes back sets the alarm again; it need not come back within this slice.
        let waits = !self.waiting_dead_letters.is_empty();
        self.timers.set(Timer::DeadLetters, waits.then(|| self.now.instant + TRY_AGAIN));
    }

    /// Some of each queue's are tried again, from this queue on, as far as this slice goes.
    pub(super) fn try_dead_letters(&mut self, mut from: QueueId) {
        while let Some((&source, _)) = self.waiting_dead_letters.range(from..).next() {
            if self.work.is_spent() {
                return self.work.add(Task::TryDeadLetters(source));
            }
            self.try_again(source, TRIED_AT_ONCE);
            from = QueueId(source.0 + 1);
        }
    }

    /// The next ones of a queue are among the dead letters to be published.
    fn try_again(&mut self, source: QueueId, count: u64) {
        let Some(waiting) = self.waiting_dead_letters.get_mut(&source) else { return };
        let mut stored = 0;
        for _ in 0..count {
            let Some(letter) = waiting.pop_front() else { break };
            self.work.charge(cost::FRAME);
            stored += u64::from(letter.stored_in().is_some());
            self.dead_letters.push_back(letter);
        }
        if let Some(queue) = self.queues.get_mut(&source) {
            queue.unpublished += stored;
        }
        if waiting.is_empty() {
            self.waiting_dead_letters.remove(&source);
        }
    }

    /// What stands in this segment is moved, among the last of the first `left` dead letters of a queue from here on; returns
    /// where to look next.
    pub(super) fn clean_dead_letters(&mut self, segment: SegmentId, from: QueueId, left: u64) -> Next {
        let next = self.waiting_dead_letters.range(from..).next();
        let (Some((&source, _)), Some(journal)) = (next, &mut self.journal) else { return Next::Nowhere };
        let Some(waiting) = self.waiting_dead_letters.get_mut(&source) else { return Next::Nowhere };
        let count = waiting.len();
        let left = if source == from && left > 0 { left.min(count) } else { count };
        let rest = left.saturating_sub(AT_ONCE as u64);
        for letter in waiting.range_mut(rest, left) {
            if let Some(size) = letter.relocate(journal, self.now, segment) {
                self.work.charge(cost::ENQUEUE + cost::copy(size));
            }
            if self.work.is_spent() {
                return Next::DeadLetters(source, left);
            }
        }
        self.work.charge((left - rest) / LOOKS_PER_OPERATION);
        if rest == 0 { Next::DeadLetters(QueueId(source.0 + 1), 0) } else { Next::DeadLetters(source, rest) }
    }

    /// A queue is gone, and what it has kept goes with it.
    pub(super) fn forget_dead_letters(&mut self, source: QueueId) {
        if let Some(waiting) = self.waiting_dead_letters.remove(&source) {
            self.continue_forgetting(waiting);
        }
    }

    pub(super) fn continue_forgetting(&mut self, mut letters: Blocks<DeadLetter>) {
        while let Some(letter) = letters.pop_front() {
            // Both its own copy and the one that was to go on are freed.
            self.work.charge(cost::DEAD_LETTER);
            self.forget_dead_letter(&letter);
            if self.work.is_spent() && !letters.is_empty() {
                return self.work.add(Task::ForgetDeadLetters(letters));
            }
        }
    }

    fn forget_dead_letter(&mut self, letter: &DeadLetter) {
        self.message_bytes -= letter.message.size();
        self.release_copy(letter.copy, false);
        let (message, queue) = (letter.message.id, letter.queue.clone());
        self.events.emit(&letter.vhost, || Fact::DeadLetterDropped { message, queue });
    }
}
