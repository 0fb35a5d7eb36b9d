//! The fields of one thing.

use std::rc::Rc;

use warren_sim::Scenario;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::{
    functional::{Hook, HookContext},
    prelude::{Callback, Event, Html, MouseEvent, TargetCast, html, use_memo, use_state_eq},
};

use super::hooked::hooked;
use crate::{
    editor::{Edit, Field, FieldKind, Item, texts_of},
    i18n::Lang,
};

pub(crate) struct Form {
    pub(crate) lang: Lang,
    pub(crate) item: Item,
    pub(crate) scenario: Rc<Scenario>,
    /// Its name, if it has one.
    pub(crate) name: Option<String>,
    pub(crate) on_rename: Callback<String>,
    pub(crate) on_edit: Callback<Edit>,
}

impl Form {
    pub(crate) fn view(self) -> Html {
        hooked("form", move |hooks| self.draw(hooks))
    }

    fn draw(&self, hooks: &mut HookContext) -> Html {
        let item = self.item;
        let texts =
            use_memo((self.scenario.clone(), item), |(scenario, item)| texts_of(scenario, *item)).run(hooks);
        let name = self.name.as_ref().map(|name| {
            let onchange = self
                .on_rename
                .reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().value());
            html! {
                <label class="field">
                    <span>{ "name" }</span>
                    <input data-testid="field-name" value={name.clone()} {onchange} />
                </label>
            }
        });
        let fields = |is_rare: bool| {
            let fields =
                item.fields().iter().zip(texts.iter()).filter(move |(field, _)| field.is_rare == is_rare);
            fields.map(|(field, text)| field_row(self, field, text)).collect::<Html>()
        };
        let has_rare = item.fields().iter().any(|field| field.is_rare);
        // What is set must be seen, unless somebody has put it away.
        let is_set =
            item.fields().iter().zip(texts.iter()).any(|(field, text)| field.is_rare && !text.is_empty());
        let wish = use_state_eq(|| None::<bool>).run(hooks);
        let is_open = wish.unwrap_or(is_set);
        let toggle = move |event: MouseEvent| {
            event.prevent_default();
            wish.set(Some(!is_open));
        };
        html! {
            <form class="form" onsubmit={|event: yew::SubmitEvent| event.prevent_default()}>
                { name }
                { fields(false) }
                if has_rare {
                    <details open={is_open}>
                        <summary data-testid="more-fields" onclick={toggle}>{ self.lang.say("More", "Ещё") }</summary>
                        // Made when they are wanted: a form with all its fields takes longer than a frame.
                        if is_open {
                            { fields(true) }
                        }
                    </details>
                }
            </form>
        }
    }
}

fn field_row(props: &Form, field: &'static Field, text: &str) -> Html {
    let hint = field.hint(props.lang);
    let is_flag = field.kind == FieldKind::Flag;
    html! {
        <label class={if is_flag { "field flag" } else { "field" }} title={hint}>
            <span>{ field.name }</span>
            { control(props, field, text) }
            <small>{ hint }</small>
        </label>
    }
}

fn control(props: &Form, field: &'static Field, text: &str) -> Html {
    let item = props.item;
    let edit = props.on_edit.reform(move |value: String| Edit::Set { item, field: field.name, value });
    let testid = format!("field-{}", field.name);
    let choice = |options: Vec<String>, empty: Option<&'static str>| {
        let onchange = edit.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
        let options = options.into_iter().map(|option| {
            let is_chosen = option == text;
            html! { <option value={option.clone()} selected={is_chosen}>{ option }</option> }
        });
        let empty = empty.map(|name| html! { <option value="" selected={text.is_empty()}>{ name }</option> });
        html! { <select data-testid={testid.clone()} {onchange}>{ empty }{ for options }</select> }
    };
    match field.kind {
        FieldKind::Flag => {
            let onchange = edit.reform(|event: Event| {
                event.target_unchecked_into::<HtmlInputElement>().checked().to_string()
            });
            html! { <input type="checkbox" data-testid={testid} checked={text == "true"} {onchange} /> }
        }
        FieldKind::Choice(options) => choice(
            options.iter().map(|option| (*option).to_owned()).collect(),
            text.is_empty().then_some("—"),
        ),
        FieldKind::Queue => {
            choice(props.scenario.queues.iter().map(|queue| queue.name.clone()).collect(), None)
        }
        FieldKind::Exchange => {
            let exchanges = props.scenario.exchanges.iter().map(|exchange| exchange.name.clone());
            choice(exchanges.collect(), Some(props.lang.say("default", "по умолчанию")))
        }
        FieldKind::Table | FieldKind::Tables => {
            let onchange =
                edit.reform(|event: Event| event.target_unchecked_into::<HtmlTextAreaElement>().value());
            let rows = (text.lines().count() + 1).min(5).to_string();
            html! { <textarea data-testid={testid} {rows} spellcheck="false" value={text.to_owned()} {onchange} /> }
        }
        kind => {
            let onchange =
                edit.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().value());
            let inputmode = if kind == FieldKind::Number { "numeric" } else { "text" };
            html! {
                <input data-testid={testid} {inputmode} spellcheck="false" autocomplete="off"
                    value={text.to_owned()} {onchange} />
            }
        }
    }
}
