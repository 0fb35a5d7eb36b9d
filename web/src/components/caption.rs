//! What has just happened on the stage, in one sentence.

use warren_sim::{ActorId, warren_core::Instant};
use yew::{Html, html};

use crate::{i18n::Lang, scene::Caption};

/// The sentence; nothing where there is nothing to say. `name` says what an actor is called, and `has_disk`
/// whether the broker has one.
pub(crate) fn caption(
    lang: Lang,
    caption: Option<Caption>,
    has_disk: bool,
    name: impl Fn(ActorId) -> String,
) -> Html {
    let is_bad = caption
        .as_ref()
        .is_some_and(|caption| !matches!(caption, Caption::Started { .. } | Caption::Returned { .. }));
    let class = if is_bad { "caption bad" } else { "caption" };
    in_its_place(
        caption.map(|caption| html! { <span {class}>{ sentence(lang, caption, has_disk, name) }</span> }),
    )
}

/// What another future is like at a moment: the sum by which it differs from the present one, there and here.
pub(crate) fn other_future(lang: Lang, at: Instant, difference: Option<(&str, u64, u64)>) -> Html {
    let when = lang.moment(at);
    let said = match (lang, difference) {
        (Lang::En, Some((sum, there, here))) => {
            format!("The other future at {when}: {sum} {there}, here {here}.")
        }
        (Lang::En, None) => format!("The other future at {when}: the same as here."),
        (Lang::Ru, Some((sum, there, here))) => {
            format!("В том варианте на отметке {when}: {sum} {there}, здесь {here}.")
        }
        (Lang::Ru, None) => format!("В том варианте на отметке {when}: всё как здесь."),
    };
    in_its_place(Some(html! { <span class="caption other">{ said }</span> }))
}

/// The element is always there: readers of the screen speak only what changes in one that they know.
fn in_its_place(said: Option<Html>) -> Html {
    html! { <p class="captions" role="status" data-testid="caption">{ for said }</p> }
}

fn sentence(lang: Lang, caption: Caption, has_disk: bool, name: impl Fn(ActorId) -> String) -> String {
    match caption {
        Caption::Crashed { actor, held: 0, lost: 0 } => {
            format!(
                "{} {}",
                name(actor),
                lang.say("crashed. It held nothing.", "упал. У него ничего не было.")
            )
        }
        Caption::Crashed { actor, held: 0, lost } => {
            let name = name(actor);
            match lang {
                Lang::En => {
                    format!("{name} crashed, and {lost} it held are lost: the broker had let go of them.")
                }
                Lang::Ru => format!("{name} упал. Потеряно: {lost} — брокер забыл о них, едва отправив."),
            }
        }
        Caption::Crashed { actor, held, .. } => {
            let name = name(actor);
            match (lang, held) {
                (Lang::En, 1) => format!("{name} died holding 1. The broker still has it."),
                (Lang::En, _) => format!("{name} died holding {held}. The broker still has them."),
                (Lang::Ru, 1) => format!("{name} упал, не подтвердив одно. Оно всё ещё у брокера."),
                (Lang::Ru, _) => format!("{name} упал, не подтвердив {held}. Они всё ещё у брокера."),
            }
        }
        Caption::Returned { messages } => match (lang, messages) {
            (Lang::En, 1) => "It is back in the queue, marked as redelivered.".to_owned(),
            (Lang::En, _) => format!("{messages} are back in the queue, marked as redelivered."),
            (Lang::Ru, _) => format!("Снова в очереди: {messages}, с пометкой «повторно»."),
        },
        Caption::PowerCut { kept, lost, on_the_wire } => {
            let mut said = power_cut(lang, has_disk, kept, lost);
            if on_the_wire > 0 {
                said.push_str(&match lang {
                    Lang::En => format!(" {on_the_wire} never arrived."),
                    Lang::Ru => format!(" Не дошло: {on_the_wire}."),
                });
            }
            said
        }
        Caption::Stopped => lang
            .say(
                "The broker was shut down cleanly: all it had is written down.",
                "Брокер остановлен штатно: всё записано.",
            )
            .to_owned(),
        Caption::Started { found: 0 } => {
            lang.say("The broker is up again, and empty.", "Брокер снова работает, очереди пусты.").to_owned()
        }
        Caption::Started { found } => match lang {
            Lang::En => format!("The broker is up again. The disk gave back {found}."),
            Lang::Ru => format!("Брокер снова работает. Диск вернул {found}."),
        },
        Caption::Silent { client } => match lang {
            Lang::En => format!("Nothing passes between {client} and the broker. Neither of them knows yet."),
            Lang::Ru => format!("Между {client} и брокером ничего не проходит. Оба об этом ещё не знают."),
        },
        Caption::GivenUp { actor, returned } => given_up(lang, &name(actor), returned),
        Caption::Refused { actor } => match lang {
            Lang::En => format!("The broker closed the door on {}.", name(actor)),
            Lang::Ru => format!("Брокер закрыл канал: {}.", name(actor)),
        },
    }
}

fn given_up(lang: Lang, name: &str, returned: u64) -> String {
    match (lang, returned) {
        (Lang::En, 0) => format!("{name} missed two heartbeats and was given up."),
        (Lang::En, 1) => {
            format!("{name} missed two heartbeats and was given up: 1 is back in the queue.")
        }
        (Lang::En, _) => {
            format!("{name} missed two heartbeats and was given up: {returned} are back in the queue.")
        }
        (Lang::Ru, 0) => format!("{name} пропустил два heartbeat, соединение закрыто."),
        (Lang::Ru, _) => {
            format!("{name} пропустил два heartbeat, соединение закрыто. Снова в очереди: {returned}.")
        }
    }
}

fn power_cut(lang: Lang, has_disk: bool, kept: u64, lost: u64) -> String {
    match (lang, has_disk) {
        (Lang::En, true) => format!("No power. The disk keeps {kept}; {lost} are lost."),
        (Lang::En, false) => format!("No power, and no disk: {lost} are lost."),
        (Lang::Ru, true) => format!("Питание пропало. На диске осталось {kept}, потеряно {lost}."),
        (Lang::Ru, false) => format!("Питание пропало, а диска нет: потеряно {lost}."),
    }
}
