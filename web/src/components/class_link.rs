//! A link to a lesson for a class, or for a page of one's own: what it fixes is chosen here.

use warren_sim::warren_core::Instant;
use web_sys::HtmlInputElement;
use yew::prelude::{
    AttrValue, Callback, Event, FocusEvent, Html, Properties, TargetCast, UseStateHandle, function_component,
    html, use_state_eq,
};

use super::dialog::Dialog;
use crate::{
    app::Given,
    files,
    i18n::{Lang, say},
};

/// An address in parts, so that what a link says more goes between or behind them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Link {
    /// The page, without `?` and `#`.
    pub(crate) page: String,
    /// What stands behind the `#`.
    pub(crate) fragment: String,
    /// Whether it is a lesson's, of which a link may fix more.
    pub(crate) is_lesson: bool,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ClassLinkProps {
    pub(crate) lang: Lang,
    pub(crate) is_open: bool,
    pub(crate) to: Link,
    /// The clock and its speed, as they are now.
    pub(crate) now: Instant,
    pub(crate) speed: f64,
    pub(crate) on_close: Callback<()>,
}

/// What is ticked.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ticks {
    answers: bool,
    language: bool,
    speed: bool,
    moment: bool,
}

#[function_component]
pub(crate) fn ClassLink(props: &ClassLinkProps) -> Html {
    let ticks = use_state_eq(|| Ticks { answers: true, language: false, speed: false, moment: false });
    let lang = props.lang;
    html! {
        <Dialog {lang} id="class-link" title={lang.say("A link for a class or a page")}
            is_open={props.is_open} on_close={props.on_close.clone()}
        >
            if props.to.is_lesson {
                <fieldset class="ticks">
                    <legend>{ lang.say("Whoever opens it") }</legend>
                    { for rows(props, *ticks).into_iter().map(|row| tick(&ticks, row)) }
                </fieldset>
            }
            { texts(props, *ticks) }
        </Dialog>
    }
}

/// A box to tick: its id, what it says, whether it is ticked, and what becomes of the ticks.
type Row = (&'static str, String, bool, fn(Ticks, bool) -> Ticks);

fn rows(props: &ClassLinkProps, ticks: Ticks) -> [Row; 4] {
    let lang = props.lang;
    let moment = lang.moment(props.now);
    let speed = format!("{}×", lang.decimal((props.speed * 100.0).round() as u64, 2));
    [
        ("answers", lang.say("is not told what is right").to_owned(), ticks.answers, |ticks, answers| {
            Ticks { answers, ..ticks }
        }),
        (
            "language",
            lang.say_in("in the language of the page", "reads it in English").to_owned(),
            ticks.language,
            |ticks, language| Ticks { language, ..ticks },
        ),
        ("moment", say!(lang, "begins at {moment}", moment), ticks.moment, |ticks, moment| Ticks {
            moment,
            ..ticks
        }),
        ("speed", say!(lang, "sees it at a speed of {speed}", speed), ticks.speed, |ticks, speed| Ticks {
            speed,
            ..ticks
        }),
    ]
}

fn tick(ticks: &UseStateHandle<Ticks>, (id, text, is_ticked, set): Row) -> Html {
    let ticks = ticks.clone();
    let onchange = move |event: Event| {
        ticks.set(set(*ticks, event.target_unchecked_into::<HtmlInputElement>().checked()));
    };
    html! {
        <label>
            <input type="checkbox" data-testid={format!("tick-{id}")} checked={is_ticked} {onchange} />
            { text }
        </label>
    }
}

/// The link, and a frame for a page.
fn texts(props: &ClassLinkProps, ticks: Ticks) -> Html {
    let lang = props.lang;
    let Link { page, fragment, is_lesson } = &props.to;
    let given = Given {
        lang: ticks.language.then_some(lang),
        speed: ticks.speed.then_some(props.speed),
        at: ticks.moment.then_some(props.now),
        hides_answers: ticks.answers,
    };
    let query = if *is_lesson { given.to_query() } else { String::new() };
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let link = format!("{page}#{fragment}{query}");
    let address = format!("{page}?embed#{fragment}{query}").replace('&', "&amp;");
    let frame = format!("<iframe src=\"{address}\" width=\"720\" height=\"480\" title=\"Warren\"></iframe>");
    html! {
        <>
            { text(lang, "link", lang.say("The link"), link) }
            { text(lang, "frame", lang.say("In a page or a slide: the stage alone"), frame) }
        </>
    }
}

fn text(lang: Lang, id: &'static str, label: &'static str, value: String) -> Html {
    let copied = value.clone();
    let onfocus = |event: FocusEvent| event.target_unchecked_into::<HtmlInputElement>().select();
    html! {
        <div class="to-copy">
            <label>
                { label }
                <input readonly=true data-testid={format!("class-{id}")} value={AttrValue::from(value)} {onfocus} />
            </label>
            <button data-testid={format!("copy-{id}")} onclick={move |_| files::copy(&copied)}>
                { lang.say("Copy") }
            </button>
        </div>
    }
}
