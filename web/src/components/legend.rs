//! What the colours, shapes and marks of messages mean: those that can be seen in this scenario.

use warren_sim::{AckMode, Scenario};
use yew::prelude::*;

use crate::i18n::Lang;

/// A line for each.
pub(crate) fn legend(lang: Lang, scenario: &Scenario) -> Html {
    let what_streams_are = lang.say(
        "Where there are too many messages for an eye, they merge into a stream. For ten times the rate it is always the same more.");
    html! {
        <ul class="legend">
            { for marks(lang, scenario).map(|(mark, meaning)| html! { <li class={mark}>{ meaning }</li> }) }
            <li class="stream" title={what_streams_are}>
                { lang.say("a stream: the thicker, the more a second") }
            </li>
        </ul>
    }
}

/// The class of each mark, and what it means.
fn marks(lang: Lang, scenario: &Scenario) -> impl Iterator<Item = (&'static str, &'static str)> {
    let has = |key| scenario.queues.iter().any(|queue| queue.arguments.get(key).is_some());
    let acks = scenario.consumers.iter().any(|consumer| consumer.ack != AckMode::Auto);
    let expires = has("x-message-ttl") || scenario.producers.iter().any(|from| from.expiration.is_some());
    // The answer to a commit says the same of all that is in it.
    let confirms = scenario.producers.iter().any(|from| from.confirms || from.transaction > 0);
    let several_send = scenario.producers.len() > 1;
    let marks = [
        ("whose", lang.say("the colour of its producer"), several_send),
        ("ready", lang.say("ready"), true),
        ("unacked", lang.say("delivered, not acked"), acks),
        ("again", lang.say("redelivered"), acks),
        ("confirmed", lang.say("confirmed to its publisher"), confirms),
        ("expires", lang.say("time to live"), expires),
        ("dead", lang.say("dead letter"), has("x-dead-letter-exchange")),
        ("gone", lang.say("lost"), true),
    ];
    marks.into_iter().filter(|(.., is_seen)| *is_seen).map(|(mark, meaning, _)| (mark, meaning))
}

#[cfg(test)]
mod tests {
    use warren_sim::{Scenario, lessons};

    use super::marks;
    use crate::i18n::Lang;

    #[test]
    fn only_the_marks_of_this_scenario_are_explained() {
        for (id, expected) in [
            ("hello", "ready unacked again gone"),
            ("crash-without-ack", "ready gone"),
            ("retry", "ready unacked again expires dead gone"),
            ("durable", "whose ready unacked again confirmed gone"),
        ] {
            let lesson = lessons::find(id).expect("a lesson");
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let marks: Vec<_> = marks(Lang::ENGLISH, &scenario).map(|(mark, _)| mark).collect();
            assert_eq!(marks.join(" "), expected, "{id}");
        }
        let commits = warren_sim::Producer { transaction: 5, ..warren_sim::Producer::new("p", "q", 1) };
        let scenario = Scenario { producers: vec![commits], ..Scenario::new("commits") };
        assert!(marks(Lang::ENGLISH, &scenario).any(|(mark, _)| mark == "confirmed"));
    }
}
