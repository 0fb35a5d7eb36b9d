//! What an operator asks of a broker, as lines: `admin set-user name=bob`. The core is asked directly, RabbitMQ through
//! its management plugin. Where both refuse, the refusal is the answer.

mod command;
mod management;

pub use management::Management;

use warren_core::wire::FieldTable;

use crate::fields::Fields;

/// What an operator asks for.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// `close connection=a reason='maintenance at noon'`
    CloseConnection {
        /// The connection's name in the conversation.
        connection: String,
        /// For the client.
        reason: String,
    },
    /// `add-vhost name=app`
    AddVhost(String),
    /// `delete-vhost name=app`
    DeleteVhost(String),
    /// `limit-vhost name=/ max_connections=1 max_queues=2`; what is not named is not limited.
    LimitVhost(Limits),
    /// `set-user name=bob password=secret tag=impersonator max_connections=1 max_channels=2`; the password is the
    /// name, unless it is said.
    SetUser {
        /// The password.
        password: String,
        /// One tag at most.
        tag: String,
        /// Who, and how much it may have open.
        limits: Limits,
    },
    /// `delete-user name=bob`
    DeleteUser(String),
    /// `permit user=bob vhost=/ configure=.* write=.* read=^my`
    Permit {
        /// Whom, and where.
        scope: Scope,
        /// Regular expressions: configure, write, read.
        patterns: [String; 3],
    },
    /// `forbid user=bob vhost=/`
    Forbid(Scope),
    /// `permit-topics user=bob vhost=/ exchange=amq.topic write=^{username} read=.*`
    PermitTopics {
        /// Whom, and where.
        scope: Scope,
        /// The exchange.
        exchange: String,
        /// Regular expressions: write, read.
        patterns: [String; 2],
    },
    /// `lift-topics user=bob vhost=/ exchange=amq.topic`; without an exchange, for all.
    LiftTopics {
        /// Whose, and where.
        scope: Scope,
        /// The exchange.
        exchange: Option<String>,
    },
    /// `set-policy name=p pattern=^q apply_to=queues priority=1 definition={max-length=2}`, `set-operator-policy …`
    SetPolicy {
        /// Which.
        policy: PolicyName,
        /// A regular expression.
        pattern: String,
        /// RabbitMQ's word.
        apply_to: String,
        /// Of several, the highest holds.
        priority: i64,
        /// What it says.
        definition: FieldTable,
    },
    /// `clear-policy name=p`, `clear-operator-policy name=p`
    ClearPolicy(PolicyName),
}

/// A user on a virtual host.
#[derive(Clone, PartialEq, Debug)]
pub struct Scope {
    pub(crate) user: String,
    pub(crate) vhost: String,
}

/// A policy's name.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyName {
    pub(crate) vhost: String,
    pub(crate) name: String,
    pub(crate) operators: bool,
}

/// Limits of a user or a virtual host. `second` is a user's channels, or a virtual host's queues.
#[derive(Clone, PartialEq, Debug)]
pub struct Limits {
    pub(crate) name: String,
    pub(crate) max_connections: Option<u64>,
    pub(crate) second: Option<u64>,
}

impl Action {
    /// The action that a line says.
    ///
    /// # Errors
    /// A line that says nothing known.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let fields = Fields::parse(rest)?;
        let action = read(verb, &fields)?;
        fields.check_used()?;
        Ok(action)
    }

    /// What takes away what this one adds, if it adds something.
    pub(crate) fn undoing(&self) -> Option<Action> {
        Some(match self {
            Action::AddVhost(name) => Action::DeleteVhost(name.clone()),
            Action::SetUser { limits, .. } => Action::DeleteUser(limits.name.clone()),
            Action::SetPolicy { policy, .. } => Action::ClearPolicy(policy.clone()),
            // The limits of one that was added go with it.
            Action::LimitVhost(limits) if limits.name == "/" => {
                let name = limits.name.clone();
                Action::LimitVhost(Limits { name, max_connections: None, second: None })
            }
            _ => return None,
        })
    }
}

fn read(verb: &str, fields: &Fields) -> Result<Action, String> {
    let optional = |key: &str| fields.text(key).map(|text| text.map(str::to_owned));
    let text = |key: &str| optional(key).map(Option::unwrap_or_default);
    let scope = || Ok::<_, String>(Scope { user: text("user")?, vhost: text("vhost")? });
    let limits = |second| {
        let max_connections = fields.number("max_connections")?;
        Ok::<_, String>(Limits { name: text("name")?, max_connections, second: fields.number(second)? })
    };
    let policy = || {
        let vhost = optional("vhost")?.unwrap_or_else(|| "/".into());
        Ok::<_, String>(PolicyName { vhost, name: text("name")?, operators: verb.contains("-operator-") })
    };
    Ok(match verb {
        "close" => Action::CloseConnection { connection: text("connection")?, reason: text("reason")? },
        "add-vhost" => Action::AddVhost(text("name")?),
        "delete-vhost" => Action::DeleteVhost(text("name")?),
        "limit-vhost" => Action::LimitVhost(limits("max_queues")?),
        "set-user" => {
            let limits = limits("max_channels")?;
            let password = optional("password")?.unwrap_or_else(|| limits.name.clone());
            Action::SetUser { password, tag: text("tag")?, limits }
        }
        "delete-user" => Action::DeleteUser(text("name")?),
        "permit" => {
            let patterns = [text("configure")?, text("write")?, text("read")?];
            Action::Permit { scope: scope()?, patterns }
        }
        "forbid" => Action::Forbid(scope()?),
        "permit-topics" => {
            let patterns = [text("write")?, text("read")?];
            Action::PermitTopics { scope: scope()?, exchange: text("exchange")?, patterns }
        }
        "lift-topics" => Action::LiftTopics { scope: scope()?, exchange: optional("exchange")? },
        "set-policy" | "set-operator-policy" => Action::SetPolicy {
            policy: policy()?,
            pattern: text("pattern")?,
            apply_to: optional("apply_to")?.unwrap_or_else(|| "all".into()),
            priority: fields.number("priority")?.unwrap_or(0),
            definition: fields.table("definition")?.unwrap_or_default(),
        },
        "clear-policy" | "clear-operator-policy" => Action::ClearPolicy(policy()?),
        _ => return Err(format!("an operator does not ask for {verb:?}")),
    })
}
