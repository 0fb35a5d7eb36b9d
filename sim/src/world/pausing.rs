//! Actors that stand still, as a program that is stopped does: their connections stay open, and all that is due waits.

use super::{Task, World};
use crate::{
    actor::{Actor, Role, Status},
    happening::ActorId,
};

impl World {
    /// From now on an actor does nothing, until it is revived.
    pub(super) fn pause_actor(&mut self, id: ActorId) {
        let is_down = |actor: &Actor| matches!(actor.status, Status::Crashed | Status::Refused);
        if let Some(actor) = self.actor(id).filter(|actor| !is_down(actor)) {
            actor.is_paused = true;
            self.parked.entry(id).or_default();
        }
    }

    /// It goes on with all that came due in the meantime. `false` if it did not stand still.
    pub(super) fn wake(&mut self, id: ActorId) -> bool {
        let Some(tasks) = self.parked.remove(&id) else { return false };
        for task in tasks {
            self.agenda.add(self.now, task);
        }
        self.stand_up(id);
        true
    }

    /// It dies where it stands.
    pub(super) fn forget_parked(&mut self, id: ActorId) {
        self.parked.remove(&id);
        self.stand_up(id);
    }

    /// The operator comes when the first thing to do does.
    pub(super) fn hire_operator(&mut self) {
        if !self.actors.last().is_some_and(|actor| matches!(actor.role, Role::Operator)) {
            self.actors.push(Actor::operator(&self.network_plan));
        }
    }

    /// Hands a task back, unless it is for someone who stands still: then it waits.
    pub(super) fn unless_paused(&mut self, task: Task) -> Option<Task> {
        if self.parked.is_empty() {
            return Some(task);
        }
        let parked = self.whose(&task).and_then(|id| self.parked.get_mut(&id));
        match parked {
            Some(parked) => {
                parked.push(task);
                None
            }
            None => Some(task),
        }
    }

    fn whose(&self, task: &Task) -> Option<ActorId> {
        match task {
            Task::Start(id) | Task::Reconnect(id) => Some(*id),
            Task::ToClient(connection, _)
            | Task::Publish(connection)
            | Task::WorkDone(connection)
            | Task::Ack { connection, .. }
            | Task::Timeout { connection, .. }
            | Task::Heartbeat { connection, .. } => self.owners.get(connection).copied(),
            Task::Fault(_) | Task::Relief(_) | Task::Disk { .. } | Task::ToBroker(..) => None,
        }
    }

    fn stand_up(&mut self, id: ActorId) {
        if let Some(actor) = self.actor(id) {
            actor.is_paused = false;
        }
    }
}
