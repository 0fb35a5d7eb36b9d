//! A frame field by field beside its bytes: what is pointed at on one side is marked on the other.

use std::ops::Range;

use warren_core::wire::{Damage, DecodeError, Description, Part};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::{
    Callback, Html, Properties, UseStateHandle, classes, function_component, html, use_state_eq,
};

use super::tabs::focus;
use crate::i18n::{Lang, say};

/// Bytes in a row.
const ROW: usize = 16;
/// Bytes that are shown.
const MOST: usize = 768;

#[derive(Properties, PartialEq)]
pub(crate) struct AnatomyProps {
    pub(crate) lang: Lang,
    pub(crate) bytes: Vec<u8>,
    pub(crate) description: Description,
}

/// What the visitor points at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pointed {
    Nothing,
    Part(usize),
    Byte(usize),
}

#[function_component]
pub(crate) fn Anatomy(props: &AnatomyProps) -> Html {
    let pointed = use_state_eq(|| Pointed::Nothing);
    let parts = &props.description.parts;
    let marked = marked(parts, *pointed);
    let damage = props.description.damage.as_ref().map(|why| {
        html! { <p class="complaint" data-testid="frame-damage">{ damage(props.lang, why) }</p> }
    });
    html! {
        <div class="anatomy">
            <div>
                { damage }
                { fields(props, &pointed, marked.as_ref()) }
            </div>
            { dump(props, &pointed, marked.as_ref()) }
        </div>
    }
}

/// The bytes of what is pointed at: of a table with all that is in it.
fn marked(parts: &[Part], pointed: Pointed) -> Option<Range<usize>> {
    match pointed {
        Pointed::Nothing => None,
        Pointed::Part(index) => parts.get(index).map(|part| {
            let inside = parts[index + 1..].iter().take_while(|inner| inner.depth > part.depth);
            let end = inside.last().map_or(part.bytes.end, |last| last.bytes.end.max(part.bytes.end));
            part.bytes.start..end
        }),
        Pointed::Byte(at) => {
            parts.iter().find(|part| part.bytes.contains(&at)).map(|part| part.bytes.clone())
        }
    }
}

