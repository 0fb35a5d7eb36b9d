//! Bytes as what a client sends, before or after its login. Whatever they are, another client is served.

use warren_core::{Config, wire::Method};

use super::machine::{Machine, opened};

/// The first byte says whether the client has logged in (its lowest bit) and where the bytes are cut.
pub fn run(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let config = Config { work_per_input: 200, memory_limit_bytes: 1 << 20, ..Config::default() };
    let mut machine = Machine::new(config);
    let other = machine.connect();
    machine.finish();
    machine.hear(other);

    let client = machine.accept();
    if first & 1 == 1 {
        machine.bytes(client, &opened());
    }
    for piece in bytes.chunks(usize::from(first >> 1).max(1)) {
        machine.bytes(client, piece);
    }
    machine.finish();

    let mut question = Vec::new();
    Method::ChannelOpen { out_of_band: "" }.encode(3, &mut question);
    machine.bytes(other, &question);
    machine.finish();
    assert!(machine.hear(other).iter().any(|heard| heard == "channel.open-ok"), "another client waits");
    machine.check_at_rest();
}
