//! The file's virtual hosts, users, permissions and policies.

use serde::Deserialize;
use toml::{Spanned, Table};
use warren_core::{
    ApplyTo, Config, PasswordHash, Pattern, Permissions, Policy, TopicPattern, TopicPermissions, User,
    UserLimits, VhostLimits,
};

use super::{
    keys,
    policy::definition,
    wrong::{Wrong, unknown_word},
};

/// Bytes that a name may have.
const LONGEST_NAME: usize = 255;

/// The lists of the file; a list that is not there is the default.
pub(super) struct Lists {
    pub(super) vhosts: Option<Vec<FileVhost>>,
    pub(super) users: Option<Vec<FileUser>>,
    pub(super) permissions: Option<Vec<FilePermissions>>,
    pub(super) topic_permissions: Vec<FileTopicPermissions>,
    pub(super) policies: Vec<FilePolicy>,
    pub(super) delete_vhosts: Vec<Spanned<String>>,
}

/// A user's password in clear text, which the core does not want to know.
pub(crate) struct Password {
    pub(crate) user: String,
    pub(crate) text: String,
}

/// One `[[vhosts]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileVhost {
    name: Spanned<String>,
    max_connections: Option<u64>,
    max_queues: Option<u64>,
}

/// One `[[users]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileUser {
    name: Spanned<String>,
    password: Option<Spanned<String>>,
    password_hash: Option<Spanned<String>>,
    #[serde(default)]
    loopback_only: bool,
    #[serde(default)]
    tags: Vec<String>,
    max_connections: Option<u64>,
    max_channels: Option<u64>,
}

/// One `[[permissions]]`. What is not named is not permitted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePermissions {
    user: Spanned<String>,
    vhost: Spanned<String>,
    configure: Option<Spanned<String>>,
    write: Option<Spanned<String>>,
    read: Option<Spanned<String>>,
}

/// One `[[topic_permissions]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTopicPermissions {
    user: Spanned<String>,
    vhost: Spanned<String>,
    exchange: Spanned<String>,
    write: Spanned<String>,
    read: Spanned<String>,
}

/// One `[[policies]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePolicy {
    vhost: Option<Spanned<String>>,
    name: Spanned<String>,
    pattern: Spanned<String>,
    apply_to: Option<Spanned<String>>,
    #[serde(default)]
    priority: i64,
    #[serde(default)]
    operator: bool,
    definition: Spanned<Table>,
}

impl Lists {
    /// Puts what the lists say in the place of the defaults; returns the passwords that are still to be hashed.
    pub(super) fn apply(&self, config: &mut Config) -> Result<Vec<Password>, Wrong> {
        let mut passwords = Vec::new();
        if let Some(vhosts) = &self.vhosts {
            check_names("vhosts", vhosts.iter().map(|vhost| &vhost.name))?;
            config.vhosts = vhosts.iter().map(|vhost| vhost.name.get_ref().clone()).collect();
            config.vhost_limits = vhosts.iter().filter_map(FileVhost::limits).collect();
        }
        if let Some(users) = &self.users {
            check_names("users", users.iter().map(|user| &user.name))?;
            config.users = users.iter().map(FileUser::user).collect::<Result<_, _>>()?;
            passwords = users.iter().filter_map(FileUser::clear_password).collect();
        }
        config.permissions = match &self.permissions {
            Some(all) => all.iter().map(|one| one.permissions(config)).collect::<Result<_, _>>()?,
            None => everything_for_everybody(config),
        };
        let topics = self.topic_permissions.iter().map(|one| one.permissions(config));
        config.topic_permissions = topics.collect::<Result<_, _>>()?;
        let policies = self.policies.iter().map(|policy| policy.policy(config));
        config.policies = policies.collect::<Result<_, _>>()?;
        for name in &self.delete_vhosts {
            if config.vhosts.contains(name.get_ref()) {
                let why = format!(
                    "the virtual host '{0}' is in this file, too: take it out of delete_vhosts to keep it, or out of \
                     [[vhosts]] to delete it with its queues",
                    name.get_ref()
                );
                return Err(Wrong { at: name.span(), why });
            }
        }
        config.delete_vhosts = self.delete_vhosts.iter().map(|name| name.get_ref().clone()).collect();
        Ok(passwords)
    }
}

impl FileVhost {
    fn limits(&self) -> Option<VhostLimits> {
        let FileVhost { name, max_connections, max_queues } = self;
        let (max_connections, max_queues) = (*max_connections, *max_queues);
        let is_limited = max_connections.is_some() || max_queues.is_some();
        is_limited.then(|| VhostLimits { vhost: name.get_ref().clone(), max_connections, max_queues })
    }
}

