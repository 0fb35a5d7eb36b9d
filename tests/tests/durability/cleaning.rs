//! What is still of use in an old segment is moved when that is less than half of it, and the segment goes.

use warren_core::{
    Config, Input,
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
    for round in 1..4 {
        for ticks in (0..120).step_by(4) {
            let sliced = Config { work_per_input: 1, ..config() };
            let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
            let (client, busy) = (rig.connect(1), rig.connect(1));
            rig.declare(client, "q", FieldTable::default());
            (0..10).for_each(|i| rig.declare(client, &format!("other{i}"), FieldTable::default()));
            rig.declare(client, "busy", FieldTable::default());
            rig.fill(client, "q", 0..1, 20);
            finish(&mut rig);
            rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
            while !matches!(rig.hear_in_time(client), Some(Heard::Got { .. })) {}
            for _ in 0..round {
                fill_and_take(&mut rig, busy);
            }
            for _ in 0..ticks {
                rig.handle(Input::Tick);
                while rig.work() {}
            }
            rig.say(client, 1, &Method::BasicReject { delivery_tag: 1, requeue: true });
            for _ in 0..12 {
                fill_and_take(&mut rig, busy);
                finish(&mut rig);
            }
            assert!(rig.segments() < 8, "{} segments, {round} rounds and {ticks} ticks", rig.segments());
            assert_eq!(rig.take_all(client, "q"), [(0, true)]);
        }
    }
}

/// About as much as a segment holds, and none of it is of use.
fn fill_and_take(rig: &mut Rig, client: usize) {
    rig.fill(client, "busy", 0..20, 200);
    rig.take_all(client, "busy");
}

fn finish(rig: &mut Rig) {
    while rig.work() || rig.broker.has_work() {
        rig.handle(Input::Tick);
    }
}
