//! What is told of commits is true of the disk.

use warren_core::{Config, Fact, wire::FieldTable};
use warren_sim::{Disk, Survival};

use crate::rig::{Rig, config};

/// A commit that goes to several segments, each of which is written and synced for itself, is told as written, and as synced,
/// when all of it is.
#[test]
fn a_commit_in_several_segments_is_told_as_synced_when_all_of_it_is() {
    let watched = Config { watched: true, ..config() };
    let mut rig = Rig::new(watched, Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "q", FieldTable::default());
    rig.settle();
    rig.facts.clear();
    // The first of them is on its way to the disk while all others collect for the next commit.
    rig.fill(client, "q", 0..100, 100);
    let (mut recorded, mut told) = (Vec::new(), Vec::new());
    while !rig.facts.is_empty() || rig.work() {
        for fact in std::mem::take(&mut rig.facts) {
            let (commit, survival) = match fact {
                Fact::Recorded { commit, .. } => {
                    recorded.push(commit);
                    continue;
                }
                Fact::Written { commit } => (commit, Survival::Everything),
                Fact::Synced { commit } => (commit, Survival::Nothing),
                _ => continue,
            };
            told.push(commit);
            let left = Rig::new(config(), rig.disk.after_crash(survival)).expect("no damage");
            let found = left.broker.view().totals().ready;
            let expected = recorded.iter().filter(|&&of| of <= commit).count() as u64;
            assert!(
                found >= expected,
                "{found} of {expected} messages are left of commit {commit}: {survival:?}"
            );
        }
    }
    let (first, last) = (recorded[0], recorded[99]);
    assert_eq!((last, told), (first + 1, vec![first, first, last, last]));
    assert!(rig.segments() > 3, "{} files", rig.segments());
}
