//! Files of the journal that are missing, or that end too early: it is noticed, and the rest is saved.

use warren_core::{DiskAction, SegmentId, journal::Lost, wire::FieldTable};
use warren_sim::{Disk, Survival};

use crate::{
    faults::repair_all,
    rig::{Rig, config},
};

/// Ten messages to a segment, about, in several of them.
const MESSAGES: u32 = 100;

/// A journal of a broker that was killed. Of its first segments nothing is needed any more.
fn written() -> Disk {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "gone", FieldTable::default());
    rig.declare(client, "q", FieldTable::default());
    rig.settle();
    while rig.hear(client).is_some() {}
    rig.fill(client, "gone", 0..MESSAGES, 300);
    rig.settle();
    rig.take_all(client, "gone");
    for first in (0..MESSAGES).step_by(10) {
        rig.fill(client, "q", first..first + 10, 300);
        rig.settle();
    }
    rig.disk.after_crash(Survival::Nothing)
}

fn segments(disk: &Disk) -> Vec<(SegmentId, u64)> {
    disk.files().into_iter().filter(|(file, _)| *file != SegmentId::BOUNDS).collect()
}

fn without(disk: &Disk, segment: SegmentId) -> Disk {
    let mut disk = disk.clone();
    disk.carry_out(&DiskAction::Delete { segment });
    disk
}

fn damage(disk: &Disk) -> String {
    disk.recover(Rig::start()).err().expect("damage").to_string()
}

/// Opens what repair has made; returns the numbers of the messages in it.
fn saved(disk: Disk) -> Vec<u32> {
    let mut rig = Rig::new(config(), disk).expect("a journal without damage");
    let client = rig.connect(1);
    rig.declare(client, "new", FieldTable::default());
    rig.settle();
    while rig.hear(client).is_some() {}
    let numbers = rig.take_all(client, "q").into_iter().map(|(number, _)| number).collect();
    rig.fill(client, "new", 0..3, 10);
    rig.settle();
    assert_eq!(rig.take_all(client, "new").len(), 3);
    assert_eq!(rig.halted, None);
    numbers
}

#[test]
fn a_missing_segment_is_noticed_and_the_others_are_saved() {
    let disk = written();
    let all = segments(&disk);
    assert!(all.len() > 5 && all[0].0 > SegmentId(1), "{all:?}");
    let last = all.len() - 1;
    for (index, &(segment, _)) in all.iter().enumerate() {
        let disk = without(&disk, segment);
        let expected = match index {
            0 => "the file is missing, and the journal begins with it",
            index if index == last => "the file is missing, and it had been synced",
            _ => "the file is missing, though there are later ones",
        };
        assert_eq!(damage(&disk), format!("{}, byte 0: {expected}", segment.file_name()));
        let (repaired, lost) = repair_all(&disk);
        assert_eq!(lost, [Lost::Segments { first: segment, last: segment }]);
        let saved = saved(repaired);
        assert!(saved.is_sorted());
        // Every other segment has its messages: no segment has more than a few.
        assert!(saved.len() >= 80 && saved.len() < 100, "{} without {segment}", saved.len());
    }
}

#[test]
fn every_segment_but_one_may_be_missing() {
    let disk = written();
    let all = segments(&disk);
    let mut total = 0;
    for &(kept, _) in &all {
        let missing = all.iter().map(|(segment, _)| *segment).filter(|segment| *segment != kept);
        let disk = missing.clone().fold(disk.clone(), |disk, segment| without(&disk, segment));
        assert!(damage(&disk).contains("the file is missing"));
        let (repaired, lost) = repair_all(&disk);
        let (SegmentId(first), SegmentId(end)) = (all[0].0, all[all.len() - 1].0);
        let gaps = [(first, kept.0 - 1), (kept.0 + 1, end)].into_iter().filter(|(first, last)| first <= last);
        let gaps =
            gaps.map(|(first, last)| Lost::Segments { first: SegmentId(first), last: SegmentId(last) });
        assert_eq!(lost, gaps.collect::<Vec<Lost>>());
        total += saved(repaired).len();
    }
    assert_eq!(total, MESSAGES as usize);
}

