//! What chooses among the panels below the stage.

use web_sys::KeyboardEvent;
use yew::prelude::{Callback, Html, Properties, classes, function_component, html};

use crate::i18n::Lang;

/// A panel below the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tab {
    Log,
    Wire,
    Charts,
    Check,
    Faults,
    Code,
}

impl Tab {
    const ALL: [Tab; 6] = [Tab::Log, Tab::Charts, Tab::Wire, Tab::Check, Tab::Faults, Tab::Code];

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Tab::Log => "log",
            Tab::Wire => "wire",
            Tab::Charts => "charts",
            Tab::Check => "check",
            Tab::Faults => "faults",
            Tab::Code => "code",
        }
    }

    /// The one that a lesson calls so.
    pub(crate) fn called(id: &str) -> Option<Tab> {
        Tab::ALL.into_iter().find(|tab| tab.id() == id)
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Tab::Log => lang.say("What happened"),
            Tab::Wire => lang.say("On the wire"),
            Tab::Charts => lang.say("Charts"),
            Tab::Check => lang.say("Check"),
            Tab::Faults => lang.say("What goes wrong"),
            Tab::Code => lang.say("Code"),
        }
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct TabsProps {
    pub(crate) lang: Lang,
    pub(crate) open: Tab,
    /// How many problems the lint has found, and how many hints.
    pub(crate) found: (usize, usize),
    pub(crate) on_open: Callback<Tab>,
}

#[function_component]
pub(crate) fn Tabs(props: &TabsProps) -> Html {
    let (lang, open) = (props.lang, props.open);
    let tabs = Tab::ALL.into_iter().map(|tab| {
        let is_open = tab == open;
        html! {
            <button
                role="tab"
                id={format!("tab-{}", tab.id())}
                data-testid={format!("tab-{}", tab.id())}
                aria-selected={is_open.to_string()}
                aria-controls="tab-panel"
                tabindex={if is_open { "0" } else { "-1" }}
                onclick={props.on_open.reform(move |_| tab)}
            >
                { tab.name(lang) }
                if tab == Tab::Check {
                    { badge(lang, props.found) }
                }
            </button>
        }
    });
    let on_open = props.on_open.clone();
    let onkeydown = move |event: KeyboardEvent| {
        let index = Tab::ALL.iter().position(|tab| *tab == open).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (index + 1) % Tab::ALL.len(),
            "ArrowLeft" => (index + Tab::ALL.len() - 1) % Tab::ALL.len(),
            "Home" => 0,
            "End" => Tab::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        on_open.emit(Tab::ALL[next]);
        let id = format!("tab-{}", Tab::ALL[next].id());
        focus(&id);
    };
    html! {
        <div role="tablist" aria-label={lang.say("Look closer")} {onkeydown}>{ for tabs }</div>
    }
}

/// How many problems, or if there are none, how many hints.
fn badge(lang: Lang, (problems, hints): (usize, usize)) -> Html {
    let (count, class, what) = match (problems, hints) {
        (0, 0) => return Html::default(),
        (0, hints) => (hints, "hints", lang.say("hints")),
        (problems, _) => (problems, "problems", lang.say("problems")),
    };
    html! { <span class={classes!("badge", class)} data-testid="badge" title={what}>{ count }</span> }
}

pub(super) fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let element = gloo::utils::document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A browser that does not move the focus moves it with the next key.
        let _ = element.focus();
    }
}
