//! Code that actors play: what an interpreter is told, and what it answers.
//!
//! An actor of a scenario may have a program of its own in JavaScript, written against amqplib. The world runs no
//! JavaScript: its host does ([`Interpreter`], [`crate::World::playing`]). What the world keeps of a running program is
//! data, the list of all that it has been told ([`Script`]), so that a world with programs is copied, rewound and forked
//! like any other. What a program does follows from that list alone: the clock and the chances of a program come with it.
//!
//! What it does goes through the actor's AMQP client, as what other actors do.

mod calls;
mod json;
mod runs;

use std::{rc::Rc, time::Duration};

use warren_core::{Instant, wire::FieldTable};

pub use calls::Calls;
pub use runs::{Run, Runs};

/// How often a program is called at most: about what a page can play again at once when it is rewound.
pub const MOST_CALLS: u32 = 20_000;
/// How many timers a program has at most at one time.
pub(crate) const MOST_TIMERS: usize = 10_000;
/// How long code may be, in bytes.
pub(crate) const LONGEST_CODE: usize = 64 * 1024;

/// Plays the code of actors: a part of the world's host.
pub trait Interpreter {
    /// Whether this code is to be played. If not, its actor does not start.
    fn plays(&self, code: &str) -> bool;

    /// Runs the code from its first line, with all calls, and says what it does at the last of them. The same script has
    /// the same answer, always. An implementation keeps programs running, and plays those again that it has not kept
    /// ([`Runs`]).
    fn answer(&self, script: &Script) -> Reply;
}

/// A running program: its code, and all that it has been told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Script {
    /// The name of its actor.
    pub actor: Rc<str>,
    /// The text of the program.
    pub code: Rc<str>,
    /// What its chances come from.
    pub seed: u64,
    /// What it has been told, the latest last.
    pub calls: Calls,
}

impl Script {
    /// Whether this is the same run as `earlier`, as far as that goes.
    #[must_use]
    pub fn continues(&self, earlier: &Script) -> bool {
        self.seed == earlier.seed
            && self.actor == earlier.actor
            && (Rc::ptr_eq(&self.code, &earlier.code) || self.code == earlier.code)
            && self.calls.continue_after(&earlier.calls)
    }
}

/// Something that a program is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// When, on the world's clock, which is the program's, too.
    pub at: Instant,
    /// What.
    pub what: Heard,
}

/// What a program can be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It starts: its first line is run.
    Start,
    /// Its connection is open, and the one channel on it.
    Opened,
    /// The broker has answered the oldest of its requests that was without an answer.
    Answered(Answer),
    /// A message came to one of its consumers.
    Delivered(Box<Incoming>),
    /// A mandatory message came back.
    Returned(Box<Incoming>),
    /// The broker has taken responsibility for publish `number`, or for all up to it.
    Confirmed {
        /// Which of the channel's publishes, from 1.
        number: u64,
        /// Whether all before it, too.
        multiple: bool,
        /// Whether it did: `false` if a queue did not take it.
        is_safe: bool,
    },
    /// The time of a timer has come.
    Timer(u32),
    /// Its channel or its connection is over. It is told nothing more.
    Closed {
        /// The broker's reply code and text, or what happened to the connection.
        reason: String,
    },
}

/// What the broker says in answer to a request; each answer has some of these only.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// The queue that was declared.
    pub queue: Option<String>,
    /// How many messages wait in it, or were removed from it.
    pub messages: Option<u32>,
    /// How many consumers it has.
    pub consumers: Option<u32>,
}

/// A message that came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Incoming {
    /// The consumer that it is for; empty for one that came back.
    pub consumer_tag: String,
    /// The delivery's number on the channel, from 1; 0 for one that came back.
    pub delivery_tag: u64,
    /// Whether it has been delivered before.
    pub redelivered: bool,
    /// Where it was published.
    pub exchange: String,
    /// Its routing key.
    pub routing_key: String,
    /// Why it came back: reply code and text.
    pub returned: Option<(u16, String)>,
    /// Its content type.
    pub content_type: Option<String>,
    /// Its headers.
    pub headers: FieldTable,
    /// 2 for a persistent message.
    pub delivery_mode: Option<u8>,
    /// Its priority.
    pub priority: Option<u8>,
    /// Its correlation id.
    pub correlation_id: Option<String>,
    /// Where its answer is to go.
    pub reply_to: Option<String>,
    /// How long it may wait, in ms.
    pub expiration: Option<String>,
    /// Its id.
    pub message_id: Option<String>,
    /// What it says.
    pub body: Vec<u8>,
}

