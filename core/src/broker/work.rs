//! Work in slices: what one input leads to is done up to a limit, and the rest at the next ticks, in turn with all other
//! work. So no client's frames, and nothing that falls due, keeps other clients waiting for long.
//!
//! The limit is counted in operations and not in time, so that the same inputs always lead to the same outputs. What is
//! unfinished is never seen half done by the client that it is for: its next frames wait.

use std::collections::VecDeque;

use super::{
    Broker,
    dead_letter::DeadLetter,
    discard::Discard,
    ending::Ending,
    release::Cancelled,
    settling::Settling,
    transaction::{Commit, Rollback},
};
use crate::{
    ConnectionId, Instant, Name, QueueId,
    blocks::Blocks,
    event::{Destination, QueueEnd},
    exchange::{Exchange, History},
    ordered::OrdSet,
    vhost::Vhost,
};

/// What things cost, in operations: about a tenth of a microsecond each.
pub(super) mod cost {
    /// A frame is decoded and served.
    pub(crate) const FRAME: u64 = 1;
    /// A declaration, a binding, a deletion.
    pub(crate) const CHANGE: u64 = 10;
    /// A message enters a queue.
    pub(crate) const ENQUEUE: u64 = 3;
    /// A message is delivered.
    pub(crate) const DELIVER: u64 = 4;
    /// A delivery is settled, or a message dropped.
    pub(crate) const SETTLE: u64 = 3;
    /// A dead letter gets its history and its routes.
    pub(crate) const DEAD_LETTER: u64 = 15;
    /// A consumer is looked at in vain, or begins or ends.
    pub(crate) const CONSUMER: u64 = 3;

    /// Copying so many bytes.
    pub(crate) const fn copy(bytes: u64) -> u64 {
        bytes / 1024
    }
}

/// What may still be done now, and what is left to do.
#[derive(Clone, Default)]
pub(super) struct Work {
    /// Operations that are left in this slice.
    left: u64,
    /// Operations so far.
    done: u64,
    /// What is unfinished; each has its turn.
    tasks: VecDeque<Task>,
    /// Queues that are among `tasks`.
    queues: OrdSet<QueueId>,
    /// Whether the dead letters are.
    dead_letters: bool,
    /// Whether they wait for the disk.
    dead_letters_wait: bool,
    /// Timers that are due were not all served.
    pub(super) timers_are_due: bool,
}

/// Something that was begun and is to be continued.
#[derive(Clone)]
pub(super) enum Task {
    /// Frames that a client has sent.
    Input(ConnectionId),
    /// A queue has messages to deliver, or too many, or some that have expired.
    Queue(QueueId),
    /// Dead letters are to be published.
    DeadLetters,
    /// A queue was to end, and its dead letters are published now.
    EndQueue(QueueId, QueueEnd),
    /// Deliveries are settled, many at once.
    Settle(Box<Settling>),
    /// A channel or a connection ends.
    End(Box<Ending>),
    /// A transaction is committed.
    Commit(Box<Commit>),
    /// A transaction is rolled back.
    Rollback(Box<Rollback>),
    /// Messages of a queue that was purged or deleted are forgotten.
    Discard(Box<Discard>),
    /// Bindings of an exchange that is gone are forgotten.
    ForgetBindings(Name, Box<Exchange>),
    /// Bindings to what is gone are removed.
    Unbind(Name, VecDeque<Destination>),
    /// What was in a virtual host that is gone is deleted.
    EmptyVhost(Box<Vhost>),
    /// A policy has changed: the exchanges and queues of a virtual host follow.
    Review(Name),
    /// Dead letters of a queue that is gone are forgotten.
    ForgetDeadLetters(Blocks<DeadLetter>),
    /// Dead letters that wait are tried again, of queues from this one on.
    TryDeadLetters(QueueId),
    /// What an exchange has kept that is gone is forgotten; the id is that of the exchange's messages in the journal.
    ForgetHistory(Box<History>, Option<QueueId>),
    /// What exchanges of a virtual host that is gone have held back is forgotten: messages up to this number, from here on.
    ForgetDelayed(Name, u64, (Instant, u64)),
    /// Consumers are told that their queue is gone.
    Cancel(Cancelled),
    /// The snapshot for the journal's next segment is put together.
    Snapshot,
    /// What is of use in an old segment is moved.
    Clean,
}

