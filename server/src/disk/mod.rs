//! The disk under the broker: the journal's files, and the threads that read and write them.

mod directory;
mod reader;
mod spare;
mod writer;

pub(crate) use directory::{Directory, read_journal, segments};
pub(crate) use spare::is_out_of_files;

use std::{io, sync::mpsc, thread};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use warren_core::{DiskAction, DiskResult, journal::DiskFailure};

use self::{reader::Reader, writer::Writer};
use crate::failure::Failure;

/// Two threads that do what the broker wants: one writes, in order, and one reads, because a read must not wait behind a
/// sync.
pub(crate) struct Disk {
    writer: mpsc::Sender<Order>,
    reader: mpsc::Sender<Order>,
    /// Nobody else uses the directory as long as this is open.
    _directory: Directory,
}

/// An operation and its number.
type Order = (u64, DiskAction);

/// How operations went.
pub(crate) type Answers = UnboundedReceiver<(u64, DiskResult)>;

impl Disk {
    /// Starts the threads. They end when the disk is dropped.
    /// `read_segments`: how many may be open to be read.
    pub(crate) fn start(directory: Directory, read_segments: usize) -> Result<(Disk, Answers), Failure> {
        let (answers, heard) = unbounded_channel();
        let writer = Writer::new(directory.path());
        let reader = Reader::new(directory.path(), read_segments);
        let disk = Disk {
            writer: spawn("journal-writer", answers.clone(), writer, Writer::carry_out)?,
            reader: spawn("journal-reader", answers, reader, Reader::carry_out)?,
            _directory: directory,
        };
        Ok((disk, heard))
    }

    /// Has an operation done.
    pub(crate) fn carry_out(&self, op: u64, action: DiskAction) {
        let to = match &action {
            DiskAction::Read { .. } => &self.reader,
            DiskAction::Delete { segment } => {
                // An open file would keep its space.
                let _ = self.reader.send((0, DiskAction::Delete { segment: *segment }));
                &self.writer
            }
            _ => &self.writer,
        };
        // A thread ends only with the process.
        let _ = to.send((op, action));
    }
}

/// Starts a thread that does its orders one after the other. An answer is due to each but those without a number.
fn spawn<T: Send + 'static>(
    name: &str,
    answers: UnboundedSender<(u64, DiskResult)>,
    mut worker: T,
    carry_out: impl Fn(&mut T, &DiskAction) -> io::Result<DiskResult> + Send + 'static,
) -> Result<mpsc::Sender<Order>, Failure> {
    let (orders, to_do) = mpsc::channel::<Order>();
    let work = move || {
        while let Ok((op, action)) = to_do.recv() {
            let result = carry_out(&mut worker, &action).unwrap_or_else(|error| failed(&error));
            if op != 0 && answers.send((op, result)).is_err() {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name(name.into()).spawn(work);
    thread.map_err(|error| Failure::system(format!("cannot start a thread for the journal: {error}")))?;
    Ok(orders)
}

fn failed(error: &io::Error) -> DiskResult {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    DiskResult::Failed(DiskFailure { full, text: error.to_string() })
}
