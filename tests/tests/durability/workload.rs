//! Publishers and consumers at work, from a seed, and what they know of their messages.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::{
    Config, DiskAction, Random,
    wire::{FieldTable, FieldValue, Method, Properties, ShortStr},
};
use warren_sim::Disk;

use crate::{
    promise::Contents,
    rig::{Heard, Rig, declare},
};

/// A message's number, in the order in which messages took effect.
pub(crate) type Id = u32;

/// Durable queues, and the arguments of those that have some.
pub(crate) const QUEUES: [&str; 5] = ["a", "b", "p", "q", "s"];

/// What the clients know.
#[derive(Clone, Default)]
pub(crate) struct Knowledge {
    /// Every persistent message, and the durable queues it went to.
    pub(crate) published: BTreeMap<Id, Vec<&'static str>>,
    pub(crate) priorities: BTreeMap<Id, u8>,
    pub(crate) confirmed: BTreeSet<Id>,
    /// Messages that a client has acked, purged or got for good: each may be gone, or there again.
    pub(crate) settled: BTreeSet<(&'static str, Id)>,
    /// Messages of one transaction each.
    pub(crate) transactions: Vec<Vec<Id>>,
    /// Queues declared, with the broker's answer.
    pub(crate) declared: BTreeSet<String>,
    /// Queues deleted, with or without the broker's answer.
    pub(crate) deleted: BTreeSet<String>,
    /// Queues deleted, with the broker's answer.
    pub(crate) gone: BTreeSet<String>,
}

pub(crate) struct Workload {
    pub(crate) rig: Rig,
    pub(crate) known: Knowledge,
    random: Random,
    /// Its consumers keep up.
    busy: bool,
    publisher: usize,
    consumer: usize,
    /// The publishes of the confirming channel, in order; how many are confirmed.
    confirming: Vec<Id>,
    confirmed: usize,
    /// Transactions sent and not answered.
    committing: Vec<Vec<Id>>,
    deliveries: Vec<(u64, Id)>,
    latest: Id,
    extra: u32,
    waiting_declares: Vec<String>,
    waiting_deletes: Vec<String>,
}

/// Called before each disk operation.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(&Disk, Option<&DiskAction>, &Knowledge);

impl Workload {
    pub(crate) fn new(seed: u64, config: Config) -> Workload {
        let rig = Rig::new(config, Disk::default()).expect("an empty disk");
        let (known, random, busy) = (Knowledge::default(), Random::new(seed), seed % 2 == 1);
        Workload::begin(rig, known, random, busy, (0, 0))
    }

    /// The same clients at a broker that has started again, and that has this.
    pub(crate) fn go_on(self, rig: Rig, contents: &Contents) -> Workload {
        let Workload { mut known, random, busy, latest, extra, .. } = self;
        let is_there = |queue: &str, id: Id| contents[queue].iter().any(|&(found, _)| found == id);
        // What is not there is not heard of again, and what has come back is unsettled.
        known.published.retain(|&id, queues| {
            queues.retain(|queue| is_there(queue, id));
            !queues.is_empty()
        });
        known.settled.retain(|&(queue, id)| known.published.contains_key(&id) && !is_there(queue, id));
        known.confirmed.retain(|id| known.published.contains_key(id));
        known.transactions.retain(|ids| ids.iter().all(|id| known.published.contains_key(id)));
        Workload::begin(rig, known, random, busy, (latest, extra))
    }

    fn begin(
        mut rig: Rig,
        known: Knowledge,
        random: Random,
        busy: bool,
        (latest, extra): (Id, u32),
    ) -> Workload {
        let publisher = rig.connect(4);
        let consumer = rig.connect(2);
        for (queue, arguments) in QUEUES.into_iter().zip(arguments()) {
            rig.say(publisher, 1, &declare(queue, arguments));
            let bind = Method::QueueBind {
                ticket: 0,
                queue,
                exchange: "amq.fanout",
                routing_key: "",
                nowait: false,
                arguments: FieldTable::default(),
            };
            rig.say(publisher, 1, &bind);
        }
        rig.say(publisher, 1, &Method::ConfirmSelect { nowait: false });
        rig.say(publisher, 2, &Method::TxSelect {});
        let qos = Method::BasicQos { prefetch_size: 0, prefetch_count: 3, global: false };
        rig.say(consumer, 1, &qos);
        rig.say(consumer, 1, &consume("a", FieldTable::default()));
        rig.settle();
        while rig.hear(publisher).is_some() {}
        let mut workload = Workload {
            rig,
            known,
            random,
            busy,
            publisher,
            consumer,
            confirming: Vec::new(),
            confirmed: 0,
            committing: Vec::new(),
            deliveries: Vec::new(),
            latest,
            extra,
            waiting_declares: Vec::new(),
            waiting_deletes: Vec::new(),
        };
        workload.listen();
        workload
    }

