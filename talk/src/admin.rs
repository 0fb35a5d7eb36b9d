//! What an operator asks of the core, as lines. Users have their names as passwords.

use warren_core::{
    Command, ConnectionId, Pattern, Permissions, TopicPattern, TopicPermissions, User, UserLimits,
    VhostLimits,
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
    let pattern = |key| Pattern::parse(&text(key)?);
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
        _ => return Err(format!("an operator does not ask for {verb:?}")),
    })
}
