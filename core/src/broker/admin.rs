//! What an operator asks for.

use super::{Broker, Command};
use crate::{ConnectionId, ReplyCode, refusal::Refusal, session::Phase};

impl Broker {
    pub(super) fn admin(&mut self, command: Command) {
        match command {
            Command::Shutdown { reason } => self.shut_down(&reason),
        }
    }

    fn shut_down(&mut self, reason: &str) {
        self.shutting_down = true;
        let text = format!("broker forced connection closure with reason '{reason}'");
        let refusal = Refusal::new(ReplyCode::ConnectionForced, text);
        let connections: Vec<(ConnectionId, Phase)> =
            self.sessions.values().map(|session| (session.id, session.phase)).collect();
        for (connection, phase) in connections {
            match phase {
                Phase::Running => self.close_connection(connection, &refusal, (0, 0)),
                Phase::Closing => {}
                _ => self.hang_up(connection, &refusal.reply_text()),
            }
        }
    }
}
