//! Bytes as what clients, disk, clock and power do, one after another: the broker never halts, comes to rest, keeps count,
//! and starts again after every power cut.

use arbitrary::{Arbitrary, Unstructured};
use warren_core::{
    Config, ConnectionId,
    wire::{FieldTable, FieldValue, Method, Properties, ShortStr},
};
use warren_sim::Survival;

use super::machine::{Machine, content};

/// More say nothing new.
const MOST_ACTIONS: u32 = 400;
/// How many names of queues, of exchanges and of consumers there are.
const NAMES: u8 = 5;

#[derive(Arbitrary, Debug)]
enum Action {
    Connect,
    Lose(u8),
    Say { client: u8, second_channel: bool, what: Saying },
    Wait { ms: u16 },
    Tick,
    Disk { operations: u8 },
    Crash { kept: u64, torn: u8, at: u16 },
}

#[derive(Arbitrary, Debug)]
enum Saying {
    OpenChannel,
    CloseChannel,
    Declare {
        queue: u8,
        durable: bool,
        exclusive: bool,
        auto_delete: bool,
        arguments: u32,
    },
    DeclareExchange {
        exchange: u8,
        kind: u8,
        durable: bool,
        alternate: Option<u8>,
    },
    Bind {
        queue: u8,
        exchange: u8,
        key: u8,
    },
    BindExchange {
        destination: u8,
        source: u8,
        key: u8,
    },
    Unbind {
        queue: u8,
        exchange: u8,
        key: u8,
    },
    Publish {
        exchange: u8,
        key: u8,
        mandatory: bool,
        persistent: bool,
        lifetime: Option<u8>,
        size: u16,
        times: u8,
    },
    Consume {
        queue: u8,
        tag: u8,
        no_ack: bool,
        exclusive: bool,
    },
    Cancel {
        tag: u8,
    },
    Get {
        queue: u8,
        no_ack: bool,
    },
    Ack {
        tag: u8,
        multiple: bool,
    },
    Nack {
        tag: u8,
        multiple: bool,
        requeue: bool,
    },
    Reject {
        tag: u8,
        requeue: bool,
    },
    Recover,
    Prefetch {
        count: u8,
        global: bool,
    },
    ConfirmSelect,
    TxSelect,
    TxCommit,
    TxRollback,
    Purge {
        queue: u8,
    },
    Delete {
        queue: u8,
        if_unused: bool,
        if_empty: bool,
    },
    DeleteExchange {
        exchange: u8,
        if_unused: bool,
    },
}

/// The first byte chooses how much work an input may lead to; the rest is actions.
pub fn run(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let config = Config {
        work_per_input: [1, 10, 100, 20_000][usize::from(first % 4)],
        segment_bytes: 4 << 10,
        disk_backlog_bytes: 2 << 10,
        memory_budget_bytes: 2 << 10,
        memory_limit_bytes: 256 << 10,
        send_window_bytes: 16 << 10,
        consumer_timeout_ms: 30_000,
        heartbeat_s: 0,
        ..Config::default()
    };
    let mut machine = Machine::new(config);
    let mut clients = vec![machine.connect()];
    let mut rest = Unstructured::new(bytes);
    for _ in 0..MOST_ACTIONS {
        if rest.is_empty() {
            break;
        }
        let Ok(action) = Action::arbitrary(&mut rest) else { break };
        act(&mut machine, &mut clients, &action);
    }
    machine.finish();
    machine.check_at_rest();
    // What is stored is found again, and what was not is missed by nobody.
    machine.crash(Survival::Nothing);
    machine.finish();
    machine.check_at_rest();
}

fn act(machine: &mut Machine, clients: &mut Vec<ConnectionId>, action: &Action) {
    match *action {
        Action::Connect if clients.len() < 4 => clients.push(machine.connect()),
        Action::Connect | Action::Tick => machine.wait_ms(0),
        Action::Lose(client) => {
            if let Some(client) = pick(clients, client) {
                clients.retain(|open| *open != client);
                machine.lose(client);
            }
        }
        Action::Say { client, second_channel, ref what } => {
            if let Some(client) = pick(clients, client) {
                machine.bytes(client, &said(1 + u16::from(second_channel), what));
            }
        }
        Action::Wait { ms } => machine.wait_ms(u64::from(ms)),
        Action::Disk { operations } => {
            for _ in 0..operations {
                machine.work();
            }
        }
        Action::Crash { kept, torn, at } => {
            machine.crash(Survival::Some { kept, torn: torn.into(), at: at.into() });
            *clients = vec![machine.connect()];
        }
    }
}