/// What a program does at a call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    /// What it does, in order.
    pub commands: Vec<Command>,
    /// The error that ends it, after the commands.
    pub mistake: Option<Mistake>,
}

/// An error that a program does not catch, or a limit that it goes beyond.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// What is wrong.
    pub message: String,
    /// The line of the code, from 1, if it is known.
    pub line: Option<u32>,
}

/// Something that a program does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// It connects, and opens its channel.
    Connect,
    /// It asks the broker for something.
    Ask(Request),
    /// basic.publish
    Publish(Box<Publication>),
    /// basic.ack, basic.nack or basic.reject
    Settle {
        /// The delivery's number.
        tag: u64,
        /// Whether all before it, too.
        multiple: bool,
        /// With which method.
        how: Settlement,
    },
    /// It sets a timer, or sets it anew.
    SetTimer {
        /// Its number, of the program's choice.
        timer: u32,
        /// From now.
        after: Duration,
    },
    /// It takes a timer back.
    ClearTimer(u32),
    /// It prints a line.
    Print {
        /// The line.
        text: String,
        /// Whether it is meant as an error.
        is_error: bool,
        /// The line of the code that the error comes from, if it is one.
        line: Option<u32>,
    },
    /// Its callback for a delivery has come to its end.
    Done {
        /// The delivery's number.
        tag: u64,
    },
    /// It closes its connection in order: the program has come to its end.
    Close,
    /// It ends at once.
    Exit {
        /// 0 if all is well.
        code: i32,
    },
}

/// What a program asks the broker for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields are those of the AMQP methods that are named")]
pub enum Request {
    /// exchange.declare
    Exchange { name: String, kind: String, durable: bool, arguments: FieldTable },
    /// queue.declare
    Queue { name: String, passive: bool, durable: bool, exclusive: bool, arguments: FieldTable },
    /// queue.bind
    Bind { exchange: String, queue: String, routing_key: String, arguments: FieldTable },
    /// exchange.bind
    BindExchange { exchange: String, to: String, routing_key: String, arguments: FieldTable },
    /// confirm.select
    Confirms,
    /// basic.qos; `global` for what all consumers of the channel share
    Prefetch { count: u16, global: bool },
    /// basic.consume
    Consume { queue: String, tag: String, no_ack: bool, arguments: FieldTable },
    /// basic.cancel
    Cancel { tag: String },
    /// queue.delete
    DeleteQueue { queue: String },
    /// queue.purge
    PurgeQueue { queue: String },
}

/// How a delivery is settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// basic.ack
    Ack,
    /// basic.nack
    Nack {
        /// Whether it goes back to its queue.
        requeue: bool,
    },
    /// basic.reject
    Reject {
        /// Whether it goes back to its queue.
        requeue: bool,
    },
}

/// A message that a program publishes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Publication {
    /// Empty for the default exchange.
    pub exchange: String,
    /// Its routing key.
    pub routing_key: String,
    /// What it says.
    pub body: String,
    /// Its headers.
    pub headers: FieldTable,
    /// Whether it is to survive a restart.
    pub persistent: bool,
    /// Whether it comes back if no queue takes it.
    pub mandatory: bool,
    /// Its priority.
    pub priority: Option<u8>,
    /// How long it may wait, in ms.
    pub expiration: Option<String>,
    /// Its id.
    pub message_id: Option<String>,
    /// Its correlation id.
    pub correlation_id: Option<String>,
    /// Where the answer is to go.
    pub reply_to: Option<String>,
    /// Its content type.
    pub content_type: Option<String>,
}
