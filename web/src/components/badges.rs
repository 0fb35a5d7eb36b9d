//! What the badges on queues and exchanges mean.

use std::time::Duration;

use yew::prelude::{Html, html};

use crate::{
    i18n::{Lang, say},
    scene::Badge,
};

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
                "durable: it is still there after the broker has been restarted")
            .to_owned(),
        Badge::Exclusive => lang
            .say(
                "exclusive: only the connection that declared it may use it, and it goes with that connection")
            .to_owned(),
        Badge::Type(kind) => match kind.as_str() {
            "quorum" => lang.say(
                "a quorum queue: always durable, on several nodes, counts deliveries"),
            "stream" => lang.say(
                "a stream: messages stay after they have been read"),
            _ => lang.say("the type of the queue"),
        }
        .to_owned(),
        Badge::Ttl(ms) => say!(lang, "a message that has waited for {time} expires", time = lasts(*ms)),
        Badge::DeadLetters(exchange) if exchange.is_empty() => {
            lang.say("dead letters go to the default exchange").to_owned()
        }
        Badge::DeadLetters(exchange) => say!(lang, "dead letters go to exchange {exchange}", exchange),
        Badge::Length(limit) => say!(lang, "it holds at most {limit} messages", limit),
        Badge::Bytes(limit) => say!(lang, "it holds at most {limit} bytes of messages", limit),
        Badge::Priorities(most) => {
            say!(lang, "messages have priorities from 0 to {most}: the highest is delivered first", most)
        },
        Badge::SingleActiveConsumer => lang
            .say(
                "single active consumer: one consumer gets everything, and the next one when it is gone")
            .to_owned(),
        Badge::AutoAck => lang
            .say("without acks: the broker takes a message for done as soon as it has sent it")
            .to_owned(),
        Badge::AckOnReceipt => lang.say("it acks a message before it works on it").to_owned(),
        Badge::Prefetch(count) => say!(lang, "it may have {count} unacked messages at most", count),
        Badge::Persistent => {
            lang.say("its messages are persistent: a durable queue writes them to the disk").to_owned()
        },
        Badge::Confirms => lang.say("the broker tells it which messages are safe").to_owned(),
        Badge::Transaction(messages) => {
            say!(lang, "it commits {messages} messages at a time, and waits for the answer", messages)
        },
        Badge::Folded(count) => {
            say!(lang, "{count} stand here as one: a click, and another one, unfolds them", count)
        }
        Badge::Expires(ms) => {
            say!(lang, "the queue is deleted when nobody has used it for {time}", time = lasts(*ms))
        },
    }
}
