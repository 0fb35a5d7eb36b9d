//! What may be said on a channel, and how often.

use warren_core::Random;

use super::{
    Kind,
    draw::{Pick, flag, some},
    queues::SOON_MS,
};

/// The names of one conversation, and what its queues and exchanges are like most of the time.
pub(super) struct Words {
    queues: Vec<String>,
    exchanges: Vec<String>,
    /// How each queue is declared.
    queue_forms: Vec<String>,
    /// How each exchange is declared.
    exchange_forms: Vec<String>,
    /// Whether queues have priorities, or else things expire at once. Both together differ: RabbitMQ overlooks an expired
    /// message that its priority put before others.
    pub(super) priorities: bool,
    pub(super) kind: Kind,
    bodies: u64,
}

/// One thing to say.
pub(super) struct Action {
    /// Method and fields.
    pub(super) said: String,
    /// The queue that it consumes from.
    pub(super) consumes: Option<String>,
}

type Say = fn(&mut Words, &mut Random, u64) -> String;

/// Each with how often it is said.
const ACTIONS: [(u64, Say); 20] = [
    (14, Words::declare_queue),
    (5, Words::declare_exchange),
    (7, Words::bind),
    (2, Words::unbind),
    (30, Words::publish),
    (12, Words::get),
    (14, Words::settle),
    (3, |words, random, _| format!("basic.cancel consumer_tag={}", words.tag(random))),
    (4, Words::qos),
    (3, |_, random, _| ["basic.recover requeue", "basic.recover-async requeue"].pick(random)),
    (3, |_, _, _| "confirm.select".into()),
    (2, |_, _, _| "tx.select".into()),
    (4, |_, random, _| ["tx.commit", "tx.rollback"].pick(random)),
    (2, |words, random, _| format!("queue.purge queue={}", words.purged(random))),
    (3, Words::delete_queue),
    (1, Words::delete_exchange),
    (2, |_, _, _| "channel.close reply_code=200".into()),
    (2, Words::bind_exchange),
    (1, |_, random, _| ["channel.flow active", "access.request realm=/data", "channel.flow"].pick(random)),
    (1, |_, random, _| ["queue.declare", "basic.get queue=", "basic.recover"].pick(random)),
];

/// What is said in addition where the conversation is about something.
fn more_actions(kind: Kind) -> &'static [(u64, Say)] {
    match kind {
        Kind::Transactions => &[
            (30, Words::publish),
            (20, |_, random, _| ["tx.commit", "tx.commit", "tx.rollback"].pick(random)),
            (20, Words::delete_queue),
            (4, Words::declare_queue),
            (8, |_, _, _| "tx.select".into()),
        ],
        Kind::Limits => &[(25, Words::publish), (8, |_, _, _| "confirm.select".into()), (6, Words::get)],
        Kind::Consumers => &[
            (20, Words::settle),
            (12, |words, random, _| format!("basic.cancel consumer_tag={}", words.tag(random))),
            (6, Words::qos),
        ],
        Kind::Quorum => &[(25, Words::settle), (15, Words::get), (4, |_, _, _| "confirm.select".into())],
        Kind::Streams => &[(15, Words::publish), (8, Words::settle), (6, Words::qos)],
        Kind::Replies => &[(25, Words::request), (20, Words::reply), (6, Words::get)],
        _ => &[],
    }
}

/// How often a consumer is begun, beside the weights of `ACTIONS`.
fn consuming(kind: Kind) -> u64 {
    match kind {
        Kind::Consumers => 40,
        Kind::Streams => 25,
        Kind::Replies => 20,
        _ => 12,
    }
}

impl Words {
    pub(super) fn new(seed: u64, kind: Kind, random: &mut Random) -> Self {
        let named = |letters: [&str; 3]| letters.map(|letter| format!("g{seed}{letter}")).to_vec();
        let mut words = Words {
            queues: named(["a", "b", "c"]),
            exchanges: named(["x", "y", "z"])[..2].to_vec(),
            queue_forms: Vec::new(),
            exchange_forms: Vec::new(),
            priorities: random.below(2) == 0,
            kind,
            bodies: 0,
        };
        words.queue_forms = (0..3).map(|index| words.queue_form(random, index)).collect();
        words.exchange_forms = (0..2).map(|_| words.exchange_form(random)).collect();
        if kind == Kind::Users {
            words.exchange_forms[0] = " kind=topic".into();
        }
        words
    }

