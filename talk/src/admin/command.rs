//! An operator's action as the core's command.

use warren_core::{
    ApplyTo, Command, ConnectionId, Definition, PasswordHash, Pattern, Permissions, Policy, TopicPattern,
    TopicPermissions, User, UserLimits, VhostLimits,
};

use super::Action;

impl Action {
    /// The command; `connection` knows the connections' ids.
    ///
    /// # Errors
    /// The refusal of what no broker takes.
    pub(crate) fn command(self, connection: impl Fn(&str) -> ConnectionId) -> Result<Command, String> {
        Ok(match self {
            Action::CloseConnection { connection: name, reason } => {
                Command::CloseConnection { connection: connection(&name), reason }
            }
            Action::AddVhost(name) => Command::AddVhost(name),
            Action::DeleteVhost(name) => Command::DeleteVhost(name),
            Action::LimitVhost(limits) => Command::LimitVhost(VhostLimits {
                vhost: limits.name,
                max_connections: limits.max_connections,
                max_queues: limits.second,
            }),
            Action::SetUser { password, tag, limits } => Command::SetUser(Box::new(User {
                name: limits.name,
                // Conversations are the same every time, and so is the salt.
                password: PasswordHash::new([0; 4], &password),
                tags: Some(tag).into_iter().filter(|tag| !tag.is_empty()).collect(),
                limits: UserLimits { max_connections: limits.max_connections, max_channels: limits.second },
                ..User::default()
            })),
            Action::DeleteUser(name) => Command::DeleteUser(name),
            Action::Permit { scope, patterns: [configure, write, read] } => {
                Command::Permit(Box::new(Permissions {
                    user: scope.user,
                    vhost: scope.vhost,
                    configure: Pattern::parse_permission(&configure)?,
                    write: Pattern::parse_permission(&write)?,
                    read: Pattern::parse_permission(&read)?,
                }))
            }
            Action::Forbid(scope) => Command::Forbid { user: scope.user, vhost: scope.vhost },
            Action::PermitTopics { scope, exchange, patterns: [write, read] } => {
                Command::PermitTopics(Box::new(TopicPermissions {
                    user: scope.user,
                    vhost: scope.vhost,
                    exchange,
                    write: TopicPattern::parse(&write)?,
                    read: TopicPattern::parse(&read)?,
                }))
            }
            Action::LiftTopics { scope, exchange } => {
                Command::LiftTopics { user: scope.user, vhost: scope.vhost, exchange }
            }
            Action::SetPolicy { policy, pattern, apply_to, priority, definition } => {
                Command::SetPolicy(Box::new(Policy {
                    vhost: policy.vhost,
                    name: policy.name,
                    pattern: Pattern::parse(&pattern)?,
                    apply_to: ApplyTo::parse(&apply_to)?,
                    priority,
                    definition: if policy.operators {
                        Definition::of_operator_policy(definition)?
                    } else {
                        Definition::of_policy(definition)?
                    },
                }))
            }
            Action::ClearPolicy(policy) => {
                Command::ClearPolicy { vhost: policy.vhost, name: policy.name, operators: policy.operators }
            }
        })
    }
}
