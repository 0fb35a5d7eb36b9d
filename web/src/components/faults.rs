//! What goes wrong in the scenario, and when: what it came with, and what the visitor has done.

use warren_sim::Scenario;
use yew::prelude::{Callback, Html, html};

use super::form::Form;
use crate::{
    editor::{Edit, Item},
    i18n::Lang,
    story,
};

pub(crate) struct Faults {
    pub(crate) lang: Lang,
    pub(crate) scenario: std::rc::Rc<Scenario>,
    /// Which topology it is.
    pub(crate) document: u32,
    pub(crate) on_edit: Callback<Edit>,
}

impl Faults {
    pub(crate) fn view(&self) -> Html {
        let lang = self.lang;
        let rows = self.scenario.faults.iter().enumerate().map(|(index, fault)| {
            let at = fault.at.as_millis();
            let who = fault.what.whom();
            let what = story::mishap(lang, &self.scenario, &fault.what);
            html! {
                <tr>
                    <td><time>{ format!("{}.{:03}", at / 1_000, at % 1_000) }</time></td>
                    <th scope="row">{ who }</th>
                    <td>{ what }</td>
                    <td>
                        <button
                            data-testid={format!("remove-fault-{index}")}
                            aria-label={format!("{} {who}", lang.say("Remove", "Удалить"))}
                            onclick={self.on_edit.reform(move |_| Edit::RemoveFault(index))}
                        >
                            { "✕" }
                        </button>
                    </td>
                </tr>
            }
        });
        let form = |item: Item| {
            Form {
                lang,
                item,
                scenario: self.scenario.clone(),
                document: self.document,
                named: None,
                on_edit: self.on_edit.clone(),
            }
            .view()
        };
        html! {
            <section key="faults" class="faults">
                if self.scenario.faults.is_empty() {
                    <p class="note">{ lang.say(
                        "Nothing goes wrong here. Click something on the stage to change that.",
                        "Здесь ничего не ломается. Щёлкните по чему-нибудь на сцене, чтобы это изменить.") }</p>
                }
                <table data-testid="faults"><tbody>{ for rows }</tbody></table>
                <h3>{ lang.say("Network and duration", "Сеть и длительность") }</h3>
                { form(Item::Network) }
                { form(Item::Scenario) }
            </section>
        }
    }
}
