//! What is still of use in an old segment is moved when that is less than half of it, and the segment goes.

use warren_core::{
    Config,
    wire::{FieldTable, Method},
};
use warren_sim::Disk;

use crate::rig::{Heard, Rig, config, start};

/// Messages of several lengths, so that an even number of them is in the segment, and an odd one.
#[test]
fn a_segment_of_which_less_than_half_is_of_use_goes() {
    for bytes in 150..170 {
        let (mut rig, client) = start();
        rig.declare(client, "q", FieldTable::default());
        rig.settle();
        let before = rig.segments();
        let mut count = 0;
        while rig.segments() == before {
            rig.fill(client, "q", count..count + 1, bytes);
            rig.settle();
            count += 1;
        }
        for _ in 0..count {
            rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
            while !matches!(rig.hear_in_time(client), Some(Heard::Got { .. })) {}
        }
        for delivery_tag in 1..=u64::from(count) * 2 / 3 {
            rig.say(client, 1, &Method::BasicAck { delivery_tag, multiple: false });
            rig.settle();
        }
        assert_eq!(rig.segments(), before, "{count} messages of {bytes} bytes");
    }
}

/// It is done in slices: a client has a message while its queue is looked through, and gives it back before clients are looked
/// at. Whenever that is, the message does not hold its segment, and all behind it, for ever.
#[test]
fn a_message_that_comes_back_while_its_segment_is_cleaned_is_moved() {
    for rounds in 1..4 {
        for ticks in 0..40 {
            let sliced = Config { work_per_input: 12, ..config() };
            let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
            let (client, busy) = (rig.connect(1), rig.connect(1));
            rig.declare(client, "q", FieldTable::default());
            // It takes a while to look through all of them.
            (0..30).for_each(|i| rig.declare(client, &format!("other{i}"), FieldTable::default()));
            rig.declare(client, "busy", FieldTable::default());
            rig.fill(client, "q", 0..1, 20);
            finish(&mut rig);
            rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
            while !matches!(rig.hear_in_time(client), Some(Heard::Got { .. })) {}
            for _ in 0..rounds {
                rig.fill(busy, "busy", 0..20, 200);
                rig.take_all(busy, "busy");
            }
            for _ in 0..ticks {
                rig.wait(5);
                while rig.work() {}
            }
            rig.say(client, 1, &Method::BasicReject { delivery_tag: 1, requeue: true });
            for _ in 0..12 {
                rig.fill_and_take(busy, "busy", 0..20, 200);
                finish(&mut rig);
            }
            let segments = rig.segments();
            assert!(segments < 8, "{segments} segments after {rounds} rounds and {ticks} ticks");
            while rig.hear(client).is_some() {}
            assert_eq!(rig.take_all(client, "q"), [(0, true)]);
        }
    }
}

fn finish(rig: &mut Rig) {
    while rig.work() || rig.broker.has_work() {
        rig.wait(5);
    }
    rig.settle();
}
