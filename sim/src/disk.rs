//! A disk that can crash: what is written is in a cache until it is synced.

use warren_core::{
    DiskAction, DiskResult, Now, Recovered, Recovery, SegmentId,
    journal::{Damage, DiskFailure},
    ordered::OrdMap,
};

/// Files as the running system sees them, and as a crash would leave them.
#[derive(Clone, Default)]
pub struct Disk {
    live: OrdMap<SegmentId, Vec<u8>>,
    durable: OrdMap<SegmentId, Vec<u8>>,
    /// Writes since the sync of their file, in order.
    unsynced: Vec<Unsynced>,
    /// Bytes that all files may have together.
    capacity: Option<u64>,
    /// It says that it has synced, and has not.
    lies: bool,
}

#[derive(Clone)]
struct Unsynced {
    segment: SegmentId,
    offset: u64,
    bytes: Vec<u8>,
}

/// What a crash leaves of the writes that were not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Survival {
    /// Nothing.
    Nothing,
    /// All of them; a broker that is killed leaves them so.
    Everything,
    /// Of each write as a bit says, the first one the lowest; one of them, counted from 0, only up to so many bytes.
    Some {
        /// One bit for each write.
        kept: u64,
        /// Which one is torn.
        torn: u64,
        /// How many bytes of it are there.
        at: u64,
    },
}

impl Disk {
    /// Does what the broker wants.
    pub fn carry_out(&mut self, action: &DiskAction) -> DiskResult {
        match action {
            DiskAction::Create { segment } => {
                self.live.insert(*segment, Vec::new());
                self.durable.insert(*segment, Vec::new());
            }
            DiskAction::Write { segment, offset, bytes } => {
                let length = self.live.get(segment).map_or(0, |file| file.len() as u64);
                let more = (offset + bytes.len() as u64).saturating_sub(length);
                if more > 0 && self.capacity.is_some_and(|capacity| self.bytes() + more > capacity) {
                    let text = "No space left on device".to_owned();
                    return DiskResult::Failed(DiskFailure { full: true, text });
                }
                let unsynced = Unsynced { segment: *segment, offset: *offset, bytes: bytes.to_vec() };
                unsynced.apply(&mut self.live, bytes.len());
                self.unsynced.push(unsynced);
            }
            DiskAction::Sync { segment } => self.sync(*segment),
            DiskAction::Read { segment, offset, bytes } => return self.read(*segment, *offset, *bytes),
            DiskAction::Delete { segment } => {
                self.live.remove(segment);
                self.unsynced.retain(|write| write.segment != *segment);
                self.durable.remove(segment);
            }
        }
        DiskResult::Done
    }

    /// The disk as it is found after a crash now. After the end of the process alone, what was not synced is there, and a
    /// power cut later may still take it.
    #[must_use]
    pub fn after_crash(&self, survival: Survival) -> Disk {
        if survival == Survival::Everything {
            return Disk { lies: false, ..self.clone() };
        }
        let mut files = self.durable.clone();
        for (index, write) in self.unsynced.iter().enumerate() {
            let index = index as u64;
            let whole = write.bytes.len();
            let bytes = match survival {
                Survival::Nothing => 0,
                Survival::Everything => whole,
                Survival::Some { torn, at, .. } if torn == index => whole.min(at as usize),
                Survival::Some { kept, .. } => whole * usize::from(kept >> index.min(63) & 1 == 1),
            };
            if bytes > 0 {
                write.apply(&mut files, bytes);
            }
        }
        Disk { live: files.clone(), durable: files, capacity: self.capacity, ..Disk::default() }
    }

    /// The lengths of the writes that a crash may take, in bytes.
    #[must_use]
    pub fn unsynced(&self) -> Vec<u64> {
        self.unsynced.iter().map(|write| write.bytes.len() as u64).collect()
    }

    /// Reads the journal as a broker does that starts.
    ///
    /// # Errors
    /// Damage.
    pub fn recover(&self, now: Now) -> Result<Recovered, Damage> {
        let files = self.live.iter().map(|(&segment, bytes)| (segment, bytes.len() as u64));
        let mut recovery = Recovery::new(now, files.collect());
        recovery.name_messages();
        while let Some(wanted) = recovery.wants() {
            match self.read(wanted.segment, wanted.offset, wanted.bytes) {
                DiskResult::Read(bytes) => recovery.read(&bytes),
                _ => recovery.read(&[]),
            }
        }
        recovery.finish()
    }

    /// Bytes in all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.live.values().map(|file| file.len() as u64).sum()
    }

    /// Every file and its length, in bytes.
    #[must_use]
    pub fn files(&self) -> Vec<(SegmentId, u64)> {
        self.live.iter().map(|(&segment, bytes)| (segment, bytes.len() as u64)).collect()
    }

    /// Hands out every file.
    pub fn save(&self, mut to: impl FnMut(SegmentId, &[u8])) {
        self.live.iter().for_each(|(segment, bytes)| to(*segment, bytes));
    }

    /// Lets it hold so many bytes, or any number.
    pub fn set_capacity(&mut self, bytes: Option<u64>) {
        self.capacity = bytes;
    }

    /// From now on it says that it has synced, and does not.
    pub fn lie(&mut self) {
        self.lies = true;
    }

    /// Turns one bit of a file around, for good.
    pub fn flip(&mut self, segment: SegmentId, bit: u64) {
        for files in [&mut self.live, &mut self.durable] {
            let byte = files.get_mut(&segment).and_then(|file| file.get_mut((bit / 8) as usize));
            if let Some(byte) = byte {
                *byte ^= 1 << (bit % 8);
            }
        }
    }

    fn sync(&mut self, segment: SegmentId) {
        if self.lies {
            return;
        }
        for write in self.unsynced.extract_if(.., |write| write.segment == segment) {
            write.apply(&mut self.durable, write.bytes.len());
        }
    }

    fn read(&self, segment: SegmentId, offset: u64, bytes: u32) -> DiskResult {
        let start = offset as usize;
        let found = self.live.get(&segment).and_then(|file| file.get(start..start + bytes as usize));
        match found {
            Some(bytes) => DiskResult::Read(bytes.to_vec()),
            None => {
                let text = "No such file, or not as long".to_owned();
                DiskResult::Failed(DiskFailure { full: false, text })
            }
        }
    }
}

impl Unsynced {
    /// Writes the first `count` bytes of it.
    fn apply(&self, files: &mut OrdMap<SegmentId, Vec<u8>>, count: usize) {
        let Some(file) = files.get_mut(&self.segment) else { return };
        let start = self.offset as usize;
        if file.len() < start + count {
            file.resize(start + count, 0);
        }
        file[start..start + count].copy_from_slice(&self.bytes[..count]);
    }
}
