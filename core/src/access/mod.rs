//! Who may log in, and what they may do: users, their permissions on virtual hosts, and limits.

mod password;
mod pattern;
mod types;

pub use password::PasswordHash;
pub use pattern::{Pattern, TopicPattern};
pub use types::{Permissions, TopicPermissions, User, UserLimits, VhostLimits};

use crate::{
    Command, Config, Name,
    broker::{Subject, value_from},
    ordered::OrdMap,
};

/// Users and what they may do.
#[derive(Clone, Default)]
pub(crate) struct Access {
    users: OrdMap<String, User>,
    permissions: OrdMap<(String, String), Permissions>,
    topic_permissions: OrdMap<(String, String, String), TopicPermissions>,
    limits: OrdMap<String, VhostLimits>,
}

/// What a user may do on a virtual host. Connections keep it until something about it changes.
#[derive(Clone, Default)]
pub(crate) struct Rights {
    pub(crate) configure: Pattern,
    pub(crate) write: Pattern,
    pub(crate) read: Pattern,
    /// Topic exchanges whose routing keys are restricted, with the patterns for write and read.
    pub(crate) topics: OrdMap<Name, (Pattern, Pattern)>,
}

impl Access {
    pub(crate) fn new(config: &Config) -> Self {
        let mut access = Access::default();
        config.users.iter().cloned().for_each(|user| access.set_user(user));
        config.permissions.iter().cloned().for_each(|permissions| access.permit(permissions));
        config.topic_permissions.iter().cloned().for_each(|topics| access.permit_topics(topics));
        config.vhost_limits.iter().cloned().for_each(|limits| access.limit_vhost(limits));
        access
    }

    pub(crate) fn user_names(&self) -> impl Iterator<Item = &String> {
        self.users.keys()
    }

    /// What sets the first thing of this kind again, from this one on or `behind` it.
    pub(crate) fn command_from(&self, subject: &Subject, behind: bool) -> Option<Command> {
        match subject.clone() {
            Subject::Limits(vhost) => {
                value_from(&self.limits, vhost, behind).cloned().map(Command::LimitVhost)
            }
            Subject::User(name) => {
                let user = value_from(&self.users, name, behind)?.clone();
                Some(Command::SetUser(Box::new(user)))
            }
            Subject::Permissions(user, vhost) => {
                let permissions = value_from(&self.permissions, (user, vhost), behind)?.clone();
                Some(Command::Permit(Box::new(permissions)))
            }
            Subject::Topics(user, vhost, exchange) => {
                let topics = value_from(&self.topic_permissions, (user, vhost, exchange), behind)?.clone();
                Some(Command::PermitTopics(Box::new(topics)))
            }
            Subject::Vhost(_) | Subject::Policy(..) => None,
        }
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.get(name)
    }

    pub(crate) fn set_user(&mut self, user: User) {
        self.users.insert(user.name.clone(), user);
    }

    /// Forgets a user and all that was permitted to it; `false` if there was none.
    pub(crate) fn delete_user(&mut self, name: &str) -> bool {
        self.permissions.retain(|(user, _), _| user != name);
        self.topic_permissions.retain(|(user, ..), _| user != name);
        self.users.remove(name).is_some()
    }

    /// Forgets everything about a virtual host.
    pub(crate) fn delete_vhost(&mut self, name: &str) {
        self.permissions.retain(|(_, vhost), _| vhost != name);
        self.topic_permissions.retain(|(_, vhost, _), _| vhost != name);
        self.limits.remove(name);
    }

    pub(crate) fn permit(&mut self, permissions: Permissions) {
        self.permissions.insert((permissions.user.clone(), permissions.vhost.clone()), permissions);
    }

    pub(crate) fn forbid(&mut self, user: &str, vhost: &str) {
        self.permissions.remove(&(user.into(), vhost.into()));
    }

    pub(crate) fn permit_topics(&mut self, permissions: TopicPermissions) {
        let TopicPermissions { user, vhost, exchange, .. } = &permissions;
        self.topic_permissions.insert((user.clone(), vhost.clone(), exchange.clone()), permissions);
    }

    /// Lifts the restrictions on one exchange, or on all.
    pub(crate) fn lift_topics(&mut self, user: &str, vhost: &str, exchange: Option<&str>) {
        self.topic_permissions.retain(|(of, on, at), _| {
            of != user || on != vhost || exchange.is_some_and(|exchange| at != exchange)
        });
    }

    pub(crate) fn limit_vhost(&mut self, limits: VhostLimits) {
        if limits.max_connections.is_none() && limits.max_queues.is_none() {
            self.limits.remove(&limits.vhost);
            return;
        }
        self.limits.insert(limits.vhost.clone(), limits);
    }

    pub(crate) fn vhost_limits(&self, vhost: &str) -> Option<&VhostLimits> {
        self.limits.get(vhost)
    }

    /// What the user may do on the virtual host; `None` if it may not even open it.
    pub(crate) fn rights(&self, user: &str, vhost: &str) -> Option<Rights> {
        let permissions = self.permissions.get(&(user.into(), vhost.into()))?;
        let topics =
            self.topic_permissions.values().filter(|topic| topic.user == user && topic.vhost == vhost);
        let topics = topics.map(|topic| {
            let patterns = (topic.write.expand(user, vhost), topic.read.expand(user, vhost));
            (Name::from(topic.exchange.as_str()), patterns)
        });
        Some(Rights {
            configure: permissions.configure.clone(),
            write: permissions.write.clone(),
            read: permissions.read.clone(),
            topics: topics.collect(),
        })
    }
}
