//! The broker's clock: what time it is, and a call when time has done something.

use std::{cell::RefCell, rc::Rc, time};

use tokio::{task::yield_now, time::timeout_at};
use warren_core::{Input, Instant, Now, WallTime};

use super::Owner;

/// Reads the machine's clocks.
pub(crate) struct Clock {
    start: time::Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Clock { start: time::Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        let us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let since_1970 = time::SystemTime::now().duration_since(time::UNIX_EPOCH).unwrap_or_default();
        let ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        Now { instant: Instant::from_micros(us), wall: WallTime::from_millis(ms) }
    }

    /// When the machine's clock will show `at`.
    pub(super) fn real(&self, at: Instant) -> tokio::time::Instant {
        (self.start + at.since(Instant::ZERO)).into()
    }
}

/// Calls the broker whenever its deadline has come, and as long as it has work; for ever.
pub(crate) async fn keep_time(owner: Rc<RefCell<Owner>>) {
    let sooner = owner.borrow().sooner();
    loop {
        if owner.borrow().has_work() {
            // Everyone else gets a turn before the next slice.
            owner.borrow_mut().handle(Input::Tick);
            yield_now().await;
            continue;
        }
        let deadline = owner.borrow_mut().set_timer();
        let Some(deadline) = deadline else {
            sooner.notified().await;
            continue;
        };
        if timeout_at(deadline, sooner.notified()).await.is_err() {
            owner.borrow_mut().handle(Input::Tick);
        }
    }
}
