//! The programs around the broker: who sends, and who receives.

use std::time::Duration;

use warren_core::wire::FieldTable;

use super::{Frequency, Lapse, Queue};
use crate::document::{Fields, Record, words};

/// `[[producer]]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Producer {
    /// Its name.
    pub name: String,
    /// The client that it is a part of, with a channel of its own; it is a client of its own if it says nothing.
    pub client: String,
    /// Which of the client's connections it uses; all that say nothing share one.
    pub connection: String,
    /// When it connects.
    pub start: Duration,
    /// The latency of its link, if it is not the network's.
    pub latency: Option<Duration>,
    /// How it declares one of the queues, if not as the others do; the broker refuses a declaration that differs.
    pub declares: Option<Declaration>,
    /// Where it publishes; the default exchange if it says nothing.
    pub exchange: String,
    /// The routing keys of its messages, in turn.
    pub routing_key: Vec<String>,
    /// What its messages say; `{n}` is the message's number, `{key}` its routing key, `{priority}` its
    /// priority, `{x}` its header x.
    pub body: String,
    /// If its bodies are to be longer: they are filled up with dots to so many bytes.
    pub bytes: u32,
    /// The time from one message to the next, or from one burst to the next.
    pub interval: Lapse,
    /// How many messages it sends at once.
    pub burst: u32,
    /// How many messages it sends in all.
    pub count: u32,
    /// The headers of its messages, in turn; none if it says nothing.
    pub headers: Vec<FieldTable>,
    /// The time that work on its messages takes, in turn; nothing if it says nothing.
    pub work: Vec<Duration>,
    /// How often work on its messages fails before it succeeds, in turn; never if it says nothing.
    pub fails: Vec<u8>,
    /// The priorities of its messages, in turn; none if it says nothing.
    pub priority: Vec<u8>,
    /// How long its messages may wait in a queue, if it says so.
    pub expiration: Option<Duration>,
    /// Whether its messages are to survive a restart (delivery-mode 2).
    pub persistent: bool,
    /// Whether messages that no queue takes come back to it.
    pub mandatory: bool,
    /// Whether the broker confirms its messages.
    pub confirms: bool,
    /// How many messages may be without confirm or answer before it waits; 0 for any number.
    pub window: u32,
    /// Whether it sends a message again, under the same message-id, when it cannot know that the broker has it: its
    /// connection broke before the confirm came, or a queue did not take it.
    pub republishes: bool,
    /// How many messages it puts into a transaction; 0 for no transactions.
    pub transaction: u32,
    /// How often it rolls a transaction back.
    pub rolls_back: Frequency,
    /// Where the answers to its messages are to come: `amq.rabbitmq.reply-to`, or a queue.
    pub reply_to: Option<String>,
    /// How long it waits for an answer; for ever if it says nothing.
    pub timeout: Duration,
    /// How it comes back when its connection breaks; not at all if it says nothing.
    pub reconnect: Option<Reconnect>,
    /// The program that it is, in JavaScript, in place of what the other fields say it does ([`crate::script`]).
    pub code: Option<String>,
}

impl Producer {
    /// Who sends `count` messages, one a second, to a queue of the default exchange.
    #[must_use]
    pub fn new(name: &str, queue: &str, count: u32) -> Producer {
        Producer {
            name: name.into(),
            client: String::new(),
            connection: String::new(),
            start: Duration::ZERO,
            latency: None,
            declares: None,
            exchange: String::new(),
            routing_key: vec![queue.into()],
            body: "message {n}".into(),
            bytes: 0,
            interval: Lapse::Fixed(Duration::from_secs(1)),
            burst: 1,
            count,
            headers: Vec::new(),
            work: Vec::new(),
            fails: Vec::new(),
            priority: Vec::new(),
            expiration: None,
            persistent: false,
            mandatory: false,
            confirms: false,
            window: 0,
            republishes: false,
            transaction: 0,
            rolls_back: Frequency::Never,
            reply_to: None,
            timeout: Duration::ZERO,
            reconnect: None,
            code: None,
        }
    }
}

