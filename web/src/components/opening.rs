//! What the first visit says below the stage: what there is to see, and then what the visitor is to do.

use std::rc::Rc;

use warren_sim::Scenario;
use yew::prelude::{Callback, Html, Properties, function_component, html};

use super::LessonWish;
use crate::i18n::{Lang, say};

#[derive(Properties, PartialEq)]
pub(crate) struct OpeningProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    /// Who is to be crashed, and the numbers of what it has not acked, once the visitor is to do it.
    pub(crate) dared: Option<(String, Vec<u64>)>,
    pub(crate) on_wish: Callback<LessonWish>,
}

#[function_component]
pub(crate) fn Opening(props: &OpeningProps) -> Html {
    let lang = props.lang;
    let content = match &props.dared {
        None => {
            let first = props.scenario.lesson.as_ref().and_then(|lesson| lesson.steps.first());
            html! { <p class="before">{ first.map_or("", |step| lang.pick(&step.text)) }</p> }
        }
        Some((name, held)) => html! {
            <>
                <h2>{ holds(lang, name, held) }</h2>
                <p>{ lang.say("What if it dies right now?") }</p>
                <button class="crash-it" data-testid="crash-it" onclick={props.on_wish.reform(|_| LessonWish::Crash)}>
                    { lang.say("Crash it") }
                </button>
            </>
        },
    };
    html! { <section class="opening-words" data-testid="opening" aria-live="polite">{ content }</section> }
}

/// `worker-1 has not acked 5 and 7 yet.`
fn holds(lang: Lang, name: &str, held: &[u64]) -> String {
    let numbers: Vec<String> = held.iter().map(u64::to_string).collect();
    let all = match numbers.as_slice() {
        [] => return say!(lang, "{name} has nothing to do.", name),
        [one] => {
            return say!(lang, "{name} has task {one}, and has not acked it yet.", name, one);
        }
        [first @ .., last] => say!(lang, "{first} and {last}", first = first.join(", "), last),
    };
    say!(lang, "{name} has tasks {all}, and has not acked them yet.", name, all)
}

#[cfg(test)]
mod tests {
    use super::holds;
    use crate::i18n::Lang;

    #[test]
    fn it_names_what_the_worker_has() {
        assert_eq!(
            holds(Lang::ENGLISH, "worker-1", &[5, 7]),
            "worker-1 has tasks 5 and 7, and has not acked them yet."
        );
        assert_eq!(
            holds(Lang::russian(), "worker-1", &[3, 5, 7]),
            "У worker-1 задачи 3, 5 и 7, и он их ещё не подтвердил."
        );
    }
}
