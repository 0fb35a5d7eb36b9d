//! One message: its properties and its story.

use yew::prelude::{Callback, Html, Properties, function_component, html};

use super::Line;
use crate::{
    i18n::{Lang, say},
    story::why::Answer,
};

/// A message as the page shows it.
#[derive(Clone, PartialEq)]
pub(crate) struct Inspected {
    pub(crate) number: u64,
    /// Names and values.
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) story: Vec<Told>,
}

/// Something that happened to it, and the reasons if it was routed then.
#[derive(Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) line: Line,
    pub(crate) answers: Vec<Answer>,
}

#[derive(Properties, PartialEq)]
pub(crate) struct StoryProps {
    pub(crate) lang: Lang,
    pub(crate) message: Inspected,
    pub(crate) on_close: Callback<()>,
}

#[function_component]
pub(crate) fn Story(props: &StoryProps) -> Html {
    let (lang, message) = (props.lang, &props.message);
    let title = say!(lang, "Message {number}", number = message.number);
    let properties = message.properties.iter().map(|(name, value)| {
        html! { <><dt>{ name }</dt><dd>{ value }</dd></> }
    });
    let story = message.story.iter().map(|Told { line, answers }| {
        html! {
            <li>
                <time>{ &line.when }</time><b>{ &line.who }</b>{ " " }{ &line.what }
                { for answers.iter().map(|answer| reasons(lang, answer)) }
            </li>
        }
    });
    html! {
        <section key="story" class="panel inspector" data-testid="inspector" aria-label={title.clone()}>
            <h2>{ title }</h2>
            <button class="quiet close" onclick={props.on_close.reform(|_| ())}>
                { lang.say("Close") }
            </button>
            <dl class="properties">{ for properties }</dl>
            <h3>{ lang.say("Why it is where it is") }</h3>
            <ol class="story">{ for story }</ol>
        </section>
    }
}

fn reasons(lang: Lang, answer: &Answer) -> Html {
    let bindings = answer.bindings.iter().map(|(took, text)| {
        let (class, mark, word) = if *took {
            ("took", "✓", lang.say("matches"))
        } else {
            ("", "✗", lang.say("does not match"))
        };
        html! { <li {class}><i role="img" aria-label={word}>{ mark }</i><span>{ text }</span></li> }
    });
    html! {
        <div class="why" data-testid="why">
            <p>{ &answer.question }</p>
            <ul>{ for bindings }</ul>
            if let Some(end) = &answer.end {
                <p>{ end }</p>
            }
        </div>
    }
}
