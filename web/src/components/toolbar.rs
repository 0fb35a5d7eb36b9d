//! What can be put on the stage, and what is done with the whole picture.

use yew::prelude::{Callback, DragEvent, Html, PointerEvent, Properties, function_component, html};

use crate::{
    app::{DRAGGED, Zoom},
    editor::{Edit, Kind},
    i18n::Lang,
};

#[derive(Properties, PartialEq)]
pub(crate) struct ToolbarProps {
    pub(crate) lang: Lang,
    pub(crate) can_undo: bool,
    pub(crate) can_redo: bool,
    pub(crate) has_disk: bool,
    pub(crate) is_comparing: bool,
    pub(crate) on_edit: Callback<Edit>,
    /// A finger that came down on the palette goes up.
    pub(crate) on_finger: Callback<(Kind, PointerEvent)>,
    pub(crate) on_undo: Callback<()>,
    pub(crate) on_redo: Callback<()>,
    pub(crate) on_zoom: Callback<Zoom>,
    pub(crate) on_compare: Callback<bool>,
}

#[function_component]
pub(crate) fn Toolbar(props: &ToolbarProps) -> Html {
    let lang = props.lang;
    let palette = Kind::ALL.into_iter().map(|kind| {
        let ondragstart = move |event: DragEvent| {
            if let Some(data) = event.data_transfer() {
                // A browser that does not let things be dragged still lets them be clicked.
                let _ = data.set_data(DRAGGED, kind.id());
            }
        };
        let onclick = props.on_edit.reform(move |_| Edit::Add { kind, at: None });
        // Fingers do not drag and drop, unless they wait first: then no pointer goes up.
        let on_finger = props.on_finger.clone();
        let onpointerup = move |event: PointerEvent| {
            if event.pointer_type() == "touch" {
                on_finger.emit((kind, event));
            }
        };
        html! {
            <button
                class={kind.id()}
                draggable="true"
                data-testid={format!("add-{}", kind.id())}
                disabled={kind == Kind::Disk && props.has_disk}
                title={lang.say("Drag it onto the stage, or press")}
                {ondragstart}
                {onpointerup}
                {onclick}
            >
                { "+ " }{ kind.name(lang) }
            </button>
        }
    });
    let button = |id: &'static str,
                  sign: &'static str,
                  name: &'static str,
                  is_off: bool,
                  on: Callback<()>| {
        html! {
            <button data-testid={id} aria-label={name} title={name} disabled={is_off} onclick={on.reform(|_| ())}>
                { sign }
            </button>
        }
    };
    let zoom = |zoom: Zoom| props.on_zoom.reform(move |()| zoom);
    let is_comparing = props.is_comparing;
    html! {
        <div class="toolbar" role="toolbar" aria-label={lang.say("Topology")}>
            <span class="group">{ for palette }</span>
            <span class="group">
                { button("undo", "↶", lang.say("Undo"), !props.can_undo, props.on_undo.clone()) }
                { button("redo", "↷", lang.say("Redo"), !props.can_redo, props.on_redo.clone()) }
                { button("arrange", lang.say("Arrange"), lang.say("Arrange by itself"), false,
                         props.on_edit.reform(|()| Edit::Arrange)) }
            </span>
            <span class="group">
                { button("zoom-out", "−", lang.say("Smaller"), false, zoom(Zoom::Out)) }
                { button("zoom-in", "+", lang.say("Larger"), false, zoom(Zoom::In)) }
                { button("zoom-fit", lang.say("Fit"), lang.say("Fit"), false, zoom(Zoom::Fit)) }
            </span>
            <button
                data-testid="compare"
                aria-pressed={is_comparing.to_string()}
                title={lang.say("Keep the scenario as it is beside this one, then change something and compare")}
                onclick={props.on_compare.reform(move |_| !is_comparing)}
            >
                { lang.say("Compare") }
            </button>
        </div>
    }
}
