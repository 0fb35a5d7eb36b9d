//! What is remembered of what happened.

use std::collections::VecDeque;

use warren_core::{Event, Fact, MessageId};

use crate::{ChannelRef, Happening, WorldEvent};

/// Events that are remembered; older ones go first.
const REMEMBERED: usize = 300_000;

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// With which of the world's steps.
    pub step: u64,
    /// What.
    pub event: WorldEvent,
}

/// Events in order.
#[derive(Clone, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
}

impl Log {
    /// Enters what happened with a step, unless it is known already.
    pub(super) fn enter(&mut self, step: u64, event: WorldEvent) {
        if self.entries.back().is_some_and(|last| last.event.seq >= event.seq) {
            return;
        }
        if self.entries.len() == REMEMBERED {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { step, event });
    }

    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// What happened with the steps up to this one.
    pub(super) fn up_to(&self, step: u64) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.range(..self.place(step))
    }

    /// What happened with the steps after `from`, up to `to`.
    pub(super) fn since(&self, from: u64, to: u64) -> impl Iterator<Item = &Entry> {
        self.entries.range(self.place(from)..self.place(to))
    }

    /// What happened to a message with the steps up to this one; its sending comes first, which had no id yet.
    pub(super) fn story(&self, message: MessageId, step: u64) -> Vec<&Entry> {
        let is_its = |event: &WorldEvent| event.what.message() == Some(message);
        let mut story: Vec<&Entry> = self.up_to(step).filter(|entry| is_its(&entry.event)).collect();
        let published = story.first().and_then(|entry| match &entry.event.what {
            Happening::Broker(Event {
                fact: Fact::Published { connection, channel, number, .. }, ..
            }) => Some((ChannelRef::new(*connection, *channel), *number)),
            _ => None,
        });
        let sent = published.and_then(|published| {
            self.up_to(step).rev().find(|entry| match &entry.event.what {
                Happening::Sent(sending) => (sending.channel(), sending.number) == published,
                _ => false,
            })
        });
        story.splice(0..0, sent);
        story
    }

    /// Forgets what comes after this step.
    pub(super) fn truncated(&self, step: u64) -> Log {
        Log { entries: self.up_to(step).cloned().collect() }
    }

    /// The world goes back to this step. Where the log begins later it begins anew, so that it has no gap.
    pub(super) fn make_room_for(&mut self, step: u64) {
        if self.entries.front().is_some_and(|first| first.step > step + 1 && first.event.seq > 1) {
            self.entries.clear();
        }
    }

    /// Behind all entries of the steps up to this one.
    fn place(&self, step: u64) -> usize {
        self.entries.partition_point(|entry| entry.step <= step)
    }
}