impl FileUser {
    /// The user, without a password in clear text.
    fn user(&self) -> Result<User, Wrong> {
        let wrong = |at: &Spanned<String>, why: String| Err(Wrong { at: at.span(), why });
        let password = match (&self.password, &self.password_hash) {
            (Some(empty), _) if empty.get_ref().is_empty() => {
                return wrong(
                    empty,
                    sentence("users", "password") + ", because nobody can log in with an empty one",
                );
            }
            (Some(_), None) => PasswordHash::default(),
            (None, Some(hash)) if hash.get_ref().is_empty() => {
                return wrong(hash, sentence("users", "password_hash"));
            }
            (None, Some(hash)) => check(hash, PasswordHash::parse)?,
            (Some(_), Some(hash)) => {
                return wrong(hash, "a user has password or password_hash, and not both".into());
            }
            (None, None) => {
                let name = self.name.get_ref();
                let why = format!(
                    "the user '{name}' has no password: {}, or password_hash is {}",
                    sentence("users", "password"),
                    keys::find("users", "password_hash").map_or("", |key| key.allowed)
                );
                return wrong(&self.name, why);
            }
        };
        Ok(User {
            name: self.name.get_ref().clone(),
            password,
            loopback_only: self.loopback_only,
            tags: self.tags.clone(),
            limits: UserLimits { max_connections: self.max_connections, max_channels: self.max_channels },
        })
    }

    fn clear_password(&self) -> Option<Password> {
        let text = self.password.as_ref()?.get_ref().clone();
        Some(Password { user: self.name.get_ref().clone(), text })
    }
}

impl FilePermissions {
    fn permissions(&self, config: &Config) -> Result<Permissions, Wrong> {
        let pattern = |text: &Option<Spanned<String>>| match text {
            Some(text) => check(text, Pattern::parse_permission),
            None => Ok(Pattern::nothing()),
        };
        Ok(Permissions {
            user: known_user(&self.user, config)?,
            vhost: known_vhost(&self.vhost, config)?,
            configure: pattern(&self.configure)?,
            write: pattern(&self.write)?,
            read: pattern(&self.read)?,
        })
    }
}

impl FileTopicPermissions {
    fn permissions(&self, config: &Config) -> Result<TopicPermissions, Wrong> {
        Ok(TopicPermissions {
            user: known_user(&self.user, config)?,
            vhost: known_vhost(&self.vhost, config)?,
            exchange: name("topic_permissions", "exchange", &self.exchange)?,
            write: check(&self.write, TopicPattern::parse)?,
            read: check(&self.read, TopicPattern::parse)?,
        })
    }
}

impl FilePolicy {
    fn policy(&self, config: &Config) -> Result<Policy, Wrong> {
        Ok(Policy {
            vhost: self.vhost.as_ref().map_or(Ok("/".into()), |vhost| known_vhost(vhost, config))?,
            name: name("policies", "name", &self.name)?,
            pattern: check(&self.pattern, Pattern::parse)?,
            apply_to: self.apply_to.as_ref().map_or(Ok(ApplyTo::All), |what| check(what, apply_to))?,
            priority: self.priority,
            definition: definition(self.definition.get_ref(), self.operator)
                .map_err(|why| Wrong { at: self.definition.span(), why })?,
        })
    }
}

/// What the file does not restrict is not restricted.
fn everything_for_everybody(config: &Config) -> Vec<Permissions> {
    let on = |user: &User| -> Vec<Permissions> {
        config.vhosts.iter().map(|vhost| Permissions::all(&user.name, vhost)).collect()
    };
    config.users.iter().flat_map(on).collect()
}

fn check_names<'a>(table: &str, names: impl Iterator<Item = &'a Spanned<String>>) -> Result<(), Wrong> {
    let mut seen = Vec::new();
    for given in names {
        if seen.contains(&name(table, "name", given)?) {
            return Err(Wrong { at: given.span(), why: format!("'{}' is there twice", given.get_ref()) });
        }
        seen.push(given.get_ref().clone());
    }
    Ok(())
}

/// A name as AMQP has it.
fn name(table: &str, key: &str, given: &Spanned<String>) -> Result<String, Wrong> {
    match given.get_ref().len() {
        1..=LONGEST_NAME => Ok(given.get_ref().clone()),
        _ => Err(Wrong { at: given.span(), why: sentence(table, key) }),
    }
}

fn sentence(table: &str, key: &str) -> String {
    keys::find(table, key).map_or(String::new(), keys::Key::sentence)
}

fn apply_to(text: &str) -> Result<ApplyTo, String> {
    const ALL: [ApplyTo; 6] = [
        ApplyTo::All,
        ApplyTo::Exchanges,
        ApplyTo::Queues,
        ApplyTo::ClassicQueues,
        ApplyTo::QuorumQueues,
        ApplyTo::Streams,
    ];
    ApplyTo::parse(text).map_err(|_| unknown_word("value", text, &ALL.map(ApplyTo::as_str)))
}

fn known_user(name: &Spanned<String>, config: &Config) -> Result<String, Wrong> {
    let known = config.users.iter().any(|user| user.name == *name.get_ref());
    known_name(name, known, "user")
}

fn known_vhost(name: &Spanned<String>, config: &Config) -> Result<String, Wrong> {
    known_name(name, config.vhosts.contains(name.get_ref()), "virtual host")
}

fn known_name(name: &Spanned<String>, known: bool, what: &str) -> Result<String, Wrong> {
    check(name, |name| {
        if known { Ok(name.to_owned()) } else { Err(format!("there is no {what} '{name}' in this file")) }
    })
}

fn check<T>(text: &Spanned<String>, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Wrong> {
    parse(text.get_ref()).map_err(|why| Wrong { at: text.span(), why })
}
