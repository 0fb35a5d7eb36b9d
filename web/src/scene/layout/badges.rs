//! How queues and exchanges were declared, in words so short that they have room on the stage. RabbitMQ's own page uses
//! the same ones where it has them.

use warren_sim::{
    AckMode, ActorId, Consumer, Producer, Scenario,
    warren_core::wire::{FieldTable, FieldValue},
};

use crate::scene::Place;

/// Something that a queue or an exchange was declared with, or that a client does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Badge {
    Durable,
    Exclusive,
    /// The type of a queue that is not a classic one.
    Type(String),
    /// `x-message-ttl`, in ms.
    Ttl(u64),
    /// The exchange of its dead letters.
    DeadLetters(String),
    /// `x-max-length`, in messages.
    Length(i64),
    /// `x-max-length-bytes`.
    Bytes(i64),
    /// The highest priority.
    Priorities(i64),
    SingleActiveConsumer,
    /// `x-expires`, in ms.
    Expires(u64),
    /// A consumer without acks (`no-ack`).
    AutoAck,
    /// A consumer that acks what it gets before it works on it.
    AckOnReceipt,
    /// The prefetch of a consumer.
    Prefetch(u16),
    /// What a producer sends is to be written to the disk.
    Persistent,
    /// A producer that asks for confirms.
    Confirms,
    /// A producer that commits so many messages together.
    Transaction(u32),
    /// So many things stand here as one.
    Folded(usize),
}

impl Badge {
    /// What is written on the thing.
    pub(crate) fn text(&self) -> String {
        match self {
            Badge::Durable => "D".to_owned(),
            Badge::Exclusive => "Excl".to_owned(),
            Badge::Type(kind) => kind.clone(),
            Badge::Ttl(ms) => format!("TTL {}", in_short(*ms)),
            Badge::DeadLetters(_) => "DLX".to_owned(),
            Badge::Length(limit) => format!("Lim {limit}"),
            Badge::Bytes(_) => "Lim B".to_owned(),
            Badge::Priorities(most) => format!("Pri {most}"),
            Badge::SingleActiveConsumer => "SAC".to_owned(),
            Badge::Expires(_) => "Exp".to_owned(),
            Badge::AutoAck => "auto ack".to_owned(),
            Badge::AckOnReceipt => "ack first".to_owned(),
            Badge::Prefetch(count) => format!("prefetch {count}"),
            Badge::Persistent => "persistent".to_owned(),
            Badge::Confirms => "confirms".to_owned(),
            Badge::Transaction(messages) => format!("tx {messages}"),
            Badge::Folded(count) => format!("×{count}"),
        }
    }
}

/// Of a thing.
pub(crate) fn badges_of(scenario: &Scenario, place: &Place) -> Vec<Badge> {
    match place {
        Place::Queue(name) => {
            let queue = scenario.queues.iter().find(|queue| *name == *queue.name.as_str());
            queue
                .map(|queue| queue_badges(queue.durable, queue.exclusive, &queue.arguments))
                .unwrap_or_default()
        }
        Place::Exchange(name) => {
            let exchange = scenario.exchanges.iter().find(|exchange| *name == *exchange.name.as_str());
            exchange.filter(|exchange| exchange.durable).map(|_| vec![Badge::Durable]).unwrap_or_default()
        }
        Place::Producer(ActorId(id)) => {
            scenario.producers.get(*id as usize).map(producer_badges).unwrap_or_default()
        }
        Place::Consumer(ActorId(id)) => {
            let place = (*id as usize).checked_sub(scenario.producers.len());
            let consumer = place.and_then(|place| scenario.consumers.get(place));
            consumer.map(consumer_badges).unwrap_or_default()
        }
        Place::Queues(_) | Place::Consumers(_) | Place::Disk => Vec::new(),
    }
}

fn producer_badges(producer: &Producer) -> Vec<Badge> {
    let badges = [
        (producer.transaction > 0).then_some(Badge::Transaction(producer.transaction)),
        producer.confirms.then_some(Badge::Confirms),
        producer.persistent.then_some(Badge::Persistent),
    ];
    badges.into_iter().flatten().collect()
}

fn consumer_badges(consumer: &Consumer) -> Vec<Badge> {
    let ack = match consumer.ack {
        AckMode::Auto => Some(Badge::AutoAck),
        AckMode::OnReceipt => Some(Badge::AckOnReceipt),
        AckMode::AfterWork | AckMode::Never => None,
    };
    // Without acks the broker does not count.
    let counts = consumer.prefetch > 0 && consumer.ack != AckMode::Auto;
    ack.into_iter().chain(counts.then_some(Badge::Prefetch(consumer.prefetch))).collect()
}

fn queue_badges(durable: bool, exclusive: bool, arguments: &FieldTable) -> Vec<Badge> {
    let text = |name: &str| arguments.get(name).and_then(FieldValue::as_text).map(str::to_owned);
    let number = |name: &str| arguments.get(name).and_then(FieldValue::as_integer);
    let ms = |name: &str| number(name).and_then(|ms| u64::try_from(ms).ok());
    let kind = text("x-queue-type").filter(|kind| kind != "classic");
    let single = matches!(arguments.get("x-single-active-consumer"), Some(FieldValue::Bool(true)));
    // The other types are always durable.
    let is_durable = durable && kind.is_none();
    let badges = [
        kind.map(Badge::Type),
        is_durable.then_some(Badge::Durable),
        exclusive.then_some(Badge::Exclusive),
        ms("x-message-ttl").map(Badge::Ttl),
        text("x-dead-letter-exchange").map(Badge::DeadLetters),
        number("x-max-length").map(Badge::Length),
        number("x-max-length-bytes").map(Badge::Bytes),
        number("x-max-priority").map(Badge::Priorities),
        single.then_some(Badge::SingleActiveConsumer),
        ms("x-expires").map(Badge::Expires),
    ];
    badges.into_iter().flatten().collect()
}

/// So many ms in the largest unit that divides them.
pub(crate) fn in_short(ms: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let whole = units.into_iter().find(|(unit, _)| ms >= *unit && ms.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{ms}ms"), |(unit, name)| format!("{}{name}", ms / unit))
}

#[cfg(test)]
mod tests {
    use warren_sim::{Scenario, lessons};

    use super::{Badge, badges_of};
    use crate::scene::Layout;

    #[test]
    fn clients_bear_how_they_work() {
        for (id, name, expected) in [
            ("crash-without-ack", "worker-1", "auto ack"),
            ("retry", "worker", "prefetch 1"),
            ("crash-with-ack", "worker-1", ""),
            ("confirms", "confirms", "confirms persistent"),
            ("confirms", "commits-5", "tx 5 persistent"),
            ("durable", "careless", ""),
        ] {
            let lesson = lessons::find(id).expect("a lesson");
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let layout = Layout::new(&scenario, 1_000.0, 600.0);
            let client = layout.nodes.iter().find(|node| node.name == name).expect("it is there");
            let badges: Vec<_> = badges_of(&scenario, &client.place).iter().map(Badge::text).collect();
            assert_eq!(badges.join(" "), expected, "{id}: {name}");
        }
    }
}
