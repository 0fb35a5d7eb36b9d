//! The real server for minutes or hours: clients of two libraries, confirms and transactions, over a network that cuts,
//! stalls and garbles; killed again and again. What was confirmed is there, nothing comes twice without saying so, memory
//! stays flat, and no socket is left when all clients are gone.
//!
//! `cargo xtask soak --server MINUTES`, or `WARREN_SOAK_MINUTES=60`; without it twenty seconds.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on says why, and a soak how it goes"
)]

#[path = "soak/clients.rs"]
mod clients;
#[path = "soak/known.rs"]
mod known;
#[path = "soak/process.rs"]
mod process;

use std::{
    env,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use warren_tests::{Faults, Proxy, Server};

use clients::Clients;
use known::Known;
use process::Process;

/// So many times the server is killed at work between two long lives.
const KILLS: u64 = 3;
/// So many times all clients come and go in a long life.
const ROUNDS: u32 = 4;
/// The second half of a life may need so much more memory than the first, in KiB: an allocator keeps what it has had.
const MARGIN_KIB: u64 = 32 << 10;

struct Soak {
    data: String,
    runtime: tokio::runtime::Runtime,
    known: Arc<Known>,
    faulty: Proxy,
    garbling: Proxy,
    /// The most memory of each long life, in KiB.
    peaks: Vec<u64>,
}

#[test]
fn a_server_at_work_for_long_keeps_its_promises() {
    let seconds = env::var("WARREN_SOAK_MINUTES")
        .ok()
        .and_then(|minutes| minutes.parse::<u64>().ok())
        .map_or(20, |minutes| minutes * 60);
    let round = Duration::from_secs((seconds / 12).clamp(3, 30));
    let (begin, length) = (Instant::now(), Duration::from_secs(seconds));
    let directory = tempfile::tempdir().expect("a directory");
    let mut soak = Soak::new(directory.path().to_str().expect("UTF-8"));
    let mut kills = 0;
    while begin.elapsed() < length {
        for _ in 0..KILLS {
            kills += 1;
            soak.killed_at_work(Duration::from_millis(1_000 + kills * 700 % 3_000));
        }
        soak.long_life(round);
        println!(
            "{:>5} s, {kills} kills: {}; {} connections cut or stalled, {} garbled; memory {:?} KiB",
            begin.elapsed().as_secs(),
            soak.known.report(),
            soak.faulty.faults(),
            soak.garbling.faults(),
            soak.peaks.last(),
        );
    }
    soak.check_at_the_end();
}

impl Soak {
    fn new(data: &str) -> Soak {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let nowhere = "127.0.0.1:1".parse().expect("an address");
        let faulty = runtime.block_on(Proxy::start(nowhere, Faults::CutsAndStalls, 1));
        let garbling = runtime.block_on(Proxy::start(nowhere, Faults::Garbles, 2));
        let (known, peaks) = (Arc::default(), Vec::new());
        Soak { data: data.to_owned(), runtime, known, faulty, garbling, peaks }
    }

    fn server(&self) -> Server {
        let server = Server::start_with(&["--data", &self.data, "--log", "error"]);
        self.faulty.lead_to(server.amqp);
        self.garbling.lead_to(server.amqp);
        self.runtime.block_on(clients::declare(server.amqp));
        server
    }

    fn clients(&self) -> Clients {
        Clients::start(&self.runtime, &self.known, self.faulty.address, self.garbling.address)
    }

    /// Nobody is connected any more.
    fn end(&self, clients: Clients) {
        clients.stop();
        self.faulty.cut_all();
        self.garbling.cut_all();
    }

    fn killed_at_work(&self, after: Duration) {
        let server = self.server();
        let clients = self.clients();
        sleep(after);
        drop(server);
        self.end(clients);
    }

    /// Clients come and go; it stops in order at the end.
    fn long_life(&mut self, round: Duration) {
        let server = self.server();
        let process = Process::of(&server);
        let sockets = process.sockets_at_rest();
        let mut peaks = Vec::new();
        for _ in 0..ROUNDS {
            let clients = self.clients();
            peaks.push(self.runtime.block_on(process.peak_memory_kib(round)));
            self.end(clients);
            let left = self.runtime.block_on(process.sockets_in_time(sockets));
            assert_eq!(left, sockets, "sockets are left when all clients are gone");
        }
        let (first, second) = peaks.split_at(peaks.len() / 2);
        let [first, second] = [first, second].map(|half| half.iter().max().copied().unwrap_or_default());
        assert!(second <= first + MARGIN_KIB, "memory grows: {peaks:?} KiB");
        self.peaks.push(first.max(second));
        server.stop();
    }

    fn check_at_the_end(self) {
        let (first, second) = self.peaks.split_at(self.peaks.len().div_ceil(2));
        let [first, second] = [first, second].map(|half| half.iter().max().copied().unwrap_or_default());
        assert!(second <= first + MARGIN_KIB, "memory grows from life to life: {:?} KiB", self.peaks);
        let server = self.server();
        let left = self.runtime.block_on(clients::take_all(server.amqp));
        self.known.check(&left);
        println!("{} are left, nothing is lost: {}", left.len(), self.known.report());
    }
}
