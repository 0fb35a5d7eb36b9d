//! The scene: what is where at a moment of virtual time. Pure: events and layout in, positions out.

mod about;
mod caption;
mod disconnections;
mod flow;
mod layout;
mod light;
mod lights;
mod losses;
mod motion;
mod safety;
mod way;

pub(crate) use caption::{Caption, Captions};
pub(crate) use disconnections::{Disconnection, HeldByCrashed};
pub(crate) use flow::{Flow, Flows, Pace};
pub(crate) use layout::{
    Badge, Box2, Broker, ClientFrame, Curve, Density, Fold, Folding, Keys, Layout, Link, Node, Path,
    QueueRow, Sizes, along, badges_of, bends,
};
pub(crate) use light::{Light, Lit};
pub(crate) use lights::Step;
pub(crate) use motion::{MOST_HELD, Motion};
pub(crate) use safety::Safety;
pub(crate) use way::Way;

use warren_sim::{
    ActorId, Scenario,
    warren_core::{MessageId, Name, event::DeathReason},
};

/// Something that stands on the stage.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Place {
    Producer(ActorId),
    Exchange(Name),
    Queue(Name),
    Consumer(ActorId),
    /// The queues of an exchange that is folded, as one thing.
    Queues(Name),
    /// The consumers of those queues.
    Consumers(Name),
    /// Where the broker writes down what is to survive it.
    Disk,
}

impl Place {
    /// Whether it stands for what is folded of an exchange.
    pub(crate) fn folds(&self, wanted: &Name) -> bool {
        matches!(self, Place::Queues(exchange) | Place::Consumers(exchange) if exchange == wanted)
    }

    /// What it is called where positions are kept; `None` for what the scenario does not have.
    pub(crate) fn key(&self, scenario: &Scenario) -> Option<String> {
        let named = |actor: &ActorId| scenario.actor_names().nth(actor.0 as usize);
        Some(match self {
            Place::Producer(actor) => format!("producer {}", named(actor)?),
            Place::Consumer(actor) => format!("consumer {}", named(actor)?),
            Place::Exchange(name) => format!("exchange {name}"),
            Place::Queue(name) => format!("queue {name}"),
            Place::Queues(exchange) => format!("queues of {exchange}"),
            Place::Consumers(exchange) => format!("consumers of {exchange}"),
            Place::Disk => "disk".into(),
        })
    }
}

/// How the visitor has moved the stage: everything this many times as large, and shifted by so many CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Camera {
    pub(crate) zoom: f64,
    pub(crate) offset: Point,
}

impl Default for Camera {
    fn default() -> Camera {
        Camera { zoom: 1.0, offset: Point::default() }
    }
}

impl Camera {
    /// Larger or smaller around a point of the canvas.
    pub(crate) fn zoomed(self, times: f64, around: Point) -> Camera {
        let zoom = (self.zoom * times).clamp(0.2, 8.0);
        let times = zoom / self.zoom;
        let shift = |offset: f64, around: f64| around - (around - offset) * times;
        let offset = Point { x: shift(self.offset.x, around.x), y: shift(self.offset.y, around.y) };
        Camera { zoom, offset }
    }

    pub(crate) fn shifted(self, by: Point) -> Camera {
        Camera { offset: Point { x: self.offset.x + by.x, y: self.offset.y + by.y }, ..self }
    }
}

/// A point on the stage, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    /// The point that is `part` of the way to `other`, from 0 to 1.
    pub(crate) fn towards(self, other: Point, part: f64) -> Point {
        Point { x: self.x + (other.x - self.x) * part, y: self.y + (other.y - self.y) * part }
    }

    pub(crate) fn minus(self, other: Point) -> Point {
        Point { x: self.x - other.x, y: self.y - other.y }
    }

    pub(crate) fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// What a message is known by on the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Label {
    /// Which of all messages sent it is, from 1; 0 if nobody has been seen sending it.
    pub(crate) number: u64,
    /// Which of the colours it has: that of its sender where several send, so that it is seen whose it is; otherwise one of
    /// its own.
    pub(crate) colour: u64,
}

/// A message that moves or fades.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Dot {
    pub(crate) at: Point,
    pub(crate) kind: DotKind,
    /// Which message, as soon as the broker has numbered it.
    pub(crate) message: Option<MessageId>,
    pub(crate) label: Label,
    /// From 1 down to 0 while it fades.
    pub(crate) opacity: f64,
    pub(crate) routing_key: Name,
    pub(crate) persistent: bool,
    /// Where it comes from; for what a crashed client held, the queue that it is delivered from.
    pub(crate) from: Option<Place>,
}

/// What a dot stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DotKind {
    Message,
    /// A message that has been delivered before.
    Redelivered,
    /// A message that leaves its queue for its dead-letter exchange, and why.
    DeadLetter(DeathReason),
    /// What a consumer answers for a message.
    Settled(Settlement),
    /// A message that a client held when it crashed.
    HeldByCrashed,
    /// A message that is gone for good.
    Lost,
}

/// How a consumer settles a message: what AMQP calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Settlement {
    Ack,
    /// A reject or a nack, without requeueing.
    Reject,
    /// A reject or a nack, with it.
    Requeue,
}

impl Settlement {
    /// As it is written on the stage, in every language.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Settlement::Ack => "ack",
            Settlement::Reject => "reject",
            Settlement::Requeue => "requeue",
        }
    }
}

impl DotKind {
    pub(crate) const fn is_settlement(self) -> bool {
        matches!(self, DotKind::Settled(_))
    }
}

/// A colour of messages, in degrees: neighbours differ as much as possible, and it is always the same one. Red and amber
/// are left out: they stand for losses and for waiting.
pub(crate) fn hue(colour: u64) -> u64 {
    70 + colour.wrapping_mul(185) % 300
}