    /// What is mostly there before anything else is said.
    pub(super) fn beginning(&mut self, random: &mut Random) -> Vec<String> {
        let mut said = Vec::new();
        for (name, form) in self.queues.iter().zip(&self.queue_forms) {
            said.push(format!("queue.declare queue={name}{form}"));
        }
        for (name, form) in self.exchanges.iter().zip(&self.exchange_forms) {
            said.push(format!("exchange.declare exchange={name}{form}"));
        }
        said.retain(|_| random.below(8) > 0);
        for _ in 0..random.below(5) {
            said.push(self.bind(random, 0));
        }
        said
    }

    /// Something to say on a channel that consumes from a queue, or none yet, and has had so many deliveries.
    pub(super) fn action(
        &mut self,
        random: &mut Random,
        consumes: &Option<String>,
        deliveries: u64,
    ) -> Action {
        let actions = || ACTIONS.iter().chain(more_actions(self.kind));
        let all = consuming(self.kind) + actions().map(|(weight, _)| weight).sum::<u64>();
        let mut drawn = random.below(all);
        for &(weight, say) in actions() {
            if drawn < weight {
                return Action { said: say(self, random, deliveries), consumes: None };
            }
            drawn -= weight;
        }
        self.consume(random, consumes, deliveries)
    }

    pub(super) fn queue(&self, random: &mut Random) -> String {
        self.queues.pick(random)
    }

    /// A stream closes the connection.
    fn purged(&self, random: &mut Random) -> String {
        if self.kind == Kind::Streams { self.queues[2].clone() } else { self.queue(random) }
    }

    /// Mostly one of the conversation's own.
    pub(super) fn exchange(&self, random: &mut Random) -> String {
        if random.below(30) == 0 { "nope".into() } else { self.exchanges.pick(random) }
    }

    pub(super) fn tag(&self, random: &mut Random) -> String {
        ["t", "u", "v"].pick(random)
    }

    fn key(&self, random: &mut Random) -> String {
        ["k", "k.l", "k.l.m", "", "l"].pick(random)
    }

    fn declare_queue(&mut self, random: &mut Random, _: u64) -> String {
        let index = random.below(3) as usize;
        let name = &self.queues[index];
        match random.below(12) {
            0 => format!("queue.declare queue={name} passive"),
            1 => {
                let form = self.queue_form(random, index);
                format!("queue.declare queue={name}{form}")
            }
            _ => format!("queue.declare queue={name}{}", self.queue_forms[index]),
        }
    }

    fn declare_exchange(&mut self, random: &mut Random, _: u64) -> String {
        let index = random.below(2) as usize;
        let name = &self.exchanges[index];
        match random.below(10) {
            0 => format!("exchange.declare exchange={name} kind=direct passive"),
            1 => {
                let form = self.exchange_form(random);
                format!("exchange.declare exchange={name}{form}")
            }
            _ => format!("exchange.declare exchange={name}{}", self.exchange_forms[index]),
        }
    }

    fn exchange_form(&self, random: &mut Random) -> String {
        let kind = ["direct", "fanout", "topic", "headers"].pick(random);
        let flags = some(random, 3, &[" durable", " auto_delete", " internal", " durable auto_delete"]);
        let alternate = if random.below(6) == 0 {
            let exchange = self.exchange(random);
            format!(" arguments={{alternate-exchange={exchange}}}")
        } else {
            String::new()
        };
        format!(" kind={kind}{flags}{alternate}")
    }

    fn binding(&self, random: &mut Random) -> String {
        let key = ["k", "k.*", "k.#", "#", "*", "*.l", "", "l"].pick(random);
        let arguments = some(
            random,
            4,
            &[
                " arguments={x-match=any, n=1, w=a}",
                " arguments={x-match=all, n=1}",
                " arguments={n=1, w=a}",
                " arguments={x-match=zz}",
                " arguments={w=void}",
            ],
        );
        format!("routing_key='{key}'{arguments}")
    }

    fn bind(&mut self, random: &mut Random, _: u64) -> String {
        let (queue, exchange, how) = (self.queue(random), self.exchange(random), self.binding(random));
        format!("queue.bind queue={queue} exchange={exchange} {how}")
    }

    fn unbind(&mut self, random: &mut Random, _: u64) -> String {
        let (queue, exchange, how) = (self.queue(random), self.exchange(random), self.binding(random));
        format!("queue.unbind queue={queue} exchange={exchange} {how}")
    }

    fn bind_exchange(&mut self, random: &mut Random, _: u64) -> String {
        let (to, from, how) = (self.exchange(random), self.exchange(random), self.binding(random));
        let method = ["exchange.bind", "exchange.bind", "exchange.unbind"].pick(random);
        format!("{method} destination={to} source={from} {how}")
    }

