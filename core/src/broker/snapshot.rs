//! The snapshot that the next segment of the journal begins with: what leads from nothing to the durable part of the state.
//! It may be long, and is put together in slices.
//!
//! The state changes meanwhile. What the snapshot has told of is always as it is now: a change of that is added to it. A
//! change of what it has not come to is not: it will tell of that as it is then. Which positions queues have given out since
//! need not be told: recovery gives none out again that any record is about, and where there is no record left of one, a
//! restart cannot take a message for another. A stream keeps its latest message, and so its offsets go on.

use std::{
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use super::{
    Broker,
    configured::NextSetting,
    work::{Task, cost},
};
use crate::{
    Name, QueueId,
    exchange::{Binding, Exchange},
    journal::{Change, Journal, Snapshot},
    ordered::OrdMap,
    queue::Queue,
    vhost::Vhost,
};

/// A snapshot that is put together.
#[derive(Clone, Default)]
pub(super) struct Collecting {
    snapshot: Snapshot,
    next: Next,
    /// Bindings of the exchange that is being told of and that are still to be told, by age: so they have the same order
    /// after a restart.
    bindings: OrdMap<u64, Arc<Binding>>,
}

/// Virtual host and name of an exchange.
type Address = (Name, Name);

/// What is told next. Exchanges are told in the order of their addresses, and so are their bindings.
#[derive(Clone)]
enum Next {
    Settings(NextSetting),
    /// Exchanges behind this one.
    Exchanges(Option<Address>),
    /// What exchanges hold, with ids behind this one of this virtual host.
    Holdings(Option<(Name, QueueId)>),
    /// Queues from this id on.
    Queues(QueueId),
    /// Bindings of exchanges behind this one.
    Bindings(Option<Address>),
    /// Bindings of this exchange, which are found in an order of their own: those behind this one are to be found.
    FindBindings(Address, Option<Arc<Binding>>),
    /// All of them have been found.
    TellBindings(Address),
    Nothing,
}

/// So many bindings are found at once.
const FOUND_AT_ONCE: usize = 32;

impl Broker {
    /// Begins another segment when one is long enough, as soon as its snapshot is there.
    pub(super) fn keep_rolling(&mut self) {
        if self.collecting.is_none() {
            if !self.journal.as_ref().is_some_and(Journal::is_due_to_roll) {
                return;
            }
            self.collecting = Some(Box::default());
            self.continue_snapshot();
        }
        let is_whole = self.collecting.as_ref().is_some_and(|found| matches!(found.next, Next::Nothing));
        // Of bindings to what is gone a snapshot says nothing, and so not which exchanges are to go with them.
        if is_whole && !self.vhosts.values().any(Vhost::has_bindings_to_nothing) {
            self.roll();
        }
    }

    /// Begins another segment at once: nobody waits for anything yet.
    pub(super) fn roll_at_once(&mut self) {
        let mut all = Box::<Collecting>::default();
        while self.collect_next(&mut all) {}
        self.collecting = Some(all);
        self.roll();
    }

    fn roll(&mut self) {
        let Some(mut collected) = self.collecting.take() else { return };
        // Those given out since are told, too.
        collected.snapshot.add(&Change::Latest { message: self.latest.message, queue: self.latest.queue });
        if let Some(journal) = &mut self.journal {
            journal.roll(collected.snapshot);
        }
    }

    /// Goes on as far as this slice goes, but by one step at least.
    pub(super) fn continue_snapshot(&mut self) {
        let Some(mut collecting) = self.collecting.take() else { return };
        let mut goes_on = self.collect_next(&mut collecting);
        while goes_on && !self.work.is_spent() {
            goes_on = self.collect_next(&mut collecting);
        }
        self.collecting = Some(collecting);
        if goes_on {
            self.work.add(Task::Snapshot);
        }
    }

    /// `false`: all has been told.
    fn collect_next(&mut self, to: &mut Collecting) -> bool {
        self.work.charge(cost::FRAME);
        to.next = match std::mem::take(&mut to.next) {
            Next::Settings(from) => match self.next_setting(from) {
                Some((command, next)) => {
                    if let Some(command) = command {
                        self.tell_in(to, &Change::Operator(command));
                    }
                    Next::Settings(next)
                }
                None => Next::Exchanges(None),
            },
            Next::Exchanges(after) => match self.exchange_behind(after.as_ref()) {
                Some((vhost, found)) => {
                    let address = (vhost.name.clone(), found.name.clone());
                    if found.properties.durable && !is_predeclared(&found.name) {
                        let ((vhost, name), properties) = (address.clone(), found.properties.clone());
                        self.tell_in(to, &Change::Exchange { vhost, name, properties });
                    }
                    Next::Exchanges(Some(address))
                }
                None => Next::Holdings(None),
            },
            Next::Holdings(after) => match after.as_ref().and_then(|after| self.holding_behind(after)) {
                Some((id, change)) => {
                    self.tell_in(to, &change);
                    Next::Holdings(after.map(|(vhost, _)| (vhost, id)))
                }
                None => match self.vhost_behind(after.map(|(vhost, _)| vhost)) {
                    Some(vhost) => Next::Holdings(Some((vhost.name.clone(), QueueId(0)))),
                    None => Next::Queues(QueueId(0)),
                },
            },
            Next::Queues(from) => match self.queues.range(from..).next() {
                Some((&id, queue)) => {
                    if queue.durable && self.has_name(queue) {
                        self.tell_in(to, &queue.as_change());
                    }
                    Next::Queues(QueueId(id.0 + 1))
                }
                None => Next::Bindings(None),
            },
            Next::Bindings(after) => match self.exchange_behind(after.as_ref()) {
                Some((vhost, found)) => Next::FindBindings((vhost.name.clone(), found.name.clone()), None),
                None => Next::Nothing,
            },
            Next::FindBindings(of, after) => {
                let found = self
                    .exchange_at(&of)
                    .map(|exchange| exchange.bindings_behind(after.as_deref(), FOUND_AT_ONCE));
                let found = found.unwrap_or_default();
                let last = found.last().map(|(_, binding)| binding.clone());
                self.work.charge(cost::FRAME * found.len() as u64);
                to.bindings.extend(found);
                match last {
                    Some(last) => Next::FindBindings(of, Some(last)),
                    None => Next::TellBindings(of),
                }
            }
            Next::TellBindings(of) => match to.bindings.pop_first() {
                Some((age, binding)) => {
                    let found = self.exchange_at(&of).and_then(|exchange| exchange.age_of(&binding));
                    let (vhost, exchange) = of.clone();
                    if found == Some(age) && self.is_durable_binding(&vhost, &exchange, &binding) {
                        let binding = (*binding).clone();
                        self.tell_in(to, &Change::Bound { vhost, exchange, binding });
                    }
                    Next::TellBindings(of)
                }
                None => Next::Bindings(Some(of)),
            },
            Next::Nothing => Next::Nothing,
        };
        !matches!(to.next, Next::Nothing)
    }

    fn tell_in(&mut self, to: &mut Collecting, change: &Change) {
        let copied = to.snapshot.add(change);
        self.work.charge(cost::CHANGE + cost::copy(copied));
    }

    /// A change has been recorded while a snapshot is put together.
    pub(super) fn tell_in_snapshot(&mut self, change: &Change) {
        let Some(collecting) = &mut self.collecting else { return };
        if let (
            Next::FindBindings(of, _) | Next::TellBindings(of),
            Change::Bound { vhost, exchange, binding },
        ) = (&collecting.next, change)
            && (vhost, exchange) == (&of.0, &of.1)
        {
            let found = self.vhosts.get(vhost).and_then(|vhost| vhost.exchanges.get(exchange));
            if let Some(age) = found.and_then(|found| found.age_of(binding)) {
                collecting.bindings.insert(age, Arc::new(binding.clone()));
            }
        } else if collecting.next.is_behind(change) {
            collecting.snapshot.add(change);
        }
    }

    /// The next virtual host in the order of names.
    pub(super) fn vhost_behind(&self, after: Option<Name>) -> Option<&Vhost> {
        let from = after.map_or(Unbounded, Excluded);
        self.vhosts.range((from, Unbounded)).next().map(|(_, vhost)| vhost)
    }

    /// The next exchange in the order of addresses.
    pub(super) fn exchange_behind(&self, after: Option<&Address>) -> Option<(&Vhost, &Exchange)> {
        let Some((vhost, name)) = after else {
            return self.vhosts.values().find_map(|vhost| Some((vhost, vhost.exchanges.values().next()?)));
        };
        let same = self.vhosts.get(vhost).and_then(|vhost| {
            let (_, next) = vhost.exchanges.range((Excluded(name.clone()), Unbounded)).next()?;
            Some((vhost, next))
        });
        same.or_else(|| {
            let mut others = self.vhosts.range((Excluded(vhost.clone()), Unbounded));
            others.find_map(|(_, vhost)| Some((vhost, vhost.exchanges.values().next()?)))
        })
    }

    fn exchange_at(&self, (vhost, name): &Address) -> Option<&Exchange> {
        self.vhosts.get(vhost)?.exchanges.get(name)
    }
}

impl Default for Next {
    fn default() -> Self {
        Next::Settings(NextSetting::File)
    }
}

impl Next {
    /// Whether that which has changed has been told of. An unbinding of something that has not been told does nothing.
    fn is_behind(&self, change: &Change) -> bool {
        let stage = self.stage();
        match change {
            // What comes while settings are told may be told twice, which does no harm.
            Change::Operator(_) => !matches!(self, Next::Settings(NextSetting::File)),
            Change::Latest { .. } => stage > Next::default().stage(),
            Change::Exchange { vhost, name, .. } | Change::ExchangeGone { vhost, name } => match self {
                Next::Exchanges(after) => is_behind(after.as_ref(), vhost, name),
                _ => stage > Next::Exchanges(None).stage(),
            },
            Change::Holding { vhost, id, .. } => match self {
                Next::Holdings(after) => {
                    after.as_ref().is_some_and(|(latest, last)| (vhost, id) <= (latest, last))
                }
                _ => stage > Next::Holdings(None).stage(),
            },
            Change::Queue { id, .. } | Change::QueueGone(id) => match self {
                Next::Queues(from) => id < from,
                _ => stage > Next::Queues(*id).stage(),
            },
            Change::Bound { vhost, exchange, .. } | Change::Unbound { vhost, exchange, .. } => match self {
                Next::Bindings(after) => is_behind(after.as_ref(), vhost, exchange),
                Next::FindBindings(of, _) | Next::TellBindings(of) => is_behind(Some(of), vhost, exchange),
                _ => matches!(self, Next::Nothing),
            },
        }
    }

    fn stage(&self) -> u8 {
        match self {
            Next::Settings(_) => 0,
            Next::Exchanges(_) => 1,
            Next::Holdings(_) => 2,
            Next::Queues(_) => 3,
            Next::Bindings(_) | Next::FindBindings(..) | Next::TellBindings(_) => 4,
            Next::Nothing => 5,
        }
    }
}

/// Whether an exchange's turn has come, if `latest` was the latest.
fn is_behind(latest: Option<&Address>, vhost: &Name, name: &Name) -> bool {
    latest.is_some_and(|(latest_vhost, latest)| (vhost, name) <= (latest_vhost, latest))
}

fn is_predeclared(exchange: &str) -> bool {
    exchange.is_empty() || exchange.starts_with("amq.")
}

impl Queue {
    /// What declares it again.
    pub(super) fn as_change(&self) -> Change {
        let stream_end = self.stream.as_ref().map_or(0, |stream| stream.next_offset());
        Change::Queue {
            id: self.id,
            vhost: self.vhost.clone(),
            name: self.name.clone(),
            properties: self.properties(),
            next_position: self.next_position.max(stream_end),
        }
    }
}
