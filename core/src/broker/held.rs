//! What exchanges hold back (x-delayed-message) and what they keep (x-recent-history), in the journal: a durable exchange
//! has all of it there, whatever the delivery mode (RabbitMQ), as if it were in a queue that nobody can name.
//!
//! In memory it is with the exchanges, and it comes back there at the start.

use std::{
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use super::{
    Broker,
    cleaning::{AT_ONCE, LOOKS_PER_OPERATION, Next, move_record},
    delay::Delayed,
    durable::RecordedCopy,
    work::cost,
};
use crate::{
    Fact, Instant, Name, QueueId, SegmentId,
    exchange::{Exchange, Kept},
    journal::{Change, FoundHeld, FoundHolding, StoredCopy, put_stored},
    message::Message,
    ordered::OrdMap,
    queue::Returns,
    routing::Routes,
    vhost::Holding,
};

impl Broker {
    /// An exchange is new: if what it holds is to survive a restart, it gets an id for that.
    pub(super) fn add_holding(&mut self, vhost: &Name, name: &Name) {
        let Some(vhost) = self.vhosts.get_mut(vhost) else { return };
        let exchange = vhost.exchanges.get_mut(name).filter(|exchange| exchange.holds_durably());
        let Some(exchange) = exchange.filter(|exchange| exchange.holding.is_none()) else { return };
        self.latest.queue += 1;
        let id = QueueId(self.latest.queue);
        exchange.holding = Some(id);
        let holding = Holding { exchange: name.clone(), next_position: 0, delayed: 0 };
        let change = holding.as_change(vhost.name.clone(), id);
        vhost.holdings.insert(id, holding);
        self.record(|| change);
    }

    /// Records a message that exchanges hold: a copy for each that keeps it, then for each that holds it back; `None` for
    /// those that are not durable.
    pub(super) fn store_held(
        &mut self,
        vhost: &Name,
        message: &Arc<Message>,
        routes: &Routes,
    ) -> Vec<Option<RecordedCopy>> {
        let keepers = routes.keepers.iter().map(|exchange| (exchange, None));
        let delays = routes.delays.iter().map(|(exchange, delay)| (exchange, Some(*delay)));
        let copies: Vec<Option<StoredCopy>> = keepers
            .chain(delays)
            .map(|(exchange, delay)| {
                let vhost = self.vhosts.get_mut(vhost)?;
                let id = vhost.exchanges.get(exchange)?.holding?;
                let holding = vhost.holdings.get_mut(&id)?;
                let position = holding.next_position;
                holding.next_position += 1;
                let time_ms = delay.map(|delay_ms| self.now.wall_ms(self.now.after_ms(delay_ms)));
                Some(StoredCopy::held(id, position, time_ms))
            })
            .collect();
        let stored: Vec<StoredCopy> = copies.iter().copied().flatten().collect();
        let journal = self.journal.as_mut().filter(|_| !stored.is_empty());
        let Some(journal) = journal.filter(|_| !planted!(self.config, HeldNotRecorded)) else {
            return vec![None; copies.len()];
        };
        let place = journal.append(|out| put_stored(out, message, false, &stored));
        journal.hold(place, stored.len() as u64);
        let commit = journal.group();
        self.events.emit(vhost, || Fact::Recorded { message: message.id, commit });
        copies.iter().map(|copy| Some(RecordedCopy::held(copy.as_ref()?, place))).collect()
    }

    /// A message is held back, or is not any more.
    pub(super) fn count_delayed(&mut self, delayed: &Delayed, is_new: bool) {
        let (vhost, Some(id)) = (&delayed.vhost, delayed.copy.map(RecordedCopy::queue)) else { return };
        let holding = self.vhosts.get_mut(vhost).and_then(|vhost| vhost.holdings.get_mut(&id));
        let Some(holding) = holding else { return };
        holding.delayed = if is_new { holding.delayed + 1 } else { holding.delayed.saturating_sub(1) };
        self.drop_holding_if_unused(vhost, id);
    }

    /// Forgets an id that no exchange has any more, if nothing is held back with it.
    pub(super) fn drop_holding_if_unused(&mut self, vhost: &Name, id: QueueId) {
        let Some(vhost) = self.vhosts.get_mut(vhost) else { return };
        let Some(holding) = vhost.holdings.get(&id).filter(|holding| holding.delayed == 0) else { return };
        let exchange = vhost.exchanges.get(&holding.exchange);
        if exchange.is_none_or(|exchange| exchange.holding != Some(id)) {
            vhost.holdings.remove(&id);
        }
    }

    /// What gives the exchange with the first id behind this one its id again.
    pub(super) fn holding_behind(&self, (vhost, id): &(Name, QueueId)) -> Option<(QueueId, Change)> {
        let holdings = &self.vhosts.get(vhost)?.holdings;
        let (&id, holding) = holdings.range((Excluded(*id), Unbounded)).next()?;
        Some((id, holding.as_change(vhost.clone(), id)))
    }

    /// A change that was recorded once. Of several ids for one name the latest is the exchange's; of the others only what
    /// was held back counts.
    pub(super) fn restore_holding(&mut self, id: QueueId, vhost: &Name, exchange: Name, next_position: u64) {
        self.latest.queue = self.latest.queue.max(id.0);
        let Some(found) = self.vhosts.get_mut(vhost) else { return };
        if let Some(found) = found.exchanges.get_mut(&exchange).filter(|found| found.holds_durably()) {
            found.holding = Some(id);
        }
        found.holdings.insert(id, Holding { exchange, next_position, delayed: 0 });
    }

    /// Positions are never given out twice. Journals of earlier versions had no ids for exchanges.
    pub(super) fn complete_holdings(&mut self, found: &OrdMap<QueueId, FoundHolding>) {
        for (id, holding) in self.vhosts.values_mut().flat_map(|vhost| vhost.holdings.iter_mut()) {
            let found = found.get(id).map_or(0, |found| found.next_position);
            holding.next_position = holding.next_position.max(found);
        }
        let vhosts = self.vhosts.values();
        let names =
            vhosts.flat_map(|vhost| vhost.exchanges.keys().map(|name| (vhost.name.clone(), name.clone())));
        for (vhost, exchange) in names.collect::<Vec<_>>() {
            self.add_holding(&vhost, &exchange);
        }
    }

    /// What recovery has found goes back to its exchanges; what no exchange has any use for is released.
    pub(super) fn restore_held(&mut self, found: OrdMap<QueueId, FoundHolding>) {
        let mut owners = OrdMap::new();
        for (name, vhost) in &self.vhosts {
            let owner = |(id, holding): (&QueueId, &Holding)| (*id, (name.clone(), holding.exchange.clone()));
            owners.extend(vhost.holdings.iter().map(owner));
        }
        for (id, found) in found {
            let owner = owners.get(&id);
            for (position, held) in found.messages {
                let FoundHeld { message, place, due } = held;
                let copy = RecordedCopy::held(&StoredCopy::held(id, position, None), place);
                let Some((vhost, exchange)) = owner else {
                    self.release_copy(Some(copy), false);
                    continue;
                };
                match due {
                    Some(due) => {
                        let delay_ms =
                            u64::try_from(due.since(self.now.instant).as_millis()).unwrap_or(u64::MAX);
                        self.events.emit(vhost, || Fact::RecoveredDelayed {
                            message: message.id,
                            exchange: exchange.clone(),
                            delay_ms,
                        });
                        let (vhost, exchange) = (vhost.clone(), exchange.clone());
                        self.hold_back(due, Delayed { vhost, exchange, message, copy: Some(copy) });
                    }
                    None => {
                        let kept = Kept { message, stored: Some((position, place)) };
                        self.keep_again(vhost, exchange, id, kept);
                    }
                }
            }
            if let Some((vhost, _)) = owner {
                self.drop_holding_if_unused(vhost, id);
            }
        }
    }

    fn keep_again(&mut self, vhost: &Name, name: &Name, id: QueueId, kept: Kept) {
        let exchange = self.vhosts.get(vhost).and_then(|vhost| vhost.exchanges.get(name));
        if exchange.is_some_and(|exchange| exchange.holding == Some(id) && exchange.history.is_some()) {
            self.keep(vhost, name, kept);
        } else {
            self.release_kept(Some(id), &kept, false);
        }
    }

    /// An exchange does not keep this message any more. `is_replaced`: because of what has been recorded just before.
    pub(super) fn release_kept(&mut self, holding: Option<QueueId>, kept: &Kept, is_replaced: bool) {
        let (Some(id), Some((position, place))) = (holding, kept.stored) else { return };
        let copy = RecordedCopy::held(&StoredCopy::held(id, position, None), place);
        self.release_copy(Some(copy), is_replaced);
    }

    /// What exchanges hold back from here on gets new records, if it is in this segment; returns where to look next.
    pub(super) fn clean_delayed(&mut self, segment: SegmentId, from: (Instant, u64)) -> Next {
        let Some(journal) = &mut self.journal else { return Next::Nowhere };
        let some: Vec<(Instant, u64)> = self.delayed.range(from..).take(AT_ONCE).map(|(&at, _)| at).collect();
        let Some(&(due, last)) = some.last() else { return Next::Histories(None) };
        self.work.charge(some.len() as u64 / LOOKS_PER_OPERATION);
        for at in some {
            let Some(Delayed { message, copy: Some(copy), .. }) = self.delayed.get_mut(&at) else { continue };
            let stored = StoredCopy::held(copy.queue(), copy.position(), Some(self.now.wall_ms(at.0)));
            if let Some(place) = move_record(journal, segment, message, false, stored, copy.place()) {
                *copy.place_mut() = place;
                self.work.charge(cost::ENQUEUE + cost::copy(message.size()));
            }
            if self.work.is_spent() {
                return Next::Delayed((at.0, at.1 + 1));
            }
        }
        Next::Delayed((due, last + 1))
    }

    /// The same for the last of the first `left` messages that an exchange keeps; returns how many are left then.
    pub(super) fn clean_history(&mut self, segment: SegmentId, of: &(Name, Name), left: u64) -> u64 {
        let exchange = self.vhosts.get_mut(&of.0).and_then(|vhost| vhost.exchanges.get_mut(&of.1));
        let found = exchange.and_then(|exchange| Some((exchange.holding?, exchange.history.as_mut()?)));
        let (Some((id, history)), Some(journal)) = (found, &mut self.journal) else { return 0 };
        let (some, rest) = history.last_of(left, AT_ONCE as u64);
        for kept in some {
            let Some((position, place)) = &mut kept.stored else { continue };
            let stored = StoredCopy::held(id, *position, None);
            if let Some(new) = move_record(journal, segment, &kept.message, false, stored, *place) {
                *place = new;
                self.work.charge(cost::ENQUEUE + cost::copy(kept.message.size()));
            }
            if self.work.is_spent() {
                return left;
            }
        }
        self.work.charge((left.min(rest + AT_ONCE as u64) - rest) / LOOKS_PER_OPERATION);
        rest
    }
}

impl Holding {
    fn as_change(&self, vhost: Name, id: QueueId) -> Change {
        let Holding { exchange, next_position, .. } = self;
        Change::Holding { id, vhost, exchange: exchange.clone(), next_position: *next_position }
    }
}

impl StoredCopy {
    /// What an exchange holds: back until `time_ms`, or, without that, for queues that are bound later.
    fn held(holding: QueueId, position: u64, time_ms: Option<u64>) -> StoredCopy {
        let returns = Returns::default();
        StoredCopy { queue: holding, position, held: true, redelivered: false, time_ms, returns }
    }
}

impl Exchange {
    /// Whether it may hold messages that are to survive a restart.
    fn holds_durably(&self) -> bool {
        self.properties.durable && (self.holds_back() || self.history.is_some())
    }
}
