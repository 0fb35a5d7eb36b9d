//! Class tx: publishes and acks that take effect together (AMQP 0-9-1 reference, section 1.9).
//!
//! Long transactions are committed and rolled back in slices. After a crash a transaction counts as a whole or not at all,
//! and so does all that the journal is told between its beginning and its end, by whomever: until then nothing goes to the
//! disk, and one transaction is committed after the other.

use std::collections::VecDeque;

use super::{
    Broker,
    channel::{Caller, senseless},
    publish::Origin,
    reply_to::could_be_reply_address,
    work::{Task, cost},
};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, Fact, QueueId, ReplyCode,
    event::RequeueReason,
    ordered::OrdSet,
    refusal::{Outcome, Refusal},
    session::{Mode, Publish, RolledBack, Settled, Settlement, Transaction},
    wire::Method,
};

/// The method that is to blame if a commit fails.
const TX_COMMIT: (u16, u16) = (90, 20);

/// A transaction that is being committed.
#[derive(Clone)]
pub(super) struct Commit {
    caller: Caller,
    /// What of it has not taken effect.
    rest: Transaction,
    step: Step,
    /// Every queue has taken its messages so far.
    taken: bool,
    /// A queue is gone, and the connection is to be closed for that: nothing more of it takes effect.
    failed: Option<Refusal>,
    /// The connection's next frames wait for the end of this.
    holds_input: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    Publishes,
    Settlements,
}

/// Transactions that are being committed: one is under way, the others wait.
#[derive(Clone, Default)]
pub(super) struct Commits {
    /// Whose they are. No connection has two: its frames behind a tx.commit wait for the answer.
    connections: OrdSet<ConnectionId>,
    /// Those that come next.
    waiting: VecDeque<Commit>,
}

/// A transaction that is being rolled back. What is left of it is with its channel.
#[derive(Clone)]
pub(super) struct Rollback {
    caller: Caller,
    /// What has been undone so far.
    publishes: u64,
    acks: u64,
    /// The connection's next frames wait for the end of this.
    holds_input: bool,
}

impl Broker {
    pub(super) fn tx_class(&mut self, caller: &Caller, method: &Method<'_>) -> Outcome {
        match method {
            Method::TxSelect {} => self.tx_select(caller),
            Method::TxCommit {} => self.tx_commit(caller),
            Method::TxRollback {} => self.tx_rollback(caller),
            _ => Err(senseless()),
        }
    }

