//! From the producer to the queues, and what the producer hears of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use warren_core::{MessageId, Name, wire::FieldTable};

use super::{Checks, MessageBook, Property, routes::Letter};
use crate::{ChannelRef, report::is_reply_address};

impl Checks {
    pub(super) fn published(
        &mut self,
        message: MessageId,
        channel: ChannelRef,
        number: u64,
        exchange: &Name,
        routing_key: &Name,
    ) {
        let Some(sending) = self.sent.remove(&(channel, number)) else {
            let detail = format!("the broker took publish {number} of {channel:?}, which nobody has sent");
            return self.broken(Property::NothingInvented, Some(message), detail);
        };
        let same = sending.exchange == *exchange && sending.routing_key == *routing_key;
        self.check(Property::NothingInvented, message, same, || {
            format!("it was sent to {:?} with {:?}", sending.exchange, sending.routing_key)
        });
        let expected = self.destinations(exchange, routing_key, &sending.headers, false);
        let is_transaction =
            self.owners.get(&channel).is_some_and(|owner| self.plan.transactions.contains(owner));
        if is_transaction {
            self.transactions.entry(channel).or_default().push(message);
        } else {
            self.unconfirmed.entry(channel).or_default().insert(number, message);
        }
        let book = MessageBook {
            sending,
            expected,
            lost_a_queue: false,
            is_routed: false,
            awaited: BTreeSet::new(),
            waits: VecDeque::new(),
            limbo: Vec::new(),
            waited: Vec::new(),
            has_waited: false,
            waits_durably: true,
            commit: None,
            last_commit: None,
            is_confirmed: false,
            is_refused: false,
            transaction: None,
            dying: VecDeque::new(),
            kept_by: BTreeMap::new(),
            latest: None,
            is_late: false,
        };
        self.messages.insert(message, book);
    }

    /// The queues that a message should go to now.
    pub(super) fn destinations(
        &self,
        exchange: &Name,
        routing_key: &Name,
        headers: &FieldTable,
        has_waited: bool,
    ) -> BTreeSet<Name> {
        let letter = Letter { exchange, routing_key, headers, has_waited };
        let found = self.routes.find(letter, &self.plan.declared(), |queue| self.queues.contains_key(queue));
        found.difference(&self.doubtful).cloned().collect()
    }

    pub(super) fn routed(&mut self, message: MessageId, queues: &[Name]) {
        let is_reply = queues.iter().any(|queue| is_reply_address(queue));
        let known = queues.iter().filter(|queue| !self.doubtful.contains(*queue));
        let found: BTreeSet<Name> = known.filter(|queue| !is_reply_address(queue)).cloned().collect();
        self.pass_over_waiting(message);
        if self.routed_later(message, &found) {
            return;
        }
        let Some(book) = self.messages.get_mut(&message) else { return };
        book.is_late = false;
        if book.dying.is_empty() && !book.kept_by.is_empty() {
            // Which of the queues took it before, and which refused it, decides on where it still has to go.
            book.awaited.extend(found);
            book.latest = book.kept_by.values().flatten().next().cloned();
            return;
        }
        let Some(book) = self.messages.get(&message) else { return };
        let expected = match book.dying.front() {
            Some(death) => self.destinations_of(death, book, &found),
            None => book.expected.clone(),
        };
        // A queue may have been deleted since, if a transaction lay between.
        let expected: BTreeSet<Name> =
            expected.into_iter().filter(|queue| self.queues.contains_key(queue)).collect();
        let Some(book) = self.messages.get_mut(&message) else { return };
        let from = book.dying.front().map_or(&book.sending.exchange, |death| &death.exchange).clone();
        let died = !book.dying.is_empty();
        book.latest = book.dying.pop_front();
        // A dead letter may come before it: a copy that was held back while the transaction is open is in a queue already.
        let again = !died && std::mem::replace(&mut book.is_routed, true);
        let missed = std::mem::replace(&mut book.awaited, found.clone());
        let left = book.latest.as_ref().map(|death| death.queue.clone());
        if let Some(queue) = left.filter(|_| died) {
            self.exercise(Property::DeadLettersGoOn);
            self.set_gone_at(message, &queue, self.commit);
        }
        self.check(Property::RoutedOnce, message, !again && missed.is_empty(), || {
            "it was routed twice, or not every queue got it".into()
        });
        if !is_reply {
            let is_right = self.routes.is_right(&from, &self.plan.declared(), &found, &expected);
            self.check(Property::RoutedRight, message, is_right, || {
                format!("it went to {}; by the bindings it should be {}", list(&found), list(&expected))
            });
        }
    }

