//! What the lint says of the topology; each finding leads to the thing that it is about.

use std::rc::Rc;

use warren_sim::{Finding, Scenario, Severity, Spot};
use yew::prelude::{Callback, Html, Properties, classes, function_component, html};

use crate::{i18n::Lang, player::Selection};

#[derive(Properties, PartialEq)]
pub(crate) struct CheckProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) findings: Rc<Vec<Finding>>,
    pub(crate) on_select: Callback<Selection>,
}

#[function_component]
pub(crate) fn Check(props: &CheckProps) -> Html {
    let lang = props.lang;
    // The same of several things is said once.
    let said = props.findings.chunk_by(|one, other| (one.rule, &one.text) == (other.rule, &other.text));
    let findings = said.map(|findings| {
        let (class, name) = match findings[0].severity {
            Severity::Problem => ("problems", lang.say("problem")),
            Severity::Hint => ("hints", lang.say("hint")),
        };
        html! {
            <li>
                <span class={classes!("badge", class)}>{ name }</span>
                <div class="actions">{ for findings.iter().map(|finding| {
                    let testid = format!("finding-{}", finding.rule.name());
                    spot(lang, &props.scenario, &finding.spot, &testid, &props.on_select)
                }) }</div>
                <p>{ lang.tell(&findings[0].text) }</p>
            </li>
        }
    });
    html! {
        <section key="check" class="check" data-testid="check" aria-label={lang.say("Check")}>
            if props.findings.is_empty() {
                <p class="note">{ lang.say(
                    "Nothing to be said against this topology: every key reaches a queue, and every message has somebody or somewhere to go.") }</p>
            } else {
                <p class="note">{ lang.say(
                    "Checks before running. Routing was checked with the real broker code. Hints may be intentional.") }</p>
                <ul>{ for findings }</ul>
            }
        </section>
    }
}

/// Leads to the thing that something is said of, if it is on the stage.
pub(super) fn spot(
    lang: Lang,
    scenario: &Scenario,
    spot: &Spot,
    testid: &str,
    on_select: &Callback<Selection>,
) -> Html {
    let name = called(lang, scenario, spot);
    match Selection::spot(spot, scenario) {
        Some(selection) => html! {
            <button data-testid={testid.to_owned()} onclick={on_select.reform(move |_| selection.clone())}>
                { name }
            </button>
        },
        None => html! { <b>{ name }</b> },
    }
}

/// A thing as the page calls it.
fn called(lang: Lang, scenario: &Scenario, spot: &Spot) -> String {
    let (kind, name) = match spot {
        Spot::Producer(name) => (lang.say("producer"), name.as_str()),
        Spot::Consumer(name) => (lang.say("consumer"), name.as_str()),
        Spot::Exchange(name) => (lang.say("exchange"), name.as_str()),
        Spot::Queue(name) => (lang.say("queue"), name.as_str()),
        Spot::Disk => (lang.say("the broker's disk"), ""),
        Spot::Binding(place) => {
            let binding = usize::try_from(*place).ok().and_then(|place| scenario.bindings.get(place));
            let Some(binding) = binding else { return String::new() };
            let to = binding.queue.as_ref().or(binding.to_exchange.as_ref());
            let (kind, to) = (lang.say("binding"), to.map_or("", String::as_str));
            return [kind, " ", &binding.exchange, " → ", to, " ", &binding.routing_key].concat();
        }
    };
    [kind, " ", name].concat()
}
