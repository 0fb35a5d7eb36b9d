//! All that a program has been told: a list that many worlds share, as far as it is the same.

use std::rc::Rc;

use super::Call;

/// So many calls are shared at a time.
const BLOCK: usize = 64;

/// A list that is only added to. A copy of it takes little memory: all but the latest calls are shared.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Full blocks of calls.
    blocks: Vec<Rc<Vec<Call>>>,
    /// Less than a block.
    latest: Vec<Call>,
}

impl Calls {
    /// Adds one.
    pub fn push(&mut self, call: Call) {
        self.latest.push(call);
        if self.latest.len() == BLOCK {
            self.blocks.push(Rc::new(std::mem::take(&mut self.latest)));
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.latest.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order, without the first few.
    pub fn after(&self, few: usize) -> impl Iterator<Item = &Call> {
        let (blocks, calls) = (few / BLOCK, few % BLOCK);
        let full = self.blocks.iter().skip(blocks).flat_map(|block| block.iter());
        full.chain(if blocks > self.blocks.len() { &[] } else { &self.latest[..] }).skip(calls)
    }

    /// Whether these begin with all of `earlier`.
    #[must_use]
    pub fn continue_after(&self, earlier: &Calls) -> bool {
        let is_same = |(one, other): (&Rc<Vec<Call>>, &Rc<Vec<Call>>)| Rc::ptr_eq(one, other) || one == other;
        let shared = earlier.blocks.len();
        self.len() >= earlier.len()
            && self.blocks.iter().zip(&earlier.blocks).all(is_same)
            && self.after(shared * BLOCK).take(earlier.latest.len()).eq(&earlier.latest)
    }
}

impl Eq for Calls {}

impl PartialEq for Calls {
    fn eq(&self, other: &Calls) -> bool {
        self.len() == other.len() && self.continue_after(other)
    }
}

#[cfg(test)]
mod tests {
    use warren_core::Instant;

    use super::{Call, Calls};
    use crate::script::Heard;

    fn calls(numbers: impl Iterator<Item = u32>) -> Calls {
        let mut calls = Calls::default();
        for number in numbers {
            calls.push(Call { at: Instant::ZERO, what: Heard::Timer(number) });
        }
        calls
    }

    #[test]
    fn one_list_continues_another_if_it_begins_with_all_of_it() {
        let long = calls(0..200);
        for length in [0, 1, 63, 64, 65, 128, 199, 200] {
            assert!(long.continue_after(&calls(0..length)), "{length}");
            assert_eq!(long.after(length as usize).count(), 200 - length as usize, "{length}");
            let other = calls((0..length).chain([1_000]));
            assert!(!long.continue_after(&other), "{length} and another");
        }
        assert!(!calls(0..100).continue_after(&long), "it is shorter");
        assert_eq!(long.after(130).next(), calls(130..131).after(0).next());
        let mut copy = long.clone();
        copy.push(Call { at: Instant::ZERO, what: Heard::Opened });
        assert!(copy.continue_after(&long) && !long.continue_after(&copy) && copy != long);
    }
}
