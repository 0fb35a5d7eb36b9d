//! Bytes as the files of a journal: recovery says what is damaged or starts a broker, and repair makes of anything a
//! journal that is whole.

use std::{collections::BTreeMap, convert::Infallible};

use warren_core::{
    Config, DiskAction, SegmentId, checksum,
    journal::{Lost, repair},
};
use warren_sim::Disk;

use super::machine::Machine;

type Files = BTreeMap<SegmentId, Vec<u8>>;

/// The version without a file of bounds: what its headers say is easily made right.
const VERSION: u32 = 1;

/// The first byte's lowest bit says whether headers and check sums are made right, so that what stands behind them is
/// reached, its second one whether the first file is that of the bounds. The rest is files, two bytes of length before each.
pub fn run(bytes: &[u8]) {
    let Some((&first, mut rest)) = bytes.split_first() else { return };
    let (is_sealed, has_bounds) = (first & 1 == 1, first & 2 == 2);
    let mut files = Files::new();
    let mut number = u32::from(!has_bounds);
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let (content, after) = behind.split_at(behind.len().min(u16::from_le_bytes(*length).into()));
        rest = after;
        let before = files.get(&SegmentId(number.saturating_sub(1))).map_or(0, Vec::len);
        let file = if is_sealed && number > 0 { sealed(number, before, content) } else { content.to_vec() };
        files.insert(SegmentId(number), file);
        number += 1;
    }
    recover(&files);
    check_repair(&files);
}

/// Starts a broker with the files, if they are a journal, and has it come to rest.
fn recover(files: &Files) {
    let config = Config { segment_bytes: 4 << 10, memory_budget_bytes: 2 << 10, ..Config::default() };
    if let Ok(mut machine) = Machine::with(config, disk_of(files)) {
        machine.connect();
        machine.finish();
        machine.check_at_rest();
    }
}

fn disk_of(files: &Files) -> Disk {
    let mut disk = Disk::default();
    for (&segment, file) in files {
        disk.carry_out(&DiskAction::Create { segment });
        disk.carry_out(&DiskAction::Write { segment, offset: 0, bytes: file.clone().into() });
        disk.carry_out(&DiskAction::Sync { segment });
    }
    disk
}

/// What has been repaired is whole.
fn check_repair(files: &Files) {
    let (once, _) = repaired(files);
    let (_, lost) = repaired(&once);
    assert_eq!(lost, [], "a repaired journal is damaged");
}

fn repaired(files: &Files) -> (Files, Vec<Lost>) {
    let names: Vec<SegmentId> = files.keys().copied().collect();
    let mut copy = Files::new();
    let read = |segment| Ok::<_, Infallible>(files.get(&segment).cloned().unwrap_or_default());
    let write = |segment, file: &[u8]| {
        copy.insert(segment, file.to_vec());
        Ok(())
    };
    let lost = match repair(&names, read, write) {
        Ok(lost) => lost,
        Err(never) => match never {},
    };
    (copy, lost)
}

/// A segment whose header and whose records have right check sums: of the bytes, one says how long each record is.
fn sealed(number: u32, before: usize, contents: &[u8]) -> Vec<u8> {
    let mut file = b"WarrenJ\n".to_vec();
    for field in [VERSION, number, before as u32] {
        file.extend(field.to_le_bytes());
    }
    file.extend(checksum::of(&file).to_le_bytes());
    let mut rest = contents;
    while let Some((&length, behind)) = rest.split_first() {
        let (content, after) = behind.split_at(behind.len().min(length.into()));
        rest = after;
        let length = (content.len() as u32).to_le_bytes();
        file.extend(length);
        file.extend(checksum::of(&[&length, content].concat()).to_le_bytes());
        file.extend(content);
    }
    file
}
