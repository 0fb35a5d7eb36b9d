//! What an operator sets, as the journal holds it: the commands that set it.

use super::codec::{Decoder, put_bytes, put_flag, put_number, put_option, put_table, put_text};
use crate::{
    ApplyTo, Command, Definition, PasswordHash, Pattern, Permissions, Policy, TopicPattern, TopicPermissions,
    User, UserLimits, VhostLimits,
};

const ADD_VHOST: u8 = 1;
const DELETE_VHOST: u8 = 2;
const LIMIT_VHOST: u8 = 3;
/// How users stood in the journals of earlier versions: with their password. It is read, and never written.
pub(super) const SET_USER_IN_CLEAR: u8 = 4;
const DELETE_USER: u8 = 5;
const PERMIT: u8 = 6;
const FORBID: u8 = 7;
const PERMIT_TOPICS: u8 = 8;
const LIFT_TOPICS: u8 = 9;
const SET_POLICY: u8 = 10;
const CLEAR_POLICY: u8 = 11;
const CONFIGURE: u8 = 12;
const CLOSE_VHOST: u8 = 13;
const SET_USER: u8 = 14;
/// What leaves nothing behind.
const NOTHING: u8 = 0;

pub(super) fn put_command(out: &mut Vec<u8>, command: &Command) {
    match command {
        Command::Shutdown { .. }
        | Command::Stop
        | Command::CloseConnection { .. }
        | Command::LimitMemory(_) => out.push(NOTHING),
        Command::AddVhost(name) => put_texts(out, ADD_VHOST, [name]),
        Command::DeleteVhost(name) => put_texts(out, DELETE_VHOST, [name]),
        Command::CloseVhost(name) => put_texts(out, CLOSE_VHOST, [name]),
        Command::LimitVhost(limits) => {
            put_texts(out, LIMIT_VHOST, [&limits.vhost]);
            [limits.max_connections, limits.max_queues].into_iter().for_each(|limit| put_option(out, limit));
        }
        Command::SetUser(user) => put_user(out, user),
        Command::DeleteUser(name) => put_texts(out, DELETE_USER, [name]),
        Command::Permit(permissions) => {
            let Permissions { user, vhost, configure, write, read } = &**permissions;
            let [configure, write, read] = [configure, write, read].map(Pattern::as_str);
            put_texts(out, PERMIT, [user, vhost, configure, write, read]);
        }
        Command::Forbid { user, vhost } => put_texts(out, FORBID, [user, vhost]),
        Command::PermitTopics(topics) => {
            let TopicPermissions { user, vhost, exchange, write, read } = &**topics;
            put_texts(out, PERMIT_TOPICS, [user, vhost, exchange, write.as_str(), read.as_str()]);
        }
        Command::LiftTopics { user, vhost, exchange } => {
            put_texts(out, LIFT_TOPICS, [user, vhost]);
            put_flag(out, exchange.is_some());
            put_text(out, exchange.as_deref().unwrap_or_default());
        }
        Command::SetPolicy(policy) => put_policy(out, policy),
        Command::ClearPolicy { vhost, name, operators } => {
            put_texts(out, CLEAR_POLICY, [vhost, name]);
            put_flag(out, *operators);
        }
        Command::Configure(entries) => {
            out.push(CONFIGURE);
            put_number(out, entries.len() as u64);
            entries.iter().for_each(|entry| put_command(out, entry));
        }
    }
}

pub(super) fn read_command(from: &mut Decoder<'_>) -> Option<Command> {
    let kind = from.octet()?;
    if kind == CONFIGURE {
        // An entry is no list of its own, however often one says so.
        let entries = from.list(|from| {
            let kind = from.octet()?;
            read_command_of(kind, from)
        });
        return Some(Command::Configure(entries?));
    }
    read_command_of(kind, from)
}