impl Work {
    /// A slice begins.
    pub(super) fn begin(&mut self, operations: u64) {
        self.left = operations;
    }

    pub(super) fn charge(&mut self, operations: u64) {
        self.left = self.left.saturating_sub(operations);
        self.done += operations;
    }

    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// Whether the rest has to wait for the next slice.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// The same, if so many operations are sure to follow in this slice.
    pub(super) fn is_spent_with(&self, operations: u64) -> bool {
        self.left <= operations
    }

    /// The same as [`Work::is_spent`], but for `few` steps that are counted down.
    pub(super) fn is_spent_beyond(&self, few: &mut u64) -> bool {
        *few = few.saturating_sub(1);
        self.is_spent() && *few == 0
    }

    /// Whether a tick would find something to do, whatever the time.
    pub(super) fn is_waiting(&self) -> bool {
        !self.tasks.is_empty() || self.timers_are_due
    }

    /// Leaves something for its next turn.
    pub(super) fn add(&mut self, task: Task) {
        let is_new = match &task {
            Task::Queue(queue) => self.queues.insert(*queue),
            Task::DeadLetters => !std::mem::replace(&mut self.dead_letters, true),
            _ => true,
        };
        if is_new {
            self.tasks.push_back(task);
        }
    }

    /// Whether dead letters have a turn of their own, or wait for the disk: whoever comes along leaves them alone then.
    pub(super) fn has_dead_letters(&self) -> bool {
        self.dead_letters || self.dead_letters_wait
    }

    /// Dead letters wait for the disk, or do not any more.
    pub(super) fn let_dead_letters_wait(&mut self, wait: bool) {
        if std::mem::replace(&mut self.dead_letters_wait, wait) && !wait {
            self.add(Task::DeadLetters);
        }
    }

    fn next(&mut self) -> Option<Task> {
        let task = self.tasks.pop_front()?;
        match &task {
            Task::Queue(queue) => {
                self.queues.remove(queue);
            }
            Task::DeadLetters => self.dead_letters = false,
            _ => {}
        }
        Some(task)
    }
}

impl Broker {
    /// Goes on with what is unfinished, as far as this slice goes.
    pub(super) fn continue_work(&mut self) {
        while !self.work.is_spent()
            && self.stopping.is_none()
            && let Some(task) = self.work.next()
        {
            match task {
                Task::Input(connection) => self.continue_input(connection),
                Task::Queue(queue) => self.continue_queue(queue),
                Task::DeadLetters => {}
                Task::EndQueue(queue, reason) => self.end_after_dead_letters(queue, reason),
                Task::Settle(settling) => self.continue_settling(*settling),
                Task::End(ending) => self.continue_ending(*ending),
                Task::Commit(commit) => self.continue_commit(*commit),
                Task::Rollback(rollback) => self.continue_rollback(*rollback),
                Task::Discard(discard) => self.continue_discarding(*discard),
                Task::ForgetBindings(vhost, exchange) => self.forget_bindings(vhost, exchange),
                Task::Unbind(vhost, destinations) => self.continue_unbinding(vhost, destinations),
                Task::EmptyVhost(vhost) => self.empty_vhost(vhost),
                Task::Review(vhost) => self.continue_review(vhost),
                Task::TryDeadLetters(from) => self.try_dead_letters(from),
                Task::ForgetDeadLetters(letters) => self.continue_forgetting(letters),
                Task::ForgetHistory(history, holding) => self.forget_history(*history, holding),
                Task::ForgetDelayed(vhost, latest, from) => {
                    self.continue_forgetting_delayed(vhost, latest, from);
                }
                Task::Cancel(cancelled) => self.cancel_consumers(cancelled),
                Task::Snapshot => self.continue_snapshot(),
                Task::Clean => self.continue_cleaning(),
            }
            self.publish_dead_letters();
        }
    }

    /// Finishes everything, however much it is: nothing may follow what a broker that stops writes down last.
    pub(super) fn finish_work(&mut self) {
        self.work.begin(u64::MAX);
        self.continue_work();
    }

    /// What was left over of a queue: deliveries first, then its limits, as where a message enters it.
    fn continue_queue(&mut self, id: QueueId) {
        if self.queues.get(&id).is_some_and(|queue| queue.stream.is_some()) {
            return self.continue_readers(id);
        }
        self.dispatch_and_limit(id);
        self.serve_pending_gets(id);
    }
}
