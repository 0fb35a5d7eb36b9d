//! A program of the visitor's own: written here, and played in the world as what an actor does.

use std::{cell::RefCell, rc::Rc};

use warren_core::ordered::OrdMap;
use web_sys::{HtmlElement, HtmlTextAreaElement, InputEvent, KeyboardEvent};
use yew::prelude::{
    Callback, Html, Properties, TargetCast, classes, function_component, html, use_force_update, use_node_ref,
};

use crate::{
    i18n::{Lang, say},
    interpreter,
    player::{Printed, PrintedKind},
    story,
};

/// What is written and not run yet, by topology and actor: another tab may be opened meanwhile.
type Drafts = OrdMap<(u32, String), String>;

thread_local! {
    static DRAFTS: RefCell<Drafts> = const { RefCell::new(OrdMap::new()) };
}

/// What has been written for an actor and was not run yet.
pub(super) fn draft(document: u32, actor: &str) -> Option<String> {
    DRAFTS.with_borrow(|drafts| drafts.get(&(document, actor.to_owned())).cloned())
}

/// Something is written for an actor; nothing more if there is no text.
pub(super) fn set_draft(document: u32, actor: &str, text: Option<String>) {
    let key = (document, actor.to_owned());
    DRAFTS.with_borrow_mut(|drafts| match text {
        Some(text) => drop(drafts.insert(key, text)),
        None => drop(drafts.remove(&key)),
    });
}

/// Whether the code of the scenario is played.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CodeState {
    /// The visitor has not run it.
    Unread,
    /// Its interpreter is not there yet.
    Loading,
    Playing,
}

