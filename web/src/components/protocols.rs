//! One message in four versions of AMQP, side by side: what is pointed at in one is marked in all.

use warren_sim::protocols::{
    BODY, CONTENT_TYPE, EXCHANGE, Encoded, Frame, Part, Purpose, ROUTING_KEY, Version,
};
use yew::prelude::{
    Callback, Html, Properties, UseStateHandle, classes, function_component, html, use_memo, use_state_eq,
};

use crate::i18n::{Lang, say};

#[derive(Properties, PartialEq)]
pub(super) struct ProtocolsProps {
    pub(super) lang: Lang,
    /// Whether it is open before anybody has opened or closed it.
    #[prop_or_default]
    pub(super) is_open: bool,
}

#[function_component]
pub(super) fn Protocols(props: &ProtocolsProps) -> Html {
    let lang = props.lang;
    let wish = use_state_eq(|| None::<bool>);
    let marked = use_state_eq(|| Purpose::Exchange);
    let versions = use_memo((), |()| Version::ALL.map(Version::encoded));
    let is_open = (*wish).unwrap_or(props.is_open);
    let toggle = {
        let wish = wish.clone();
        move |event: yew::MouseEvent| {
            event.prevent_default();
            wish.set(Some(!is_open));
        }
    };
    html! {
        <details class="protocols" data-testid="protocols" open={is_open}>
            <summary data-testid="protocols-open" onclick={toggle}>
                { lang.say("One message in AMQP 0-8, 0-9-1, 0-10 and 1.0") }
            </summary>
            if is_open {
                <p class="note">{ message(lang) }</p>
                { purposes(lang, &marked) }
                <div class="versions">{ for versions.iter().map(|encoded| version(lang, encoded, &marked)) }</div>
                { why(lang) }
            }
        </details>
    }
}

fn message(lang: Lang) -> String {
    let body = String::from_utf8_lossy(BODY);
    say!(
        lang,
        "Exchange {exchange}, routing key {key}, content type {content_type}, persistent, body {body}. Choose what to look for: its \
         bytes are marked in every version.",
        exchange = EXCHANGE,
        key = ROUTING_KEY,
        content_type = CONTENT_TYPE,
        body
    )
}

/// What can be looked for.
fn purposes(lang: Lang, marked: &UseStateHandle<Purpose>) -> Html {
    let buttons = Purpose::ALL.into_iter().map(|purpose| {
        let name = lang.catalogue().text(purpose.name());
        html! {
            <button
                aria-pressed={(**marked == purpose).to_string()}
                data-testid={format!("purpose-{}", purpose.id())}
                onclick={mark(marked, purpose)}
            >
                { name }
            </button>
        }
    });
    html! {
        <div class="purposes" role="group" aria-label={lang.say("Look for")}>{ for buttons }</div>
    }
}

fn mark<E>(marked: &UseStateHandle<Purpose>, purpose: Purpose) -> Callback<E> {
    let marked = marked.clone();
    Callback::from(move |_| marked.set(purpose))
}

fn version(lang: Lang, encoded: &Encoded, marked: &UseStateHandle<Purpose>) -> Html {
    let version = encoded.version;
    let header = version.header();
    let [_, _, _, _, numbers @ ..] = header;
    let spelled = numbers.map(|number| number.to_string()).join(" ");
    let origin = if version.is_served() {
        lang.say("bytes of Warren's own codec")
    } else {
        lang.say("bytes by the specification")
    };
    let found: Vec<String> = encoded
        .frames
        .iter()
        .flat_map(|frame| frame.parts.iter().map(move |part| (frame.name, part)))
        .filter(|(_, part)| part.purpose == **marked)
        .map(|(frame, part)| format!("{frame}: {} {}", part.name, part.value))
        .collect();
    html! {
        <section data-testid={format!("version-{}", version.name())} aria-label={format!("AMQP {}", version.name())}>
            <h4>{ "AMQP " }{ version.name() }<small>{ origin }</small></h4>
            <p class="note">{ lang.catalogue().text(version.about()) }</p>
            <p class="opening">{ lang.say("A client begins with ") }
                <code>{ format!("AMQP {spelled}") }</code></p>
            { for encoded.frames.iter().map(|shown| frame(shown, marked)) }
            <ul class="found" data-testid={format!("found-{}", version.name())} aria-live="polite">
                { for found.into_iter().map(|found| html! { <li>{ found }</li> }) }
            </ul>
        </section>
    }
}

fn frame(frame: &Frame, marked: &UseStateHandle<Purpose>) -> Html {
    let part = |part: &Part| {
        let hex: Vec<String> = part.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let is_marked = part.purpose == **marked;
        html! {
            <span
                class={classes!(is_marked.then_some("marked"))}
                title={format!("{} {}", part.name, part.value)}
                onmouseover={mark(marked, part.purpose)}
                onclick={mark(marked, part.purpose)}
            >{ hex.join(" ") }</span>
        }
    };
    html! {
        <figure>
            <figcaption><b>{ frame.name }</b>{ " " }<small>{ frame.source }</small></figcaption>
            <code class="hex">{ for frame.parts.iter().map(part) }</code>
        </figure>
    }
}

fn why(lang: Lang) -> Html {
    let reasons = [
        lang.say(
            "They part at the first eight bytes. Whoever gets a version that it does not speak answers with its own header \
             and closes the connection; Warren does so with 0-10 and 1.0, and writes to its log which client to use."),
        lang.say(
            "Their frames have different shapes: 0-8 has seven bytes before and CE behind, 0-10 has twelve before and nothing \
             behind. Read as the other's, the first size would be wrong already."),
        lang.say(
            "They do not have the same operations. 0-8 publishes (class 60, method 40) and acks deliveries; 0-10 transfers \
             messages (class 4, command 1), in either direction, in sessions that survive a connection."),
    ];
    html! {
        <>
            <h4>{ lang.say("Why 0-8 and 0-10 do not understand each other") }</h4>
            <ul>{ for reasons.into_iter().map(|reason| html! { <li>{ reason }</li> }) }</ul>
        </>
    }
}
