//! What the badges on queues and exchanges mean.

use std::time::Duration;

use yew::prelude::{Html, html};

use crate::{i18n::Lang, scene::Badge};

/// The badges of a thing, each with what it means.
pub(crate) fn badges(lang: Lang, badges: &[Badge]) -> Html {
    if badges.is_empty() {
        return Html::default();
    }
    let row = |badge: &Badge| {
        html! {
            <li><span class="badge">{ badge.text() }</span>{ meaning(lang, badge) }</li>
        }
    };
    html! { <ul class="badges" data-testid="badges">{ for badges.iter().map(row) }</ul> }
}

/// The same in a line each, for who points at the thing; empty if it has none.
pub(crate) fn badges_as_text(lang: Lang, badges: &[Badge]) -> String {
    let line = |badge: &Badge| format!("{}: {}", badge.text(), meaning(lang, badge));
    badges.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn meaning(lang: Lang, badge: &Badge) -> String {
    let lasts = |ms: u64| lang.duration(Duration::from_millis(ms));
    match badge {
        Badge::Durable => lang
            .say(
                "durable: it is still there after the broker has been restarted",
                "durable: остаётся после перезапуска брокера",
            )
            .to_owned(),
        Badge::Exclusive => lang
            .say(
                "exclusive: only the connection that declared it may use it, and it goes with that connection",
                "exclusive: доступна только соединению, которое её объявило, и исчезает вместе с ним",
            )
            .to_owned(),
        Badge::Type(kind) => match kind.as_str() {
            "quorum" => lang.say(
                "a quorum queue: always durable, on several nodes, counts deliveries",
                "очередь quorum: всегда durable, на нескольких узлах, считает доставки",
            ),
            "stream" => lang.say(
                "a stream: messages stay after they have been read",
                "stream: сообщения остаются и после чтения",
            ),
            _ => lang.say("the type of the queue", "тип очереди"),
        }
        .to_owned(),
        Badge::Ttl(ms) => match lang {
            Lang::En => format!("a message that has waited for {} expires", lasts(*ms)),
            Lang::Ru => format!("сообщение устаревает, прождав {}", lasts(*ms)),
        },
        Badge::DeadLetters(exchange) => match (lang, exchange.as_str()) {
            (Lang::En, "") => "dead letters go to the default exchange".to_owned(),
            (Lang::En, exchange) => format!("dead letters go to exchange {exchange}"),
            (Lang::Ru, "") => "dead letters уходят в точку обмена по умолчанию".to_owned(),
            (Lang::Ru, exchange) => format!("dead letters уходят в точку обмена {exchange}"),
        },
        Badge::Length(limit) => match lang {
            Lang::En => format!("it holds at most {limit} messages"),
            Lang::Ru => format!("вмещает сообщений не больше {limit}"),
        },
        Badge::Bytes(limit) => match lang {
            Lang::En => format!("it holds at most {limit} bytes of messages"),
            Lang::Ru => format!("вмещает не больше {limit} байт"),
        },
        Badge::Priorities(most) => match lang {
            Lang::En => format!("messages have priorities from 0 to {most}: the highest is delivered first"),
            Lang::Ru => format!("у сообщений есть приоритет от 0 до {most}: сначала доставляется высший"),
        },
        Badge::SingleActiveConsumer => lang
            .say(
                "single active consumer: one consumer gets everything, and the next one when it is gone",
                "single active consumer: всё получает один потребитель, а когда он пропадёт — следующий",
            )
            .to_owned(),
        Badge::Folded(count) => match lang {
            Lang::En => format!("{count} stand here as one: a click, and another one, unfolds them"),
            Lang::Ru => format!("свёрнуто {count}: щёлкните дважды, чтобы развернуть"),
        },
        Badge::Expires(ms) => match lang {
            Lang::En => format!("the queue is deleted when nobody has used it for {}", lasts(*ms)),
            Lang::Ru => format!("очередь удаляется, если ею не пользуются {}", lasts(*ms)),
        },
    }
}
