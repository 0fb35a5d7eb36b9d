//! What has just happened on the stage, in one sentence.

use warren_sim::{ActorId, warren_core::Instant};
use yew::{Html, html};

use crate::{
    i18n::{Lang, say},
    scene::Caption,
};

/// The sentence; nothing where there is nothing to say. `name` says what an actor is called, `has_disk` whether the
/// broker has one, and `is_asked` whether the lesson's question waits for its answer.
pub(crate) fn caption(
    lang: Lang,
    caption: Option<Caption>,
    (has_disk, is_asked): (bool, bool),
    name: impl Fn(ActorId) -> String,
) -> Html {
    let is_bad = caption
        .as_ref()
        .is_some_and(|caption| !matches!(caption, Caption::Started { .. } | Caption::Returned { .. }));
    let class = if is_bad { "caption bad" } else { "caption" };
    in_its_place(caption.map(
        |caption| html! { <span {class}>{ sentence(lang, caption, (has_disk, is_asked), name) }</span> },
    ))
}

/// What another future is like at a moment: the sum by which it differs from the present one, there and here.
pub(crate) fn other_future(lang: Lang, at: Instant, difference: Option<(&str, u64, u64)>) -> Html {
    let when = lang.moment(at);
    let said = match difference {
        Some((sum, there, here)) => {
            say!(lang, "The other future at {when}: {sum} {there}, here {here}.", when, sum, there, here)
        }
        None => say!(lang, "The other future at {when}: the same as here.", when),
    };
    in_its_place(Some(html! { <span class="caption other">{ said }</span> }))
}

/// The element is always there: readers of the screen speak only what changes in one that they know.
fn in_its_place(said: Option<Html>) -> Html {
    html! { <p class="captions" role="status" data-testid="caption">{ for said }</p> }
}

fn sentence(
    lang: Lang,
    caption: Caption,
    (has_disk, is_asked): (bool, bool),
    name: impl Fn(ActorId) -> String,
) -> String {
    match caption {
        Caption::Crashed { actor, held: 0, lost: 0 } => {
            say!(lang, "{name} crashed. It held nothing.", name = name(actor))
        }
        Caption::Crashed { actor, held: 0, lost } => say!(
            lang,
            "{name} crashed, and {lost} it held are lost: the broker had let go of them.",
            name = name(actor),
            lost
        ),
        Caption::Crashed { actor, held, .. } => crashed_with(lang, &name(actor), held, is_asked),
        Caption::Returned { messages: 1 } => {
            lang.say("It is back in the queue, marked as redelivered.").to_owned()
        }
        Caption::Returned { messages } => {
            say!(lang, "{messages} are back in the queue, marked as redelivered.", messages)
        }
        Caption::PowerCut { kept, lost, on_the_wire } => {
            let said = power_cut(lang, has_disk, kept, lost);
            if on_the_wire == 0 {
                return said;
            }
            let never = say!(lang, "{count} never arrived.", count = on_the_wire);
            format!("{said} {never}")
        }
        Caption::Stopped => {
            lang.say("The broker was shut down cleanly: all it had is written down.").to_owned()
        }
        Caption::Started { found: 0 } => lang.say("The broker is up again, and empty.").to_owned(),
        Caption::Started { found } => {
            say!(lang, "The broker is up again. The disk gave back {found}.", found)
        }
        Caption::Refused { actor } => {
            say!(lang, "The broker closed the door on {name}.", name = name(actor))
        }
        Caption::Silent { client } => {
            say!(lang, "Nothing passes between {client} and the broker. Neither of them knows yet.", client)
        }
        Caption::GivenUp { actor, returned } => given_up(lang, &name(actor), returned),
    }
}

/// A client crashed that held messages. Where they are now is what the lesson's question is about, as long as that is asked.
fn crashed_with(lang: Lang, name: &str, held: u64, is_asked: bool) -> String {
    let (crashed, still_has) = if held == 1 {
        let crashed = say!(lang, "{name} crashed with 1 message unacked.", name);
        (crashed, lang.say("The broker still has it."))
    } else {
        let crashed = say!(lang, "{name} crashed with {held} messages unacked.", name, held);
        (crashed, lang.say("The broker still has them."))
    };
    if is_asked { crashed } else { format!("{crashed} {still_has}") }
}

fn given_up(lang: Lang, name: &str, returned: u64) -> String {
    match returned {
        0 => say!(lang, "{name} missed two heartbeats and was given up.", name),
        1 => say!(lang, "{name} missed two heartbeats and was given up: 1 is back in the queue.", name),
        _ => say!(
            lang,
            "{name} missed two heartbeats and was given up: {returned} are back in the queue.",
            name,
            returned
        ),
    }
}

fn power_cut(lang: Lang, has_disk: bool, kept: u64, lost: u64) -> String {
    if has_disk {
        return say!(lang, "No power. The disk keeps {kept}; {lost} are lost.", kept, lost);
    }
    say!(lang, "No power, and no disk: {lost} are lost.", lost)
}
