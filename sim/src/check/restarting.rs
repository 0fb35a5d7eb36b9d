//! The broker ends, and starts again with what it finds on its disk.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::{MessageId, Name};

use super::{
    Checks, Ending, Property,
    book::{Copy, Key, every},
};

impl Checks {
    /// What is in memory is gone; what is on the disk is not known yet.
    pub(super) fn ends(&mut self, how: Ending) {
        self.ended = how;
        for book in self.queues.values_mut() {
            book.limbo.append(&mut book.copies);
            book.ready.clear();
            book.consumers.clear();
            (book.unacked, book.active) = (0, None);
        }
        self.unconfirmed.clear();
        self.transactions.clear();
        self.returning.clear();
        self.touched.clear();
        self.said.clear();
        self.dying.clear();
        self.held_back.clear();
        self.is_stopping = false;
        self.interrupted = self
            .messages
            .iter()
            .flat_map(|(message, book)| {
                // What an exchange holds back is with that exchange.
                let open = book.dying.iter().filter(|death| !death.waits);
                open.map(|death| (death.queue.clone(), *message))
            })
            .collect();
        let kept = self
            .messages
            .iter()
            .flat_map(|(message, book)| book.kept_by.keys().map(|queue| (queue.clone(), *message)));
        self.kept = kept.collect();
        for message in self.messages.values_mut() {
            message.dying.clear();
            message.awaited.clear();
            message.limbo.extend(message.waits.drain(..));
            message.kept_by.clear();
            // What it had yet to route it never does.
            message.is_routed = true;
        }
    }

    pub(super) fn starts(&mut self) {
        // As with an ack, the commit that is on its way when a queue is deleted does not have that.
        let (in_order, may_lose_more, synced) =
            (self.ended == Ending::InOrder, self.bit_flipped, self.synced);
        let in_doubt = |commit: u64| !in_order && (may_lose_more || commit + 2 > synced);
        let deleted = std::mem::take(&mut self.deleted).into_iter();
        self.doubtful.extend(deleted.filter_map(|(queue, commit)| in_doubt(commit).then_some(queue)));
        let (has_disk, doubtful) = (self.plan.has_disk, &self.doubtful);
        self.queues
            .retain(|name, book| has_disk && book.durable && !book.exclusive && !doubtful.contains(name));
        let queues = &self.queues;
        self.routes.restart(|queue| queues.contains_key(queue) || doubtful.contains(queue));
        self.found.clear();
        self.came_back.clear();
        self.found_waiting.clear();
        self.is_recovering = true;
    }

    /// A message is found on the disk.
    pub(super) fn found(&mut self, message: MessageId, queue: &Name) {
        let (ended, synced, commit) = (self.ended, self.synced, self.commit);
        let Some(book) = self.queues.get_mut(queue) else { return };
        self.came_back.insert((queue.clone(), message));
        if let Some(mut copy) = take(&mut book.limbo, message) {
            // A dead letter that came back to its own queue, or the copy that it was made of: the disk may not have heard
            // yet that this one had gone.
            let came_back = book.gone.range(every(message)).any(|(_, gone)| gone.commit + 2 > synced);
            copy.is_one_of_several |= came_back && ended != Ending::InOrder;
            book.offer(message, copy.again());
            self.found.insert((queue.clone(), message));
            self.touched.insert(queue.clone());
            return;
        }
        let mut all = book.gone.range(every(message)).map(|(key, _)| *key);
        let (last, has_several) = (all.next_back(), all.next_back().is_some());
        let Some(mut gone) = last.and_then(|key| book.gone.remove(&key)) else {
            let detail = format!("it was found in queue {queue}, which never had it");
            return self.broken(Property::NothingInvented, Some(message), detail);
        };
        gone.copy.is_one_of_several |= has_several;
        book.offer(message, gone.copy.again());
        self.touched.insert(queue.clone());
        // An ack goes to the disk with the next commit; the one that is on its way when it comes does not have it.
        // A dead letter that has yet to go on is with its queue.
        let copy = (queue.clone(), message);
        let has_yet_to_go = self.interrupted.contains(&copy) || self.kept.contains(&copy);
        let on_disk = !has_yet_to_go
            && match ended {
                Ending::InOrder => true,
                Ending::Kept | Ending::Lost => gone.commit + 2 <= synced && synced <= commit,
                Ending::Lives => false,
            };
        self.check(Property::AckedStaysGone, message, !on_disk, || {
            format!("it is in queue {queue} again, and the disk knew that it had left")
        });
    }