/// The queues of its messages are in its snapshot, whatever stands before that.
#[test]
fn a_damaged_header_behind_a_missing_segment_takes_no_message() {
    let disk = written();
    let all = segments(&disk);
    for pair in all.windows(2) {
        let (missing, (damaged, _)) = (pair[0].0, pair[1]);
        let mut disk = without(&disk, missing);
        disk.carry_out(&DiskAction::Write { segment: damaged, offset: 0, bytes: vec![0xff; 4].into() });
        disk.carry_out(&DiskAction::Sync { segment: damaged });
        let saved = saved(repair_all(&disk).0);
        assert!(saved.len() >= 80, "{} without {missing}", saved.len());
    }
}

/// It costs no file for each number between.
#[test]
fn a_segment_with_a_number_far_away_is_told_of_and_harmless() {
    let mut disk = written();
    let (last, _) = segments(&disk).pop().expect("a segment");
    let (stray, count) = (SegmentId(999_999), disk.files().len());
    disk.carry_out(&DiskAction::Create { segment: stray });
    disk.carry_out(&DiskAction::Write { segment: stray, offset: 0, bytes: vec![7; 500].into() });
    disk.carry_out(&DiskAction::Sync { segment: stray });
    assert!(damage(&disk).contains("the file is missing, though there are later ones"));
    let (repaired, lost) = repair_all(&disk);
    assert_eq!(lost[0], Lost::Segments { first: SegmentId(last.0 + 1), last: SegmentId(stray.0 - 1) });
    assert_eq!(repaired.files().len(), count + 2);
    assert_eq!(saved(repaired), (0..MESSAGES).collect::<Vec<u32>>());
}

#[test]
fn a_synced_end_that_is_cut_off_is_noticed_at_every_byte() {
    let disk = written();
    let (last, bytes) = segments(&disk).pop().expect("a segment");
    let mut before = 0;
    for end in 0..bytes {
        let mut shorter = Disk::default();
        disk.save(|segment, bytes| {
            let end = if segment == last { end as usize } else { bytes.len() };
            shorter.carry_out(&DiskAction::Create { segment });
            shorter.carry_out(&DiskAction::Write { segment, offset: 0, bytes: bytes[..end].to_vec().into() });
            shorter.carry_out(&DiskAction::Sync { segment });
        });
        let expected = format!("the file ends here; it had been synced up to byte {bytes}");
        assert_eq!(damage(&shorter), format!("{}, byte {end}: {expected}", last.file_name()));
        if end % 50 != 0 {
            continue;
        }
        let (repaired, lost) = repair_all(&shorter);
        let end_is_missing = Lost::End { segment: last, offset: end, bytes: bytes - end };
        assert!(lost.contains(&end_is_missing), "{lost:?}");
        let saved = saved(repaired).len();
        assert!(saved >= before, "{saved} after {end} bytes, {before} before");
        before = saved;
    }
    assert!(before >= 95, "{before}");
}

#[test]
fn the_file_of_bounds_is_noticed_when_it_is_missing() {
    let disk = without(&written(), SegmentId::BOUNDS);
    assert_eq!(
        damage(&disk),
        "bounds, byte 0: the file is missing: without it nobody can tell whether others are"
    );
    let (repaired, lost) = repair_all(&disk);
    assert_eq!(lost, [Lost::Bounds]);
    assert_eq!(saved(repaired), (0..MESSAGES).collect::<Vec<u32>>());
}

#[test]
fn without_any_segment_it_is_noticed_that_there_were_some() {
    let disk = written();
    let nothing = segments(&disk).into_iter().fold(disk, |disk, (segment, _)| without(&disk, segment));
    assert!(damage(&nothing).contains("the file is missing, and it had been synced"));
    let (repaired, lost) = repair_all(&nothing);
    assert!(matches!(lost[..], [Lost::Segments { first, last }] if last.0 > first.0 + 5), "{lost:?}");
    assert_eq!(Rig::new(config(), repaired).map(|rig| rig.halted), Ok(None));
}

/// A crash may come before old segments are deleted; they are not needed, and go with the next start.
#[test]
fn segments_that_a_crash_has_left_are_deleted() {
    let disk = written();
    let oldest = segments(&disk)[0].0;
    let mut left = disk.clone();
    let segment = SegmentId(oldest.0 - 1);
    left.carry_out(&DiskAction::Create { segment });
    let mut rig = Rig::new(config(), left).expect("a journal without damage");
    rig.settle();
    assert!(segments(&rig.disk).iter().all(|(file, _)| *file >= oldest));
    let client = rig.connect(1);
    let found: Vec<u32> = rig.take_all(client, "q").iter().map(|(number, _)| *number).collect();
    assert_eq!(found, (0..MESSAGES).collect::<Vec<u32>>());
}
