//! The frames of a connection, in step with the clock, and one of them field by field.

use warren_sim::{Direction, warren_core::ConnectionId};
use web_sys::KeyboardEvent;
use yew::prelude::{
    AttrValue, Callback, Html, NodeRef, Properties, classes, function_component, html, use_effect_with,
    use_node_ref,
};

use super::{
    anatomy::Anatomy,
    controls::{Choice, Choices, accept},
    protocols::Protocols,
};
use crate::{
    i18n::{Lang, say},
    player::wire::{Disconnection, Frame, FrameId, Look, What, gist},
};

#[derive(Properties, PartialEq)]
pub(crate) struct WireProps {
    pub(crate) lang: Lang,
    /// Who opened each, and whether it is still there.
    pub(crate) connections: Vec<(ConnectionId, String, bool)>,
    /// Which of them is looked at.
    pub(crate) connection: Option<ConnectionId>,
    /// Its frames, newest last.
    pub(crate) frames: Vec<Frame>,
    /// The frame that is chosen; if there is none, the view follows the clock.
    pub(crate) chosen: Option<FrameId>,
    pub(crate) on_look: Callback<Look>,
}

#[function_component]
pub(crate) fn Wire(props: &WireProps) -> Html {
    let lang = props.lang;
    let list = use_node_ref();
    let shown = shown(props);
    use_effect_with((shown.map(|frame| frame.id), props.connection), {
        let list = list.clone();
        move |_| reveal(&list)
    });
    let connection = props.connection;
    let choose = props.on_look.reform(move |frame| Look { connection, frame });
    let onkeydown = keys(props, choose.clone());
    let rows = props.frames.iter().map(|frame| {
        let id = frame.id;
        let is_shown = shown.is_some_and(|shown| shown.id == id);
        row(lang, frame, is_shown, &choose.reform(move |()| Some(id)))
    });
    html! {
        <section class="wire" aria-label={lang.say("Frames on the wire")}>
            <p class="filters">
                { connections(props) }
                <button
                    data-testid="wire-follow"
                    aria-pressed={props.chosen.is_none().to_string()}
                    onclick={choose.reform(|_| None)}
                >
                    { lang.say("Follow the clock") }
                </button>
            </p>
            <ul
                class="scrolls frames"
                role="listbox"
                tabindex="0"
                data-testid="wire-frames"
                ref={list}
                aria-label={lang.say(
                    "Frames, newest last. Arrow keys choose, Escape follows the clock.")}
                aria-activedescendant={shown.map(|frame| element_id(frame.id))}
                {onkeydown}
            >
                { for rows }
            </ul>
            { shown.map_or_else(|| nothing(lang), |frame| detail(lang, frame)) }
            <Protocols {lang} />
        </section>
    }
}

/// The chosen frame, or the one of the moment.
fn shown(props: &WireProps) -> Option<&Frame> {
    let chosen = props.frames.iter().find(|frame| Some(frame.id) == props.chosen);
    chosen.or_else(|| props.frames.iter().find(|frame| frame.is_latest))
}

fn connections(props: &WireProps) -> Html {
    let lang = props.lang;
    let choices = props.connections.iter().map(|(id, name, is_open)| {
        let over = if *is_open { "" } else { lang.say(" (over)") };
        (AttrValue::from(id.0.to_string()), AttrValue::from(format!("{name} · {}{over}", id.0)))
    });
    let on_choose = props
        .on_look
        .reform(|id: String| Look { connection: id.parse().ok().map(ConnectionId), frame: None });
    let value = props.connection.map(|id| id.0.to_string()).unwrap_or_default();
    html! {
        <label>{ lang.say("Connection") }{ " " }
            <Choice testid="wire-connection" {value} choices={choices.collect::<Choices>()} commit={accept(on_choose)} />
        </label>
    }
}

