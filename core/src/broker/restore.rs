//! A broker that goes on where another one ended: its state as a list of changes, and back.

use super::{Broker, Command};
use crate::{
    Config, Fact, Name, Now, PasswordHash, QueueId, Recovered,
    event::Destination,
    exchange::Exchange,
    journal::{Change, Journal, RecoveredQueue},
    ordered::OrdSet,
    queue::Queue,
    vhost::Vhost,
};

impl Broker {
    /// A broker with what recovery has found. What the configuration says differently from the start before is as the
    /// configuration says; the rest is as it was. Its journal goes on in a new segment.
    #[must_use]
    pub fn from_journal(config: Config, recovered: Recovered, now: Now) -> Self {
        let journal = Journal::behind(&config, recovered.remains.usage.clone(), &recovered);
        let remains = recovered.remains;
        let mut broker = Broker::new(without_entries(config.clone()));
        broker.now = now;
        broker.events.set_time(now.instant);
        // Nobody waits for it yet: what is written down takes effect as a whole.
        broker.work.begin(u64::MAX);
        let mut unused = Unused::new();
        remains.changes.into_iter().for_each(|change| broker.restore(change, &mut unused));
        broker.delete_unused(unused);
        // All of that was told when it happened.
        broker.outputs.clear();
        let said = broker.configuration(&config);
        broker.configure(said);
        broker.latest.message = broker.latest.message.max(remains.latest_message);
        let vhosts: Vec<Name> = broker.vhosts.keys().cloned().collect();
        vhosts.iter().for_each(|vhost| broker.review_policies(vhost));
        // What limits drop now, and what is deleted, is left for ticks: clients are served meanwhile.
        broker.work.begin(0);
        let mut returned = Vec::new();
        for (id, mut queue) in remains.queues {
            returned.extend(std::mem::take(&mut queue.returned).into_iter().map(|entry| (id, entry)));
            broker.restore_messages(id, queue);
            broker.recount(id);
        }
        broker.complete_holdings(&remains.holdings);
        broker.journal = Some(journal);
        broker.config = config;
        broker.roll_at_once();
        broker.restore_held(remains.holdings);
        // So that they are not taken for the same deliveries after the next crash.
        for (id, (position, returns)) in returned {
            broker.record_return(id, position, returns);
        }
        broker.opening = broker.journal.as_ref().filter(|_| remains.closed).map(Journal::group);
        let queues: Vec<QueueId> = broker.queues.keys().copied().collect();
        queues.into_iter().for_each(|id| broker.keep_limits(id));
        broker.delete_closed_vhosts();
        broker.keep_journal();
        broker
    }

    fn delete_closed_vhosts(&mut self) {
        for name in std::mem::take(&mut self.config.delete_vhosts) {
            if self.vhosts.get(name.as_str()).is_some_and(|vhost| vhost.closed) {
                self.admin(Command::DeleteVhost(name));
            }
        }
    }

    /// Exchanges that were to go with their last binding and had not gone yet when it had.
    fn delete_unused(&mut self, unused: Unused) {
        for (vhost, exchange) in unused {
            let found = self.vhosts.get(&vhost).and_then(|vhost| vhost.exchanges.get(&exchange));
            if found.is_some_and(Exchange::is_over) {
                self.delete_exchange(&vhost, &exchange);
            }
        }
    }

