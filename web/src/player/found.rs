//! Searches in what has happened that are carried on, not begun anew, while the world goes on: a log has hundreds of
//! thousands of entries, and the page asks several times a second.

use std::collections::VecDeque;

use warren_sim::{Entry, WorldEvent};

/// What has been found so far, oldest first.
pub(crate) struct Found<K, T> {
    /// What was looked for, and where.
    key: Option<K>,
    /// How far, as the number of an event.
    seq: u64,
    items: VecDeque<T>,
}

/// Which of many are kept.
#[derive(Clone, Copy)]
pub(crate) enum Most {
    First(usize),
    Last(usize),
}

impl<K, T> Default for Found<K, T> {
    fn default() -> Self {
        Found { key: None, seq: 0, items: VecDeque::new() }
    }
}

impl<K: PartialEq, T> Found<K, T> {
    /// Goes on to the last of `entries`. Another `key` is another search.
    pub(crate) fn follow<'a>(
        &mut self,
        key: K,
        entries: impl DoubleEndedIterator<Item = &'a Entry>,
        most: Most,
        pick: impl Fn(&WorldEvent) -> Option<T>,
    ) -> impl DoubleEndedIterator<Item = &T> {
        let mut entries = entries.map(|entry| &entry.event).rev().peekable();
        let last = entries.peek().map_or(0, |event| event.seq);
        let is_same = self.key.as_ref() == Some(&key);
        if !is_same || last < self.seq {
            (self.seq, self.items) = (0, VecDeque::new());
        }
        self.key = Some(key);
        let new = entries.take_while(|event| event.seq > self.seq);
        match most {
            Most::First(most) if self.items.len() >= most => {}
            Most::First(most) => {
                let new: Vec<T> = new.filter_map(pick).collect();
                self.items.extend(new.into_iter().rev());
                self.items.truncate(most);
            }
            Most::Last(most) => {
                let new: Vec<T> = new.filter_map(pick).take(most).collect();
                let stays = most - new.len();
                self.items.drain(..self.items.len().saturating_sub(stays));
                self.items.extend(new.into_iter().rev());
            }
        }
        self.seq = last;
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use warren_sim::{Entry, Happening, WorldEvent, warren_core::Instant};

    use super::{Found, Most};

    fn entries(seqs: std::ops::RangeInclusive<u64>) -> Vec<Entry> {
        let event = |seq| WorldEvent { at: Instant::ZERO, seq, what: Happening::Healed };
        seqs.map(|seq| Entry { step: seq, event: event(seq) }).collect()
    }

    #[test]
    fn a_search_that_is_carried_on_finds_what_one_that_is_begun_anew_does() {
        for most in [Most::First(4), Most::Last(4)] {
            let mut carried_on = Found::default();
            // On, back, on from there; and the log may have lost its beginning.
            for (key, seqs) in [(0, 1..=3), (0, 1..=9), (0, 1..=5), (0, 3..=30), (1, 1..=40)] {
                let (log, pick) =
                    (entries(seqs.clone()), |event: &WorldEvent| Some(event.seq).filter(|seq| seq % 3 == 0));
                let found: Vec<u64> = carried_on.follow(key, log.iter(), most, pick).copied().collect();
                let mut anew = Found::default();
                let expected: Vec<u64> = anew.follow(key, log.iter(), most, pick).copied().collect();
                assert_eq!(found, expected, "up to {seqs:?}");
                assert!(found.len() <= 4 && !found.is_empty());
            }
        }
    }
}
