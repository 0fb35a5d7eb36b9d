//! The whole time as a bar to drag, with marks where something went wrong or came back.

use std::{rc::Rc, time::Duration};

use warren_sim::{BranchView, Fault, Scenario, warren_core::Instant};
use web_sys::HtmlInputElement;
use yew::prelude::{Callback, Html, InputEvent, Properties, TargetCast, classes, function_component, html};

use crate::{i18n::Lang, story};

/// Something to be marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    Crash,
    Loss,
    Redelivery,
    DeadLetter,
}

#[derive(Properties, PartialEq)]
pub(crate) struct TimelineProps {
    pub(crate) lang: Lang,
    pub(crate) now: Instant,
    /// Where the hand has set the clock to, which the world may not have reached yet.
    pub(crate) aim: Instant,
    /// How far it has been played.
    pub(crate) played_to: Instant,
    pub(crate) end: Instant,
    pub(crate) marks: Vec<(Instant, Mark)>,
    pub(crate) branches: Vec<BranchView>,
    pub(crate) scenario: Rc<Scenario>,
    /// Whether it is a lesson, as it comes with Warren.
    pub(crate) is_as_given: bool,
    pub(crate) branch: u32,
    pub(crate) on_seek: Callback<Instant>,
    pub(crate) on_branch: Callback<u32>,
}

#[function_component]
pub(crate) fn Timeline(props: &TimelineProps) -> Html {
    let lang = props.lang;
    let end_ms = props.end.max(props.played_to).max(props.aim).as_micros().div_ceil(1_000).max(1);
    let percent = |at: Instant| at.as_micros() as f64 / 10.0 / end_ms as f64;
    let marks = props.marks.iter().map(|(at, mark)| {
        let style = format!("left: {:.2}%", percent(*at));
        html! { <i class={mark.class()} {style} title={format!("{}: {}", lang.moment(*at), mark.name(lang))}></i> }
    });
    let oninput = props.on_seek.reform(|event: InputEvent| {
        let ms = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
        Instant::ZERO + Duration::from_millis(ms as u64)
    });
    let played = format!("width: {:.2}%", percent(props.played_to));
    let past = format!("width: {:.2}%", percent(props.now));
    html! {
        <div class="timeline">
            <div class="track">
                <b class="played" style={played}></b>
                <b class="past" style={past}></b>
                <span class="marks" aria-hidden="true">{ for marks }</span>
                <input
                    type="range"
                    data-testid="timeline"
                    min="0"
                    max={end_ms.to_string()}
                    step="10"
                    value={(props.aim.as_micros() / 1_000).to_string()}
                    aria-label={lang.say("Time", "Время")}
                    aria-valuetext={lang.moment(props.now)}
                    {oninput}
                />
            </div>
            { futures(props) }
        </div>
    }
}

impl Mark {
    const fn class(self) -> &'static str {
        match self {
            Mark::Crash => "crash",
            Mark::Loss => "loss",
            Mark::Redelivery => "redelivery",
            Mark::DeadLetter => "dead-letter",
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Mark::Crash => lang.say("crash", "сбой"),
            Mark::Loss => lang.say("loss", "потеря"),
            Mark::Redelivery => lang.say("redelivery", "повторная доставка"),
            Mark::DeadLetter => "dead-letter",
        }
    }
}

/// What was done in a future, in order; if nothing was, what it begins with.
fn done(props: &TimelineProps, branch: &BranchView) -> String {
    let lang = props.lang;
    if branch.deeds.is_empty() {
        return if props.is_as_given {
            lang.say("nothing: as the lesson goes", "ничего: всё идёт как в уроке").to_owned()
        } else {
            lang.say("nothing more than under “What goes wrong”", "ничего сверх вкладки «Что ломается»")
                .to_owned()
        };
    }
    let said = |deed: &Fault| {
        let what = story::mishap(lang, &props.scenario, &deed.what);
        format!("{}: {} {what}", lang.moment(Instant::ZERO + deed.at), deed.what.whom())
    };
    branch.deeds.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// Where somebody has acted in the past there is more than one future.
fn futures(props: &TimelineProps) -> Html {
    let lang = props.lang;
    if props.branches.len() < 2 {
        return Html::default();
    }
    let row = |(index, branch): (u32, &BranchView)| {
        let (name, from) = (done(props, branch), lang.moment(branch.from.unwrap_or_default()));
        let ledger = &branch.ledger;
        html! {
            <tr class={classes!((index == props.branch).then_some("current"))}>
                <th scope="row">
                    <button
                        data-testid={format!("branch-{index}")}
                        aria-pressed={(index == props.branch).to_string()}
                        onclick={props.on_branch.reform(move |_| index)}
                    >
                        { name }
                    </button>
                </th>
                <td>{ from }</td>
                <td>{ lang.moment(branch.played_to) }</td>
                <td>{ ledger.processed }</td>
                <td>{ ledger.redelivered }</td>
                <td>{ ledger.lost() }</td>
            </tr>
        }
    };
    html! {
        <table class="futures" data-testid="futures">
            <caption>{ lang.say("Futures", "Варианты будущего") }</caption>
            <thead><tr>
                <th scope="col">{ lang.say("what was done", "что сделано") }</th>
                <th scope="col">{ lang.say("from", "с") }</th>
                <th scope="col">{ lang.say("played to", "сыграно до") }</th>
                <th scope="col">{ lang.say("processed", "обработано") }</th>
                <th scope="col">{ lang.say("redelivered", "повторно") }</th>
                <th scope="col">{ lang.say("lost", "потеряно") }</th>
            </tr></thead>
            <tbody>{ for (0..).zip(&props.branches).map(row) }</tbody>
        </table>
    }
}
