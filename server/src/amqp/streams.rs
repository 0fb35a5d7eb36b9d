//! How many streams are open, and a bell for the moment when none is.

use std::{cell::Cell, rc::Rc};

use tokio::sync::Notify;

/// A count that clones share.
#[derive(Clone, Default)]
pub(crate) struct Streams {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    open: Cell<u64>,
    closed: Notify,
}

/// One open stream; dropped with it.
pub(super) struct OpenStream {
    shared: Rc<Shared>,
}

impl Streams {
    pub(super) fn open_one(&self) -> OpenStream {
        self.shared.open.set(self.shared.open.get() + 1);
        OpenStream { shared: self.shared.clone() }
    }

    /// Streams that are open now.
    pub(crate) fn open(&self) -> u64 {
        self.shared.open.get()
    }

    /// Waits until no stream is open.
    pub(crate) async fn all_closed(&self) {
        while self.open() > 0 {
            self.shared.closed.notified().await;
        }
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.shared.open.set(self.shared.open.get() - 1);
        self.shared.closed.notify_one();
    }
}
