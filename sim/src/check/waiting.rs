//! Messages that an exchange holds back, and those that it keeps for who comes later.

use std::{collections::BTreeSet, time::Duration};

use warren_core::{MessageId, Name, event::Destination, wire::FieldTable};

use super::{Checks, Death, Ending, MessageBook, Property, Wait, publishing::list};

impl Checks {
    /// An exchange holds a message back. Where it goes is judged by the bindings when it goes on.
    pub(super) fn is_held_back(&mut self, message: MessageId, exchange: &Name, delay_ms: u64) {
        let until = self.at + Duration::from_millis(delay_ms);
        self.pass_over_waiting(message);
        let is_durable = self.plan.has_disk && self.routes.is_durable(exchange);
        let Some(book) = self.messages.get_mut(&message) else { return };
        let death = book.dying.front_mut().map(|death| {
            death.waits = true;
            death.clone()
        });
        let routing_key = death
            .as_ref()
            .map_or_else(|| book.sending.routing_key.clone(), |death| death.routing_key.clone());
        book.has_waited = true;
        book.waits_durably &= is_durable;
        self.held_back.insert((until, message, exchange.clone()));
        book.waits.push_back(Wait { until, exchange: exchange.clone(), routing_key, death });
    }

    /// A broker that starts has found that an exchange holds a message back.
    pub(super) fn found_waiting(&mut self, message: MessageId, exchange: &Name, delay_ms: u64) {
        let until = self.at + Duration::from_millis(delay_ms);
        let (ended, synced, commit) = (self.ended, self.synced, self.commit);
        let Some(book) = self.messages.get_mut(&message) else { return };
        let lost = book.limbo.iter().position(|wait| wait.exchange == *exchange);
        let over = book.waited.iter().rposition(|(wait, _)| wait.exchange == *exchange);
        let (wait, gone_on) = match (lost, over) {
            (Some(at), _) => (book.limbo.remove(at), None),
            (None, Some(at)) => {
                let (wait, gone_on) = book.waited.remove(at);
                (wait, Some(gone_on))
            }
            (None, None) => {
                let detail = format!("exchange {exchange} was found to hold it back, and never did");
                return self.broken(Property::NothingInvented, Some(message), detail);
            }
        };
        book.waits.push_back(Wait { until, ..wait });
        self.held_back.insert((until, message, exchange.clone()));
        self.found_waiting.insert(message);
        // As with an ack, the commit that is on its way when it goes on does not have that; and of one that reaches over two
        // segments the first may be synced, and not the second.
        let on_disk = gone_on.is_some_and(|gone_on| match ended {
            Ending::InOrder => true,
            Ending::Kept | Ending::Lost => gone_on + 3 <= synced && synced <= commit,
            Ending::Lives => false,
        });
        self.check(Property::AckedStaysGone, message, !on_disk, || {
            format!("exchange {exchange} holds it back again, and the disk knew that it had gone on")
        });
    }

    /// All that there is has been found: what was confirmed is still held back, or has gone on, or is where it came from.
    pub(super) fn look_for_waiting(&mut self) {
        let mut lost = Vec::new();
        for (&message, book) in &mut self.messages {
            for wait in std::mem::take(&mut book.limbo) {
                let is_there = self.queues.values().any(|queue| queue.all(message).next().is_some())
                    || self.found_waiting.contains(&message)
                    // It may have expired there at once.
                    || self.came_back.iter().any(|(_, found)| *found == message);
                let on_disk = book.last_commit.is_some_and(|commit| commit <= self.synced);
                let is_safe = match wait.death {
                    None => book.is_confirmed || self.ended == Ending::InOrder,
                    Some(_) => on_disk && !is_there,
                };
                if self.plan.has_disk
                    && is_safe
                    && self.routes.is_durable(&wait.exchange)
                    && !self.bit_flipped
                {
                    lost.push((message, wait.exchange));
                }
            }
        }
        for (message, exchange) in lost {
            let detail = format!("it was confirmed, and exchange {exchange} does not hold it back any more");
            self.exercise(Property::ConfirmedKept);
            self.broken(Property::ConfirmedKept, Some(message), detail);
        }
        for message in std::mem::take(&mut self.found_waiting) {
            if self.messages.get(&message).is_some_and(|book| book.is_confirmed) {
                self.exercise(Property::ConfirmedKept);
            }
        }
    }

    /// What is held back goes on when its time is over.
    pub(super) fn look_for_forgotten(&mut self) {
        while let Some((until, ..)) = self.held_back.first()
            && *until < self.at
            && let Some((until, message, exchange)) = self.held_back.pop_first()
        {
            let detail = format!("exchange {exchange} held it back until {until}, and has it still");
            self.broken(Property::RoutedRight, Some(message), detail);
        }
    }