impl Record for Producer {
    fn plain() -> Self {
        Producer::new("", "", 0)
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("name", &mut self.name);
        fields.optional("client", &mut self.client);
        fields.optional("connection", &mut self.connection);
        fields.optional("start", &mut self.start);
        fields.optional("latency", &mut self.latency);
        fields.optional("declares", &mut self.declares);
        fields.optional("exchange", &mut self.exchange);
        fields.optional("routing_key", &mut self.routing_key);
        fields.optional("body", &mut self.body);
        fields.optional("bytes", &mut self.bytes);
        fields.shown("interval", &mut self.interval);
        fields.optional("burst", &mut self.burst);
        fields.needed("count", &mut self.count);
        fields.optional("headers", &mut self.headers);
        fields.optional("work", &mut self.work);
        fields.optional("fails", &mut self.fails);
        fields.optional("priority", &mut self.priority);
        fields.optional("expiration", &mut self.expiration);
        fields.optional("persistent", &mut self.persistent);
        fields.optional("mandatory", &mut self.mandatory);
        fields.optional("confirms", &mut self.confirms);
        fields.optional("window", &mut self.window);
        fields.optional("republishes", &mut self.republishes);
        fields.optional("transaction", &mut self.transaction);
        fields.optional("rolls_back", &mut self.rolls_back);
        fields.optional("reply_to", &mut self.reply_to);
        fields.optional("timeout", &mut self.timeout);
        fields.optional("reconnect", &mut self.reconnect);
        fields.optional("code", &mut self.code);
    }
}

/// `[[consumer]]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consumer {
    /// Its name, which is its consumer tag too.
    pub name: String,
    /// The client that it is a part of, with a channel of its own; it is a client of its own if it says nothing.
    pub client: String,
    /// Which of the client's connections it uses; all that say nothing share one.
    pub connection: String,
    /// When it connects.
    pub start: Duration,
    /// The latency of its link, if it is not the network's.
    pub latency: Option<Duration>,
    /// How it declares one of the queues, if not as the others do; the broker refuses a declaration that differs.
    pub declares: Option<Declaration>,
    /// The queue it takes from.
    pub queue: String,
    /// When it acks.
    pub ack: AckMode,
    /// How many unacked messages it takes at most (basic.qos); 0 for any number.
    pub prefetch: u16,
    /// What else it asks of the queue: `x-priority` …
    pub arguments: FieldTable,
    /// After how many messages it acks, all of them at once (`multiple`); sooner, if nothing else waits for it.
    pub ack_every: u32,
    /// How long after its work it acks.
    pub ack_delay: Duration,
    /// The time that its work on a message takes, if it is not the message's.
    pub work: Option<Lapse>,
    /// What it answers to messages that want an answer (reply-to); `{body}` is what the message says.
    pub reply: Option<String>,
    /// How often its work on a message fails; besides, the message itself may bring failures with it.
    pub fails: Frequency,
    /// What it does with a message that it has failed at.
    pub on_failure: OnFailure,
    /// When it tries no more.
    pub give_up: Option<GiveUp>,
    /// How it comes back when its connection breaks; not at all if it says nothing.
    pub reconnect: Option<Reconnect>,
    /// The program that it is, in JavaScript, in place of what the other fields say it does ([`crate::script`]).
    pub code: Option<String>,
}

impl Consumer {
    /// Who takes from `queue`, works on each message as long as it says, and acks then.
    #[must_use]
    pub fn new(name: &str, queue: &str) -> Consumer {
        Consumer {
            name: name.into(),
            client: String::new(),
            connection: String::new(),
            start: Duration::ZERO,
            latency: None,
            declares: None,
            queue: queue.into(),
            ack: AckMode::AfterWork,
            prefetch: 0,
            arguments: FieldTable::default(),
            ack_every: 1,
            ack_delay: Duration::ZERO,
            work: None,
            reply: None,
            fails: Frequency::Never,
            on_failure: OnFailure::Reject,
            give_up: None,
            reconnect: None,
            code: None,
        }
    }
}

