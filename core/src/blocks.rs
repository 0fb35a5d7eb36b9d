//! A queue of elements in blocks of memory, none of which is large: a `VecDeque` that grows is copied to another place, and
//! when it goes all of its memory does at once, which takes long if it has very many elements.

use std::{
    collections::{VecDeque, vec_deque::IntoIter},
    iter::{Chain, Flatten},
};

/// So many elements are in a block.
const BLOCK: usize = 512;

/// Elements in the order in which they came.
#[derive(Clone)]
pub(crate) struct Blocks<T> {
    /// The first block: the only one of most queues, so that they cost no more than in one piece. Empty only if all is.
    first: VecDeque<T>,
    /// Those between the first and the last: none of them is empty.
    rest: VecDeque<VecDeque<T>>,
    /// What comes is put here, unless all is in the first one: then this is empty.
    last: VecDeque<T>,
    len: u64,
}

impl<T> Blocks<T> {
    pub(crate) const fn new() -> Self {
        Blocks { first: VecDeque::new(), rest: VecDeque::new(), last: VecDeque::new(), len: 0 }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn front(&self) -> Option<&T> {
        self.first.front()
    }

    #[inline]
    pub(crate) fn push_back(&mut self, element: T) {
        self.len += 1;
        let block = if self.last.is_empty() { &mut self.first } else { &mut self.last };
        if block.len() == BLOCK {
            return self.begin_block(element);
        }
        block.push_back(element);
    }

    #[cold]
    fn begin_block(&mut self, element: T) {
        let mut block = VecDeque::with_capacity(BLOCK);
        block.push_back(element);
        self.put_last(block);
    }

    fn put_last(&mut self, block: VecDeque<T>) {
        let before = std::mem::replace(&mut self.last, block);
        if !before.is_empty() {
            self.rest.push_back(before);
        }
    }

    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let element = self.first.pop_front()?;
        self.len -= 1;
        if self.first.is_empty() && !self.last.is_empty() {
            self.begin_next_block();
        }
        Some(element)
    }

    /// A queue of one block keeps that block's memory.
    #[cold]
    fn begin_next_block(&mut self) {
        self.first = self.rest.pop_front().unwrap_or_else(|| std::mem::take(&mut self.last));
    }

    /// Takes everything out of another one.
    pub(crate) fn append(&mut self, other: &mut Blocks<T>) {
        if self.is_empty() {
            return std::mem::swap(self, other);
        }
        let Blocks { first, mut rest, last, len } = std::mem::take(other);
        if len == 0 {
            return;
        }
        self.put_last(first);
        if !last.is_empty() {
            self.put_last(VecDeque::new());
            self.rest.append(&mut rest);
            self.last = last;
        }
        self.len += len;
    }

    /// Takes the first ones out.
    pub(crate) fn split_front(&mut self, count: u64) -> Blocks<T> {
        (0..count).map_while(|_| self.pop_front()).collect()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.first.iter().chain(self.rest.iter().flatten()).chain(&self.last)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().chain(self.rest.iter_mut().flatten()).chain(&mut self.last)
    }

    /// Those behind all of which `is_before` is true, in elements that are in order.
    pub(crate) fn behind_mut(&mut self, is_before: impl Fn(&T) -> bool) -> impl Iterator<Item = &mut T> {
        let in_first = self.first.partition_point(&is_before);
        let block = self.rest.partition_point(|block| block.back().is_some_and(&is_before));
        let at = self.rest.get(block).map_or(0, |block| block.partition_point(&is_before));
        let in_last = self.last.partition_point(is_before);
        let rest = self.rest.range_mut(block..).flatten().skip(at);
        self.first.range_mut(in_first..).chain(rest).chain(self.last.range_mut(in_last..))
    }

    /// Those from one to before another, counted from 0.
    pub(crate) fn range_mut(&mut self, from: u64, to: u64) -> impl Iterator<Item = &mut T> {
        let in_first = (from as usize).min(self.first.len());
        let (mut skipped, mut block) = (from as usize - in_first, 0);
        while let Some(next) = self.rest.get(block).filter(|block| block.len() <= skipped) {
            skipped -= next.len();
            block += 1;
        }
        let rest = self.rest.range_mut(block..).flatten().chain(&mut self.last).skip(skipped);
        self.first.range_mut(in_first..).chain(rest).take(to.saturating_sub(from) as usize)
    }
}

impl<T> IntoIterator for Blocks<T> {
    type Item = T;
    type IntoIter = Chain<Chain<IntoIter<T>, Flatten<IntoIter<VecDeque<T>>>>, IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.rest.into_iter().flatten()).chain(self.last)
    }
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Blocks::new()
    }
}

impl<T> Extend<T> for Blocks<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        elements.into_iter().for_each(|element| self.push_back(element));
    }
}

impl<T> FromIterator<T> for Blocks<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut blocks = Blocks::new();
        blocks.extend(elements);
        blocks
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{BLOCK, Blocks};

    #[test]
    fn it_is_what_a_queue_in_one_piece_is() {
        let (mut blocks, mut whole) = (Blocks::new(), VecDeque::new());
        let (mut next, mut state) = (0u32, 1u32);
        for _ in 0..200 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let few = state >> 22;
            for _ in 0..few {
                blocks.push_back(next);
                whole.push_back(next);
                next += 1;
            }
            for _ in 0..few.reverse_bits() >> 22 {
                assert_eq!(blocks.pop_front(), whole.pop_front());
            }
            if state & 1 << 20 == 0 {
                let mut front = blocks.split_front(u64::from(few / 2));
                front.append(&mut blocks);
                blocks = front;
            }
            let len = whole.len();
            assert_eq!((blocks.len(), blocks.is_empty()), (len as u64, len == 0));
            assert_eq!(blocks.front(), whole.front());
            assert!(blocks.iter().eq(&whole) && blocks.iter_mut().eq(&whole));
            for (from, to) in [(0, len), (len / 3, len / 2), (len / 2, len), (len, len)] {
                assert!(blocks.range_mut(from as u64, to as u64).eq(whole.range(from..to)));
                let first = whole.get(from).copied().unwrap_or(next);
                assert!(blocks.behind_mut(|found| *found < first).eq(whole.range(from..)));
            }
            let all = || blocks.rest.iter().chain([&blocks.first, &blocks.last]);
            assert!(all().all(|block| block.len() <= BLOCK && block.capacity() <= BLOCK));
            assert!(blocks.rest.iter().all(|block| !block.is_empty()));
            assert!(blocks.rest.is_empty() || !blocks.last.is_empty());
        }
        assert!(blocks.rest.len() > 9, "{} blocks", blocks.rest.len());
    }
}
