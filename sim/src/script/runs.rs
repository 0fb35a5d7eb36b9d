//! Programs that are kept running between their calls: what an [`Interpreter`](super::Interpreter) is made of.

use super::{Call, Reply, Script};

/// So many runs are kept, in whatever worlds they are: the one that was not called for the longest time goes first.
const MOST_KEPT: usize = 8;

/// A run of a program.
pub trait Run: Sized {
    /// A run that has not been told anything yet.
    fn begin(script: &Script) -> Self;

    /// Tells it something, and says what it does. What it does depends on the script's code and seed, and on all that it
    /// has been told, and on nothing else.
    fn call(&mut self, script: &Script, call: &Call) -> Reply;
}

/// Runs of programs, with what they have been told, the latest last.
#[derive(Debug)]
pub struct Runs<R> {
    kept: Vec<(Script, R)>,
}

impl<R> Default for Runs<R> {
    fn default() -> Self {
        Runs { kept: Vec::new() }
    }
}

impl<R: Run> Runs<R> {
    /// What a program does at the latest call of its script. A run that is not kept, or has gone another way, begins
    /// again, and is told everything.
    pub fn answer(&mut self, script: &Script) -> Reply {
        // The furthest of those that are on the way there.
        let on_the_way = self.kept.iter().enumerate().filter(|(_, (earlier, _))| {
            earlier.calls.len() < script.calls.len() && script.continues(earlier)
        });
        let nearest = on_the_way.max_by_key(|(_, (earlier, _))| earlier.calls.len()).map(|(index, _)| index);
        let (told, mut run) = match nearest.map(|index| self.kept.remove(index)) {
            Some((earlier, run)) => (earlier.calls.len(), run),
            None => (0, R::begin(script)),
        };
        let mut reply = Reply::default();
        for call in script.calls.after(told) {
            reply = run.call(script, call);
        }
        if self.kept.len() >= MOST_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((script.clone(), run));
        reply
    }
}