    fn restore(&mut self, change: Change, unused: &mut Unused) {
        match change {
            Change::Operator(command) => self.carry_out(command),
            Change::Exchange { vhost, name, properties } => {
                if let Some(vhost) = self.vhosts.get_mut(&vhost) {
                    vhost
                        .exchanges
                        .insert(name.clone(), Exchange::new(name, properties, self.config.behaviours()));
                }
            }
            Change::ExchangeGone { vhost, name } => {
                if let Some(found) = self.vhosts.get_mut(&vhost) {
                    let mut gone = found.exchanges.remove(&name);
                    while let Some(binding) = gone.as_mut().and_then(Exchange::take_binding) {
                        found.forget_binding_of(&name, &binding);
                    }
                    unused.remove(&(vhost, name.clone()));
                    found.restore_end_of(&Destination::Exchange(name), unused);
                }
            }
            Change::Queue { id, vhost, name, properties, next_position } => {
                self.latest.queue = self.latest.queue.max(id.0);
                let Some(found) = self.vhosts.get_mut(&vhost) else { return };
                found.queues.insert(name.clone(), id);
                let mut queue =
                    Queue::new(id, (vhost, name), properties, (self.now.instant, self.config.behaviours()));
                queue.next_position = next_position;
                self.queues.insert(id, queue);
            }
            Change::QueueGone(id) => {
                let Some(queue) = self.queues.remove(&id) else { return };
                if let Some(vhost) = self.vhosts.get_mut(&queue.vhost) {
                    vhost.queues.remove(&queue.name);
                    vhost.restore_end_of(&Destination::Queue(queue.name), unused);
                }
            }
            Change::Holding { id, vhost, exchange, next_position } => {
                self.restore_holding(id, &vhost, exchange, next_position);
            }
            Change::Bound { vhost, exchange, binding } => {
                if let Some(vhost) = self.vhosts.get_mut(&vhost) {
                    vhost.bind(&exchange, binding);
                }
            }
            Change::Unbound { vhost, exchange, binding } => {
                if let Some(vhost) = self.vhosts.get_mut(&vhost) {
                    vhost.unbind(&exchange, &binding);
                }
            }
            Change::Latest { message, queue } => {
                self.latest.message = self.latest.message.max(message);
                self.latest.queue = self.latest.queue.max(queue);
            }
        }
    }

    fn restore_messages(&mut self, id: QueueId, recovered: RecoveredQueue) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.next_position = queue.next_position.max(recovered.next_position);
        for message in recovered.messages {
            let name = queue.name.clone();
            self.events.emit(&queue.vhost, || Fact::Recovered { message, queue: name });
        }
        for (level, mut chunks) in recovered.levels {
            if planted!(self.config, RecoveryForgetsLast) {
                chunks.pop();
            }
            queue.ready.restore(level, chunks);
        }
        let segment_bytes = queue.settings.retention.segment_bytes;
        let Some(stream) = &mut queue.stream else { return };
        for (offset, record) in recovered.stream {
            stream.skip_to(offset);
            stream.append(record, segment_bytes);
        }
        stream.skip_to(queue.next_position);
        stream.is_all_on_disk();
    }
}

/// Auto-delete exchanges that have lost their last binding, by virtual host. Whether that was their end the journal says
/// later.
type Unused = OrdSet<(Name, Name)>;

impl Vhost {
    fn restore_end_of(&mut self, destination: &Destination, unused: &mut Unused) {
        while let Some(unbound) = self.unbind_next(destination, usize::MAX) {
            if unbound.is_unused {
                unused.insert((self.name.clone(), unbound.exchange));
            }
        }
    }
}

/// The same configuration without what the journal has an opinion of.
fn without_entries(config: Config) -> Config {
    Config {
        users: Vec::new(),
        vhosts: Vec::new(),
        vhost_limits: Vec::new(),
        permissions: Vec::new(),
        topic_permissions: Vec::new(),
        policies: Vec::new(),
        ..config
    }
}

impl Recovered {
    /// What the configuration file of the last start said of a user's password, so that a host which salts the same
    /// password again can tell that it is the same.
    #[must_use]
    pub fn configured_password(&self, name: &str) -> Option<PasswordHash> {
        let entries = self.remains.changes.iter().rev().find_map(|change| match change {
            Change::Operator(Command::Configure(entries)) => Some(entries),
            _ => None,
        });
        entries?.iter().find_map(|entry| match entry {
            Command::SetUser(user) if user.name == name => Some(user.password),
            _ => None,
        })
    }
}
