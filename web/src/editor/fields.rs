//! The fields of each thing, as the inspector shows them: what they are called in the file, of what kind they are, and
//! what they mean.

use crate::i18n::Lang;

/// Whose fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    Scenario,
    Network,
    Disk,
    Producer(usize),
    Consumer(usize),
    Exchange(usize),
    Queue(usize),
    Binding(usize),
}

/// How a field is typed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FieldKind {
    Text,
    Number,
    Flag,
    /// `300ms`, and for some `100ms..2s`.
    Time,
    Choice(&'static [&'static str]),
    /// The name of a queue.
    Queue,
    /// The name of an exchange; nothing for the default exchange.
    Exchange,
    /// With commas between.
    Texts,
    Numbers,
    Times,
    /// Names and values, one a line.
    Table,
    /// Tables, one a line.
    Tables,
}

/// A field that can be edited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Field {
    /// What it is called in the file, and in AMQP if there is such a thing.
    pub(crate) name: &'static str,
    pub(crate) kind: FieldKind,
    /// Whether it is one of those that are seldom needed.
    pub(crate) is_rare: bool,
    en: &'static str,
    ru: &'static str,
}

impl Field {
    /// What it means.
    pub(crate) fn hint(&self, lang: Lang) -> &'static str {
        lang.say(self.en, self.ru)
    }
}

impl Item {
    /// The fields, the usual ones first.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Item::Scenario => SCENARIO,
            Item::Network => NETWORK,
            Item::Disk => DISK,
            Item::Producer(_) => PRODUCER,
            Item::Consumer(_) => CONSUMER,
            Item::Exchange(_) => EXCHANGE,
            Item::Queue(_) => QUEUE,
            Item::Binding(_) => BINDING,
        }
    }
}

pub(super) fn kind_of(item: Item, name: &str) -> Option<FieldKind> {
    item.fields().iter().find(|field| field.name == name).map(|field| field.kind)
}

const fn usual(name: &'static str, kind: FieldKind, en: &'static str, ru: &'static str) -> Field {
    Field { name, kind, is_rare: false, en, ru }
}

const fn rare(name: &'static str, kind: FieldKind, en: &'static str, ru: &'static str) -> Field {
    Field { name, kind, is_rare: true, en, ru }
}

use FieldKind::{Choice, Exchange, Flag, Number, Numbers, Queue, Table, Tables, Text, Texts, Time, Times};

const SCENARIO: &[Field] = &[usual("until", Time, "how long it is played", "сколько длится")];

const NETWORK: &[Field] = &[
    usual(
        "latency",
        Time,
        "one way between a program and the broker",
        "в одну сторону между программой и брокером",
    ),
    usual("jitter", Time, "up to this much more, by chance", "случайная добавка, не больше"),
    rare("bandwidth", Number, "bytes a second, 0 for any number", "байт в секунду, 0 — без ограничения"),
    rare(
        "heartbeat",
        Time,
        "silence after which a connection is given up",
        "тишина, после которой соединение бросают",
    ),
];

const DISK: &[Field] = &[
    usual("write", Time, "until a write is in the cache", "пока запись попадёт в кэш"),
    usual("sync", Time, "until the cache is on the disk for good", "пока кэш окажется на диске"),
];

const EXCHANGE: &[Field] = &[
    usual(
        "type",
        Choice(&[
            "direct",
            "fanout",
            "topic",
            "headers",
            "x-consistent-hash",
            "x-modulus-hash",
            "x-random",
            "x-local-random",
            "x-delayed-message",
            "x-recent-history",
        ]),
        "how it chooses among its bindings",
        "как выбирает среди привязок",
    ),
    usual("durable", Flag, "survives a restart of the broker", "переживает перезапуск брокера"),
    usual("arguments", Table, "alternate-exchange = …", "alternate-exchange = …"),
];

const QUEUE: &[Field] = &[
    usual("durable", Flag, "survives a restart of the broker", "переживает перезапуск брокера"),
    usual(
        "arguments",
        Table,
        "x-message-ttl = 5000, x-dead-letter-exchange = …",
        "x-message-ttl = 5000, x-dead-letter-exchange = …",
    ),
    rare(
        "exclusive",
        Flag,
        "belongs to one connection, and goes with it",
        "принадлежит одному соединению и исчезает с ним",
    ),
];

const BINDING: &[Field] = &[
    usual(
        "routing_key",
        Text,
        "the binding key; for topics with * and #",
        "ключ привязки; для topic с * и #",
    ),
    usual(
        "arguments",
        Table,
        "for headers: x-match = any, type = pdf",
        "для headers: x-match = any, type = pdf",
    ),
];

const CLIENT: Field = rare(
    "client",
    Text,
    "the program that it is a part of, with a channel of its own",
    "программа, частью которой он является; канал у него свой",
);

