//! What goes wrong in the scenario, and when: what it came with, and what the visitor has done.

use warren_sim::{Scenario, warren_core::Instant};
use yew::prelude::{Callback, Html, Properties, function_component, html};

use super::{
    form::{self, Form},
    releases::Releases,
};
use crate::{
    editor::{Edit, Item},
    i18n::{Lang, say},
    player::Selection,
    story,
};

#[derive(Properties, PartialEq)]
pub(crate) struct FaultsProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: std::rc::Rc<Scenario>,
    /// Which topology it is.
    pub(crate) document: u32,
    pub(crate) on_edit: Callback<Edit>,
    pub(crate) on_select: Callback<Selection>,
}

#[function_component]
pub(crate) fn Faults(props: &FaultsProps) -> Html {
    let lang = props.lang;
    let rows = props.scenario.faults.iter().enumerate().map(|(index, fault)| {
        let who = fault.what.whom();
        let what = story::mishap(lang, &props.scenario, &fault.what);
        html! {
            <tr>
                <td><time>{ lang.exact(Instant::ZERO + fault.at) }</time></td>
                <th scope="row">{ who }</th>
                <td>{ what }</td>
                <td>
                    <button
                        data-testid={format!("remove-fault-{index}")}
                        aria-label={say!(lang, "Remove {name}", name = who)}
                        onclick={props.on_edit.reform(move |_| Edit::RemoveFault(index))}
                    >
                        { "✕" }
                    </button>
                </td>
            </tr>
        }
    });
    let form = |item: Item| {
        let (document, scenario, on_edit) = (props.document, props.scenario.clone(), props.on_edit.clone());
        html! { <Form key={form::key(document, item)} {lang} {item} {scenario} {document} {on_edit} /> }
    };
    html! {
        <section key="faults" class="faults">
            if props.scenario.faults.is_empty() {
                <p class="note">{ lang.say(
                    "Nothing goes wrong here. Select something on the stage to change that.") }</p>
            }
            <table data-testid="faults"><tbody>{ for rows }</tbody></table>
            <h3>{ lang.say("Broker") }</h3>
            { form(Item::Broker) }
            <Releases {lang} scenario={props.scenario.clone()} on_select={props.on_select.clone()} />
            <h3>{ lang.say("Network and duration") }</h3>
            { form(Item::Network) }
            { form(Item::Scenario) }
        </section>
    }
}
