//! The same scenario in another release of RabbitMQ: what goes otherwise there, and why.

use std::{cell::RefCell, rc::Rc};

use gloo::timers::callback::Timeout;
use warren_sim::{
    Comparison, Difference, Scenario,
    warren_core::{Behaviour, Behaviours, Release},
};
use yew::prelude::{
    Callback, Html, Properties, function_component, html, use_effect_with, use_mut_ref, use_state,
};

use super::check::spot;
use crate::{
    i18n::{Lang, say},
    interpreter,
    player::Selection,
};

#[derive(Properties, PartialEq)]
pub(crate) struct ReleasesProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) on_select: Callback<Selection>,
}

/// How far a comparison is.
#[derive(Clone)]
enum Progress {
    /// So many turns of the browser have gone to it.
    Playing(u32),
    Done(Rc<Vec<Difference>>),
}

/// A comparison that the visitor has asked for: of which scenario, and with which release.
#[derive(Clone)]
struct Asked {
    scenario: Rc<Scenario>,
    other: Release,
    progress: Progress,
}

/// As many as it takes to tell chance from what is nearly always so.
const SEEDS: std::ops::Range<u64> = 0..10;
/// How long the page may stand still for it at a time, in ms; one world is played to its end, however long that takes.
const TURN_MS: f64 = 12.0;

#[function_component]
pub(crate) fn Releases(props: &ReleasesProps) -> Html {
    let lang = props.lang;
    let state = use_state(|| None::<Asked>);
    let comparison = use_mut_ref(|| None::<Comparison>);
    // What was said of another scenario does not hold for this one.
    let asked = (*state).clone().filter(|asked| asked.scenario == props.scenario);
    let turn = match &asked {
        Some(Asked { progress: Progress::Playing(turn), .. }) => Some(*turn),
        _ => None,
    };
    {
        let (state, asked, comparison) = (state.clone(), asked.clone(), comparison.clone());
        use_effect_with(turn, move |_| {
            // Dropped with the component, or when something else is asked for.
            let next = asked.filter(|_| turn.is_some()).map(|asked| {
                Timeout::new(0, move || {
                    let progress = go_on(&comparison, turn.unwrap_or_default());
                    state.set(Some(Asked { progress, ..asked }));
                })
            });
            move || drop(next)
        });
    }
    let own = props.scenario.broker.compat.unwrap_or_default();
    let ask = |other: Release| {
        let (state, comparison, scenario) = (state.clone(), comparison.clone(), props.scenario.clone());
        let compare = move |_| {
            let new = Comparison::new(&scenario, own, other).seeds(SEEDS).playing(interpreter::shared());
            *comparison.borrow_mut() = Some(new);
            state.set(Some(Asked { scenario: scenario.clone(), other, progress: Progress::Playing(0) }));
        };
        html! {
            <button data-testid={format!("compare-{other}")} onclick={compare}>
                { say!(lang, "Compare with RabbitMQ {release}", release = other) }
            </button>
        }
    };
    let others = Release::ALL.into_iter().filter(|release| *release != own);
    html! {
        <>
            <div class="actions">{ for others.map(ask) }</div>
            <div aria-live="polite" aria-busy={turn.is_some().to_string()} data-testid="releases">
                { for asked.map(|asked| result(props, own, &asked)) }
            </div>
        </>
    }
}

/// Plays on for a turn.
fn go_on(comparison: &RefCell<Option<Comparison>>, turn: u32) -> Progress {
    let mut comparison = comparison.borrow_mut();
    let until = js_sys::Date::now() + TURN_MS;
    while js_sys::Date::now() < until {
        let Some(running) = &mut *comparison else { break };
        if let Some(mut differences) = running.advance() {
            *comparison = None;
            differences.retain(|difference| !difference.can_be_chance);
            return Progress::Done(Rc::new(differences));
        }
    }
    Progress::Playing(turn + 1)
}

fn result(props: &ReleasesProps, own: Release, asked: &Asked) -> Html {
    let lang = props.lang;
    let (older, newer) = (own.min(asked.other), own.max(asked.other));
    let differences = match &asked.progress {
        Progress::Playing(_) => {
            return note(say!(lang, "Playing it in RabbitMQ {older} and {newer} …", older, newer));
        }
        Progress::Done(differences) => differences,
    };
    if differences.is_empty() {
        return note(say!(lang, "Nothing differs: it goes in RabbitMQ {older} as in {newer}.", older, newer));
    }
    html! {
        <table class="releases">
            <thead><tr>
                <th scope="col">{ lang.say("what differs, and why") }</th>
                <th scope="col">{ older.as_str() }</th>
                <th scope="col">{ newer.as_str() }</th>
            </tr></thead>
            { for by_reason(differences).into_iter().map(|group| group_of(props, (older, newer), &group)) }
        </table>
    }
}

fn note(text: String) -> Html {
    html! { <p class="note">{ text }</p> }
}

/// What has the same reason stands together, in the order of what matters most.
fn by_reason(differences: &[Difference]) -> Vec<Vec<&Difference>> {
    let mut groups: Vec<Vec<&Difference>> = Vec::new();
    for difference in differences {
        match groups.iter_mut().find(|group| group[0].because == difference.because) {
            Some(group) => group.push(difference),
            None => groups.push(vec![difference]),
        }
    }
    groups
}

fn group_of(props: &ReleasesProps, releases: (Release, Release), group: &[&Difference]) -> Html {
    let rows = group.iter().map(|difference| {
        let Difference { measure, older, newer, .. } = difference;
        let counts =
            [older, newer].map(|count| if measure.is_count() { count.to_string() } else { String::new() });
        html! {
            <tr>
                <th scope="row">
                    { spot(props.lang, &props.scenario, &difference.spot, "difference", &props.on_select) }
                    { " " }{ props.lang.tell(&measure.said(&props.scenario)) }
                </th>
                { for counts.into_iter().map(|count| html! { <td>{ count }</td> }) }
            </tr>
        }
    });
    html! {
        <tbody>
            <tr><th colspan="3" scope="rowgroup">{ for reasons(props.lang, releases, group[0].because) }</th></tr>
            { for rows }
        </tbody>
    }
}

/// A sentence for each behaviour; without one, it is the size of messages.
fn reasons(lang: Lang, (older, newer): (Release, Release), because: Behaviours) -> Vec<Html> {
    if because.is_empty() {
        let [less, more] = [newer, older].map(|release| release.max_message_bytes() >> 20);
        return vec![note(say!(
            lang,
            "RabbitMQ {newer} takes messages of up to {less} MiB, {older} of up to {more} MiB",
            newer,
            less,
            older,
            more
        ))];
    }
    let sentence = |behaviour: Behaviour| {
        let since = say!(lang, "since RabbitMQ {release}", release = behaviour.since());
        html! {
            <p>{ code(lang.catalogue().text(behaviour.what())) }{ " " }<small>{ "(" }{ since }{ ")" }</small></p>
        }
    };
    because.iter().map(sentence).collect()
}

/// A text with names between backticks.
fn code(text: &str) -> Html {
    let part = |(place, part): (usize, &str)| match place % 2 {
        0 => html! { { part.to_owned() } },
        _ => html! { <code>{ part.to_owned() }</code> },
    };
    text.split('`').enumerate().map(part).collect()
}
