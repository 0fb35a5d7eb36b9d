//! What the journal leads to: a disk that is slower than who publishes, and work that is none of any client's.

use warren_core::{
    Command, Config, ConnectionId, Permissions, User,
    wire::{FieldTable, Method},
};

use crate::{
    client::{Rig, bind, declare, declare_durable, publish, publish_body, publish_persistent},
    is_fair, many,
};

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

/// A segment begins with the durable topology, and nobody waits for that to be put together.
#[test]
fn a_snapshot_of_many_queues_is_put_together_in_slices() {
    let mut rig = Rig::of_config(Config { segment_bytes: 1 << 20, ..Config::default() });
    let client = rig.client(1);
    let queue = |i| {
        let queue = format!("q{i}");
        [declare_durable(&queue, FieldTable::default()), bind(&queue, "amq.topic", &queue)].concat()
    };
    rig.send(client, &many((0..20_000).map(queue)));
    let mut rig = put_snapshot_together(rig, client, "q0");
    settle(&mut rig);
    assert_eq!(rig.totals().queues, 20_001);
}

/// Users and what they may do stand in it, too.
#[test]
fn a_snapshot_of_many_users_is_put_together_in_slices() {
    let mut rig = Rig::of_config(Config { segment_bytes: 1 << 20, ..Config::default() });
    let client = rig.client(1);
    rig.send(client, &declare_durable("q", FieldTable::default()));
    for i in 0..10_000 {
        let name = format!("user{i}");
        rig.admin(Command::Permit(Box::new(Permissions::all(&name, "/"))));
        let user = User { name, ..User::default() };
        rig.admin(Command::SetUser(Box::new(user)));
    }
    put_snapshot_together(rig, client, "q");
}

/// Publishes to a queue until a segment begins with a snapshot that takes many slices.
fn put_snapshot_together(mut rig: Rig, client: ConnectionId, queue: &str) -> Rig {
    settle(&mut rig);
    // As long as the segments before, and the snapshot that one of them may begin with.
    let (mut slices, mut rounds) = (0, 0);
    while slices < 10 {
        rounds += 1;
        assert!(rounds < 200, "{slices} slices at most");
        settle(&mut rig);
        (rig, slices) = is_fair(rig, |rig| rig.send(client, &publish_persistent("", queue).repeat(1_000)));
    }
    rig
}

/// Most of what old segments hold is of no use any more: what is moves to the end of the journal.
#[test]
fn messages_of_old_segments_are_moved_in_slices() {
    let mut rig = Rig::of_config(Config { segment_bytes: 4 << 20, ..Config::default() });
    let client = rig.client(1);
    rig.send(client, &["kept", "gone"].map(|queue| declare_durable(queue, FieldTable::default())).concat());
    let some = [publish_persistent("", "gone").repeat(3), publish_persistent("", "kept")].concat();
    for _ in 0..500 {
        rig.send(client, &some.repeat(100));
        settle(&mut rig);
    }
    let written = rig.written;
    let purge = Method::QueuePurge { ticket: 0, queue: "gone", nowait: true };
    let (mut rig, slices) = is_fair(rig, |rig| rig.say(client, &purge));
    // Of these it takes 22 to forget what is gone.
    assert!(slices > 24, "{slices} slices");
    settle(&mut rig);
    assert!(rig.written > written + 15_000 * 20, "{} bytes were written", rig.written - written);
    assert_eq!(rig.totals().ready, 50_001);
}

fn settle(rig: &mut Rig) {
    while rig.disk_answers() || rig.wait_ms(20).disk_answers() || rig.broker.has_work() {
        rig.finish();
    }
}
