//! The server's process as the operating system sees it.

use std::{fs, path::PathBuf, time::Duration};

use tokio::time::{Instant, sleep};
use warren_tests::Server;

/// A client that is gone is noticed by its heartbeat at last.
const IN_TIME: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Process {
    folder: PathBuf,
}

impl Process {
    pub(crate) fn of(server: &Server) -> Process {
        Process { folder: format!("/proc/{}", server.pid()).into() }
    }

    fn sockets(&self) -> usize {
        let files = fs::read_dir(self.folder.join("fd")).expect("the server runs").flatten();
        let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// How many there are when the last client is gone that has set it up.
    pub(crate) fn sockets_at_rest(&self) -> usize {
        let mut known = self.sockets();
        for _ in 0..10 {
            std::thread::sleep(PAUSE);
            known = known.min(self.sockets());
        }
        known
    }

    /// How many there are as soon as they are no more than `wanted`, or after some time.
    pub(crate) async fn sockets_in_time(&self, wanted: usize) -> usize {
        let begin = Instant::now();
        loop {
            let sockets = self.sockets();
            if sockets <= wanted || begin.elapsed() > IN_TIME {
                return sockets;
            }
            sleep(PAUSE).await;
        }
    }

    /// The most memory that it has had in this time, in KiB.
    pub(crate) async fn peak_memory_kib(&self, time: Duration) -> u64 {
        let begin = Instant::now();
        let mut peak = 0;
        while begin.elapsed() < time {
            peak = peak.max(self.memory_kib());
            sleep(PAUSE).await;
        }
        peak
    }

    fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(self.folder.join("status")).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).expect("a number of KiB")
    }
}
