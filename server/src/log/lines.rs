//! Lines on their way to stderr: a bounded queue, and a thread that writes. Nobody else ever waits for stderr.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

use super::limit::{ABOUT_THE_LOG, Limit, grouped};

/// Lines that may wait for stderr; more are dropped, and counted.
const WAITING_LINES: usize = 1024;
/// How often the thread says what was left out.
const SECOND: Duration = Duration::from_secs(1);
/// How long to leave a stderr alone that is set to non-blocking and takes nothing.
const BACK_OFF: Duration = Duration::from_millis(10);

/// The queue's beginning.
pub(super) struct Lines {
    queue: SyncSender<Order>,
    dropped: Arc<AtomicU64>,
    limit: Arc<Limit>,
}

enum Order {
    Write(Vec<u8>),
    /// Answer when everything before is written.
    Answer(SyncSender<()>),
}

impl Lines {
    /// Starts the thread. It ends with the process.
    pub(super) fn start(limit: Arc<Limit>) -> Lines {
        let (queue, orders) = sync_channel(WAITING_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let mut writer = LineWriter {
            to: stderr(),
            is_torn: false,
            dropped: dropped.clone(),
            told: 0,
            works: true,
            error: None,
        };
        let limits = limit.clone();
        let work = move || writer.run(&orders, &limits);
        // Without a thread, the queue's other end is gone, and lines are counted as dropped.
        let _ = thread::Builder::new().name("log-writer".into()).spawn(work);
        Lines { queue, dropped, limit }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything is written, or the time is over.
    pub(super) fn finish(&self, patience: Duration) {
        self.limit.tell();
        let (answer, answered) = sync_channel(1);
        let give_up_at = Instant::now() + patience;
        let mut order = Order::Answer(answer);
        while let Err(TrySendError::Full(same)) = self.queue.try_send(order) {
            if Instant::now() >= give_up_at {
                return;
            }
            order = same;
            thread::sleep(BACK_OFF);
        }
        let _ = answered.recv_timeout(give_up_at.saturating_duration_since(Instant::now()));
    }
}

impl<'a> MakeWriter<'a> for &'static Lines {
    type Writer = LineSender<'a>;

    fn make_writer(&'a self) -> LineSender<'a> {
        LineSender(self)
    }
}

/// Takes one line at a `write`.
pub(super) struct LineSender<'a>(&'a Lines);

impl Write for LineSender<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.queue.try_send(Order::Write(line.to_vec())).is_err() {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The queue's end.
struct LineWriter {
    to: Box<dyn Write + Send>,
    /// A line was begun and could not be written to its end.
    is_torn: bool,
    dropped: Arc<AtomicU64>,
    /// How many dropped lines have been told of.
    told: u64,
    /// Whether the last line could be written.
    works: bool,
    /// Why a line could not be written.
    error: Option<io::Error>,
}

impl LineWriter {
    fn run(&mut self, orders: &Receiver<Order>, limit: &Limit) {
        let mut tell_at = Instant::now() + SECOND;
        loop {
            match orders.recv_timeout(tell_at.saturating_duration_since(Instant::now())) {
                Ok(Order::Write(line)) => self.write_or_drop(&line),
                Ok(Order::Answer(answer)) => drop(answer.send(())),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= tell_at {
                tell_at = Instant::now() + SECOND;
                limit.tell();
                self.tell_dropped();
            }
        }
    }

    fn write_or_drop(&mut self, line: &[u8]) {
        let written = self.write(line);
        self.works = written.is_ok();
        if let Err(error) = written {
            self.error = Some(error);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.write_all(b"\n")?;
        }
        self.write_all(line)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.to.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => {
                    rest = rest.get(written..).unwrap_or_default();
                    self.is_torn = !rest.is_empty();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(BACK_OFF),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Says how many lines were dropped, once stderr takes lines again.
    fn tell_dropped(&mut self) {
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped == self.told || !self.works {
            return;
        }
        let lines = grouped(dropped - self.told);
        let why = self.error.take().map_or("stderr is read too slowly".to_owned(), |error| error.to_string());
        tracing::warn!(target: ABOUT_THE_LOG, "{lines} log lines were dropped: {why}");
        self.told = dropped;
    }
}

/// Stderr without the lock of the standard library's, which whoever waits in a write would keep from all others.
#[cfg(unix)]
fn stderr() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd;
    match io::stderr().as_fd().try_clone_to_owned() {
        Ok(stderr) => Box::new(File::from(stderr)),
        Err(_) => Box::new(io::stderr()),
    }
}

#[cfg(not(unix))]
fn stderr() -> Box<dyn Write + Send> {
    Box::new(io::stderr())
}
