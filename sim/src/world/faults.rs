//! What goes wrong on the stage, and how it ends.

use warren_core::{Command, Input, Instant, MessageId, wire::FieldTable};

use super::{Task, World};
use crate::{
    actor::{Actor, Role, Status},
    client::Request,
    happening::{ActorId, Happening},
    network::Direction,
    scenario::{Mishap, queue_policy},
};

/// The end of what goes wrong for a time, where the moment alone is not enough.
#[derive(Clone, Copy, Debug)]
pub(super) enum Relief {
    FullDisk,
    LowMemory,
}

impl World {
    /// Lets something go wrong.
    pub(super) fn strike(&mut self, mishap: Mishap) {
        match mishap {
            Mishap::Crash { actor } => self.with_actor(&actor, World::crash_actor),
            Mishap::Revive { actor } => self.with_actor(&actor, World::revive_actor),
            Mishap::CrashBroker { unsynced } => self.crash_broker(unsynced),
            Mishap::StopBroker => self.stop_broker(),
            Mishap::StartBroker => self.start_broker(),
            Mishap::Heal => self.heal_all(),
            mishap => {
                self.record(Happening::Mishap(mishap.clone()));
                self.strike_quietly(mishap);
            }
        }
    }

    /// What no event of its own tells of.
    fn strike_quietly(&mut self, mishap: Mishap) {
        let now = self.now;
        match mishap {
            Mishap::Cut { actor, way, frames, torn } => {
                self.with_actor(&actor, |world, id| world.cut(id, way, frames, torn));
            }
            Mishap::Close { actor } => self.with_actor(&actor, |world, id| {
                if let Some((channel, client)) = world.voice(id) {
                    client.close(channel.number());
                    world.flush_of(id);
                }
            }),
            Mishap::Silence { actor } => self.with_actor(&actor, |world, id| {
                if let Some(connection) = world.connection_id(id) {
                    world.network.kill(connection);
                }
            }),
            Mishap::Partition { actor, way, lasts } => {
                self.with_client(&actor, |world, id| world.network.hold(id, way, now + lasts));
            }
            Mishap::Slow { actor, latency, bandwidth, lasts } => self.with_client(&actor, |world, id| {
                world.network.slow_down(id, latency, bandwidth, now + lasts);
            }),
            Mishap::Tire { actor, times, lasts } => self.with_actor(&actor, |world, id| {
                if let Some(Actor { role: Role::Consumer(consumer), .. }) = world.actor(id) {
                    consumer.tire(times, now + lasts);
                }
            }),
            Mishap::Pause { actor } => self.with_actor(&actor, World::pause_actor),
            Mishap::Settle { actor, message, how } => {
                self.with_actor(&actor, |world, id| world.settle_by_hand(id, MessageId(message), how));
            }
            Mishap::ClockJump { by } => self.calendar_ms = self.calendar_ms.saturating_add(by.millis()),
            Mishap::SlowDisk { times, lasts } => self.slow_disk(times, now + lasts),
            Mishap::FullDisk { lasts } => {
                self.fill_disk(true);
                self.agenda.add(now + lasts, Task::Relief(Relief::FullDisk));
            }
            Mishap::FailingWrite => self.fail_write(),
            Mishap::FlippedBit => self.flip_bit(),
            Mishap::LowMemory { lasts } => {
                self.feed(Input::Admin(Command::LimitMemory(0)));
                self.agenda.add(now + lasts, Task::Relief(Relief::LowMemory));
            }
            Mishap::Policy { pattern, definition } => self.set_policy(&pattern, definition),
            Mishap::DeleteQueue { queue } => self.operate(Request::DeleteQueue { queue }),
            Mishap::PurgeQueue { queue } => self.operate(Request::PurgeQueue { queue }),
            Mishap::Crash { .. }
            | Mishap::Revive { .. }
            | Mishap::CrashBroker { .. }
            | Mishap::StopBroker
            | Mishap::StartBroker
            | Mishap::Heal => {}
        }
    }

    /// What went wrong for a time is over.
    pub(super) fn relieve(&mut self, relief: Relief) {
        match relief {
            Relief::FullDisk => self.fill_disk(false),
            Relief::LowMemory => {
                let bytes = self.config.memory_limit_bytes;
                self.feed(Input::Admin(Command::LimitMemory(bytes)));
            }
        }
    }

    /// All is well again. A broker whose disk is damaged stays down.
    pub(super) fn heal_all(&mut self) {
        self.record(Happening::Healed);
        self.network.heal();
        self.heal_disk();
        self.relieve(Relief::LowMemory);
        self.start_broker();
        let ids: Vec<ActorId> = (0..).take(self.actors.len()).map(ActorId).collect();
        for id in ids {
            if let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) {
                consumer.tire(1, Instant::ZERO);
            }
            if self.connection_id(id).is_some_and(|connection| self.network.is_dead(connection)) {
                // Nobody would ever tell it.
                self.crash_actor(id);
            }
            let is_needed = |status| !matches!(status, Status::Disconnected | Status::Finished);
            if self.actor(id).is_some_and(|actor| is_needed(actor.status)) {
                self.revive_actor(id);
            }
        }
    }

    fn cut(&mut self, id: ActorId, way: Option<Direction>, frames: u32, torn: bool) {
        let Some(connection) = self.connection_id(id) else { return };
        match way {
            Some(way) => self.network.snap(connection, way, frames, torn),
            None => self.break_link(connection),
        }
    }

    fn set_policy(&mut self, pattern: &str, definition: FieldTable) {
        // A scenario is read only if its policies can be set.
        if let Ok(policy) = queue_policy(pattern, definition) {
            self.feed(Input::Admin(Command::SetPolicy(Box::new(policy))));
        }
    }

    /// The operator connects, does one thing, and goes. Whoever interrupts it, the thing is not done.
    fn operate(&mut self, request: Request) {
        let last = u32::try_from(self.actors.len()).unwrap_or(u32::MAX).saturating_sub(1);
        let id = ActorId(last);
        let Some(actor) = self.actor(id).filter(|actor| matches!(actor.role, Role::Operator)) else { return };
        if actor.channel.is_none() {
            actor.set_task(request);
            self.connect(id);
        }
    }

    fn with_actor(&mut self, name: &str, strike: impl FnOnce(&mut World, ActorId)) {
        let found = (0..).zip(&self.actors).find(|(_, actor)| actor.name == name).map(|(id, _)| ActorId(id));
        if let Some(id) = found.or_else(|| self.client_called(name)) {
            strike(self, id);
        }
    }

    fn client_called(&self, name: &str) -> Option<ActorId> {
        self.connections.iter().find(|found| found.client_name == name).map(|found| found.client)
    }

    /// The network is the client's, and knows it by its first actor.
    fn with_client(&mut self, name: &str, strike: impl FnOnce(&mut World, ActorId)) {
        self.with_actor(name, |world, id| {
            if let Some(client) = world.client_of(id) {
                strike(world, client);
            }
        });
    }
}

impl crate::scenario::ClockJump {
    fn millis(self) -> i64 {
        let ms = i64::try_from(self.by.as_millis()).unwrap_or(i64::MAX);
        if self.is_back { -ms } else { ms }
    }
}