impl Record for Consumer {
    fn plain() -> Self {
        Consumer::new("", "")
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("name", &mut self.name);
        fields.optional("client", &mut self.client);
        fields.optional("connection", &mut self.connection);
        fields.optional("start", &mut self.start);
        fields.optional("latency", &mut self.latency);
        fields.optional("declares", &mut self.declares);
        fields.needed("queue", &mut self.queue);
        fields.needed("ack", &mut self.ack);
        fields.optional("prefetch", &mut self.prefetch);
        fields.optional("arguments", &mut self.arguments);
        fields.optional("ack_every", &mut self.ack_every);
        fields.optional("ack_delay", &mut self.ack_delay);
        fields.optional("work", &mut self.work);
        fields.optional("reply", &mut self.reply);
        fields.optional("fails", &mut self.fails);
        fields.optional("on_failure", &mut self.on_failure);
        fields.optional("give_up", &mut self.give_up);
        fields.optional("reconnect", &mut self.reconnect);
        fields.optional("code", &mut self.code);
    }
}

/// `declares = { queue = "orders", durable = true, arguments = { x-message-ttl = 60000 } }`: an actor's own
/// declaration of a queue, in place of the one that `[[queue]]` has for everyone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declaration {
    /// The queue.
    pub queue: String,
    /// Whether the actor takes it for durable.
    pub durable: bool,
    /// The arguments that it asks for.
    pub arguments: FieldTable,
}

impl Record for Declaration {
    fn plain() -> Self {
        Declaration { queue: String::new(), durable: false, arguments: FieldTable::default() }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("queue", &mut self.queue);
        fields.optional("durable", &mut self.durable);
        fields.optional("arguments", &mut self.arguments);
    }
}

impl Declaration {
    /// The queue as an actor with this declaration declares it.
    #[must_use]
    pub fn applied_to(declares: Option<&Declaration>, queue: &Queue) -> Queue {
        match declares.filter(|declaration| declaration.queue == queue.name) {
            None => queue.clone(),
            Some(Declaration { durable, arguments, .. }) => {
                Queue { durable: *durable, arguments: arguments.clone(), ..queue.clone() }
            }
        }
    }
}

/// `reconnect = { after = "500ms", up_to = "8s" }`: each attempt that fails doubles the wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reconnect {
    /// The wait before the first attempt.
    pub after: Duration,
    /// The longest wait; as long as the first if it says nothing.
    pub up_to: Duration,
}

impl Record for Reconnect {
    fn plain() -> Self {
        Reconnect { after: Duration::ZERO, up_to: Duration::ZERO }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("after", &mut self.after);
        fields.optional("up_to", &mut self.up_to);
    }
}

impl Reconnect {
    /// How long to wait when so many attempts have failed.
    pub(crate) fn wait(&self, failed: u32) -> Duration {
        self.after.saturating_mul(1 << failed.min(20)).min(self.up_to.max(self.after))
    }
}

/// When a consumer acks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AckMode {
    /// Never: the broker takes every message for done when it sends it out (`no-ack` in basic.consume).
    Auto,
    /// As soon as it has a message, before it has worked on it.
    OnReceipt,
    /// When its work on a message is done.
    AfterWork,
    /// Never, although the broker waits for it.
    Never,
}

words! { pub AckMode: Auto = "auto", OnReceipt = "on-receipt", AfterWork = "after-work", Never = "never" }

/// What a consumer tells the broker of a message that it has failed at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnFailure {
    /// basic.reject: its queue drops it, or sends it to the dead-letter exchange.
    #[default]
    Reject,
    /// basic.reject with requeue: back to its queue.
    Requeue,
    /// basic.nack: as reject.
    Nack,
    /// basic.nack with requeue.
    NackRequeue,
}

words! { pub OnFailure: Reject = "reject", Requeue = "requeue", Nack = "nack", NackRequeue = "nack-requeue" }

/// `give_up = { after = 3, to = "parked" }`: a message that comes back again and again is put aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GiveUp {
    /// After how many failures, going by the message's `x-death` header.
    pub after: u32,
    /// The queue that it is published to, and acked.
    pub to: String,
}

impl Record for GiveUp {
    fn plain() -> Self {
        GiveUp { after: 0, to: String::new() }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("after", &mut self.after);
        fields.needed("to", &mut self.to);
    }
}