    pub(super) fn unroutable(&mut self, message: MessageId, mandatory: bool) {
        self.pass_over_waiting(message);
        if self.routed_later(message, &BTreeSet::new()) {
            return;
        }
        let Some(book) = self.messages.get_mut(&message) else { return };
        if !book.dying.is_empty() {
            return self.dead_letter_is_gone(message);
        }
        let wants_back = book.sending.mandatory && !book.lost_a_queue;
        book.is_routed = true;
        let (channel, from) = (book.sending.channel(), book.sending.exchange.clone());
        let expected = std::mem::take(&mut book.expected);
        let expected: BTreeSet<Name> =
            expected.into_iter().filter(|queue| self.queues.contains_key(queue)).collect();
        let is_reply =
            self.messages.get(&message).is_some_and(|book| is_reply_address(&book.sending.routing_key));
        if !is_reply {
            let nowhere = BTreeSet::new();
            let is_right = self.routes.is_right(&from, &self.plan.declared(), &nowhere, &expected);
            self.check(Property::RoutedRight, message, is_right, || {
                format!("it went nowhere; by the bindings it should be {}", list(&expected))
            });
        }
        if wants_back {
            self.returning.entry(channel).or_default().insert(message);
            self.check(Property::MandatoryReturned, message, mandatory, || {
                "it was mandatory, and was taken for one that is not".into()
            });
        }
    }

    /// A dead letter goes nowhere, or only to queues that may not have it again.
    pub(super) fn dead_letter_is_gone(&mut self, message: MessageId) {
        let Some(book) = self.messages.get_mut(&message) else { return };
        let Some(death) = book.dying.pop_front() else { return };
        book.latest = None;
        self.set_gone_at(message, &death.queue, self.commit);
        let Some(book) = self.messages.get(&message) else { return };
        let expected = self.destinations_of(&death, book, &BTreeSet::new());
        let (declared, nowhere) = (self.plan.declared(), BTreeSet::new());
        let is_right = self.routes.is_right(&death.exchange, &declared, &nowhere, &expected);
        self.check(Property::RoutedRight, message, is_right, || {
            format!("as a dead letter it went nowhere; by the bindings it should be {}", list(&expected))
        });
    }

    /// The producer got it back.
    pub(super) fn returned(&mut self, message: MessageId) {
        let Some(book) = self.messages.get(&message) else { return };
        let channel = book.sending.channel();
        // What is on the wire when a connection closes may still arrive.
        let due = self.returning.get_mut(&channel).is_none_or(|returning| returning.remove(&message));
        self.check(Property::MandatoryReturned, message, due, || "it came back, and should not have".into());
    }

    /// The confirm has reached the producer.
    pub(super) fn heard(&mut self, message: MessageId) {
        let Some(book) = self.messages.get(&message) else { return };
        let told = book.is_confirmed || book.transaction.is_some();
        let (is_mandatory, channel) = (book.sending.mandatory, book.sending.channel());
        self.check(Property::ConfirmedHonestly, message, told, || {
            "its producer was told that it is safe, and the broker does not know of that".into()
        });
        let due = self.returning.get(&channel).is_some_and(|open| open.contains(&message));
        if is_mandatory {
            self.check(Property::MandatoryReturned, message, !due, || {
                "no queue took it, and it was confirmed before it came back".into()
            });
        }
    }