impl CodeState {
    /// How it is with this code now.
    pub(crate) fn of(code: &str) -> CodeState {
        match (interpreter::is_allowed(code), interpreter::is_loaded()) {
            (false, _) => CodeState::Unread,
            (true, false) => CodeState::Loading,
            (true, true) => CodeState::Playing,
        }
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct ProgramProps {
    pub(super) lang: Lang,
    /// Which topology it is written for.
    pub(super) document: u32,
    pub(super) actor: String,
    /// What the actor plays, if it has code.
    pub(super) given: Option<String>,
    pub(super) state: CodeState,
    /// A program that does what the actor does without code.
    pub(super) planned: Rc<String>,
    /// What the program has printed lately.
    pub(super) printed: Vec<Printed>,
    pub(super) on_run: Callback<(String, String)>,
    pub(super) on_remove: Callback<String>,
    /// What is shown is something else now.
    pub(super) on_change: Callback<()>,
}

#[function_component]
pub(super) fn Program(props: &ProgramProps) -> Html {
    let (lang, document) = (props.lang, props.document);
    let anew = use_force_update();
    let run_button = use_node_ref();
    let draft = draft(document, &props.actor);
    let is_changed = draft.as_ref().is_some_and(|draft| props.given.as_ref() != Some(draft));
    let shown = draft.or_else(|| props.given.clone()).unwrap_or_else(|| (*props.planned).clone());
    let change = {
        let (actor, anew, on_change) = (props.actor.clone(), anew, props.on_change.clone());
        move |text: Option<String>| {
            set_draft(document, &actor, text);
            anew.force_update();
            on_change.emit(());
        }
    };
    let oninput = {
        let change = change.clone();
        move |event: InputEvent| change(Some(event.target_unchecked_into::<HtmlTextAreaElement>().value()))
    };
    let run = {
        let (change, on_run, actor) = (change.clone(), props.on_run.clone(), props.actor.clone());
        let shown = shown.clone();
        move || {
            change(None);
            on_run.emit((actor.clone(), shown.clone()));
        }
    };
    let onkeydown = {
        let (run, run_button) = (run.clone(), run_button.clone());
        move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                run();
            }
            "Escape" => {
                // Out of the text by one key, to what is done next; Tab leaves it, too.
                if let Some(button) = run_button.cast::<HtmlElement>() {
                    let _ = button.focus();
                }
            }
            _ => {}
        }
    };
    let plan = {
        let (change, planned) = (change.clone(), props.planned.clone());
        move |_| change(Some((*planned).clone()))
    };
    let remove = {
        let (change, on_remove, actor) = (change, props.on_remove.clone(), props.actor.clone());
        let has_code = props.given.is_some();
        move |_| {
            change(None);
            if has_code {
                on_remove.emit(actor.clone());
            }
        }
    };
    let failure = props.printed.iter().rev().find(|printed| match printed.kind {
        PrintedKind::Plain => false,
        PrintedKind::Error => printed.line.is_some(),
        PrintedKind::Failure => true,
    });
    let wrong_line = failure.filter(|_| !is_changed).and_then(|printed| printed.line);
    let lines = shown.split('\n').count();
    let numbers = (1..=lines).map(|number| {
        let is_wrong = wrong_line.is_some_and(|line| line as usize == number);
        html! { <span class={classes!(is_wrong.then_some("wrong"))}>{ number }{ "\n" }</span> }
    });
    let label = lang.say("Program of");
    html! {
        <div class="program">
            <div class="written">
                <pre class="numbers" aria-hidden="true">{ for numbers }</pre>
                <textarea data-testid="program" aria-label={format!("{label} {}", props.actor)} wrap="off"
                    rows={lines.to_string()} spellcheck="false" autocomplete="off" autocapitalize="off" translate="no"
                    aria-invalid={failure.map(|_| "true")} aria-describedby="program-failure"
                    value={shown} {oninput} {onkeydown} />
            </div>
            <p class="filters">
                <button class="primary" data-testid="run-code" ref={run_button} onclick={move |_| run()}>
                    { lang.say("Run") }
                </button>
                <button data-testid="plan-code" onclick={plan}>
                    { lang.say_in("a program", "Start over") }
                </button>
                <button data-testid="remove-code" onclick={remove}>
                    { lang.say("Without code") }
                </button>
                <span role="status" data-testid="program-state">{ status(lang, props, is_changed) }</span>
            </p>
            <p class="failure" id="program-failure" role="alert" data-testid="program-failure">
                { failure.map(|printed| in_words(lang, printed)) }
            </p>
            if !props.printed.is_empty() {
                <pre class="output scrolls" data-testid="program-output" tabindex="0" role="region"
                    aria-label={lang.say("What the program has printed")}>
                    { for props.printed.iter().map(|printed| output(lang, printed)) }
                </pre>
            }
            <p class="note">{ lang.say(
                "It plays in the simulation, in an interpreter of its own: QuickJS, without the page and without a network. \
                 Date, timers and Math.random are the simulation's, so a run repeats exactly and can be rewound. \
                 The same file runs with Node.js. Ctrl+Enter runs it; Tab or Escape leaves the text.") }</p>
        </div>
    }
}

fn status(lang: Lang, props: &ProgramProps, is_changed: bool) -> String {
    match (props.given.is_some() && !is_changed, props.state) {
        (false, _) => lang.say("Not run yet.").to_owned(),
        (true, CodeState::Unread) => {
            lang.say("Read it first: it does nothing until you press Run.").to_owned()
        }
        (true, CodeState::Loading) => {
            say!(lang, "Loading the interpreter ({size} KB)…", size = interpreter::FILE_KB)
        }
        (true, CodeState::Playing) => lang.say("The simulation plays this code.").to_owned(),
    }
}

/// What went wrong, with its line.
fn in_words(lang: Lang, printed: &Printed) -> String {
    let text = story::mistake(lang, &printed.text);
    match printed.line {
        Some(line) => say!(lang, "Line {line}: {text}", line, text),
        None => text,
    }
}

fn output(lang: Lang, printed: &Printed) -> Html {
    let (class, text) = match printed.kind {
        PrintedKind::Plain => ("", printed.text.clone()),
        PrintedKind::Error => ("bad", printed.text.clone()),
        PrintedKind::Failure => ("bad", in_words(lang, printed)),
    };
    html! { <><span class="aside">{ lang.exact(printed.at) }</span>{ "  " }<span {class}>{ text }</span>{ "\n" }</> }
}