fn keys(props: &WireProps, choose: Callback<Option<FrameId>>) -> Callback<KeyboardEvent> {
    let ids: Vec<FrameId> = props.frames.iter().map(|frame| frame.id).collect();
    let at = shown(props).and_then(|shown| ids.iter().position(|id| *id == shown.id));
    Callback::from(move |event: KeyboardEvent| {
        let last = ids.len().saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowDown" => at.map_or(0, |at| (at + 1).min(last)),
            "ArrowUp" => at.map_or(last, |at| at.saturating_sub(1)),
            "Home" => 0,
            "End" => last,
            "Escape" => {
                event.stop_propagation();
                return choose.emit(None);
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        choose.emit(ids.get(next).copied());
    })
}

fn row(lang: Lang, frame: &Frame, is_shown: bool, on_choose: &Callback<()>) -> Html {
    let (name, about) = match &frame.what {
        What::Opened => (lang.say("TCP"), lang.say("the stream is opened").to_owned()),
        What::Ended => (lang.say("TCP"), lang.say("the stream ends here").to_owned()),
        What::Frame(_, description) => (description.name, gist(description)),
    };
    let damage = match &frame.what {
        What::Frame(_, description) => description.damage.as_ref(),
        What::Opened | What::Ended => None,
    };
    let damage = damage.map(|damage| html! { <em>{ super::anatomy::damage(lang, damage) }</em> });
    let is_in_flight = matches!(frame.fate, Disconnection::InFlight(_));
    let class = classes!(
        is_shown.then_some("shown"),
        frame.is_latest.then_some("latest"),
        is_in_flight.then_some("flying"),
    );
    html! {
        <li
            {class}
            role="option"
            id={element_id(frame.id)}
            aria-selected={is_shown.to_string()}
            data-testid={format!("frame-{name}")}
            onclick={on_choose.reform(|_| ())}
        >
            <time>{ lang.exact(frame.left_at) }</time>
            <span class="way">{ way(lang, frame.way) }</span>
            <b>{ name }</b>
            <span class="gist">{ about }{ damage }</span>
            <small>{ fate(lang, frame.fate) }</small>
        </li>
    }
}

fn way(lang: Lang, way: Direction) -> &'static str {
    match way {
        Direction::ToBroker => lang.say("→ broker"),
        Direction::ToClient => lang.say("← client"),
    }
}

fn fate(lang: Lang, fate: Disconnection) -> String {
    match fate {
        Disconnection::InFlight(at) => {
            say!(lang, "in flight until {moment}", moment = lang.exact(at))
        }
        Disconnection::Arrived(at) => format!("✓ {}", lang.exact(at)),
        Disconnection::Never => lang.say("never arrives").to_owned(),
    }
}

fn detail(lang: Lang, frame: &Frame) -> Html {
    match &frame.what {
        What::Frame(bytes, description) => {
            let (bytes, description) = (bytes.clone(), description.clone());
            // What is pointed at is forgotten with the frame.
            html! { <Anatomy key={element_id(frame.id)} {lang} {bytes} {description} /> }
        }
        What::Opened => note(lang.say("The connection's byte stream is opened; the client speaks first.")),
        What::Ended => {
            note(lang.say("Behind this nothing comes in this direction: the stream was closed, or it broke."))
        }
    }
}

fn nothing(lang: Lang) -> Html {
    note(lang.say("Nothing has gone over a wire yet."))
}

fn note(text: &'static str) -> Html {
    html! { <p class="note">{ text }</p> }
}

fn element_id(FrameId(packet, index): FrameId) -> String {
    format!("frame-{packet}-{index}")
}

/// Brings the frame that is shown into the list's window, and moves nothing else.
fn reveal(list: &NodeRef) {
    let Some(list) = list.cast::<web_sys::HtmlElement>() else { return };
    let Ok(Some(shown)) = list.query_selector(".shown") else { return };
    let (window, row) = (list.get_bounding_client_rect(), shown.get_bounding_client_rect());
    let hidden = if row.bottom() > window.bottom() {
        row.bottom() - window.bottom()
    } else if row.top() < window.top() {
        row.top() - window.top()
    } else {
        return;
    };
    list.set_scroll_top(list.scroll_top() + hidden as i32);
}
