//! The configuration file's entries: each knows where it came from, so that what is taken out of the file is gone.

use std::ops::Bound::{Excluded, Included, Unbounded};

use super::{Broker, Command};
use crate::{Config, Name, ordered::OrdMap};

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

/// What is told next of the settings, for a snapshot.
#[derive(Clone)]
pub(super) enum NextSetting {
    /// What the file says: in one piece, as it was read.
    File,
    /// What the file says and is there no more, behind this entry.
    Gone(Option<Subject>),
    /// What operators have set, behind this entry.
    Others(Option<Subject>),
    /// Virtual hosts that are closed, behind this one.
    Closed(Option<Name>),
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

    /// A part of what leads from nothing to what the file and operators have set: a command, if this step leads to one, and what
    /// comes next; `None` when all has been told.
    pub(super) fn next_setting(&self, next: NextSetting) -> Option<(Option<Command>, NextSetting)> {
        let configured = |subject: &Subject| self.configured.as_ref()?.get(subject);
        Some(match next {
            NextSetting::File => {
                let said = self.configured.as_ref().map(|said| said.values().cloned().collect());
                (said.map(Command::Configure), NextSetting::Gone(None))
            }
            NextSetting::Gone(after) => {
                let from = after.map_or(Unbounded, Excluded);
                let said = self.configured.as_ref().and_then(|said| said.range((from, Unbounded)).next());
                let Some((subject, _)) = said else { return Some((None, NextSetting::Others(None))) };
                let gone = self.entry(subject).is_none().then(|| subject.deleted());
                (gone, NextSetting::Gone(Some(subject.clone())))
            }
            NextSetting::Others(after) => {
                let is_first = after.is_none();
                let found = self.entry_from(after.unwrap_or(Subject::FIRST), !is_first);
                let Some((subject, command)) = found else { return Some((None, NextSetting::Closed(None))) };
                let is_others = configured(&subject) != Some(&command);
                (is_others.then_some(command), NextSetting::Others(Some(subject)))
            }
            NextSetting::Closed(after) => {
                let vhost = self.vhost_behind(after)?;
                let closed = vhost.closed.then(|| Command::CloseVhost(vhost.name.to_string()));
                (closed, NextSetting::Closed(Some(vhost.name.clone())))
            }
        })
    }

    /// All that is set, whoever has set it.
    fn entries(&self) -> Entries {
        let first = self.entry_from(Subject::FIRST, false);
        let next = |(subject, _): &(Subject, Command)| self.entry_from(subject.clone(), true);
        std::iter::successors(first, next).collect()
    }

    /// What is set about this.
    fn entry(&self, subject: &Subject) -> Option<Command> {
        self.entry_from(subject.clone(), false)
            .filter(|(found, _)| found == subject)
            .map(|(_, command)| command)
    }

    /// The first entry from this one on, or `behind` it.
    fn entry_from(&self, mut subject: Subject, mut behind: bool) -> Option<(Subject, Command)> {
        loop {
            let found = match &subject {
                Subject::Vhost(name) => {
                    let vhost = value_from(&self.vhosts, name.as_str().into(), behind);
                    vhost.map(|vhost| Command::AddVhost(vhost.name.to_string()))
                }
                Subject::Policy(..) => self.policies.command_from(&subject, behind),
                _ => self.access.command_from(&subject, behind),
            };
            if let Some(command) = found {
                return Some((Subject::of(&command)?, command));
            }
            (subject, behind) = (subject.first_of_next_kind()?, false);
        }
    }
}

/// The value of the first key from this one on, or `behind` it.
pub(crate) fn value_from<K: Ord, V>(map: &OrdMap<K, V>, key: K, behind: bool) -> Option<&V> {
    let from = if behind { Excluded(key) } else { Included(key) };
    map.range((from, Unbounded)).next().map(|(_, value)| value)
}

fn by_subject(commands: impl IntoIterator<Item = Command>) -> Entries {
    let entry = |command: Command| Some((Subject::of(&command)?, command));
    commands.into_iter().filter_map(entry).collect()
}

impl Subject {
    /// There is none before it.
    const FIRST: Subject = Subject::Vhost(String::new());

    /// None of the next kind is before it.
    fn first_of_next_kind(&self) -> Option<Subject> {
        let none = String::new;
        Some(match self {
            Subject::Vhost(_) => Subject::Limits(none()),
            Subject::Limits(_) => Subject::User(none()),
            Subject::User(_) => Subject::Permissions(none(), none()),
            Subject::Permissions(..) => Subject::Topics(none(), none(), none()),
            Subject::Topics(..) => Subject::Policy(none(), false, none()),
            Subject::Policy(..) => return None,
        })
    }

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
