//! What an operator asks of the core, as lines. Users have their names as passwords.

use warren_core::{
    ApplyTo, Command, ConnectionId, Definition, Pattern, Permissions, Policy, TopicPattern, TopicPermissions,
    User, UserLimits, VhostLimits,
};

use crate::fields::Fields;

/// The command that a line says.
pub(crate) fn parse(line: &str) -> Result<Command, String> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let fields = Fields::parse(rest)?;
    let command = read(verb, &fields)?;
    fields.check_used()?;
    Ok(command)
}

fn read(verb: &str, fields: &Fields) -> Result<Command, String> {
    let text = |key: &str| fields.text(key).map(|text| text.unwrap_or_default().to_owned());
    let optional = |key: &str| fields.text(key).map(|text| text.map(str::to_owned));
    let pattern = |key| Pattern::parse_permission(&text(key)?);
    let topics = |key| TopicPattern::parse(&text(key)?);
    Ok(match verb {
        "close" => Command::CloseConnection {
            connection: ConnectionId(fields.number("connection")?.unwrap_or(1)),
            reason: text("reason")?,
        },
        "add-vhost" => Command::AddVhost(text("name")?),
        "delete-vhost" => Command::DeleteVhost(text("name")?),
        "limit-vhost" => Command::LimitVhost(VhostLimits {
            vhost: text("name")?,
            max_connections: fields.number("max_connections")?,
            max_queues: fields.number("max_queues")?,
        }),
        "set-user" => Command::SetUser(Box::new(User {
            name: text("name")?,
            password: text("name")?,
            tags: optional("tag")?.into_iter().collect(),
            limits: UserLimits {
                max_connections: fields.number("max_connections")?,
                max_channels: fields.number("max_channels")?,
            },
            ..User::default()
        })),
        "delete-user" => Command::DeleteUser(text("name")?),
        "permit" => Command::Permit(Box::new(Permissions {
            user: text("user")?,
            vhost: text("vhost")?,
            configure: pattern("configure")?,
            write: pattern("write")?,
            read: pattern("read")?,
        })),
        "forbid" => Command::Forbid { user: text("user")?, vhost: text("vhost")? },
        "permit-topics" => Command::PermitTopics(Box::new(TopicPermissions {
            user: text("user")?,
            vhost: text("vhost")?,
            exchange: text("exchange")?,
            write: topics("write")?,
            read: topics("read")?,
        })),
        "lift-topics" => Command::LiftTopics {
            user: text("user")?,
            vhost: text("vhost")?,
            exchange: optional("exchange")?,
        },
        "set-policy" => Command::SetPolicy(Box::new(policy(fields, false)?)),
        "set-operator-policy" => Command::SetPolicy(Box::new(policy(fields, true)?)),
        "clear-policy" | "clear-operator-policy" => Command::ClearPolicy {
            vhost: optional("vhost")?.unwrap_or_else(|| "/".into()),
            name: text("name")?,
            operators: verb == "clear-operator-policy",
        },
        _ => return Err(format!("an operator does not ask for {verb:?}")),
    })
}

fn policy(fields: &Fields, operators: bool) -> Result<Policy, String> {
    let text = |key: &str| fields.text(key).map(|text| text.map(str::to_owned));
    let definition = fields.table("definition")?.unwrap_or_default();
    Ok(Policy {
        vhost: text("vhost")?.unwrap_or_else(|| "/".into()),
        name: text("name")?.unwrap_or_default(),
        pattern: Pattern::parse(&text("pattern")?.unwrap_or_default())?,
        apply_to: text("apply_to")?.map_or(Ok(ApplyTo::All), |what| ApplyTo::parse(&what))?,
        priority: fields.number("priority")?.unwrap_or(0),
        definition: if operators {
            Definition::of_operator_policy(definition)?
        } else {
            Definition::of_policy(definition)?
        },
    })
}
