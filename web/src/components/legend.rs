//! What the colours, shapes and marks of messages mean: those that can be seen in this scenario.

use warren_sim::{AckMode, Scenario};
use yew::prelude::*;

use crate::i18n::Lang;

/// A line for each.
pub(crate) fn legend(lang: Lang, scenario: &Scenario) -> Html {
    let has = |key| scenario.queues.iter().any(|queue| queue.arguments.get(key).is_some());
    let acks = scenario.consumers.iter().any(|consumer| consumer.ack != AckMode::Auto);
    let expires = has("x-message-ttl") || scenario.producers.iter().any(|from| from.expiration.is_some());
    let confirms = scenario.producers.iter().any(|producer| producer.confirms);
    let marks = [
        ("ready", lang.say("ready"), true),
        ("unacked", lang.say("delivered, not acked"), acks),
        ("again", lang.say("redelivered"), acks),
        ("confirmed", lang.say("confirmed to its publisher"), confirms),
        ("expires", lang.say("time to live"), expires),
        ("dead", lang.say("dead letter"), has("x-dead-letter-exchange")),
        ("gone", lang.say("lost"), true),
    ];
    let marks = marks.into_iter().filter(|(.., is_seen)| *is_seen);
    let what_streams_are = lang.say(
        "Where there are too many messages for an eye, they merge into a stream. For ten times the rate it is always the same more.");
    html! {
        <ul class="legend">
            { for marks.map(|(mark, meaning, _)| html! { <li class={mark}>{ meaning }</li> }) }
            <li class="stream" title={what_streams_are}>
                { lang.say("a stream: the thicker, the more a second") }
            </li>
        </ul>
    }
}
