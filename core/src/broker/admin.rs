//! What an operator asks for.

use super::{
    Broker, Command,
    fault::NOBODY,
    work::{Task, cost},
};
use crate::{
    ConnectionId, Fact, Name, ReplyCode,
    event::QueueEnd,
    refusal::Refusal,
    session::{Phase, Session},
    vhost::Vhost,
};

impl Broker {
    pub(super) fn admin(&mut self, command: Command) {
        self.record_command(&command);
        self.tell_change(&command);
        self.carry_out(command);
    }

    /// Does what a command says, without a word of it to the journal or the log.
    pub(super) fn carry_out(&mut self, command: Command) {
        match command {
            Command::Stop => self.stop(),
            Command::Shutdown { reason } => self.shut_down(&reason),
            Command::CloseConnection { connection, reason } => self.force_close(connection, &forced(&reason)),
            Command::LimitMemory(bytes) => self.config.memory_limit_bytes = bytes,
            Command::AddVhost(name) => self.add_vhost(name.into()),
            Command::DeleteVhost(name) => self.delete_vhost(&name),
            Command::CloseVhost(name) => self.close_vhost(&name),
            Command::LimitVhost(limits) => self.access.limit_vhost(limits),
            Command::SetUser(user) => self.access.set_user(*user),
            Command::DeleteUser(name) => self.delete_user(&name),
            Command::Permit(permissions) => {
                self.access.permit(*permissions);
                self.review_rights();
            }
            Command::Forbid { user, vhost } => {
                self.access.forbid(&user, &vhost);
                self.review_rights();
            }
            Command::PermitTopics(permissions) => {
                self.access.permit_topics(*permissions);
                self.review_rights();
            }
            Command::LiftTopics { user, vhost, exchange } => {
                self.access.lift_topics(&user, &vhost, exchange.as_deref());
                self.review_rights();
            }
            Command::SetPolicy(policy) => self.set_policy(*policy),
            Command::ClearPolicy { vhost, name, operators } => self.clear_policy(&vhost, operators, &name),
            Command::Configure(entries) => self.configure(entries),
        }
    }

    fn shut_down(&mut self, reason: &str) {
        self.shutting_down = true;
        let refusal = forced(&format!("broker forced connection closure with reason '{reason}'"));
        self.force_close_all(&refusal, |_| true);
    }

    fn add_vhost(&mut self, name: Name) {
        self.vhosts
            .entry(name.clone())
            .or_insert_with(|| Vhost::new(name, self.config.behaviours()))
            .closed = false;
    }

    fn close_vhost(&mut self, name: &str) {
        let Some(vhost) = self.vhosts.get_mut(name) else { return };
        vhost.closed = true;
        let refusal = forced(&format!("vhost '{name}' is closed"));
        self.force_close_all(&refusal, |session| session.vhost == *name);
    }

    fn delete_vhost(&mut self, name: &str) {
        // A connection that is told so twice has its stream closed at once, and RabbitMQ does tell it twice.
        for reason in ["deleted", "down"] {
            let refusal = forced(&format!("vhost '{name}' is {reason}"));
            self.force_close_all(&refusal, |session| session.vhost == *name);
        }
        let Some(mut vhost) = self.vhosts.remove(name) else { return };
        for client in vhost.take_waiting() {
            self.release_input(client);
        }
        self.forget_delayed(&vhost.name);
        self.access.delete_vhost(name);
        self.policies.delete_vhost(name);
        self.empty_vhost(Box::new(vhost));
    }

    /// Deletes what was in a virtual host that is gone, as far as this slice goes.
    pub(super) fn empty_vhost(&mut self, mut gone: Box<Vhost>) {
        loop {
            if let Some((_, queue)) = gone.queues.pop_first() {
                self.delete_queue(queue, QueueEnd::Deleted);
            } else if let Some((exchange, mut found)) = gone.exchanges.pop_first() {
                self.work.charge(cost::CHANGE);
                if let Some(history) = found.history.take() {
                    self.forget_history(history, found.holding);
                }
                self.forget_bindings(gone.name.clone(), Box::new(found));
                self.events.emit(&gone.name, || Fact::ExchangeDeleted { exchange });
            } else if gone.forget_next() {
                self.work.charge(cost::FRAME);
            } else {
                return;
            }
            if self.work.is_spent() {
                return self.work.add(Task::EmptyVhost(gone));
            }
        }
    }

    fn delete_user(&mut self, name: &str) {
        self.access.delete_user(name);
        self.force_close_all(&forced(&format!("user '{name}' is deleted")), |session| session.user == *name);
    }

    /// Permissions have changed: what connections remember of them is looked up again. A user that has lost a virtual
    /// host keeps the connections it has, and may do nothing with them (RabbitMQ).
    fn review_rights(&mut self) {
        for session in self.sessions.values_mut().filter(|session| session.phase == Phase::Running) {
            session.rights = self.access.rights(&session.user, &session.vhost).unwrap_or_default();
            session.channels.values_mut().for_each(|channel| channel.may_publish_to = None);
        }
    }

    fn force_close_all(&mut self, refusal: &Refusal, whose: impl Fn(&Session) -> bool) {
        let connections = self.sessions.values().filter(|session| whose(session)).map(|session| session.id);
        let connections: Vec<ConnectionId> = connections.collect();
        for connection in connections {
            self.force_close(connection, refusal);
        }
    }

    fn force_close(&mut self, connection: ConnectionId, refusal: &Refusal) {
        match self.sessions.get(&connection).map(|session| session.phase) {
            Some(Phase::Running) => self.close_connection(connection, refusal, NOBODY),
            None => {}
            Some(_) => self.hang_up(connection, &refusal.reply_text()),
        }
    }
}

fn forced(text: &str) -> Refusal {
    Refusal::new(ReplyCode::ConnectionForced, text)
}
