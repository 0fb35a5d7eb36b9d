//! What has just happened that matters, in a sentence: which one, and since when. The page says it in the visitor's language.

use warren_core::ordered::OrdMap;
use warren_sim::{
    ActorId, Happening, LossReason, Mishap, WorldEvent,
    warren_core::{
        ConnectionId, Event, Fact, Instant,
        event::{MISSED_HEARTBEATS, RequeueReason},
    },
};

use super::Motion;

/// What is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Caption {
    /// A client crashed: the broker still has so many messages that it held, and so many are lost.
    Crashed { actor: ActorId, held: u64, lost: u64 },
    /// So many went back to their queues.
    Returned { messages: u64 },
    /// The broker's power is cut: so many messages are on the disk for good, so many are lost, and so many were on the wire.
    PowerCut { kept: u64, lost: u64, on_the_wire: u64 },
    /// The broker has stopped.
    Stopped,
    /// The broker is up again, with so many messages.
    Started { found: u64 },
    /// Nothing passes between a client and the broker any more, and neither knows yet.
    Silent { client: String },
    /// The broker has heard nothing from a client for two heartbeats and gave it up: so many messages went back to their queues.
    GivenUp { actor: ActorId, returned: u64 },
    /// The broker closed a client's channel or connection.
    Refused { actor: ActorId },
}

/// The latest one.
#[derive(Clone, Default)]
pub(crate) struct Captions {
    latest: Option<(Instant, Caption)>,
    /// When messages went back to their queues the last time because a connection was over, and how many.
    requeued: (Instant, u64),
    /// Who opened each connection.
    clients: OrdMap<ConnectionId, ActorId>,
    /// The latest fault that came after a while of peace.
    fault_at: Option<Instant>,
}

/// What belongs together happens within this time, in µs.
const TOGETHER_US: u128 = 200_000;
/// Faults that follow each other sooner than this are one, in µs.
const PEACE_US: u128 = 4_000_000;

impl Captions {
    /// What there is to say, and since when.
    pub(crate) fn latest(&self) -> Option<(Instant, Caption)> {
        self.latest.clone()
    }

    /// When the latest fault came that is worth a closer look.
    pub(crate) const fn fault_at(&self) -> Option<Instant> {
        self.fault_at
    }

    /// Takes in an event; `motion` has already done so.
    pub(crate) fn see(&mut self, event: &WorldEvent, motion: &Motion) {
        match &event.what {
            Happening::Crashed { actor, .. } => {
                let held = motion
                    .disconnections()
                    .held_by_crashed()
                    .iter()
                    .filter(|held| held.actor == *actor)
                    .count();
                self.say(event.at, Caption::Crashed { actor: *actor, held: held as u64, lost: 0 });
            }
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } => {
                let kept = motion.disk().kept().len() as u64;
                self.say(event.at, Caption::PowerCut { kept, lost: 0, on_the_wire: 0 });
            }
            Happening::BrokerStopped => self.say(event.at, Caption::Stopped),
            Happening::BrokerStarted => self.say(event.at, Caption::Started { found: 0 }),
            Happening::Refused { actor, reason, .. }
                if reason.starts_with(|first: char| first.is_ascii_digit()) =>
            {
                self.say(event.at, Caption::Refused { actor: *actor });
            }
            Happening::Connecting { actor, connection, .. } => {
                self.clients.entry(*connection).or_insert(*actor);
            }
            Happening::Mishap(Mishap::Silence { actor } | Mishap::Partition { actor, .. }) => {
                self.say(event.at, Caption::Silent { client: actor.clone() });
            }
            Happening::Lost { reason, .. } => self.lose(*reason),
            Happening::NeverArrived(_) => {
                if let Some((_, Caption::PowerCut { on_the_wire, .. })) = &mut self.latest {
                    *on_the_wire += 1;
                }
            }
            Happening::Broker(Event { fact, .. }) => self.see_fact(event.at, fact),
            _ => {}
        }
    }

    fn see_fact(&mut self, at: Instant, fact: &Fact) {
        if matches!(fact, Fact::Requeued { reason: RequeueReason::ConnectionClosed, .. }) {
            let before = if self.requeued.0 == at { self.requeued.1 } else { 0 };
            self.requeued = (at, before + 1);
        }
        match (fact, &mut self.latest) {
            (Fact::Recovered { .. }, Some((_, Caption::Started { found }))) => *found += 1,
            (Fact::Requeued { .. }, Some((since, Caption::Returned { messages })))
                if at.since(*since).as_micros() < TOGETHER_US =>
            {
                *messages += 1;
            }
            (Fact::Requeued { .. }, Some((_, Caption::Crashed { held, .. }))) if *held > 0 => {
                self.say(at, Caption::Returned { messages: 1 });
            }
            (Fact::ConnectionClosed { connection, reason }, _) if reason == MISSED_HEARTBEATS => {
                // What it held went back just before.
                let returned = if self.requeued.0 == at { self.requeued.1 } else { 0 };
                if let Some(actor) = self.clients.get(connection).copied() {
                    self.say(at, Caption::GivenUp { actor, returned });
                }
            }
            _ => {}
        }
    }

    fn lose(&mut self, because: LossReason) {
        match (&mut self.latest, because) {
            (
                Some((_, Caption::Crashed { lost, .. })),
                LossReason::HeldByCrashed { .. } | LossReason::InSocket { .. },
            )
            | (Some((_, Caption::PowerCut { lost, .. })), LossReason::InMemory | LossReason::NotSynced) => {
                *lost += 1;
            }
            _ => {}
        }
    }

    fn say(&mut self, at: Instant, caption: Caption) {
        let is_fault = matches!(caption, Caption::Crashed { .. } | Caption::PowerCut { .. });
        if is_fault && self.fault_at.is_none_or(|before| at.since(before).as_micros() > PEACE_US) {
            self.fault_at = Some(at);
        }
        self.latest = Some((at, caption));
    }
}

