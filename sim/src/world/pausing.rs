//! Clients that stand still, as a program that is stopped does: their connections stay open, and all that is due waits.

use super::{Task, World};
use crate::{
    actor::{Actor, Connection, Role, Status, number_of},
    happening::ActorId,
    scenario::{OPERATOR, Seat},
};

impl World {
    /// From now on an actor's client does nothing, until it is revived.
    pub(super) fn pause_actor(&mut self, id: ActorId) {
        let is_down =
            |actor: &Actor| matches!(actor.status, Status::Crashed | Status::Refused | Status::Finished);
        if let Some(actor) = self.actor(id).filter(|actor| !is_down(actor)) {
            let client = actor.client;
            self.parked.entry(client).or_default();
            for actor in self.mates(client) {
                actor.is_paused = true;
            }
        }
    }

    /// It goes on with all that came due in the meantime. `false` if it did not stand still.
    pub(super) fn wake(&mut self, client: ActorId) -> bool {
        let Some(tasks) = self.parked.remove(&client) else { return false };
        for task in tasks {
            self.agenda.add(self.now, task);
        }
        self.stand_up(client);
        true
    }

    /// It dies where it stands.
    pub(super) fn forget_parked(&mut self, client: ActorId) {
        self.parked.remove(&client);
        self.stand_up(client);
    }

    /// The operator comes when the first thing to do does.
    pub(super) fn hire_operator(&mut self) {
        if !self.actors.last().is_some_and(|actor| matches!(actor.role, Role::Operator)) {
            let (id, place) = (ActorId(number_of(&self.actors)), number_of(&self.connections));
            self.actors.push(Actor::operator(id, place));
            self.connections.push(Connection::new(Seat::alone(OPERATOR), id, &self.network_plan));
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
            Task::Start(id) | Task::Reconnect(id) | Task::ProgramTimer { actor: id, .. } => {
                self.client_of(*id)
            }
            Task::Publish(channel)
            | Task::WorkDone(channel)
            | Task::Ack { channel, .. }
            | Task::Timeout { channel, .. } => self.client_of(*self.owners.get(channel)?),
            Task::ToClient(connection, _) | Task::Heartbeat { connection, .. } => {
                self.opened_by(*connection).map(|opened| opened.client)
            }
            Task::Fault(_) | Task::Relief(_) | Task::Disk { .. } | Task::ToBroker(..) => None,
        }
    }

    fn stand_up(&mut self, client: ActorId) {
        for actor in self.mates(client) {
            actor.is_paused = false;
        }
    }
}
