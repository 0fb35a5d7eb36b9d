//! The kinds of things that a visitor steps from one to the next.

use warren_sim::{
    Happening, WorldEvent,
    warren_core::{Event, Fact},
};

use crate::i18n::Lang;

/// What a step goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StepKind {
    Anything,
    Publish,
    Routing,
    Delivery,
    Ack,
    Return,
    DeadLetter,
    Loss,
    Crash,
    /// When the broker's next timer is due: nothing need happen before.
    Timer,
}

impl StepKind {
    pub(crate) const ALL: [StepKind; 10] = [
        StepKind::Anything,
        StepKind::Publish,
        StepKind::Routing,
        StepKind::Delivery,
        StepKind::Ack,
        StepKind::Return,
        StepKind::DeadLetter,
        StepKind::Loss,
        StepKind::Crash,
        StepKind::Timer,
    ];

    pub(crate) fn name(self, lang: Lang) -> &'static str {
        match self {
            StepKind::Anything => lang.say("any event"),
            StepKind::Publish => lang.say("a publish"),
            StepKind::Routing => lang.say("a routing"),
            StepKind::Delivery => lang.say("a delivery"),
            StepKind::Ack => lang.say("an ack"),
            StepKind::Return => lang.say("a message that comes back"),
            StepKind::DeadLetter => lang.say("a dead letter"),
            StepKind::Loss => lang.say("a loss"),
            StepKind::Crash => lang.say("a crash"),
            StepKind::Timer => lang.say("the broker's next timer"),
        }
    }

    /// The one that the page's HTML calls so.
    pub(crate) fn called(id: &str) -> StepKind {
        StepKind::ALL.into_iter().find(|kind| kind.id() == id).unwrap_or(StepKind::Anything)
    }

    /// What it is called in the page's HTML.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            StepKind::Anything => "anything",
            StepKind::Publish => "publish",
            StepKind::Routing => "routing",
            StepKind::Delivery => "delivery",
            StepKind::Ack => "ack",
            StepKind::Return => "return",
            StepKind::DeadLetter => "dead-letter",
            StepKind::Loss => "loss",
            StepKind::Crash => "crash",
            StepKind::Timer => "timer",
        }
    }

    /// Whether an event is of this kind.
    pub(crate) fn shows(self, event: &WorldEvent) -> bool {
        let fact = match &event.what {
            Happening::Broker(Event { fact, .. }) => Some(fact),
            _ => None,
        };
        match self {
            StepKind::Anything => true,
            StepKind::Publish => matches!(event.what, Happening::Sent(_)),
            StepKind::Routing => matches!(
                fact,
                Some(
                    Fact::Routed { .. }
                        | Fact::Unroutable { .. }
                        | Fact::DeadLetterCycle { is_gone: true, .. }
                )
            ),
            StepKind::Delivery => matches!(event.what, Happening::Received { .. }),
            StepKind::Ack => matches!(event.what, Happening::AckSent { .. }),
            StepKind::Return => matches!(fact, Some(Fact::Requeued { .. })),
            StepKind::DeadLetter => matches!(fact, Some(Fact::DeadLettered { .. })),
            StepKind::Loss => matches!(event.what, Happening::Lost { .. }),
            StepKind::Crash => matches!(
                event.what,
                Happening::Crashed { .. }
                    | Happening::BrokerCrashed { .. }
                    | Happening::BrokerHalted { .. }
                    | Happening::Mishap(_)
            ),
            StepKind::Timer => false,
        }
    }
}