    /// Of a dead letter that is held back, and that no queue gets besides, nothing more is told.
    pub(super) fn pass_over_waiting(&mut self, message: MessageId) {
        let Some(book) = self.messages.get(&message) else { return };
        let is_over = |death: &&Death| death.waits && self.destinations_now(death, book).is_empty();
        let over = book.dying.iter().take_while(is_over).count();
        if let Some(book) = self.messages.get_mut(&message) {
            book.dying.drain(..over);
        }
    }

    /// It is mandatory, and comes back because no queue has it yet.
    pub(super) fn returned_early(&mut self, message: MessageId) {
        if let Some(book) = self.messages.get(&message) {
            self.returning.entry(book.sending.channel()).or_default().insert(message);
        }
    }

    /// Whether it is routed because a wait is over, or because somebody new wants what an exchange has kept; if so, it is
    /// looked at whether it went to the right queues.
    pub(super) fn routed_later(&mut self, message: MessageId, found: &BTreeSet<Name>) -> bool {
        let Some(book) = self.messages.get(&message) else { return false };
        if !book.dying.is_empty() && !self.is_wait_first(book, found) {
            return false;
        }
        let Some(book) = self.messages.get_mut(&message) else { return false };
        let headers = book.sending.headers.clone();
        if let Some(wait) = book.waits.pop_front_if(|wait| wait.until <= self.at) {
            self.held_back.remove(&(wait.until, message, wait.exchange.clone()));
            if self.plan.has_disk && self.routes.is_durable(&wait.exchange) {
                book.waited.push((wait.clone(), self.commit));
            }
            let expected = self.destinations_after(&wait, &headers);
            self.follow(message, &wait.exchange, found, &expected, wait.death);
            return true;
        }
        let (is_routed, key) = (book.is_routed, book.sending.routing_key.clone());
        let Some((_, destination)) = self.listener.clone().filter(|(at, _)| *at == self.at) else {
            return false;
        };
        // An exchange keeps what comes in a transaction before its commit, too (RabbitMQ).
        let is_open = || self.transactions.values().flatten().any(|open| *open == message);
        if !is_routed && !is_open() {
            return false;
        }
        let (from, expected) = match destination {
            Destination::Queue(queue) => (Name::default(), BTreeSet::from([queue])),
            Destination::Exchange(exchange) => {
                let expected = self.destinations(&exchange, &key, &headers, false);
                (exchange, expected)
            }
        };
        self.follow(message, &from, found, &expected, None);
        true
    }

    /// Whether a message that has died is routed because a wait is over: all waits that are over end before dead letters go
    /// on. One that has begun to go on is routed at once.
    fn is_wait_first(&self, book: &MessageBook, found: &BTreeSet<Name>) -> bool {
        let has_begun = book.dying.front().is_some_and(|death| death.waits || !death.circled.is_empty());
        let wait = book.waits.front().filter(|wait| wait.until <= self.at && !has_begun);
        wait.is_some_and(|wait| {
            let expected = self.destinations_after(wait, &book.sending.headers);
            self.routes.is_right(&wait.exchange, &self.plan.declared(), found, &expected)
        })
    }

    /// The queues that a message should go to when a wait is over.
    fn destinations_after(&self, wait: &Wait, headers: &FieldTable) -> BTreeSet<Name> {
        let mut expected = self.destinations(&wait.exchange, &wait.routing_key, headers, true);
        if let Some(death) = &wait.death {
            expected.retain(|queue| !death.circled.contains(queue));
        }
        expected
    }

    fn follow(
        &mut self,
        message: MessageId,
        from: &Name,
        found: &BTreeSet<Name>,
        expected: &BTreeSet<Name>,
        death: Option<Death>,
    ) {
        if let Some(book) = self.messages.get_mut(&message) {
            book.latest = death;
            book.is_late = true;
            book.awaited.clone_from(found);
        }
        let is_right = self.routes.is_right(from, &self.plan.declared(), found, expected);
        self.check(Property::RoutedRight, message, is_right, || {
            format!("it went to {}, later; by the bindings it should be {}", list(found), list(expected))
        });
    }

    /// Where a dead letter should go. One that has been held back before is not again, and which copy of a message died is
    /// not always told: then either may be.
    pub(super) fn destinations_of(
        &self,
        death: &Death,
        book: &MessageBook,
        found: &BTreeSet<Name>,
    ) -> BTreeSet<Name> {
        let now = self.destinations_now(death, book);
        if now == *found || !book.has_waited {
            return now;
        }
        let later = self.destinations(&death.exchange, &death.routing_key, &book.sending.headers, true);
        later.difference(&death.circled).cloned().collect()
    }

    pub(super) fn destinations_now(&self, death: &Death, book: &MessageBook) -> BTreeSet<Name> {
        let all = self.destinations(&death.exchange, &death.routing_key, &book.sending.headers, false);
        all.difference(&death.circled).cloned().collect()
    }
}