#[cfg(test)]
mod tests {
    use warren_sim::{ActorId, Scenario, World, lessons, warren_core::Instant};

    use super::{Caption, Captions, Motion};

    /// Everything that is said in a lesson, each as it was in the end.
    fn said(lesson: &str) -> Vec<Caption> {
        let lesson = lessons::find(lesson).expect("a lesson");
        said_in(&Scenario::parse(lesson.id, lesson.toml).expect("a good file"))
    }

    fn said_in(scenario: &Scenario) -> Vec<Caption> {
        let mut world = World::new(scenario, 1);
        world.run_until(Instant::ZERO + scenario.until);
        let (mut motion, mut captions) = (Motion::default(), Captions::default());
        let mut said: Vec<(Instant, Caption)> = Vec::new();
        for event in world.take_events() {
            motion.apply(&event);
            captions.see(&event, &motion);
            match (captions.latest(), said.last_mut()) {
                (Some(latest), Some(last)) if latest.0 == last.0 => *last = latest,
                (Some(latest), _) => said.push(latest),
                (None, _) => {}
            }
        }
        said.into_iter().map(|(_, caption)| caption).collect()
    }

    #[test]
    fn a_crash_says_what_the_broker_still_has_and_what_is_lost() {
        let actor = ActorId(1);
        let crashed = Caption::Crashed { actor, held: 2, lost: 0 };
        assert_eq!(said("crash-with-ack"), [crashed, Caption::Returned { messages: 2 }]);
        assert_eq!(said("crash-without-ack"), [Caption::Crashed { actor, held: 0, lost: 2 }]);
    }

    #[test]
    fn a_power_cut_says_what_is_kept_lost_and_never_arrived() {
        let cut = Caption::PowerCut { kept: 4, lost: 9, on_the_wire: 3 };
        assert_eq!(said("durable"), [cut, Caption::Started { found: 4 }]);
    }

    #[test]
    fn a_silent_link_is_told_and_so_is_who_is_given_up_for_it() {
        let toml = "until = \"30s\"
            [title]\nen = \"\"\nru = \"\"\n[summary]\nen = \"\"\nru = \"\"
            [[queue]]\nname = \"tasks\"
            [[producer]]\nname = \"shop\"\nexchange = \"\"\nrouting_key = \"tasks\"\ncount = 2\ninterval = \"100ms\"
            [[consumer]]\nname = \"worker\"\nqueue = \"tasks\"\nack = \"after-work\"\nwork = \"60s\"
            [network]\nheartbeat = \"4s\"
            [[fault]]\nat = \"3s\"\nsilence = \"worker\"";
        let silent = Caption::Silent { client: "worker".into() };
        let given_up = Caption::GivenUp { actor: ActorId(1), returned: 2 };
        assert_eq!(said_in(&Scenario::parse("silent", toml).expect("a good file")), [silent, given_up]);
    }

    #[test]
    fn where_nothing_goes_wrong_nothing_is_said() {
        assert_eq!(said("fanout"), []);
    }
}