    fn publish(&mut self, random: &mut Random, _: u64) -> String {
        self.bodies += 1;
        let address = if random.below(2) == 0 {
            let queue = if random.below(12) == 0 { "nobody".into() } else { self.queue(random) };
            format!("routing_key={queue}")
        } else {
            let (exchange, key) = (self.exchange(random), self.key(random));
            format!("exchange={exchange} routing_key='{key}'")
        };
        let mandatory = flag(random, 5, " mandatory");
        let priority = some(random, 4, &[" priority=1", " priority=2", " priority=9"]);
        let at_once = if self.priorities { "" } else { " expiration=0" };
        let soon = if self.priorities { String::new() } else { format!(" expiration={SOON_MS}") };
        let expiration = match self.kind {
            Kind::Timing => some(random, 3, &[&soon, " expiration=600000"]),
            _ => some(random, 8, &[at_once, " expiration=600000"]),
        };
        let mode = some(random, 4, &[" delivery_mode=1", " delivery_mode=2"]);
        // One mistake at a time: 3.10 and 4.x look for them in different orders.
        let mistake = some(random, 40, &[" user_id=zed", " headers={CC=k}"]);
        let headers = self.headers(random);
        let body = self.bodies;
        format!(
            "basic.publish {address}{mandatory}{priority}{expiration}{mode}{mistake}{headers} body=m{body}"
        )
    }

    /// A plain message for a queue.
    pub(super) fn publish_to(&mut self, random: &mut Random, queue: &str) -> String {
        self.bodies += 1;
        let mandatory = flag(random, 4, " mandatory");
        format!("basic.publish routing_key={queue}{mandatory} body=m{}", self.bodies)
    }

    /// A queue that is in stories only.
    pub(super) fn story_queue(&self) -> String {
        format!("{}d", self.queues[0])
    }

    fn headers(&self, random: &mut Random) -> String {
        let copy = self.queue(random);
        match random.below(12) {
            0 => format!(" headers={{CC=[{copy}]}}"),
            1 => format!(" headers={{BCC=[{copy}], n=1}}"),
            2 => " headers={n=1}".into(),
            3 => " headers={n=2, w=a}".into(),
            _ => String::new(),
        }
    }

    fn get(&mut self, random: &mut Random, _: u64) -> String {
        // A stream closes the connection.
        let last = self.kind == Kind::Streams && random.below(30) > 0;
        let queue = if last { self.queues[2].clone() } else { self.queue(random) };
        format!("basic.get queue={queue}{}", flag(random, 3, " no_ack"))
    }

    /// A message that asks for a reply.
    pub(super) fn request(&mut self, random: &mut Random, deliveries: u64) -> String {
        self.publish(random, deliveries) + " reply_to=amq.rabbitmq.reply-to"
    }

    /// To somebody who asked for it, or to nobody.
    fn reply(&mut self, random: &mut Random, _: u64) -> String {
        self.bodies += 1;
        let mandatory = flag(random, 3, " mandatory");
        format!("basic.publish routing_key=<reply-{}>{mandatory} body=m{}", 1 + random.below(3), self.bodies)
    }

    /// Mostly of a delivery that there was.
    pub(super) fn settle(&mut self, random: &mut Random, deliveries: u64) -> String {
        if deliveries == 0 && random.below(8) > 0 {
            return self.publish(random, deliveries);
        }
        let tag = match random.below(40) {
            0 => 0,
            1 => deliveries + 1,
            _ => 1 + random.below(deliveries.max(1)),
        };
        let multiple = flag(random, 4, " multiple");
        let requeue = flag(random, 2, " requeue");
        match random.below(4) {
            0 | 1 => format!("basic.ack delivery_tag={tag}{multiple}"),
            2 => format!("basic.nack delivery_tag={tag}{multiple}{requeue}"),
            _ => format!("basic.reject delivery_tag={tag}{requeue}"),
        }
    }

    fn qos(&mut self, random: &mut Random, _: u64) -> String {
        match self.kind {
            Kind::Quorum => {
                format!("basic.qos prefetch_count={}{}", random.below(4), flag(random, 20, " global"))
            }
            // There it is what a consumer needs, and none may be shared.
            Kind::Streams => format!("basic.qos prefetch_count={}", 1 + random.below(4)),
            _ => format!("basic.qos prefetch_count={}{}", random.below(4), flag(random, 3, " global")),
        }
    }

    fn delete_queue(&mut self, random: &mut Random, _: u64) -> String {
        let conditions: &[&str] =
            if self.kind == Kind::Streams { &[""] } else { &[" if_unused", " if_empty"] };
        let condition = some(random, 2, conditions);
        format!("queue.delete queue={}{condition}", self.queue(random))
    }

    fn delete_exchange(&mut self, random: &mut Random, _: u64) -> String {
        format!("exchange.delete exchange={}{}", self.exchange(random), flag(random, 2, " if_unused"))
    }
}
