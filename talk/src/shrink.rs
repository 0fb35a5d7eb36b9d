//! Makes a conversation smaller as long as it still shows what it showed.

use crate::Conversation;

impl Conversation {
    /// The smallest conversation found for which `shows` holds, as it does for this one: without the steps, and then
    /// without the fields, that are not needed.
    #[must_use]
    pub fn shrunk(&self, mut shows: impl FnMut(&Conversation) -> bool) -> Conversation {
        let mut best = self.clone();
        loop {
            let before = best.clone();
            best = best.with_fewer_steps(&mut shows);
            for step in 0..best.steps.len() {
                best = best.with_fewer_fields(step, &mut shows);
            }
            // Without a field another step may not be needed any more.
            if best == before {
                return best;
            }
        }
    }

    fn with_fewer_steps(self, shows: &mut impl FnMut(&Conversation) -> bool) -> Conversation {
        let mut best = self;
        let mut size = best.steps.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < best.steps.len() {
                let mut smaller = best.clone();
                smaller.steps.drain(from..(from + size).min(best.steps.len()));
                if shows(&smaller) { best = smaller } else { from += size }
            }
            size /= 2;
        }
        best
    }

    fn with_fewer_fields(self, step: usize, shows: &mut impl FnMut(&Conversation) -> bool) -> Conversation {
        let mut best = self;
        let mut field = 3;
        while let Some(said) = best.steps.get(step).and_then(|step| without_word(&step.said, field)) {
            let mut smaller = best.clone();
            smaller.steps[step].said = said;
            if shows(&smaller) { best = smaller } else { field += 1 }
        }
        best
    }
}

/// `-> 1 method a=1 b={x=1, y=2}` without the word of this number, counted from `->`; braces keep words together.
fn without_word(said: &str, number: usize) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    let mut depth = 0;
    for word in said.split(' ') {
        match words.last_mut() {
            Some(last) if depth > 0 => *last += &format!(" {word}"),
            _ => words.push(word.to_owned()),
        }
        depth += word.matches(['{', '[']).count();
        depth = depth.saturating_sub(word.matches(['}', ']']).count());
    }
    (number < words.len()).then(|| {
        words.remove(number);
        words.join(" ")
    })
}
