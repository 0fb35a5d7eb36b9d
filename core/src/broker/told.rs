//! What an operator's command has changed, as a sentence for the log.

use super::{Broker, Command};
use crate::Notice;

impl Broker {
    /// Tells the host's log of a command that changes something for longer.
    pub(super) fn tell_change(&mut self, command: &Command) {
        if let Some(what) = sentence(command) {
            self.notice(Notice::Changed { what });
        }
    }
}

/// None for a command that changes nothing for longer. No secret is part of it.
fn sentence(command: &Command) -> Option<String> {
    Some(match command {
        Command::Stop | Command::Shutdown { .. } | Command::Configure(_) => return None,
        Command::CloseConnection { connection, reason } => {
            format!("connection {connection} is closed by an operator: {reason}")
        }
        Command::LimitMemory(bytes) => format!("the memory limit is {bytes} bytes"),
        Command::AddVhost(name) => format!("virtual host '{name}' is open"),
        Command::DeleteVhost(name) => format!("virtual host '{name}' is deleted with all that was in it"),
        Command::CloseVhost(name) => format!("virtual host '{name}' is closed, and keeps what is in it"),
        Command::LimitVhost(limits) => format!(
            "virtual host '{}' may have {} connections and {} queues",
            limits.vhost,
            at_most(limits.max_connections),
            at_most(limits.max_queues)
        ),
        Command::SetUser(user) => format!(
            "user '{}' is set: tags [{}], {} connections, {} channels{}",
            user.name,
            user.tags.join(", "),
            at_most(user.limits.max_connections),
            at_most(user.limits.max_channels),
            if user.loopback_only { ", from this machine only" } else { "" }
        ),
        Command::DeleteUser(name) => format!("user '{name}' is deleted with its permissions"),
        Command::Permit(own) => format!(
            "user '{}' may configure '{}', write '{}' and read '{}' on virtual host '{}'",
            own.user,
            own.configure.as_str(),
            own.write.as_str(),
            own.read.as_str(),
            own.vhost
        ),
        Command::Forbid { user, vhost } => format!("user '{user}' may not use virtual host '{vhost}'"),
        Command::PermitTopics(own) => format!(
            "user '{}' may write topics '{}' and read topics '{}' with exchange '{}' on virtual host '{}'",
            own.user,
            own.write.as_str(),
            own.read.as_str(),
            own.exchange,
            own.vhost
        ),
        Command::LiftTopics { user, vhost, exchange } => format!(
            "user '{user}' may use all topics with {} on virtual host '{vhost}'",
            exchange
                .as_ref()
                .map_or("every exchange".to_owned(), |exchange| format!("exchange '{exchange}'"))
        ),
        Command::SetPolicy(policy) => format!(
            "{} '{}' on virtual host '{}' is set: pattern '{}', for {}, priority {}, {}",
            kind_of_policy(policy.definition.is_operators()),
            policy.name,
            policy.vhost,
            policy.pattern.as_str(),
            policy.apply_to.as_str(),
            policy.priority,
            policy.definition.table()
        ),
        Command::ClearPolicy { vhost, name, operators } => {
            format!("{} '{name}' on virtual host '{vhost}' is cleared", kind_of_policy(*operators))
        }
    })
}

fn kind_of_policy(operators: bool) -> &'static str {
    if operators { "operator policy" } else { "policy" }
}

fn at_most(limit: Option<u64>) -> String {
    limit.map_or("any number of".to_owned(), |limit| format!("at most {limit}"))
}
