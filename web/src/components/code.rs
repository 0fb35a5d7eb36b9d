//! The client code that does what an actor does, to be read, copied and run against a real broker.

use std::rc::Rc;

use warren_programs::{Language, program};
use warren_sim::Scenario;
use yew::prelude::{
    AttrValue, Callback, Html, Properties, function_component, html, use_force_update, use_memo, use_state_eq,
};

use super::{
    CodeState,
    controls::{Choice, Choices, accept},
    program::{self, Program},
};
use crate::{files, i18n::Lang, player::Printed};

#[derive(Properties, PartialEq)]
pub(crate) struct CodeProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) language: Language,
    /// Whose program; the first actor's if there is nobody of this name.
    pub(crate) actor: String,
    /// Which topology it is.
    pub(crate) document: u32,
    /// How it is with the actor's own code, if it has any.
    pub(crate) state: CodeState,
    /// What that has printed lately.
    pub(crate) printed: Vec<Printed>,
    pub(crate) on_run: Callback<(String, String)>,
    pub(crate) on_remove: Callback<String>,
    pub(crate) on_language: Callback<Language>,
    pub(crate) on_actor: Callback<String>,
}

#[function_component]
pub(crate) fn Code(props: &CodeProps) -> Html {
    let (lang, language) = (props.lang, props.language);
    let is_there = |actor: &&str| *actor == props.actor;
    let actor = props.scenario.actor_names().find(is_there).or_else(|| props.scenario.actor_names().next());
    let actor = actor.map(str::to_owned);
    let text = {
        let said = (props.scenario.clone(), actor.clone(), language, lang);
        use_memo(said, |(scenario, actor, language, lang)| {
            let text =
                actor.as_deref().and_then(|actor| program(scenario, actor, *language, lang.catalogue()));
            text.unwrap_or_default()
        })
    };
    // What was copied: the button says so until there is something else to copy.
    let copied = use_state_eq(|| Rc::new(String::new()));
    let anew = use_force_update();
    let Some(actor) = actor else {
        return html! {
            <p class="note">{ lang.say(
                "There is nobody here who would need a program. Add a producer or a consumer.") }</p>
        };
    };
    let named = |language: Language| (AttrValue::Static(language.id()), AttrValue::Static(language.name()));
    let languages: Choices = Language::ALL.into_iter().map(named).collect();
    let named = |actor: &str| (AttrValue::from(actor.to_owned()), AttrValue::from(actor.to_owned()));
    let actors: Choices = props.scenario.actor_names().map(named).collect();
    let on_language = props.on_language.reform(|id: String| Language::find(&id).unwrap_or(Language::Python));
    let given = props.scenario.programs().find(|(name, _)| *name == actor).map(|(_, code)| code.to_owned());
    let draft = program::draft(props.document, &actor);
    let is_played = language == Language::JavaScript && (given.is_some() || draft.is_some());
    let shown = draft.filter(|_| is_played).or_else(|| given.clone().filter(|_| is_played));
    let shown = shown.map_or_else(|| text.clone(), Rc::new);
    let is_copied = **copied == *shown;
    let on_copy = move |_| {
        files::copy(&shown);
        copied.set(shown.clone());
    };
    let on_write = {
        let (document, actor, text, anew) = (props.document, actor.clone(), text.clone(), anew.clone());
        move |_| {
            program::set_draft(document, &actor, Some((*text).clone()));
            anew.force_update();
        }
    };
    let [get, run] = language.commands(&actor);
    html! {
        <section class="code" aria-label={lang.say("Code")}>
            <p class="filters">
                <label>{ lang.say("Program of") }{ " " }
                    <Choice testid="code-actor" value={actor.clone()} choices={actors}
                        commit={accept(props.on_actor.clone())} />
                </label>
                <label>{ lang.say("in") }{ " " }
                    <Choice testid="code-language" value={language.id()} choices={languages}
                        commit={accept(on_language)} />
                </label>
                <button data-testid="copy-code" onclick={on_copy} aria-live="polite">
                    { if is_copied { lang.say("Copied") } else { lang.say("Copy") } }
                </button>
            </p>
            if is_played {
                <Program key={format!("{} {actor}", props.document)} {lang} document={props.document} actor={actor.clone()}
                    given={given.clone()} state={props.state} planned={text.clone()} printed={props.printed.clone()}
                    on_run={props.on_run.clone()} on_remove={props.on_remove.clone()}
                    on_change={Callback::from(move |()| anew.force_update())} />
            } else {
                <pre class="scrolls" tabindex="0" role="region" aria-label={language.file(&actor)}>
                    <code data-testid="code" translate="no">{ for text.split_inclusive('\n').map(line) }</code>
                </pre>
                if language == Language::JavaScript {
                    <p class="filters">
                        <button class="primary" data-testid="write-code" onclick={on_write}>
                            { lang.say("Edit and run it here") }
                        </button>
                    </p>
                } else if given.is_some() {
                    <p class="note">{ lang.say(
                        "In the simulation it plays code of its own, in JavaScript; this is what the rest of its plan says.") }</p>
                }
            }
            <p class="note">
                { lang.say("The broker: ") }<code>{ "warren serve" }</code>
                { lang.say(" (from the sources: ") }<code>{ "cargo run" }</code>
                { lang.say("), or RabbitMQ, on localhost:5672 or wherever ") }
                <code>{ "AMQP_URL" }</code>{ lang.say(" says.") }
            </p>
            <p class="note">
                { lang.say("The program: ") }<code>{ get }</code>
                { lang.say(", then ") }<code>{ run }</code>{ "." }
            </p>
        </section>
    }
}

/// Comments stand back.
fn line(line: &str) -> Html {
    let begins = line.trim_start();
    if begins.starts_with("//") || begins.starts_with('#') && !begins.starts_with("#[") {
        html! { <span class="aside">{ line }</span> }
    } else {
        html! { { line } }
    }
}
