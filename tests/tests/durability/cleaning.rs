//! What is still of use in an old segment is moved when that is less than half of it, and the segment goes.

use warren_core::wire::{FieldTable, Method};

use crate::rig::{Heard, start};

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
