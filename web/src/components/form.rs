//! The fields of one thing.

use std::rc::Rc;

use warren_sim::Scenario;
use yew::prelude::{
    AttrValue, Callback, Html, MouseEvent, Properties, function_component, html, use_memo, use_state_eq,
};

use super::controls::{Choice, Choices, Commit, FlagBox, TextBox};
use crate::{
    editor::{self, Edit, Field, FieldKind, Item, texts_of},
    i18n::Lang,
    scene::Place,
};

#[derive(Properties, PartialEq)]
pub(crate) struct FormProps {
    pub(crate) lang: Lang,
    pub(crate) item: Item,
    pub(crate) scenario: Rc<Scenario>,
    /// Which topology it is of: what is being typed for one must not show up in another.
    pub(crate) document: u32,
    /// What has the name that can be changed, if it has one.
    #[prop_or_default]
    pub(crate) named: Option<Place>,
    pub(crate) on_edit: Callback<Edit>,
}

#[function_component]
pub(crate) fn Form(props: &FormProps) -> Html {
    let item = props.item;
    let texts = use_memo((props.scenario.clone(), item), |(scenario, item)| texts_of(scenario, *item));
    let name = props.named.as_ref().map(|place| {
        let (renamed, value) = (place.clone(), place.name(&props.scenario));
        html! {
            <label class="field" key="name">
                <span>{ "name" }</span>
                <TextBox testid="field-name" {value} commit={props.commit(move |name| Edit::Rename(renamed.clone(), name))} />
            </label>
        }
    });
    let fields = |is_rare: bool| {
        let fields =
            item.fields().iter().zip(texts.iter()).filter(move |(field, _)| field.is_rare == is_rare);
        fields.map(|(field, text)| field_row(props, field, text)).collect::<Html>()
    };
    let has_rare = item.fields().iter().any(|field| field.is_rare);
    // What is set must be seen, unless somebody has put it away.
    let is_set =
        item.fields().iter().zip(texts.iter()).any(|(field, text)| field.is_rare && !text.is_empty());
    let wish = use_state_eq(|| None::<bool>);
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
                    <summary data-testid="more-fields" onclick={toggle}>{ props.lang.say("More") }</summary>
                    // Made when they are wanted: a form with all its fields takes longer than a frame.
                    if is_open {
                        { fields(true) }
                    }
                </details>
            }
        </form>
    }
}

impl FormProps {
    /// Makes what was typed an edit, unless the scenario's own parser refuses it.
    fn commit(&self, edit_of: impl Fn(String) -> Edit + 'static) -> Commit {
        let (scenario, on_edit) = (self.scenario.clone(), self.on_edit.clone());
        Callback::from(move |text: String| {
            let edit = edit_of(text);
            editor::apply(&scenario, &edit)?;
            on_edit.emit(edit);
            Ok(())
        })
    }
}

/// What tells a form from those of other things, so that each keeps what is being typed in it.
pub(super) fn key(document: u32, item: Item) -> String {
    format!("{document} {item:?}")
}

fn field_row(form: &FormProps, field: &'static Field, text: &str) -> Html {
    let hint = field.hint(form.lang);
    let is_flag = field.kind == FieldKind::Flag;
    html! {
        <label key={field.name} class={if is_flag { "field flag" } else { "field" }} title={hint}>
            <span>{ field.name }</span>
            { control(form, field, text) }
            <small>{ hint }</small>
        </label>
    }
}

fn control(form: &FormProps, field: &'static Field, text: &str) -> Html {
    let item = form.item;
    let commit = form.commit(move |value| Edit::Set { item, field: field.name, value });
    let testid = AttrValue::from(format!("field-{}", field.name));
    let value = text.to_owned();
    match field.kind {
        FieldKind::Flag => html! { <FlagBox {testid} value={value == "true"} {commit} /> },
        FieldKind::Choice(_) | FieldKind::Queue | FieldKind::Exchange => {
            html! { <Choice {testid} choices={choices(form, field.kind, text)} {value} {commit} /> }
        }
        FieldKind::Table | FieldKind::Tables => html! { <TextBox {testid} {value} {commit} is_long=true /> },
        kind => {
            html! { <TextBox {testid} {value} {commit} is_number={kind == FieldKind::Number} /> }
        }
    }
}

fn choices(form: &FormProps, kind: FieldKind, chosen: &str) -> Choices {
    let nothing = |name: &'static str| (AttrValue::Static(""), AttrValue::Static(name));
    let named = |name: &String| (AttrValue::from(name.clone()), AttrValue::from(name.clone()));
    match kind {
        FieldKind::Choice(options) => {
            let options = options.iter().map(|option| (AttrValue::Static(option), AttrValue::Static(option)));
            chosen.is_empty().then(|| nothing("—")).into_iter().chain(options).collect()
        }
        FieldKind::Queue => form.scenario.queues.iter().map(|queue| named(&queue.name)).collect(),
        _ => {
            let exchanges = form.scenario.exchanges.iter().map(|exchange| named(&exchange.name));
            std::iter::once(nothing(form.lang.say("default"))).chain(exchanges).collect()
        }
    }
}