    fn tx_select(&mut self, caller: &Caller) -> Outcome {
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return Ok(()) };
        match channel.mode {
            Mode::Plain => channel.mode = Mode::Transaction(Transaction::default()),
            Mode::Transaction(_) => {}
            Mode::Confirm(_) => return refuse("cannot switch from confirm to tx mode"),
        }
        self.reply(caller, false, &Method::TxSelectOk {});
        Ok(())
    }

    fn tx_commit(&mut self, caller: &Caller) -> Outcome {
        let Some(transaction) = self.open_transaction(caller) else { return not_transactional() };
        let rest = std::mem::take(transaction);
        let mut commit = Commit {
            caller: caller.clone(),
            rest,
            step: Step::Begin,
            taken: true,
            failed: None,
            holds_input: false,
        };
        if planted!(self.config, CommitFirstOnly) {
            let others = commit.rest.publishes.split_off(commit.rest.publishes.len().min(1));
            let bytes = others.iter().map(|publish| publish.message.size()).sum::<u64>();
            self.unfinished_bytes -= bytes;
            commit.rest.bytes -= bytes;
        }
        let others_come_first = !self.commits.connections.is_empty();
        self.commits.connections.insert(caller.connection);
        if others_come_first {
            commit.holds_input = true;
            self.hold_input(caller.connection);
            self.commits.waiting.push_back(commit);
        } else {
            self.continue_commit(commit);
        }
        Ok(())
    }

    /// Goes on with the one commit that is under way.
    pub(super) fn continue_commit(&mut self, mut commit: Commit) {
        let connection = commit.caller.connection;
        if commit.step == Step::Begin {
            self.begin_transaction();
            commit.step = Step::Publishes;
        }
        // Dead letters of others are none of its business.
        let others = std::mem::take(&mut self.dead_letters);
        let is_done = self.commit_slice(&mut commit);
        // A message must not have left its queue before it is where it goes as a dead letter. What becomes of it there is
        // not part of the transaction any more.
        self.publish_some_dead_letters(self.dead_letters.len());
        let later = std::mem::replace(&mut self.dead_letters, others);
        self.dead_letters.extend(later);
        if !is_done {
            self.hold_answers(connection);
            if !commit.holds_input {
                commit.holds_input = true;
                self.hold_input(connection);
            }
            return self.work.add(Task::Commit(Box::new(commit)));
        }
        self.end_transaction(connection);
        self.commits.connections.remove(&connection);
        self.end_commit(commit);
        if let Some(next) = self.commits.waiting.pop_front() {
            self.work.add(Task::Commit(Box::new(next)));
        }
    }

    /// Goes on as far as this slice goes, but by one step at least; `true` if that was all.
    fn commit_slice(&mut self, commit: &mut Commit) -> bool {
        while self.commit_next(commit) {
            if self.work.is_spent_with(self.dead_letters.len() * cost::DEAD_LETTER) {
                return false;
            }
        }
        true
    }

    /// First the publishes, then the answer, then the acks and what they make room for (RabbitMQ). `false`: nothing is left.
    fn commit_next(&mut self, commit: &mut Commit) -> bool {
        if let Some(publish) = commit.rest.publishes.pop_front() {
            commit.rest.bytes -= publish.message.size();
            self.unfinished_bytes -= publish.message.size();
            self.work.charge(cost::FRAME + cost::copy(publish.message.size()));
            match self.publish_held(&commit.caller, &publish) {
                Ok(taken) => commit.taken &= taken,
                Err(refusal) => commit.failed = Some(refusal),
            }
            return commit.failed.is_none();
        }
        let here = (commit.caller.connection, commit.caller.channel);
        if commit.step == Step::Publishes {
            commit.step = Step::Settlements;
            if commit.taken && self.is_channel_open(here) {
                self.reply(&commit.caller, false, &Method::TxCommitOk {});
            }
        }
        let Some((_, unacked, settlement)) = commit.rest.next_settlement() else {
            self.go_on_after_overdue(std::mem::take(&mut commit.rest.overdue));
            return false;
        };
        self.settle_one(here, unacked, settlement);
        true
    }

    fn end_commit(&mut self, commit: Commit) {
        let &Caller { connection, channel, ref vhost } = &commit.caller;
        if let Some(refusal) = &commit.failed {
            self.give_up_commit(&commit.caller, commit.rest);
            self.refuse(connection, channel, refusal, TX_COMMIT);
        } else if commit.taken {
            self.events.emit(vhost, || Fact::Committed { connection, channel });
        } else if self.is_channel_open((connection, channel)) {
            let refusal = Refusal::new(ReplyCode::PreconditionFailed, "partial tx completion");
            self.refuse(connection, channel, &refusal, TX_COMMIT);
        }
        if commit.holds_input {
            self.release_input(connection);
        }
    }

    /// What is left of a transaction that fails is rolled back with its channel, or now if that has ended.
    fn give_up_commit(&mut self, caller: &Caller, mut rest: Transaction) {
        if let Some(transaction) = self.open_transaction(caller) {
            *transaction = rest;
            return;
        }
        self.unfinished_bytes -= rest.bytes;
        let requeue = Settlement::Requeue(RequeueReason::ConnectionClosed);
        while let Some((_, unacked, _)) = rest.next_settlement() {
            self.settle_one((caller.connection, caller.channel), unacked, requeue);
        }
    }

    /// `false`: a queue did not take the message.
    ///
    /// # Errors
    /// A queue is gone.
    fn publish_held(&mut self, caller: &Caller, publish: &Publish) -> Outcome<bool> {
        let Some(vhost) = self.vhosts.get(&caller.vhost) else { return Ok(true) };
        let (mut queues, mut all_there): (Vec<QueueId>, bool) = (Vec::new(), true);
        for (id, name) in &publish.queues {
            if self.queues.contains_key(id) || self.reply_consumers.contains_key(id) {
                queues.push(*id);
            } else if !self.config.has(Behaviour::CommitNeedsItsQueues) {
                queues.extend(vhost.queues.get(name));
            } else if vhost.queues.contains_key(name) {
                // Another queue has its name now, and does not take what was meant for the first one.
                all_there = false;
            } else if !could_be_reply_address(name) && !self.config.has(Behaviour::CommitNamesTheQueue) {
                all_there = false;
            } else if !could_be_reply_address(name) {
                return Err(queue_is_gone(name, &caller.vhost));
            }
        }
        let returns_late = !self.config.has(Behaviour::CommitNeedsItsQueues);
        let origin = Origin {
            connection: caller.connection,
            channel: caller.channel,
            vhost: caller.vhost.clone(),
            mandatory: publish.mandatory && (publish.queues.is_empty() || returns_late),
            held_back: publish.held_back,
            // The answer to tx.commit waits until everything that has been recorded is safe.
            held_commit: None,
        };
        Ok(self.complete_publish(&origin, &publish.message, &queues).by_all && all_there)
    }

    /// The publishes are forgotten, and what was acked is unacked as before.
    fn tx_rollback(&mut self, caller: &Caller) -> Outcome {
        if self.open_transaction(caller).is_none() {
            return not_transactional();
        }
        let rollback = Rollback { caller: caller.clone(), publishes: 0, acks: 0, holds_input: false };
        self.continue_rollback(rollback);
        Ok(())
    }

    pub(super) fn continue_rollback(&mut self, mut rollback: Rollback) {
        let &Caller { connection, channel, .. } = &rollback.caller;
        if !self.rollback_slice(&mut rollback) {
            if !rollback.holds_input {
                rollback.holds_input = true;
                self.hold_input(connection);
            }
            return self.work.add(Task::Rollback(Box::new(rollback)));
        }
        // The channel may have come to its end meanwhile, and that of its transaction with it.
        if self.open_transaction(&rollback.caller).is_some() {
            let Rollback { caller, publishes, acks, .. } = rollback;
            self.reply(&caller, false, &Method::TxRollbackOk {});
            self.events.emit(&caller.vhost, || Fact::RolledBack { connection, channel, publishes, acks });
        }
        if rollback.holds_input {
            self.release_input(connection);
        }
    }

    /// Goes on as far as this slice goes, but by one step at least; `true` if that was all.
    fn rollback_slice(&mut self, rollback: &mut Rollback) -> bool {
        let here = (rollback.caller.connection, rollback.caller.channel);
        while let Some(channel) = self.channel_mut(here.0, here.1)
            && let Some(undone) = channel.roll_back_next()
        {
            self.work.charge(cost::SETTLE);
            match undone {
                RolledBack::Publish(publish) => {
                    rollback.publishes += 1;
                    self.unfinished_bytes -= publish.message.size();
                    if planted!(self.config, RollbackPublishes) {
                        let _ = self.publish_held(&rollback.caller, &publish);
                    }
                }
                RolledBack::Settlement => {
                    rollback.acks += 1;
                    self.cleaning.iter_mut().for_each(|cleaning| cleaning.looks_again = true);
                }
            }
            if self.work.is_spent() {
                return false;
            }
        }
        true
    }

    fn open_transaction(&mut self, caller: &Caller) -> Option<&mut Transaction> {
        self.channel_mut(caller.connection, caller.channel)?.transaction_mut()
    }

    fn is_channel_open(&mut self, (connection, channel): (ConnectionId, ChannelNumber)) -> bool {
        self.channel_mut(connection, channel).is_some_and(|channel| !channel.closing)
    }
}

impl Commits {
    /// Whether a transaction of this connection is being committed, or waits to be.
    pub(super) fn has(&self, connection: ConnectionId) -> bool {
        self.connections.contains(&connection)
    }
}

impl Transaction {
    /// Holds settlements back until the commit.
    pub(super) fn hold(&mut self, settled: Settled, settlement: Settlement) {
        if !matches!(&settled, Settled::Many(many) if many.is_empty()) {
            self.settlements.push_back((settled, settlement));
        }
    }
}

/// The text is RabbitMQ's, an Erlang term.
fn queue_is_gone(queue: &str, vhost: &str) -> Refusal {
    let gone = format!("{{not_found,{{resource,<<\"{vhost}\">>,queue,<<\"{queue}\">>}}}}");
    Refusal::new(ReplyCode::ResourceError, format!("failed to deliver message: {gone}"))
}

fn not_transactional<T>() -> Outcome<T> {
    refuse("channel is not transactional")
}

fn refuse<T>(text: &str) -> Outcome<T> {
    Err(Refusal::new(ReplyCode::PreconditionFailed, text))
}
