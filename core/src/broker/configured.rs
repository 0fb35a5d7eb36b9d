//! The configuration file's entries: each knows where it came from, so that what is taken out of the file is gone.

use super::{Broker, Command};
use crate::{Config, ordered::OrdMap};

/// What an entry is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Subject {
    Vhost(String),
    Limits(String),
    User(String),
    /// User and virtual host.
    Permissions(String, String),
    /// User, virtual host and exchange.
    Topics(String, String, String),
    /// Virtual host, whether it is an operator's, and name.
    Policy(String, bool, String),
}

/// Entries by what they are about.
pub(crate) type Entries = OrdMap<Subject, Command>;

impl Broker {
    /// Does what the file says differently from before, and undoes what it does not say any more.
    pub(super) fn configure(&mut self, said: Vec<Command>) {
        // What earlier versions have written down does not say where it came from: it counts as the file's.
        let before = self.configured.take().unwrap_or_else(|| self.entries());
        let now = by_subject(said);
        let gone = before.keys().filter(|subject| !now.contains_key(*subject));
        let mut commands: Vec<Command> = gone.map(Subject::undone).collect();
        let is_new = |entry: &(&Subject, &Command)| before.get(entry.0) != Some(entry.1);
        commands.extend(now.iter().filter(is_new).map(|(_, command)| command.clone()));
        // The first file of all says nothing that an operator would call a change.
        let is_change = !before.is_empty();
        for command in commands {
            if is_change {
                self.tell_change(&command);
            }
            self.carry_out(command);
        }
        self.configured = Some(now);
    }

    /// What the host's configuration says, as commands.
    pub(super) fn configuration(&self, config: &Config) -> Vec<Command> {
        let mut commands: Vec<Command> = config.vhosts.iter().cloned().map(Command::AddVhost).collect();
        // The default user is for a broker that has none, and stays where it was before.
        let default = Config::default();
        let has_others = || {
            let own = |name: &String| {
                let subject = Subject::User(name.clone());
                self.configured.as_ref().is_some_and(|entries| !entries.contains_key(&subject))
            };
            self.access.user_names().any(own)
        };
        let is_default = config.users == default.users;
        let left_out = is_default && !self.is_configured_user(&default) && has_others();
        if !left_out {
            commands.extend(config.users.iter().cloned().map(|user| Command::SetUser(Box::new(user))));
            let permissions = config.permissions.iter().cloned();
            commands.extend(permissions.map(|permissions| Command::Permit(Box::new(permissions))));
        }
        let topics = config.topic_permissions.iter().cloned();
        commands.extend(topics.map(|topics| Command::PermitTopics(Box::new(topics))));
        commands.extend(config.vhost_limits.iter().cloned().map(Command::LimitVhost));
        let policies = config.policies.iter().cloned();
        commands.extend(policies.map(|policy| Command::SetPolicy(Box::new(policy))));
        commands
    }

    fn is_configured_user(&self, default: &Config) -> bool {
        let is_there = |name: &str| {
            let subject = Subject::User(name.into());
            self.configured.as_ref().is_some_and(|entries| entries.contains_key(&subject))
        };
        default.users.iter().any(|user| is_there(&user.name))
    }

    /// What leads from nothing to what the file and operators have set, the file's part first.
    pub(super) fn settings(&self) -> Vec<Command> {
        let now = self.entries();
        let nothing = Entries::default();
        let configured = self.configured.as_ref().unwrap_or(&nothing);
        let mut commands = Vec::new();
        if self.configured.is_some() {
            commands.push(Command::Configure(configured.values().cloned().collect()));
        }
        let gone = configured.keys().filter(|subject| !now.contains_key(*subject));
        commands.extend(gone.map(Subject::deleted));
        let operators = now.iter().filter(|(subject, command)| configured.get(*subject) != Some(*command));
        commands.extend(operators.map(|(_, command)| command.clone()));
        let closed = self.vhosts.values().filter(|vhost| vhost.closed);
        commands.extend(closed.map(|vhost| Command::CloseVhost(vhost.name.to_string())));
        commands
    }

    /// All that is set, whoever has set it.
    fn entries(&self) -> Entries {
        let vhosts = self.vhosts.keys().map(|name| Command::AddVhost(name.to_string()));
        by_subject(vhosts.chain(self.access.commands()).chain(self.policies.commands()))
    }
}

fn by_subject(commands: impl IntoIterator<Item = Command>) -> Entries {
    let entry = |command: Command| Some((Subject::of(&command)?, command));
    commands.into_iter().filter_map(entry).collect()
}

impl Subject {
    /// What a command sets; `None` for one that sets nothing.
    fn of(command: &Command) -> Option<Subject> {
        Some(match command {
            Command::AddVhost(name) => Subject::Vhost(name.clone()),
            Command::LimitVhost(limits) => Subject::Limits(limits.vhost.clone()),
            Command::SetUser(user) => Subject::User(user.name.clone()),
            Command::Permit(own) => Subject::Permissions(own.user.clone(), own.vhost.clone()),
            Command::PermitTopics(own) => {
                Subject::Topics(own.user.clone(), own.vhost.clone(), own.exchange.clone())
            }
            Command::SetPolicy(policy) => {
                let operators = policy.definition.is_operators();
                Subject::Policy(policy.vhost.clone(), operators, policy.name.clone())
            }
            _ => return None,
        })
    }

    /// What is done about an entry that is no longer in the file.
    fn undone(&self) -> Command {
        match self {
            Subject::Vhost(name) => Command::CloseVhost(name.clone()),
            other => other.deleted(),
        }
    }

    /// What takes it away.
    fn deleted(&self) -> Command {
        match self.clone() {
            Subject::Vhost(name) => Command::DeleteVhost(name),
            Subject::Limits(vhost) => {
                Command::LimitVhost(crate::VhostLimits { vhost, max_connections: None, max_queues: None })
            }
            Subject::User(name) => Command::DeleteUser(name),
            Subject::Permissions(user, vhost) => Command::Forbid { user, vhost },
            Subject::Topics(user, vhost, exchange) => {
                Command::LiftTopics { user, vhost, exchange: Some(exchange) }
            }
            Subject::Policy(vhost, operators, name) => Command::ClearPolicy { vhost, name, operators },
        }
    }
}
