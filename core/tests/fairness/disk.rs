//! A disk that is slower than who publishes.

use warren_core::wire::{FieldTable, Method};

use crate::client::{Rig, declare, publish, publish_body};

const MIB: u64 = 1 << 20;

/// Transient messages beyond the memory's budget go to the disk, too, and who publishes them waits for it. The disk answers
/// only when nothing else goes on: so whoever is forgotten waits for ever.
#[test]
fn a_flood_waits_for_the_disk_and_who_publishes_little_does_not() {
    let mut rig = Rig::with_disk(MIB);
    let (flood, quiet) = (rig.client(1), rig.client(2));
    rig.send(flood, &declare("flood", FieldTable::default()));
    rig.send(quiet, &declare("quiet", FieldTable::default()));
    rig.say(quiet, &Method::ConfirmSelect { nowait: true });
    let batch = publish_body("", "flood", &[7; 4_000]).repeat(15);
    let (mut sent, mut waits) = (0, 0);
    while sent < 100 * MIB {
        if !rig.is_paused(flood) {
            rig.send(flood, &batch);
            sent += batch.len() as u64;
        } else if rig.broker.has_work() {
            rig.finish();
        } else {
            waits += 1;
            rig.send(quiet, &publish("", "quiet"));
            assert_eq!(rig.hear(quiet), ["basic.ack"], "after {sent} bytes of the flood");
            // What nobody waits for is written a little later.
            assert!(
                rig.disk_answers() || rig.wait_ms(100).disk_answers(),
                "the flood waits for nothing, after {sent} bytes"
            );
        }
        let bytes = rig.totals().message_bytes;
        assert!(bytes < 64 * MIB, "{bytes} bytes are in memory after {sent} of the flood");
    }
    while rig.disk_answers() || rig.wait_ms(100).disk_answers() || rig.broker.has_work() {
        rig.finish();
    }
    assert!(!rig.is_paused(flood), "the disk has written everything");
    assert_eq!(rig.totals().ready, sent / batch.len() as u64 * 15 + waits);
}
