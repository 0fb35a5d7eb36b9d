//! New connections.

use std::{cell::RefCell, io, net::SocketAddr, rc::Rc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    task::spawn_local,
    time::sleep,
};

use super::{Owner, connection};
use crate::{
    admission::{Admission, Limits, Place},
    disk::is_out_of_files,
};

/// How long to leave new connections in the kernel's hands when there are no files for them.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Takes in clients; for ever.
pub(crate) async fn accept(owner: Rc<RefCell<Owner>>, listener: TcpListener, limits: Limits) {
    let admission = Admission::new(limits);
    let mut refused = 0_u64;
    loop {
        if admission.is_full() {
            tracing::warn!(
                connections = limits.open,
                "as many connections are open as there are files for: new ones wait; raise the limit (ulimit -n)"
            );
            admission.room().await;
        }
        match listener.accept().await {
            Ok((stream, peer)) => {
                if refused > 0 {
                    tracing::info!(attempts = refused, "accepting connections again");
                    refused = 0;
                }
                start(&owner, stream, peer, admission.admit(peer.ip()));
            }
            Err(error) if is_the_clients_affair(&error) => {}
            Err(error) => {
                if refused == 0 {
                    let advice = match is_out_of_files(&error) {
                        true => "; raise the limit of open files (ulimit -n)",
                        false => "",
                    };
                    tracing::error!(%error, "cannot accept more connections{advice}");
                }
                refused += 1;
                sleep(BACK_OFF).await;
            }
        }
    }
}

fn start(owner: &Rc<RefCell<Owner>>, stream: TcpStream, peer: SocketAddr, place: Place) {
    // Writes carry whole batches already: holding back the last one only adds latency.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "the client left before it was greeted");
        return;
    }
    spawn_local(connection::serve(owner.clone(), stream, peer, place));
}

fn is_the_clients_affair(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