    /// All that there is has been found.
    pub(super) fn recovered(&mut self) {
        self.is_recovering = false;
        let found = std::mem::take(&mut self.found);
        let mut missing: Vec<(Name, MessageId, Copy)> = Vec::new();
        for (name, book) in &mut self.queues {
            let limbo = std::mem::take(&mut book.limbo);
            missing.extend(limbo.into_iter().map(|((message, _), copy)| (name.clone(), message, copy)));
        }
        self.check_transactions(&found, &missing);
        for (_, message) in &found {
            if self.messages.get(message).is_some_and(|book| book.is_confirmed) {
                self.exercise(Property::ConfirmedKept);
            }
        }
        for (queue, message, copy) in missing {
            self.check_missing(&queue, message, &copy);
        }
        self.check_interrupted();
        self.check_kept();
        self.look_for_waiting();
        if self.ended != Ending::Lost {
            self.exercise(Property::AckedStaysGone);
        }
        self.ended = Ending::Lives;
    }

    fn check_missing(&mut self, queue: &Name, message: MessageId, copy: &Copy) {
        let Some(book) = self.messages.get(&message) else { return };
        let has_expired = copy.expires_at.is_some_and(|due| due <= self.at) || self.calendar_jumped;
        // Damage in the very last commits cannot be told from a write that was never finished.
        let in_doubt = self.bit_flipped && book.last_commit.is_none_or(|commit| commit + 1 >= self.synced);
        // It may not have got further than the queue that it was to leave.
        let stayed = copy.from.as_ref().is_some_and(|from| self.came_back.contains(&(from.clone(), message)))
            || self.found_waiting.contains(&message);
        // What an exchange holds back that is not durable is confirmed before any disk has it.
        let on_disk = || book.last_commit.is_some_and(|commit| commit <= self.synced);
        let is_safe = (book.is_confirmed && (!book.has_waited || book.waits_durably || on_disk()))
            || self.ended == Ending::InOrder;
        if copy.persistent && is_safe && !has_expired && !in_doubt && !stayed {
            let detail = format!("it was confirmed, and is not in queue {queue} any more");
            self.exercise(Property::ConfirmedKept);
            self.broken(Property::ConfirmedKept, Some(message), detail);
        }
    }

    /// Dead letters that a broker which stopped in order had yet to send on are still where they were.
    fn check_interrupted(&mut self) {
        let interrupted = std::mem::take(&mut self.interrupted);
        if self.ended != Ending::InOrder || self.bit_flipped {
            return;
        }
        for (queue, message) in interrupted {
            let Some(book) = self.queues.get(&queue) else { continue };
            // What is found is not among those that are gone any more.
            let is_missing = book.gone.range(every(message)).any(|(_, gone)| gone.copy.persistent);
            self.check(Property::DeadLettersGoOn, message, !is_missing, || {
                format!("queue {queue} had given it up when the broker stopped, and it is nowhere")
            });
        }
    }

    /// Dead letters that could not go on are where they were kept.
    fn check_kept(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        if self.bit_flipped {
            return;
        }
        for (queue, message) in kept {
            let Some(book) = self.messages.get(&message) else { continue };
            let is_safe = self.ended == Ending::InOrder
                || (self.ended == Ending::Kept || book.is_confirmed)
                    && book.last_commit.is_some_and(|commit| commit <= self.synced);
            let lasts = book.sending.persistent && self.queues.get(&queue).is_some_and(|book| book.durable);
            if !is_safe || !lasts {
                continue;
            }
            let is_there = self.came_back.contains(&(queue.clone(), message));
            self.check(Property::ConfirmedKept, message, is_there, || {
                format!(
                    "queue {queue} kept it until its dead letter could go on, and it is not there any more"
                )
            });
        }
    }

    /// Of what was in the queues of a transaction, all is found or nothing.
    fn check_transactions(
        &mut self,
        found: &BTreeSet<(Name, MessageId)>,
        missing: &[(Name, MessageId, Copy)],
    ) {
        // What an exchange holds back it has since the publish, whatever becomes of the transaction (RabbitMQ).
        let of = |message: &MessageId| {
            self.messages.get(message).filter(|book| !book.has_waited).and_then(|book| book.transaction)
        };
        let there: BTreeSet<u64> = found.iter().filter_map(|(_, message)| of(message)).collect();
        let lasting = missing
            .iter()
            .filter(|(_, _, copy)| copy.persistent && copy.from.is_none() && copy.expires_at.is_none());
        let gone: BTreeMap<u64, MessageId> =
            lasting.filter_map(|(_, message, _)| Some((of(message)?, *message))).collect();
        for _ in &there {
            self.exercise(Property::TransactionWhole);
        }
        let torn = gone.iter().find(|(transaction, _)| there.contains(transaction));
        if let (Some((_, message)), false) = (torn, self.bit_flipped) {
            let detail = "it is gone, and another message of its transaction is there".into();
            self.broken(Property::TransactionWhole, Some(*message), detail);
        }
    }
}

/// Of several copies the first: they are found in their order.
fn take<T>(copies: &mut BTreeMap<Key, T>, message: MessageId) -> Option<T> {
    let key = copies.range(every(message)).next().map(|(key, _)| *key)?;
    copies.remove(&key)
}

impl Copy {
    /// As it is found again.
    fn again(self) -> Copy {
        Copy {
            holder: None,
            recovered: true,
            requeued: self.requeued || self.holder.is_some(),
            returns: 0,
            ..self
        }
    }
}
