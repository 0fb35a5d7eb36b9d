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

/// SIGTERM and SIGINT end the broker (Ctrl-C elsewhere). SIGHUP, which the end of a terminal sends, does not.
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
    /// A file, such as the log's, has reached a limit of its length: writing fails then, and that is enough.
    #[cfg(target_os = "linux")]
    _file_too_long: tokio::signal::unix::Signal,
}

#[cfg(target_os = "linux")]
const SIGXFSZ: i32 = 25;

#[cfg(unix)]
impl Signals {
    /// From now on these signals no longer kill the process.
    pub(crate) fn watch() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            #[cfg(target_os = "linux")]
            _file_too_long: signal(SignalKind::from_raw(SIGXFSZ))?,
        })
    }

    /// Waits for the next one that ends the broker.
    pub(crate) async fn next(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => {
                    tracing::info!("SIGHUP changes nothing: the configuration is read at the start only");
                }
            }
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
