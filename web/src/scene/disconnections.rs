//! Clients without a connection: why, and what those held that have crashed, until the broker has noticed.

use std::time::Duration;

use warren_core::ordered::OrdMap;
use warren_sim::{
    ActorId, Happening, WorldEvent,
    warren_core::{Instant, MessageId, Name},
};

/// Why a client has no connection.
#[derive(Clone, Default, Debug)]
pub(crate) struct Disconnection {
    /// The reply code with which the broker closed its channel or connection, and what the code is called; `None` if its connection just
    /// ended.
    pub(crate) refusal: Option<String>,
    /// When it tries again, and since when it has waited for that.
    pub(crate) retry: Option<(Instant, Instant)>,
    /// When it crashed.
    crashed_at: Option<Instant>,
}

/// So long a client is seen to break when it crashes, by the clock, which runs slowly then.
const BREAKS_FOR: Duration = Duration::from_millis(110);

impl Disconnection {
    /// How far a crashed client has broken, from 0 to 1.
    pub(crate) fn broken(&self, now: Instant) -> f64 {
        self.crashed_at.map_or(1.0, |crashed_at| {
            let part = now.since(crashed_at).as_secs_f64() / BREAKS_FOR.as_secs_f64();
            1.0 - (1.0 - part.min(1.0)).powi(3)
        })
    }
}

/// A message that a client held when it crashed: the broker still counts it as delivered to somebody.
#[derive(Clone, Debug)]
pub(crate) struct HeldByCrashed {
    pub(crate) actor: ActorId,
    pub(crate) queue: Name,
    pub(crate) message: MessageId,
    pub(crate) since: Instant,
    /// Which of those it is that the client held, from 0.
    pub(crate) place: usize,
}

/// All of them.
#[derive(Clone, Default)]
pub(crate) struct Disconnections {
    clients: OrdMap<ActorId, Disconnection>,
    held: Vec<HeldByCrashed>,
}

impl Disconnections {
    pub(crate) fn of(&self, actor: ActorId) -> Disconnection {
        self.clients.get(&actor).cloned().unwrap_or_default()
    }

    /// In the order in which they were delivered.
    pub(crate) fn held_by_crashed(&self) -> &[HeldByCrashed] {
        &self.held
    }

    /// Takes in an event.
    pub(super) fn apply(&mut self, event: &WorldEvent) {
        let at = event.at;
        match &event.what {
            Happening::Refused { actor, reason, again_at, .. } => {
                let client = self.clients.entry(*actor).or_default();
                client.refusal = code(reason);
                client.retry = again_at.map(|again_at| (at, again_at));
            }
            Happening::Crashed { actor, .. } => {
                let crashed = Disconnection { crashed_at: Some(at), ..Disconnection::default() };
                self.clients.insert(*actor, crashed);
            }
            Happening::Revived { actor } | Happening::Connecting { actor, .. } => {
                self.clients.remove(actor);
            }
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
                self.held.clear();
            }
            _ => {}
        }
    }

    /// A client has crashed that held this.
    pub(super) fn keep_held(&mut self, held: HeldByCrashed) {
        self.held.push(held);
    }

    /// The broker has settled it: returns its place, if a crashed client held it.
    pub(super) fn settle(&mut self, queue: &Name, message: MessageId) -> Option<usize> {
        let index = self.held.iter().position(|held| held.message == message && held.queue == *queue)?;
        Some(self.held.remove(index).place)
    }
}

/// The reply code that a reason begins with, and its name: `406 PRECONDITION_FAILED`.
fn code(reason: &str) -> Option<String> {
    let digits = reason.chars().take_while(char::is_ascii_digit).count();
    let name = reason.split(" - ").next().unwrap_or(reason);
    (digits == 3).then(|| name.to_owned())
}
