//! The file's virtual hosts, users, permissions and policies.

use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Table, Value};
use warren_core::{
    ApplyTo, Config, Definition, Pattern, Permissions, Policy, TopicPattern, TopicPermissions, User,
    UserLimits, VhostLimits,
    wire::{FieldTable, FieldValue},
};

/// Something in the file that is wrong: where, and why.
pub(super) struct Wrong {
    pub(super) at: Range<usize>,
    pub(super) why: String,
}

/// The lists of the file; a list that is not there is the default.
pub(super) struct Lists {
    pub(super) vhosts: Option<Vec<FileVhost>>,
    pub(super) users: Option<Vec<FileUser>>,
    pub(super) permissions: Option<Vec<FilePermissions>>,
    pub(super) topic_permissions: Vec<FileTopicPermissions>,
    pub(super) policies: Vec<FilePolicy>,
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
    password: String,
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
    exchange: String,
    write: Spanned<String>,
    read: Spanned<String>,
}

/// One `[[policies]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePolicy {
    vhost: Option<Spanned<String>>,
    name: String,
    pattern: Spanned<String>,
    apply_to: Option<Spanned<String>>,
    #[serde(default)]
    priority: i64,
    #[serde(default)]
    operator: bool,
    definition: Spanned<Table>,
}

impl Lists {
    /// Puts what the lists say in the place of the defaults.
    pub(super) fn apply(&self, config: &mut Config) -> Result<(), Wrong> {
        if let Some(vhosts) = &self.vhosts {
            check_unique(vhosts.iter().map(|vhost| &vhost.name))?;
            config.vhosts = vhosts.iter().map(|vhost| vhost.name.get_ref().clone()).collect();
            config.vhost_limits = vhosts.iter().map(FileVhost::limits).collect();
        }
        if let Some(users) = &self.users {
            check_unique(users.iter().map(|user| &user.name))?;
            config.users = users.iter().map(FileUser::user).collect();
        }
        config.permissions = match &self.permissions {
            Some(all) => all.iter().map(|one| one.permissions(config)).collect::<Result<_, _>>()?,
            None => everything_for_everybody(config),
        };
        let topics = self.topic_permissions.iter().map(|one| one.permissions(config));
        config.topic_permissions = topics.collect::<Result<_, _>>()?;
        let policies = self.policies.iter().map(|policy| policy.policy(config));
        config.policies = policies.collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl FileVhost {
    fn limits(&self) -> VhostLimits {
        VhostLimits {
            vhost: self.name.get_ref().clone(),
            max_connections: self.max_connections,
            max_queues: self.max_queues,
        }
    }
}

impl FileUser {
    fn user(&self) -> User {
        User {
            name: self.name.get_ref().clone(),
            password: self.password.clone(),
            loopback_only: self.loopback_only,
            tags: self.tags.clone(),
            limits: UserLimits { max_connections: self.max_connections, max_channels: self.max_channels },
        }
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
            exchange: self.exchange.clone(),
            write: check(&self.write, TopicPattern::parse)?,
            read: check(&self.read, TopicPattern::parse)?,
        })
    }
}

impl FilePolicy {
    fn policy(&self, config: &Config) -> Result<Policy, Wrong> {
        let definition = if self.operator { Definition::of_operator_policy } else { Definition::of_policy };
        Ok(Policy {
            vhost: self.vhost.as_ref().map_or(Ok("/".into()), |vhost| known_vhost(vhost, config))?,
            name: self.name.clone(),
            pattern: check(&self.pattern, Pattern::parse)?,
            apply_to: self.apply_to.as_ref().map_or(Ok(ApplyTo::All), |what| check(what, ApplyTo::parse))?,
            priority: self.priority,
            definition: definition(table(self.definition.get_ref()))
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

fn check_unique<'a>(names: impl Iterator<Item = &'a Spanned<String>>) -> Result<(), Wrong> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name.get_ref()) {
            return Err(Wrong { at: name.span(), why: format!("'{}' is there twice", name.get_ref()) });
        }
        seen.push(name.get_ref());
    }
    Ok(())
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

fn table(table: &Table) -> FieldTable {
    table.iter().map(|(key, value)| (key.clone(), field(value))).collect()
}

/// What policies know no meaning for is refused with its text.
fn field(value: &Value) -> FieldValue {
    match value {
        Value::Integer(number) => FieldValue::I64(*number),
        Value::Boolean(flag) => FieldValue::Bool(*flag),
        Value::String(text) => FieldValue::LongStr(text.clone().into()),
        Value::Array(values) => FieldValue::Array(values.iter().map(field).collect()),
        Value::Table(inner) => FieldValue::Table(table(inner)),
        Value::Float(_) | Value::Datetime(_) => FieldValue::LongStr(value.to_string().into()),
    }
}