    pub(super) fn refused(&mut self, message: MessageId, queue: &Name) {
        let buries = self.queues.get(queue).is_some_and(|book| book.terms.buries_refused);
        if let Some(book) = self.messages.get_mut(&message) {
            // Of a dead letter, and of what was held back, its producer hears nothing more.
            book.is_refused |= book.latest.is_none() && !book.is_late;
            book.awaited.remove(queue);
        }
        if buries {
            self.dies(message, queue, None, false);
        }
    }

    pub(super) fn recorded(&mut self, message: MessageId, commit: u64) {
        self.commit = self.commit.max(commit);
        if let Some(book) = self.messages.get_mut(&message) {
            book.commit.get_or_insert(commit);
            book.last_commit = Some(commit);
        }
    }

    /// The broker sends a confirm.
    pub(super) fn confirmed(&mut self, channel: ChannelRef, number: u64, multiple: bool) {
        let Some(open) = self.unconfirmed.get_mut(&channel) else {
            let detail = format!("{channel:?} got a confirm of {number}, and has published nothing");
            return self.broken(Property::ConfirmedHonestly, None, detail);
        };
        let from = if multiple { 0 } else { number };
        let knows_last = open.contains_key(&number);
        let messages: Vec<MessageId> =
            open.extract_if(from..=number, |_, _| true).map(|(_, id)| id).collect();
        if !knows_last {
            let detail =
                format!("{channel:?} got a confirm of {number}, which is none of its open publishes");
            self.broken(Property::ConfirmedHonestly, None, detail);
        }
        for message in messages {
            self.confirm(message);
        }
    }

    fn confirm(&mut self, message: MessageId) {
        let Some(book) = self.messages.get_mut(&message) else { return };
        book.is_confirmed = true;
        let honest = (book.is_routed || book.has_waited) && !book.is_refused && book.awaited.is_empty();
        let (persistent, commit) = (book.sending.persistent, book.commit);
        let is_held = !book.waits.is_empty() && book.waits_durably;
        self.check(Property::ConfirmedHonestly, message, honest, || {
            "it was confirmed although a queue had not taken it".into()
        });
        let on_disk = |book: &super::QueueBook| book.durable && book.all(message).next().is_some();
        if self.plan.has_disk && (is_held || persistent && self.queues.values().any(on_disk)) {
            let safe = commit.is_some_and(|commit| commit <= self.synced);
            self.check(Property::ConfirmedWhenSafe, message, safe, || match commit {
                Some(commit) => format!("it was confirmed before commit {commit} was synced"),
                None => "it was confirmed, and never written down".into(),
            });
        }
    }

    pub(super) fn nacked(&mut self, channel: ChannelRef, number: u64) {
        let message = self.unconfirmed.get_mut(&channel).and_then(|open| open.remove(&number));
        let Some(message) = message else { return };
        let refused = self.messages.get(&message).is_some_and(|book| book.is_refused);
        self.check(Property::ConfirmedHonestly, message, refused, || {
            "it was nacked although no queue refused it".into()
        });
    }

    pub(super) fn committed(&mut self, channel: ChannelRef) {
        let end = self.seq;
        for message in self.transactions.remove(&channel).unwrap_or_default() {
            let Some(book) = self.messages.get_mut(&message) else { continue };
            book.transaction = Some(end);
            let done = book.is_routed || book.has_waited;
            self.check(Property::TransactionWhole, message, done, || {
                "its transaction was committed, and nothing became of it".into()
            });
        }
    }

    /// The transaction is over without a commit.
    pub(super) fn rolled_back(&mut self, channel: ChannelRef) {
        for message in self.transactions.remove(&channel).unwrap_or_default() {
            // What an exchange holds back goes on whatever becomes of the transaction (RabbitMQ).
            let Some(book) = self.messages.get_mut(&message) else { continue };
            let early = std::mem::replace(&mut book.is_routed, true) && !book.has_waited;
            self.check(Property::TransactionWhole, message, !early, || {
                "its transaction was never committed, and yet it was routed".into()
            });
        }
    }
}

pub(super) fn list(queues: &BTreeSet<Name>) -> String {
    if queues.is_empty() {
        return "nowhere".into();
    }
    queues.iter().map(|queue| format!("queue {queue}")).collect::<Vec<_>>().join(", ")
}
