//! A door at the port that the suites have written into them, behind which the broker is.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

const PORT: u16 = 5672;
/// How long answers take through the door. Some tests are a race that the client loses against a broker that answers
/// within 0.1 ms; docs/CLIENT-SUITES.md names them.
const DELAY: Duration = Duration::from_millis(1);

/// Forwards connections to `localhost`'s two addresses, for as long as this process lives; a broker that is
/// there itself needs no door.
pub(super) fn open(broker: SocketAddr) -> Result<()> {
    if broker.port() == PORT {
        return Ok(());
    }
    let here = TcpListener::bind(("127.0.0.1", PORT));
    let here =
        here.with_context(|| format!("port {PORT} is where the suites connect; what has it must go"))?;
    // Where there is no IPv6 the suites' own tests of it fail against every broker.
    let listeners = [Some(here), TcpListener::bind(("::1", PORT)).ok()];
    for listener in listeners.into_iter().flatten() {
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client whose broker is gone is closed by its drop.
                let _ = forward(client, broker);
            }
        });
    }
    Ok(())
}

fn forward(client: TcpStream, broker: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(broker)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (client_out, server_out) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || copy(client, server, Duration::ZERO));
    thread::spawn(move || copy(server_out, client_out, DELAY));
    Ok(())
}

/// What one side closes is closed to the other.
fn copy(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        thread::sleep(delay);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
