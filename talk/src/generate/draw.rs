//! Drawing words.

use warren_core::Random;

/// The word once in `every` times.
pub(super) fn flag(random: &mut Random, every: u64, word: &str) -> String {
    if random.below(every) == 0 { word.into() } else { String::new() }
}

/// One of the words once in `every` times.
pub(super) fn some(random: &mut Random, every: u64, words: &[&str]) -> String {
    if random.below(every) == 0 { words.pick(random) } else { String::new() }
}

/// Drawing one of several.
pub(super) trait Pick {
    fn pick(&self, random: &mut Random) -> String;
}

impl<T: AsRef<str>> Pick for [T] {
    fn pick(&self, random: &mut Random) -> String {
        let index = random.below(self.len() as u64) as usize;
        self[index].as_ref().to_owned()
    }
}
