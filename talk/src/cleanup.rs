//! After a conversation with a live broker: what it declared is deleted again.

use std::collections::BTreeSet;

use crate::{
    Action, Conversation,
    fields::Fields,
    player::{Host, Player},
};

/// The queues and exchanges that a conversation declares.
pub(crate) fn declared(conversation: &Conversation) -> Vec<(&'static str, String)> {
    let mut found = BTreeSet::new();
    for step in &conversation.steps {
        let mut words = step.said.splitn(4, ' ').skip(2);
        let (Some(method), Some(rest)) = (words.next(), words.next()) else { continue };
        let kind = match method {
            "queue.declare" => "queue",
            "exchange.declare" => "exchange",
            _ => continue,
        };
        let name = Fields::parse(rest).ok().and_then(|f| f.text(kind).ok().flatten().map(ToOwned::to_owned));
        let stripped = name.map(|name| name.trim_matches(['\r', '\n']).to_owned());
        found.extend(stripped.filter(|name| deletable(name)).map(|name| (kind, name)));
    }
    found.into_iter().collect()
}

fn deletable(name: &str) -> bool {
    !name.is_empty() && !name.starts_with("amq.") && !name.starts_with('<')
}

/// What takes away what a conversation's operator adds.
pub(crate) fn undoing(conversation: &Conversation) -> Vec<Action> {
    let asked = conversation.steps.iter().filter_map(|step| step.said.strip_prefix("admin "));
    asked.filter_map(|line| Action::parse(line).ok()?.undoing()).collect()
}

/// Takes it away; that it is not there is no matter.
pub(crate) fn undo<H: Host>(mut host: H, actions: &[Action]) -> Result<(), String> {
    actions.iter().try_for_each(|action| host.admin(action.clone()).map(drop))
}

/// Deletes them over a connection of its own.
pub(crate) fn delete<H: Host>(host: H, things: &[(&'static str, String)]) -> Result<(), String> {
    if things.is_empty() {
        return Ok(());
    }
    let mut player = Player::new(host);
    for (kind, name) in things {
        let name = name.replace(' ', "\\x20");
        player.play(&format!("-> 1 {kind}.delete {kind}='{name}'"))?;
    }
    Ok(())
}
