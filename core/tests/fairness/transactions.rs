//! Long transactions.

use warren_core::{
    ConnectionId,
    wire::{FieldTable, Method},
};

use crate::{
    client::{Rig, consume, declare, publish},
    crowd, is_fair,
};

/// A client with 50,000 messages published and 50,000 deliveries acked in a transaction that is still open.
fn with_a_long_transaction() -> (Rig, ConnectionId) {
    let (mut rig, client) = crowd();
    rig.send(
        client,
        &[declare("from", FieldTable::default()), declare("to", FieldTable::default())].concat(),
    );
    rig.send(client, &publish("", "from").repeat(50_000));
    rig.send(client, &consume("from", "t"));
    rig.finish();
    rig.say(client, &Method::BasicCancel { consumer_tag: "t", nowait: true });
    rig.say(client, &Method::TxSelect {});
    rig.send(client, &publish("", "to").repeat(50_000));
    rig.say(client, &Method::BasicAck { delivery_tag: 0, multiple: true });
    rig.finish();
    rig.hear(client);
    assert_eq!((rig.totals().ready, rig.totals().unacked), (0, 50_000));
    (rig, client)
}

#[test]
fn a_long_transaction_is_committed_in_slices() {
    let (rig, client) = with_a_long_transaction();
    let (mut rig, slices) = is_fair(rig, |rig| {
        rig.say(client, &Method::TxCommit {});
        // What the client sends next waits.
        rig.say(client, &Method::BasicQos { prefetch_size: 0, prefetch_count: 1, global: false });
    });
    assert!(slices > 10, "{slices} slices");
    assert_eq!(rig.hear(client), ["tx.commit-ok", "basic.qos-ok"]);
    assert_eq!((rig.totals().ready, rig.totals().unacked), (50_001, 0));
}

#[test]
fn a_long_transaction_is_rolled_back_in_slices() {
    let close = Method::ChannelClose { reply_code: 0, reply_text: "", class_id: 0, method_id: 0 };
    for (last, answer, left) in
        [(Method::TxRollback {}, "tx.rollback-ok", (1, 50_000)), (close, "channel.close-ok", (50_001, 0))]
    {
        let (rig, client) = with_a_long_transaction();
        let (mut rig, slices) = is_fair(rig, |rig| rig.say(client, &last));
        assert!(slices > 10, "{slices} slices");
        assert_eq!(rig.hear(client), [answer]);
        assert_eq!((rig.totals().ready, rig.totals().unacked), left);
        assert!(rig.totals().message_bytes < 50_001 * 200, "{:?}", rig.totals());
    }
}

/// One transaction is committed after the other; neither keeps anybody else waiting.
#[test]
fn long_transactions_take_turns() {
    let (mut rig, client) = with_a_long_transaction();
    let second = rig.client(2);
    rig.say(second, &Method::TxSelect {});
    rig.send(second, &publish("", "to").repeat(10_000));
    rig.finish();
    rig.hear(second);
    let (mut rig, slices) = is_fair(rig, |rig| {
        rig.say(client, &Method::TxCommit {});
        rig.say(second, &Method::TxCommit {});
        // A client that is gone has committed all the same.
        rig.lose(second);
    });
    assert!(slices > 10, "{slices} slices");
    assert_eq!(rig.hear(client), ["tx.commit-ok"]);
    assert_eq!(rig.totals().ready, 60_001);
}