fn read_command_of(kind: u8, from: &mut Decoder<'_>) -> Option<Command> {
    let text = |from: &mut Decoder<'_>| from.text().map(str::to_owned);
    Some(match kind {
        ADD_VHOST => Command::AddVhost(text(from)?),
        DELETE_VHOST => Command::DeleteVhost(text(from)?),
        CLOSE_VHOST => Command::CloseVhost(text(from)?),
        LIMIT_VHOST => {
            let (vhost, max_connections, max_queues) = (text(from)?, from.option()?, from.option()?);
            Command::LimitVhost(VhostLimits { vhost, max_connections, max_queues })
        }
        SET_USER => {
            Command::SetUser(Box::new(read_user(from, |_, from| PasswordHash::from_bytes(from.bytes()?))?))
        }
        SET_USER_IN_CLEAR => Command::SetUser(Box::new(read_user(from, |user, from| {
            Some(PasswordHash::of_old_journal(user, from.text()?))
        })?)),
        DELETE_USER => Command::DeleteUser(text(from)?),
        PERMIT => {
            let (user, vhost) = (text(from)?, text(from)?);
            let mut pattern = || Pattern::parse_permission(from.text()?).ok();
            let (configure, write, read) = (pattern()?, pattern()?, pattern()?);
            Command::Permit(Box::new(Permissions { user, vhost, configure, write, read }))
        }
        FORBID => Command::Forbid { user: text(from)?, vhost: text(from)? },
        PERMIT_TOPICS => {
            let (user, vhost, exchange) = (text(from)?, text(from)?, text(from)?);
            let mut pattern = || TopicPattern::parse(from.text()?).ok();
            let (write, read) = (pattern()?, pattern()?);
            Command::PermitTopics(Box::new(TopicPermissions { user, vhost, exchange, write, read }))
        }
        LIFT_TOPICS => {
            let (user, vhost, one, exchange) = (text(from)?, text(from)?, from.flag()?, text(from)?);
            Command::LiftTopics { user, vhost, exchange: one.then_some(exchange) }
        }
        SET_POLICY => Command::SetPolicy(Box::new(read_policy(from)?)),
        CLEAR_POLICY => {
            Command::ClearPolicy { vhost: text(from)?, name: text(from)?, operators: from.flag()? }
        }
        _ => return None,
    })
}

fn put_texts<const N: usize>(out: &mut Vec<u8>, kind: u8, texts: [&str; N]) {
    out.push(kind);
    texts.into_iter().for_each(|text| put_text(out, text));
}

fn put_user(out: &mut Vec<u8>, user: &User) {
    put_texts(out, SET_USER, [&user.name]);
    put_bytes(out, &user.password.to_bytes());
    put_flag(out, user.loopback_only);
    put_number(out, user.tags.len() as u64);
    user.tags.iter().for_each(|tag| put_text(out, tag));
    [user.limits.max_connections, user.limits.max_channels]
        .into_iter()
        .for_each(|limit| put_option(out, limit));
}

fn read_user(
    from: &mut Decoder<'_>,
    read_password: impl Fn(&str, &mut Decoder<'_>) -> Option<PasswordHash>,
) -> Option<User> {
    let name = from.text()?.to_owned();
    let password = read_password(&name, from)?;
    let loopback_only = from.flag()?;
    let tags = from.list(|from| from.text().map(str::to_owned))?;
    let limits = UserLimits { max_connections: from.option()?, max_channels: from.option()? };
    Some(User { name, password, loopback_only, tags, limits })
}

fn put_policy(out: &mut Vec<u8>, policy: &Policy) {
    let Policy { vhost, name, pattern, apply_to, priority, definition } = policy;
    put_texts(out, SET_POLICY, [vhost, name, pattern.as_str(), apply_to.as_str()]);
    put_bytes(out, &priority.to_le_bytes());
    put_flag(out, definition.is_operators());
    put_table(out, definition.table());
}

fn read_policy(from: &mut Decoder<'_>) -> Option<Policy> {
    let (vhost, name) = (from.text()?.to_owned(), from.text()?.to_owned());
    let pattern = Pattern::parse(from.text()?).ok()?;
    let apply_to = ApplyTo::parse(from.text()?).ok()?;
    let priority = i64::from_le_bytes(from.bytes()?.try_into().ok()?);
    let (operators, table) = (from.flag()?, from.table()?);
    let definition =
        if operators { Definition::of_operator_policy(table) } else { Definition::of_policy(table) };
    Some(Policy { vhost, name, pattern, apply_to, priority, definition: definition.ok()? })
}