    /// Some steps, in between which the disk does its work, or does not.
    pub(crate) fn run(&mut self, steps: u32, watch: Watch<'_>) {
        for _ in 0..steps {
            self.step();
            self.listen();
            if self.random.below(3) > 0 {
                self.rig.wait(self.random.below(12));
                self.listen();
            }
            for _ in 0..self.random.below(4) {
                self.work(watch);
            }
        }
    }

    /// Lets the disk do what is left.
    pub(crate) fn finish(&mut self, watch: Watch<'_>) {
        for _ in 0..4 {
            while self.work(watch) || self.rig.broker.has_work() {
                self.rig.wait(0);
            }
            self.rig.wait(20);
        }
        watch(&self.rig.disk, None, &self.known);
    }

    fn work(&mut self, watch: Watch<'_>) -> bool {
        watch(&self.rig.disk, self.rig.pending.front().map(|(_, action)| action), &self.known);
        let worked = self.rig.work();
        self.listen();
        worked
    }

    fn step(&mut self) {
        // Some workloads leave a backlog, in others there is little left at any time.
        if self.busy {
            for queue in ["b", "p", "q"] {
                self.get(queue);
            }
            self.ack();
        }
        match self.random.below(20) {
            0..=5 => self.publish_everywhere(),
            6..=8 => self.publish_to("q"),
            9 | 10 => self.publish_to("p"),
            11 | 12 => self.transact(),
            13 | 14 => self.ack(),
            15 => self.requeue(),
            16 | 17 => self.get("b"),
            18 if self.random.below(4) == 0 => self.purge("b"),
            18 => self.get("p"),
            _ => self.declare_or_delete(),
        }
    }

    fn publish_everywhere(&mut self) {
        let persistent = self.random.below(5) > 0;
        // A stream keeps transient messages, too.
        let id = self.next(if persistent { &QUEUES } else { &["s"] });
        self.confirming.push(id);
        let priority = self.priority(id);
        self.publish(1, ("amq.fanout", ""), persistent, priority, id);
    }

    fn publish_to(&mut self, queue: &'static str) {
        let id = self.next(&[queue]);
        self.confirming.push(id);
        let priority = self.priority(id);
        self.publish(1, ("", queue), true, priority, id);
    }

    fn transact(&mut self) {
        let mut ids = Vec::new();
        for _ in 0..=self.random.below(3) {
            let id = self.next(&QUEUES);
            let priority = self.priority(id);
            self.publish(2, ("amq.fanout", ""), true, priority, id);
            ids.push(id);
        }
        if self.random.below(4) == 0 {
            self.rig.say(self.publisher, 2, &Method::TxRollback {});
            ids.iter().for_each(|id| drop(self.known.published.remove(id)));
        } else {
            self.known.transactions.push(ids.clone());
            self.committing.push(ids);
            self.rig.say(self.publisher, 2, &Method::TxCommit {});
        }
    }

    fn ack(&mut self) {
        if self.deliveries.is_empty() {
            return;
        }
        let at = self.random.below(self.deliveries.len() as u64) as usize;
        let multiple = self.random.below(2) == 0;
        let acked: Vec<(u64, Id)> =
            if multiple { self.deliveries.drain(..=at).collect() } else { vec![self.deliveries.remove(at)] };
        let Some(&(delivery_tag, _)) = acked.last() else { return };
        self.known.settled.extend(acked.iter().map(|&(_, id)| ("a", id)));
        self.rig.say(self.consumer, 1, &Method::BasicAck { delivery_tag, multiple });
    }

    fn requeue(&mut self) {
        if self.deliveries.is_empty() {
            return;
        }
        let (delivery_tag, _) = self.deliveries.remove(0);
        self.rig.say(self.consumer, 1, &Method::BasicReject { delivery_tag, requeue: true });
    }

    fn get(&mut self, queue: &'static str) {
        self.rig.say(self.consumer, 2, &Method::BasicGet { ticket: 0, queue, no_ack: true });
        // The queue may be on the disk, and what was asked before unfinished; it is waited for here.
        for _ in 0..200 {
            match self.next_on_consumer() {
                Some(Heard::Got { body, .. }) => {
                    self.known.settled.insert((queue, number(&body)));
                    return;
                }
                Some(Heard::Empty) => return,
                Some(Heard::Delivered { tag, body, .. }) => self.deliveries.push((tag, number(&body))),
                Some(other) => panic!("{other:?}"),
                None => {
                    self.rig.wait(10);
                    self.rig.work();
                }
            }
        }
        panic!("no answer to basic.get");
    }