const CONNECTION: Field = rare(
    "connection",
    Text,
    "which of the client's connections; nothing for the common one",
    "которое из соединений клиента; пусто — общее",
);

const DECLARES: Field = rare(
    "declares",
    Table,
    "its own declaration of a queue: queue = orders, durable = true, arguments = { x-message-ttl = 60000 }",
    "своё объявление очереди: queue = orders, durable = true, arguments = { x-message-ttl = 60000 }",
);

const PRODUCER: &[Field] = &[
    usual("exchange", Exchange, "where it publishes", "куда публикует"),
    usual("routing_key", Texts, "of its messages, in turn", "ключи сообщений по очереди"),
    usual("interval", Time, "from one message to the next", "от сообщения до сообщения"),
    usual("count", Number, "how many it sends in all", "сколько отправит всего"),
    usual(
        "persistent",
        Flag,
        "its messages are to survive a restart",
        "сообщения должны пережить перезапуск",
    ),
    usual("confirms", Flag, "the broker confirms each message", "брокер подтверждает каждое сообщение"),
    usual(
        "work",
        Times,
        "how long work on its messages takes, in turn",
        "сколько занимает обработка, по очереди",
    ),
    rare("body", Text, "{n}: the number, {key}: the routing key", "{n} — номер, {key} — ключ маршрутизации"),
    rare("bytes", Number, "bodies are filled up to so many bytes", "тело дополняется до стольких байт"),
    rare("burst", Number, "messages at once", "сообщений за раз"),
    DECLARES,
    CLIENT,
    CONNECTION,
    rare("start", Time, "when it connects", "когда подключается"),
    rare("latency", Time, "of its own link", "задержка собственной линии"),
    rare(
        "headers",
        Tables,
        "type = pdf, size = 3; a line for each message, in turn",
        "type = pdf, size = 3; строка на сообщение, по очереди",
    ),
    rare("priority", Numbers, "in turn", "по очереди"),
    rare("expiration", Time, "how long a message may wait", "сколько сообщение может ждать"),
    rare("mandatory", Flag, "what no queue takes comes back", "что не взяла ни одна очередь, вернётся"),
    rare(
        "window",
        Number,
        "messages without confirm or answer before it waits",
        "сообщений без ответа, прежде чем ждать",
    ),
    rare("republishes", Flag, "sends again what was not confirmed", "повторяет неподтверждённое"),
    rare("transaction", Number, "messages in a transaction", "сообщений в транзакции"),
    rare("rolls_back", Text, "never, always, every 3, 20%", "never, always, every 3, 20%"),
    rare("reply_to", Text, "amq.rabbitmq.reply-to, or a queue", "amq.rabbitmq.reply-to или очередь"),
    rare("timeout", Time, "how long it waits for an answer", "сколько ждёт ответа"),
    rare(
        "fails",
        Numbers,
        "how often work on its messages fails, in turn",
        "сколько раз обработка не удастся, по очереди",
    ),
    rare("reconnect", Table, "after = 500ms, up_to = 8s", "after = 500ms, up_to = 8s"),
];

const CONSUMER: &[Field] = &[
    usual("queue", Queue, "where it takes from", "откуда берёт"),
    usual(
        "ack",
        Choice(&["after-work", "on-receipt", "auto", "never"]),
        "when it acks; auto: the broker does not wait",
        "когда подтверждает; auto — брокер не ждёт",
    ),
    usual(
        "prefetch",
        Number,
        "unacked messages at most (basic.qos), 0 for any number",
        "неподтверждённых не больше (basic.qos), 0 — сколько угодно",
    ),
    usual(
        "work",
        Time,
        "time per message, unless the message sets its own",
        "время на сообщение; если оно указано в самом сообщении, берётся оттуда",
    ),
    usual("fails", Text, "never, always, every 3, 20%", "never, always, every 3, 20%"),
    usual(
        "on_failure",
        Choice(&["reject", "requeue", "nack", "nack-requeue"]),
        "how it answers for a message that it could not process",
        "как отвечает на сообщение, которое не смог обработать",
    ),
    rare("arguments", Table, "x-priority = 10", "x-priority = 10"),
    rare("ack_every", Number, "acks so many at once (multiple)", "подтверждает столько сразу (multiple)"),
    rare("ack_delay", Time, "how long after its work", "через сколько после работы"),
    rare("reply", Text, "its answer; {body}: what the message says", "ответ; {body} — текст сообщения"),
    rare("give_up", Table, "after = 3, to = parked", "after = 3, to = parked"),
    DECLARES,
    CLIENT,
    CONNECTION,
    rare("start", Time, "when it connects", "когда подключается"),
    rare("latency", Time, "of its own link", "задержка собственной линии"),
    rare("reconnect", Table, "after = 500ms, up_to = 8s", "after = 500ms, up_to = 8s"),
];
