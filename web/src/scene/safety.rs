//! How safe messages are: what the disk has of each, and what a power cut took.

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{
    LossReason,
    warren_core::{Fact, MessageId},
};

/// What a crash of the broker would leave of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Safety {
    /// Nothing: it is not to be written.
    Transient,
    /// Nothing yet.
    InMemory,
    /// It is in the cache of the operating system: a power cut takes it.
    Written,
    Synced,
}

/// What the disk has of messages.
#[derive(Clone, Default)]
pub(crate) struct OnDisk {
    /// Not synced, by commit.
    unsynced: OrdMap<u64, Vec<MessageId>>,
    /// The latest commit that is in the cache.
    written: u64,
    /// Messages that have come there for good, so far.
    synced: u64,
    /// Those of them that queues still have.
    kept: OrdSet<MessageId>,
    /// What the latest power cut took: what was only in memory, and what was in the cache.
    taken: (Vec<MessageId>, Vec<MessageId>),
}

impl OnDisk {
    /// How safe a message is that is to be written.
    pub(super) fn safety(&self, message: MessageId) -> Safety {
        let mut written = self.unsynced.iter().filter(|(commit, _)| **commit <= self.written);
        if self.kept.contains(&message) {
            Safety::Synced
        } else if written.any(|(_, messages)| messages.contains(&message)) {
            Safety::Written
        } else {
            Safety::InMemory
        }
    }

    /// What is to go to the disk and not there for good: what is in the broker's memory, and what is in the cache.
    pub(crate) fn unsynced(&self) -> (Vec<MessageId>, Vec<MessageId>) {
        let ids = |written: bool| {
            let commits =
                self.unsynced.iter().filter(move |(commit, _)| (**commit <= self.written) == written);
            commits.flat_map(|(_, messages)| messages).copied().collect()
        };
        (ids(false), ids(true))
    }

    /// How many messages have come to the disk for good.
    pub(crate) const fn synced(&self) -> u64 {
        self.synced
    }

    /// What is there for good, of what queues still have.
    pub(crate) const fn kept(&self) -> &OrdSet<MessageId> {
        &self.kept
    }

    /// What the latest power cut took: what was only in memory, and what was in the cache.
    pub(crate) fn taken(&self) -> (&[MessageId], &[MessageId]) {
        (&self.taken.0, &self.taken.1)
    }

    /// Takes in a fact; `is_there` says whether queues still have a message.
    pub(super) fn apply(&mut self, fact: &Fact, is_there: impl Fn(MessageId) -> bool) {
        match fact {
            Fact::Recorded { message, commit } => self.unsynced.entry(*commit).or_default().push(*message),
            Fact::Written { commit } => self.written = *commit,
            Fact::Synced { commit } => {
                let later = self.unsynced.split_off(&(commit + 1));
                for message in std::mem::replace(&mut self.unsynced, later).into_values().flatten() {
                    self.synced += 1;
                    if is_there(message) {
                        self.kept.insert(message);
                    }
                }
            }
            _ => {}
        }
    }

    /// No queue has it any more.
    pub(super) fn forget(&mut self, message: MessageId) {
        self.kept.remove(&message);
    }

    /// The broker has ended: what is in memory and in the cache is gone.
    pub(super) fn lose_unsynced(&mut self) {
        self.unsynced.clear();
        self.written = 0;
    }

    /// A message is lost.
    pub(super) fn take(&mut self, message: MessageId, reason: LossReason) {
        match reason {
            LossReason::InMemory => self.taken.0.push(message),
            LossReason::NotSynced => self.taken.1.push(message),
            _ => {}
        }
    }

    /// The broker is up again.
    pub(super) fn forget_taken(&mut self) {
        self.taken = <_>::default();
    }
}
