//! A TCP proxy between clients and the server, with the faults of a bad network.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

/// Clients connect to `address`, and what they send goes on to the server.
pub struct Proxy {
    /// Where clients connect.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

/// What happens to connections, each of which draws a fault of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// Half of them are cut, or stand still for a while.
    CutsAndStalls,
    /// What goes either way is changed here and there.
    Garbles,
}

struct Shared {
    faults: Faults,
    server: Mutex<SocketAddr>,
    connections: Mutex<JoinSet<()>>,
    random: AtomicU64,
    /// How many connections have been cut, stalled or garbled.
    done: AtomicU64,
}

/// What happens to one direction of a connection after some bytes.
#[derive(Clone, Copy)]
enum Fault {
    None,
    /// The connection is closed, with what is on its way.
    Cut,
    /// Nothing goes on for so many ms.
    Stall(u64),
    /// One bit changes, and another one in as many bytes again.
    Garble,
}

impl Proxy {
    /// A proxy to this server. The same `seed` draws the same faults.
    ///
    /// # Panics
    /// If there is no port for it.
    pub async fn start(server: SocketAddr, faults: Faults, seed: u64) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            faults,
            server: Mutex::new(server),
            connections: Mutex::default(),
            random: AtomicU64::new(seed | 1),
            done: AtomicU64::new(0),
        });
        tokio::spawn(accept(listener, shared.clone()));
        Proxy { address, shared }
    }

    /// From now on connections go to another server.
    ///
    /// # Panics
    /// If a test has panicked.
    pub fn lead_to(&self, server: SocketAddr) {
        *self.shared.server.lock().expect("no panic") = server;
    }

    /// Closes all connections.
    ///
    /// # Panics
    /// If a test has panicked.
    pub fn cut_all(&self) {
        self.shared.connections.lock().expect("no panic").abort_all();
    }

    /// How many faults there have been.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.shared.done.load(Relaxed)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let task = forward(client, shared.clone());
        let mut connections = shared.connections.lock().expect("no panic");
        while connections.try_join_next().is_some() {}
        connections.spawn(task);
    }
}

async fn forward(client: TcpStream, shared: Arc<Shared>) {
    let address = *shared.server.lock().expect("no panic");
    let Ok(server) = TcpStream::connect(address).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // The end of either is the end of both.
    tokio::select! {
        () = pump(from_client, to_server, &shared) => {}
        () = pump(from_server, to_client, &shared) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared) {
    let (mut fault, mut after) = shared.draw();
    let mut bytes = vec![0; 16 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut bytes).await else { return };
        let mut start = 0;
        if after < count {
            shared.done.fetch_add(u64::from(!matches!(fault, Fault::None)), Relaxed);
            match fault {
                Fault::None => {}
                Fault::Cut => {
                    let _ = to.write_all(&bytes[..after]).await;
                    return;
                }
                Fault::Stall(ms) => {
                    if to.write_all(&bytes[..after]).await.is_err() {
                        return;
                    }
                    start = after;
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                Fault::Garble => bytes[after] ^= 1 << (after % 8),
            }
            (fault, after) = shared.draw();
        } else {
            after -= count;
        }
        if to.write_all(&bytes[start..count]).await.is_err() {
            return;
        }
    }
}

impl Shared {
    /// The next fault, and how many bytes pass before.
    fn draw(&self) -> (Fault, usize) {
        let (kind, bytes) = (self.next(8), 500 + self.next(100_000) as usize);
        let fault = match (self.faults, kind) {
            (Faults::Garbles, _) => Fault::Garble,
            (Faults::CutsAndStalls, 0 | 1) => Fault::Cut,
            (Faults::CutsAndStalls, 2) => Fault::Stall(self.next(300)),
            // Longer than a heartbeat allows.
            (Faults::CutsAndStalls, 3) => Fault::Stall(self.next(6_000)),
            (Faults::CutsAndStalls, _) => Fault::None,
        };
        (fault, bytes)
    }

    /// The next number below `limit` (splitmix64).
    fn next(&self, limit: u64) -> u64 {
        let state = self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
