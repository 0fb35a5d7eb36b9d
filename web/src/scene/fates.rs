//! What has befallen clients and the broker, as far as it is seen: crashes, refusals, and what hangs in the air until the
//! broker has noticed.

use warren_core::ordered::OrdMap;
use warren_sim::{
    ActorId, Happening, WorldEvent,
    warren_core::{Instant, MessageId, Name},
};

/// What has befallen a client.
#[derive(Clone, Default, Debug)]
pub(crate) struct Fate {
    /// The reply code with which the broker closed the door on it, and what it is called; `None` if its connection just
    /// ended.
    pub(crate) refusal: Option<String>,
    /// When it tries again, and since when it has waited for that.
    pub(crate) retry: Option<(Instant, Instant)>,
}

/// A message that a client held when it crashed: the broker still counts it as delivered to somebody.
#[derive(Clone, Debug)]
pub(crate) struct Hanging {
    pub(crate) actor: ActorId,
    pub(crate) queue: Name,
    pub(crate) message: MessageId,
    pub(crate) since: Instant,
    /// Which of those it is that the client held, from 0.
    pub(crate) place: usize,
}

/// What has befallen everyone.
#[derive(Clone, Default)]
pub(crate) struct Fates {
    clients: OrdMap<ActorId, Fate>,
    hanging: Vec<Hanging>,
}

impl Fates {
    pub(crate) fn of(&self, actor: ActorId) -> Fate {
        self.clients.get(&actor).cloned().unwrap_or_default()
    }

    /// In the order in which they were delivered.
    pub(crate) fn hanging(&self) -> &[Hanging] {
        &self.hanging
    }

    /// Takes in an event.
    pub(super) fn apply(&mut self, event: &WorldEvent) {
        let at = event.at;
        match &event.what {
            Happening::Refused { actor, reason, again_at, .. } => {
                let fate = self.clients.entry(*actor).or_default();
                fate.refusal = code(reason);
                fate.retry = again_at.map(|again_at| (at, again_at));
            }
            Happening::Crashed { actor, .. }
            | Happening::Revived { actor }
            | Happening::Connecting { actor, .. } => {
                self.clients.remove(actor);
            }
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
                self.hanging.clear();
            }
            _ => {}
        }
    }

    /// A client has crashed that held this.
    pub(super) fn hang(&mut self, actor: ActorId, queue: &Name, message: MessageId, since: Instant) {
        let place = self.hanging.iter().filter(|other| other.actor == actor).count();
        self.hanging.push(Hanging { actor, queue: queue.clone(), message, since, place });
    }

    /// The broker has settled it: returns its place, if it hung.
    pub(super) fn settle(&mut self, queue: &Name, message: MessageId) -> Option<usize> {
        let index = self.hanging.iter().position(|it| it.message == message && it.queue == *queue)?;
        Some(self.hanging.remove(index).place)
    }
}

/// The reply code that a reason begins with, and its name: `406 PRECONDITION_FAILED`.
fn code(reason: &str) -> Option<String> {
    let digits = reason.chars().take_while(char::is_ascii_digit).count();
    let name = reason.split(" - ").next().unwrap_or(reason);
    (digits == 3).then(|| name.to_owned())
}
