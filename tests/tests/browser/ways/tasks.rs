//! What is to be done for the goal of each lesson, as its task says it.

/// Something that hands do.
pub(super) enum Deed {
    /// Pick a thing on the stage.
    Pick(&'static str),
    /// Press a button, or tick a box.
    Press(&'static str),
    /// Get ready to press a button: the keyboard takes its time to come there.
    Aim(&'static str),
    /// Wait until it holds.
    When(&'static str),
    /// Play it from its beginning.
    Restart,
    /// Write into a field over what is in it.
    Write(&'static str, &'static str),
    /// Choose from a list.
    Choose(&'static str, &'static str),
    /// Open the seldom fields, unless this one is seen already.
    More(&'static str),
}

use Deed::{Aim, Choose, More, Pick, Press, Restart, When, Write};

/// Each lesson with the answer that is right, from 1, and what its task asks for.
pub(super) const LESSONS: &[(&str, usize, &[Deed])] = &[
    ("confirms", 1, &[Pick("commits-1"), Write("field-transaction", "10")]),
    (
        "crash-with-ack",
        3,
        &[
            Aim("crash-worker-2"),
            Restart,
            When("warren.ledger().redelivered === 2"),
            Press("crash-worker-2"),
            When("at('actor-worker-2').classList.contains('down')"),
            Press("crash-worker-2"),
        ],
    ),
    (
        "crash-without-ack",
        2,
        &[
            Pick("worker-1"),
            Choose("field-ack", "after-work"),
            Pick("worker-2"),
            Choose("field-ack", "after-work"),
        ],
    ),
    ("direct", 2, &[Pick("logs"), Press("connect-everything")]),
    (
        "durable",
        3,
        &[
            Pick("disk"),
            Write("field-write", "50ms"),
            Write("field-sync", "50ms"),
            Pick("careless"),
            More("field-persistent"),
            Press("field-persistent"),
        ],
    ),
    ("expired", 2, &[Pick("worker"), Press("duplicate"), Press("duplicate")]),
    (
        "fair-dispatch",
        2,
        &[
            Aim("crash-worker-1"),
            Restart,
            When("warren.ledger().acked >= 3"),
            Press("crash-worker-1"),
            When("at('actor-worker-1').classList.contains('down')"),
            Press("crash-worker-1"),
        ],
    ),
    ("fanout", 2, &[Press("add-queue"), Pick("news"), Press("connect-queue")]),
    (
        "forgotten-ack",
        2,
        &[
            Aim("play"),
            Restart,
            When("warren.ledger().delivered >= 4"),
            // It takes a while to come to the message, and its worker goes at 10 s.
            Press("play"),
            Press("ledger-unacked"),
            Press("message-1"),
            Press("tool-ack"),
            Press("play"),
        ],
    ),
    (
        "headers",
        2,
        &[
            Pick("accounting"),
            Press("binding-0"),
            Write("field-arguments", "x-match = \"any\"\nkind = \"bill\"\nformat = \"pdf\""),
        ],
    ),
    (
        "hello",
        1,
        &[
            Aim("crash-consumer"),
            Restart,
            When("warren.ledger().delivered >= 1"),
            Press("crash-consumer"),
            When("warren.ledger().ready >= 2"),
            Press("crash-consumer"),
        ],
    ),
    ("priorities", 2, &[Pick("worker"), Write("field-prefetch", "0")]),
    (
        "protocols",
        3,
        &[
            Pick("shop"),
            Write("field-routing_key", "nobody"),
            More("field-mandatory"),
            Press("field-mandatory"),
        ],
    ),
    ("redeclare", 3, &[Pick("worker-2"), More("field-declares"), Write("field-declares", "")]),
    (
        "retry",
        3,
        &[
            Pick("waiting"),
            Write("field-arguments", "x-message-ttl = 1000\nx-dead-letter-exchange = \"work\""),
        ],
    ),
    ("rpc", 2, &[Pick("server-2"), Press("duplicate")]),
    (
        "single-active",
        3,
        &[
            Aim("crash-worker-2"),
            Restart,
            When("warren.now > 13.2 && !at('actor-worker-1').classList.contains('down')"),
            Press("crash-worker-2"),
        ],
    ),
    ("topic", 3, &[Pick("audit"), Press("binding-2"), Write("field-routing_key", "app.user.#")]),
    (
        "unfair-dispatch",
        3,
        &[Pick("worker-1"), Write("field-prefetch", "1"), Pick("worker-2"), Write("field-prefetch", "1")],
    ),
    ("work-queue", 2, &[Pick("worker-3"), Press("duplicate")]),
];