    fn next_on_consumer(&mut self) -> Option<Heard> {
        self.rig.hear(self.consumer)
    }

    fn purge(&mut self, queue: &'static str) {
        let everything: Vec<Id> = self.known.published.keys().copied().collect();
        self.known.settled.extend(everything.into_iter().map(|id| (queue, id)));
        self.rig.say(self.consumer, 2, &Method::QueuePurge { ticket: 0, queue, nowait: true });
    }

    fn declare_or_delete(&mut self) {
        if self.random.below(2) == 0 || self.extra == 0 {
            self.extra += 1;
            let name = format!("x{}", self.extra);
            self.rig.say(self.publisher, 3, &declare(&name, FieldTable::default()));
            self.waiting_declares.push(name);
        } else {
            let name = format!("x{}", 1 + self.random.below(self.extra.into()));
            let delete = Method::QueueDelete {
                ticket: 0,
                queue: &name,
                if_unused: false,
                if_empty: false,
                nowait: false,
            };
            self.rig.say(self.publisher, 4, &delete);
            self.known.deleted.insert(name.clone());
            self.waiting_deletes.push(name);
        }
    }

    fn next(&mut self, queues: &[&'static str]) -> Id {
        self.latest += 1;
        self.known.published.insert(self.latest, queues.to_vec());
        self.latest
    }

    fn priority(&mut self, id: Id) -> u8 {
        let priority = self.random.below(4) as u8;
        self.known.priorities.insert(id, priority);
        priority
    }

    fn publish(&mut self, channel: u16, to: (&str, &str), persistent: bool, priority: u8, id: Id) {
        let properties = Properties {
            delivery_mode: Some(if persistent { 2 } else { 1 }),
            priority: Some(priority),
            message_id: Some(ShortStr::from("some text that makes it longer")),
            ..Properties::default()
        };
        self.rig.publish((self.publisher, channel), to, &properties, &body(id, self.random.below(120)));
    }

    /// Takes in what the clients hear.
    fn listen(&mut self) {
        while let Some(heard) = self.rig.hear(self.publisher) {
            match heard {
                Heard::Ack { number, .. } => {
                    let number = number as usize;
                    self.known.confirmed.extend(&self.confirming[self.confirmed..number]);
                    self.confirmed = number;
                }
                Heard::Ok("tx.commit-ok") => self.known.confirmed.extend(self.committing.remove(0)),
                Heard::Ok("queue.delete-ok") => drop(self.known.gone.insert(self.waiting_deletes.remove(0))),
                Heard::DeclareOk { .. } => drop(self.known.declared.insert(self.waiting_declares.remove(0))),
                Heard::Ok(_) => {}
                other => panic!("{other:?}"),
            }
        }
        while let Some(heard) = self.rig.hear(self.consumer) {
            match heard {
                Heard::Delivered { tag, body, .. } => self.deliveries.push((tag, number(&body))),
                Heard::Ok(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn arguments() -> [FieldTable; 5] {
    let table = |name, value| FieldTable::from([(name, value)]);
    [
        FieldTable::default(),
        FieldTable::default(),
        table("x-max-priority", FieldValue::I32(2)),
        table("x-queue-type", FieldValue::LongStr(b"quorum"[..].into())),
        table("x-queue-type", FieldValue::LongStr(b"stream"[..].into())),
    ]
}

pub(crate) fn consume(queue: &str, arguments: FieldTable) -> Method<'_> {
    Method::BasicConsume {
        ticket: 0,
        queue,
        consumer_tag: "c",
        no_local: false,
        no_ack: false,
        exclusive: false,
        nowait: false,
        arguments,
    }
}

/// A body that is all of the message's own.
pub(crate) fn body(id: Id, filler: u64) -> Vec<u8> {
    let mut body = id.to_le_bytes().to_vec();
    body.extend((0..filler).map(|at| (u64::from(id) * 31 + at) as u8));
    body
}

/// The message whose body it is.
pub(crate) fn number(found: &[u8]) -> Id {
    let id = Id::from_le_bytes(*found.first_chunk().expect("a number"));
    assert_eq!(found, body(id, found.len() as u64 - 4), "a body is not what was published");
    id
}