fn pick(clients: &[ConnectionId], number: u8) -> Option<ConnectionId> {
    clients.get(usize::from(number).checked_rem(clients.len())?).copied()
}

fn said(channel: u16, what: &Saying) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (queue, exchange, key, tag);
    let (ticket, nowait, arguments) = (0, false, FieldTable::default());
    let method = match *what {
        Saying::OpenChannel => Method::ChannelOpen { out_of_band: "" },
        Saying::CloseChannel => {
            Method::ChannelClose { reply_code: 200, reply_text: "", class_id: 0, method_id: 0 }
        }
        Saying::Declare { queue: name, durable, exclusive, auto_delete, arguments } => {
            queue = queue_name(name);
            let arguments = queue_arguments(arguments);
            let (queue, passive) = (&*queue, false);
            Method::QueueDeclare {
                ticket,
                queue,
                passive,
                durable,
                exclusive,
                auto_delete,
                nowait,
                arguments,
            }
        }
        Saying::DeclareExchange { exchange: name, kind, durable, alternate } => {
            exchange = exchange_name(name);
            let mut arguments = FieldTable::default();
            if let Some(alternate) = alternate {
                arguments.insert("alternate-exchange", FieldValue::LongStr(exchange_name(alternate).into()));
            }
            arguments.insert("x-delayed-type", FieldValue::LongStr("topic".into()));
            let (exchange, kind) = (&*exchange, KINDS[usize::from(kind) % KINDS.len()]);
            let (passive, auto_delete, internal) = (false, false, false);
            Method::ExchangeDeclare {
                ticket,
                exchange,
                kind,
                passive,
                durable,
                auto_delete,
                internal,
                nowait,
                arguments,
            }
        }
        Saying::Bind { queue: q, exchange: e, key: k } => {
            (queue, exchange, key) = (queue_name(q), exchange_name(e), key_name(k));
            let (queue, exchange, routing_key) = (&*queue, &*exchange, &*key);
            Method::QueueBind { ticket, queue, exchange, routing_key, nowait, arguments }
        }
        Saying::BindExchange { destination, source, key: k } => {
            (queue, exchange, key) = (exchange_name(destination), exchange_name(source), key_name(k));
            let (destination, source, routing_key) = (&*queue, &*exchange, &*key);
            Method::ExchangeBind { ticket, destination, source, routing_key, nowait, arguments }
        }
        Saying::Unbind { queue: q, exchange: e, key: k } => {
            (queue, exchange, key) = (queue_name(q), exchange_name(e), key_name(k));
            let (queue, exchange, routing_key) = (&*queue, &*exchange, &*key);
            Method::QueueUnbind { ticket, queue, exchange, routing_key, arguments }
        }
        Saying::Publish { exchange, key, mandatory, persistent, lifetime, size, times } => {
            return published(channel, (exchange, key, mandatory), persistent, lifetime, (size, times));
        }
        Saying::Consume { queue: name, tag: t, no_ack, exclusive } => {
            (queue, tag) = (queue_name(name), consumer_tag(t));
            let (queue, consumer_tag, no_local) = (&*queue, &*tag, false);
            Method::BasicConsume {
                ticket,
                queue,
                consumer_tag,
                no_local,
                no_ack,
                exclusive,
                nowait,
                arguments,
            }
        }
        Saying::Cancel { tag: t } => {
            tag = consumer_tag(t);
            Method::BasicCancel { consumer_tag: &tag, nowait }
        }
        Saying::Get { queue: name, no_ack } => {
            queue = queue_name(name);
            Method::BasicGet { ticket, queue: &queue, no_ack }
        }
        Saying::Ack { tag, multiple } => Method::BasicAck { delivery_tag: tag.into(), multiple },
        Saying::Nack { tag, multiple, requeue } => {
            Method::BasicNack { delivery_tag: tag.into(), multiple, requeue }
        }
        Saying::Reject { tag, requeue } => Method::BasicReject { delivery_tag: tag.into(), requeue },
        Saying::Recover => Method::BasicRecover { requeue: true },
        Saying::Prefetch { count, global } => {
            Method::BasicQos { prefetch_size: 0, prefetch_count: count.into(), global }
        }
        Saying::ConfirmSelect => Method::ConfirmSelect { nowait },
        Saying::TxSelect => Method::TxSelect {},
        Saying::TxCommit => Method::TxCommit {},
        Saying::TxRollback => Method::TxRollback {},
        Saying::Purge { queue: name } => {
            queue = queue_name(name);
            Method::QueuePurge { ticket, queue: &queue, nowait }
        }
        Saying::Delete { queue: name, if_unused, if_empty } => {
            queue = queue_name(name);
            Method::QueueDelete { ticket, queue: &queue, if_unused, if_empty, nowait }
        }
        Saying::DeleteExchange { exchange: name, if_unused } => {
            exchange = exchange_name(name);
            Method::ExchangeDelete { ticket, exchange: &exchange, if_unused, nowait }
        }
    };
    method.encode(channel, &mut bytes);
    bytes
}