fn fields(props: &AnatomyProps, pointed: &UseStateHandle<Pointed>, marked: Option<&Range<usize>>) -> Html {
    let lang = props.lang;
    let current = match **pointed {
        Pointed::Part(index) => index,
        Pointed::Nothing | Pointed::Byte(_) => 0,
    };
    let rows = props.description.parts.iter().enumerate().map(|(index, part)| {
        let is_marked = match **pointed {
            Pointed::Part(pointed) => pointed == index,
            _ => marked.is_some_and(|marked| !marked.is_empty() && part.bytes == *marked),
        };
        let why = part.damage.as_ref().map(|why| html! { <em>{ cut(lang, why) }</em> });
        let bit = part.bit.map_or_else(String::new, |bit| format!(" {bit}"));
        html! {
            <tr
                class={classes!(is_marked.then_some("marked"))}
                id={format!("part-{index}")}
                data-part={index.to_string()}
                data-testid={format!("part-{}", part.name)}
                tabindex={if index == current { "0" } else { "-1" }}
            >
                <th scope="row" style={format!("padding-left: {}em", 0.4 + f64::from(part.depth))}>
                    { &part.name }<small>{ part.kind }{ bit }</small>
                </th>
                <td>{ &part.value }{ why }</td>
            </tr>
        }
    });
    let count = props.description.parts.len();
    let onkeydown = move |event: KeyboardEvent| {
        let next = match event.key().as_str() {
            "ArrowDown" => (current + 1).min(count.saturating_sub(1)),
            "ArrowUp" => current.saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        focus(&format!("part-{next}"));
    };
    let point = point(pointed, "data-part", Pointed::Part);
    html! {
        <table
            class="fields"
            data-testid="frame-fields"
            onmouseover={point.reform(|event: web_sys::MouseEvent| event.target())}
            onfocusin={point.reform(|event: web_sys::FocusEvent| event.target())}
            {onkeydown}
        >
            <thead><tr>
                <th scope="col">{ lang.say("field") }</th>
                <th scope="col">{ lang.say("value") }</th>
            </tr></thead>
            <tbody>{ for rows }</tbody>
        </table>
    }
}

fn dump(props: &AnatomyProps, pointed: &UseStateHandle<Pointed>, marked: Option<&Range<usize>>) -> Html {
    let (lang, bytes) = (props.lang, &props.bytes);
    let shown = &bytes[..bytes.len().min(MOST)];
    let cell = |at: usize, text: String| {
        let is_marked = marked.is_some_and(|marked| marked.contains(&at));
        html! { <span data-at={at.to_string()} class={classes!(is_marked.then_some("marked"))}>{ text }</span> }
    };
    let rows = shown.chunks(ROW).enumerate().map(|(row, chunk)| {
        let places = || (row * ROW..).zip(chunk.iter().copied());
        html! {
            <div class="row">
                <i>{ format!("{:04x}", row * ROW) }</i>
                <code class="hex">{ for places().map(|(at, byte)| cell(at, format!("{byte:02x}"))) }</code>
                <code class="ascii" aria-hidden="true">
                    { for places().map(|(at, byte)| cell(at, letter(byte).to_string())) }
                </code>
            </div>
        }
    });
    let more = bytes.len() - shown.len();
    let at = match **pointed {
        Pointed::Byte(at) => Some(at),
        _ => marked.map(|marked| marked.start),
    };
    let last = shown.len().saturating_sub(1);
    let onkeydown = {
        let pointed = pointed.clone();
        move |event: KeyboardEvent| {
            let next = match (event.key().as_str(), at) {
                ("ArrowRight", Some(at)) => at + 1,
                ("ArrowLeft", Some(at)) => at.saturating_sub(1),
                ("ArrowDown", Some(at)) => at + ROW,
                ("ArrowUp", Some(at)) => at.saturating_sub(ROW),
                ("ArrowRight" | "ArrowDown" | "Home", _) => 0,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            pointed.set(Pointed::Byte(next.min(last)));
        }
    };
    let point = point(pointed, "data-at", Pointed::Byte);
    html! {
        <div
            class="dump"
            tabindex="0"
            role="group"
            data-testid="frame-bytes"
            aria-label={lang.say("Bytes. Arrow keys go from one to the next.")}
            onmouseover={point.reform(|event: web_sys::MouseEvent| event.target())}
            {onkeydown}
        >
            { for rows }
            if more > 0 {
                <p class="note">{ format!("… + {more}") }</p>
            }
            <p class="note" aria-live="polite">{ caption(props, marked, at) }</p>
        </div>
    }
}

/// What is marked, in words.
fn caption(props: &AnatomyProps, marked: Option<&Range<usize>>, at: Option<usize>) -> String {
    let lang = props.lang;
    let (Some(marked), Some(at)) = (marked, at) else {
        return lang.say("Point at a field to see its bytes.").to_owned();
    };
    let names = props.description.parts.iter().filter(|part| part.bytes.contains(&at) && part.depth == 0);
    let name = names.map(|part| part.name.as_str()).next().unwrap_or_default();
    if marked.len() == 1 {
        return say!(lang, "byte {first}: {name}", first = marked.start, name);
    }
    say!(lang, "bytes {first}–{last}: {name}", first = marked.start, last = marked.end - 1, name)
}

/// Points at the element under an event that has a number in this attribute.
fn point(
    pointed: &UseStateHandle<Pointed>,
    attribute: &'static str,
    at: fn(usize) -> Pointed,
) -> Callback<Option<web_sys::EventTarget>> {
    let pointed = pointed.clone();
    Callback::from(move |target: Option<web_sys::EventTarget>| {
        let element = target.and_then(|target| target.dyn_into::<Element>().ok());
        let element = element.and_then(|element| element.closest(&format!("[{attribute}]")).ok().flatten());
        let number = element.and_then(|element| element.get_attribute(attribute)?.parse().ok());
        if let Some(number) = number {
            pointed.set(at(number));
        }
    })
}

fn letter(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '·' }
}

/// What is wrong with a frame.
pub(super) fn damage(lang: Lang, damage: &Damage) -> String {
    match damage {
        Damage::Incomplete { has, needs } => say!(lang, "incomplete: has {has} of {needs} bytes", has, needs),
        _ => damage.to_string(),
    }
}

fn cut(lang: Lang, why: &DecodeError) -> String {
    match why {
        DecodeError::Truncated | DecodeError::CutTable => lang.say("cut off").to_owned(),
        other => other.to_string(),
    }
}
