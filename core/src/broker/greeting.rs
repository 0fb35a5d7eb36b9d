//! The protocol header, and connection.start in answer to it (AMQP 0-9-1, section 4.2.2).
//!
//! Clients of AMQP 0-9 get what clients of 0-9-1 get. Those of 0-8 are served as RabbitMQ 3 serves them.

use super::{Broker, connection::CHANNEL_0};
use crate::{
    Config, ConnectionId,
    session::{Phase, mechanisms},
    wire::{Dialect, FieldTable, FieldValue, Method, PROTOCOL_HEADER},
};

/// A version that a client may ask for.
struct Version {
    header: [u8; 8],
    dialect: Dialect,
    major: u8,
    minor: u8,
}

/// The early clients wrote two headers for AMQP 0-8; the second was meant for 0-9.
const VERSIONS: [Version; 4] = [
    Version { header: PROTOCOL_HEADER, dialect: Dialect::V0_9_1, major: 0, minor: 9 },
    Version { header: *b"AMQP\x01\x01\x00\x09", dialect: Dialect::V0_9_1, major: 0, minor: 9 },
    Version { header: *b"AMQP\x01\x01\x08\x00", dialect: Dialect::V0_8, major: 8, minor: 0 },
    Version { header: *b"AMQP\x01\x01\x09\x01", dialect: Dialect::V0_8, major: 8, minor: 0 },
];

impl Broker {
    /// The header's eight bytes have come: greets the client, or tells it which header would be right.
    pub(super) fn greet(&mut self, connection: ConnectionId, header: [u8; 8]) {
        match VERSIONS.iter().find(|version| version.header == header) {
            Some(version) => self.start(connection, version),
            None => self.refuse_header(connection, header),
        }
    }

    fn start(&mut self, connection: ConnectionId, version: &Version) {
        if let Some(session) = self.sessions.get_mut(&connection) {
            session.dialect = version.dialect;
        }
        self.enter(connection, Phase::Starting);
        let start = Method::ConnectionStart {
            version_major: version.major,
            version_minor: version.minor,
            server_properties: server_properties(&self.config, version.dialect),
            mechanisms: mechanisms(version.dialect, self.config.behaviours()).as_bytes(),
            locales: b"en_US",
        };
        self.send(connection, CHANNEL_0, &start);
    }

    fn refuse_header(&mut self, connection: ConnectionId, header: [u8; 8]) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.out.extend_from_slice(&PROTOCOL_HEADER);
        let reason = advice(header);
        self.turned_away(connection, None, &reason);
        self.hang_up(connection, &reason);
    }
}

/// What an operator is told of a header that nobody serves.
fn advice(header: [u8; 8]) -> String {
    const SERVED: &str = "Warren serves AMQP 0-9-1, 0-9 and 0-8";
    match header {
        [b'A', b'M', b'Q', b'P', 1, 1, 0, 10] => {
            format!(
                "the client speaks AMQP 0-10; {SERVED}: configure the client for 0-9-1, or use one that has it"
            )
        }
        [b'A', b'M', b'Q', b'P', _, 1, 0, 0] => {
            format!(
                "the client speaks AMQP 1.0; {SERVED}: use a client for AMQP 0-9-1, which RabbitMQ's own are"
            )
        }
        [b'A', b'M', b'Q', b'P', a, b, c, d] => {
            format!("the client speaks an unknown AMQP ({a} {b} {c} {d}); {SERVED}")
        }
        [b'G' | b'P' | b'H', b'E' | b'O' | b'U', ..] => {
            "the client speaks HTTP; the page and the HTTP API have a port of their own".into()
        }
        [0x16, 3, _, _, _, 1, _, _] => "the client speaks TLS, and this port does not".into(),
        _ => format!("the client does not speak AMQP; {SERVED}"),
    }
}

/// What connection.start says of the broker. Clients decide by the version what it can do, so that is the version of RabbitMQ
/// that it behaves like. Clients of AMQP 0-8 know no capabilities.
fn server_properties(config: &Config, dialect: Dialect) -> FieldTable {
    const CAPABILITIES: [&str; 9] = [
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "consumer_priorities",
        "authentication_failure_close",
        "per_consumer_qos",
        "direct_reply_to",
    ];
    let capabilities = match dialect {
        Dialect::V0_9_1 => FieldTable::from(CAPABILITIES.map(|name| (name, FieldValue::Bool(true)))),
        Dialect::V0_8 => FieldTable::default(),
    };
    let text = |text: &str| FieldValue::LongStr(text.into());
    FieldTable::from([
        ("capabilities", FieldValue::Table(capabilities)),
        ("product", text(&config.product)),
        ("version", text(config.compat.full_version())),
        ("warren_version", text(env!("CARGO_PKG_VERSION"))),
        ("platform", text("Rust")),
        ("information", text("An AMQP broker that you can see, stop, crash and rewind")),
    ])
}
