//! The end of a run: signals, and a proper close of every connection.

use std::{cell::RefCell, io, rc::Rc, time::Duration};

use tokio::{sync::mpsc::UnboundedReceiver, time::sleep};
use warren_core::{Command, Input};

use crate::{
    amqp::{End, Owner},
    failure::Failure,
};

/// How long clients have to answer connection.close.
const PATIENCE: Duration = Duration::from_secs(5);

/// SIGTERM and SIGINT (Ctrl-C elsewhere).
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on these signals no longer kill the process.
    pub(crate) fn watch() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Ctrl-C is watched on demand here.
    pub(crate) fn watch() -> io::Result<Signals> {
        Ok(Signals {})
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Says 320 `CONNECTION_FORCED` to every client and waits until all have left, for [`PATIENCE`] at most; a
/// second signal ends the wait at once.
pub(crate) async fn close_connections(owner: &Rc<RefCell<Owner>>, signals: &mut Signals) {
    let streams = owner.borrow().streams();
    tracing::info!(connections = streams.open(), "closing every connection; a second signal exits at once");
    let reason = "broker forced connection closure with reason 'shutdown'".to_owned();
    owner.borrow_mut().handle(Input::Admin(Command::Shutdown { reason }));
    tokio::select! {
        () = streams.all_closed() => tracing::info!("every connection is closed"),
        () = sleep(PATIENCE) => tracing::warn!(connections = streams.open(), "some clients did not answer the close"),
        () = signals.next() => tracing::warn!(connections = streams.open(), "second signal: not waiting for clients"),
    }
}

/// Has the broker write down the last of everything, for [`PATIENCE`] at most; a second signal ends the wait at once.
pub(crate) async fn write_down(
    owner: &Rc<RefCell<Owner>>,
    ended: &mut UnboundedReceiver<End>,
    signals: &mut Signals,
) -> Result<(), Failure> {
    owner.borrow_mut().handle(Input::Admin(Command::Stop));
    tokio::select! {
        end = ended.recv() => match end {
            Some(End::Halted(reason)) => return Err(Failure::system(reason)),
            _ => tracing::info!("everything is written down"),
        },
        () = sleep(PATIENCE) => tracing::warn!("the disk does not answer; the next start finds what was confirmed"),
        () = signals.next() => tracing::warn!("second signal: not waiting for the disk"),
    }
    Ok(())
}
