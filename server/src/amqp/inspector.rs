//! Questions about the broker from other threads, answered by its owner between two batches of bytes.

use std::{cell::RefCell, rc::Rc};

use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_local,
};
use warren_core::View;

use super::Owner;

/// Questions that may wait; further askers wait to ask.
const QUESTIONS: usize = 16;

type Question = Box<dyn FnOnce(View<'_>) + Send>;

/// Asks the owner. Clones ask the same broker.
#[derive(Clone)]
pub(crate) struct Inspector {
    questions: mpsc::Sender<Question>,
}

impl Inspector {
    /// Starts answering on the owner's thread, which must be this one.
    pub(crate) fn new(owner: Rc<RefCell<Owner>>) -> Self {
        let (questions, mut asked) = mpsc::channel::<Question>(QUESTIONS);
        spawn_local(async move {
            while let Some(question) = asked.recv().await {
                question(owner.borrow().view());
            }
        });
        Inspector { questions }
    }

    /// What `look` finds in the broker; None if the broker is gone. Meanwhile the broker does nothing else,
    /// so `look` only copies what it needs.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(View<'_>) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |view| {
            // The asker may have left.
            let _ = answer.send(look(view));
        });
        self.questions.send(question).await.ok()?;
        answered.await.ok()
    }
}