fn published(
    channel: u16,
    (exchange, key, mandatory): (u8, u8, bool),
    persistent: bool,
    lifetime: Option<u8>,
    (size, times): (u16, u8),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (exchange, key) = (exchange_name(exchange), key_name(key));
    let method = Method::BasicPublish {
        ticket: 0,
        exchange: &exchange,
        routing_key: &key,
        mandatory,
        immediate: false,
    };
    let expiration = lifetime.map(|ms| ms.to_string());
    let delay = FieldTable::from([("x-delay", FieldValue::I32(i32::from(size % 100)))]);
    let properties = Properties {
        delivery_mode: Some(1 + u8::from(persistent)),
        expiration: expiration.as_deref().map(ShortStr::from),
        priority: lifetime,
        headers: (size % 7 == 0).then_some(delay),
        ..Properties::default()
    };
    for _ in 0..=times % 20 {
        method.encode(channel, &mut bytes);
        content(channel, &properties, &vec![b'.'; usize::from(size % 3000)], &mut bytes);
    }
    bytes
}

const KINDS: [&str; 10] = [
    "direct",
    "fanout",
    "topic",
    "headers",
    "x-consistent-hash",
    "x-random",
    "x-local-random",
    "x-delayed-message",
    "x-recent-history",
    "x-modulus-hash",
];

fn queue_name(number: u8) -> String {
    format!("q{}", number % NAMES)
}

/// The default exchange is the last of them.
fn exchange_name(number: u8) -> String {
    if number % (NAMES + 1) == NAMES { String::new() } else { format!("e{}", number % (NAMES + 1)) }
}

/// A queue's name, so that the default exchange knows it, or a pattern.
fn key_name(number: u8) -> String {
    match number % 8 {
        5 => "#".into(),
        6 => "*".into(),
        7 => "3".into(),
        number => queue_name(number),
    }
}

fn consumer_tag(number: u8) -> String {
    format!("c{}", number % NAMES)
}

/// Some of the arguments that queues have, a few bits for each.
fn queue_arguments(bits: u32) -> FieldTable {
    let mut arguments = FieldTable::default();
    let mut add = |name: &str, value: Option<FieldValue>| {
        if let Some(value) = value {
            arguments.insert(name, value);
        }
    };
    let text = |text: String| FieldValue::LongStr(text.into());
    let choose =
        |shift: u32, values: [Option<i32>; 4]| values[(bits >> shift & 3) as usize].map(FieldValue::I32);
    let words = |shift: u32, values: [&str; 4]| {
        Some(values[(bits >> shift & 3) as usize])
            .filter(|word| !word.is_empty())
            .map(|word| text(word.into()))
    };
    add("x-queue-type", words(0, ["", "classic", "quorum", "stream"]));
    add("x-message-ttl", choose(2, [None, None, Some(0), Some(50)]));
    add("x-max-length", choose(4, [None, None, Some(0), Some(3)]));
    add("x-max-length-bytes", choose(6, [None, None, None, Some(4000)]));
    add("x-overflow", words(8, ["", "drop-head", "reject-publish", "reject-publish-dlx"]));
    let dead_letters = |number: u32| text(exchange_name(number as u8));
    add("x-dead-letter-exchange", (bits >> 10 & 1 == 1).then(|| dead_letters(bits >> 11 & 7)));
    add("x-dead-letter-routing-key", (bits >> 14 & 1 == 1).then(|| text(queue_name((bits >> 15 & 3) as u8))));
    add("x-dead-letter-strategy", words(17, ["", "", "at-most-once", "at-least-once"]));
    add("x-single-active-consumer", (bits >> 19 & 3 == 3).then_some(FieldValue::Bool(true)));
    add("x-max-priority", choose(21, [None, None, None, Some(5)]));
    add("x-expires", choose(23, [None, None, None, Some(100)]));
    add("x-delivery-limit", choose(25, [None, None, Some(0), Some(2)]));
    arguments
}
