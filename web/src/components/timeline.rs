//! The whole time as a bar to drag, with marks where something went wrong or came back.

use std::time::Duration;

use warren_sim::{BranchView, warren_core::Instant};
use web_sys::HtmlInputElement;
use yew::prelude::{Callback, Html, InputEvent, TargetCast, classes, html};

use crate::i18n::Lang;

/// Something to be marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    Crash,
    Loss,
    Redelivery,
    DeadLetter,
}

pub(crate) struct Timeline {
    pub(crate) lang: Lang,
    pub(crate) now: Instant,
    /// Where the hand has set the clock to, which the world may not have reached yet.
    pub(crate) aim: Instant,
    /// How far it has been played.
    pub(crate) played_to: Instant,
    pub(crate) end: Instant,
    pub(crate) marks: Vec<(Instant, Mark)>,
    pub(crate) branches: Vec<BranchView>,
    pub(crate) branch: u32,
    pub(crate) on_seek: Callback<Instant>,
    pub(crate) on_branch: Callback<u32>,
}

impl Timeline {
    pub(crate) fn view(&self) -> Html {
        let lang = self.lang;
        let end_ms = self.end.max(self.played_to).max(self.aim).as_micros().div_ceil(1_000).max(1);
        let percent = |at: Instant| at.as_micros() as f64 / 10.0 / end_ms as f64;
        let marks = self.marks.iter().map(|(at, mark)| {
            let style = format!("left: {:.2}%", percent(*at));
            html! { <i class={mark.class()} {style} title={format!("{at} s: {}", mark.name(lang))}></i> }
        });
        let oninput = self.on_seek.reform(|event: InputEvent| {
            let ms = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
            Instant::ZERO + Duration::from_millis(ms as u64)
        });
        let played = format!("width: {:.2}%", percent(self.played_to));
        let past = format!("width: {:.2}%", percent(self.now));
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
                        value={(self.aim.as_micros() / 1_000).to_string()}
                        aria-label={lang.say("Time", "Время")}
                        aria-valuetext={format!("{} s", self.now)}
                        {oninput}
                    />
                </div>
                { futures(self) }
            </div>
        }
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

/// Where somebody has acted in the past there is more than one future.
fn futures(props: &Timeline) -> Html {
    let lang = props.lang;
    if props.branches.len() < 2 {
        return Html::default();
    }
    let row = |(index, branch): (u32, &BranchView)| {
        let (name, from) = match (&branch.from, &branch.deed) {
            (Some(at), Some(deed)) => (format!("{} {}", deed.word(), deed.whom()), format!("{at} s")),
            _ => (lang.say("as given", "как задано").to_owned(), "0 s".to_owned()),
        };
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
                <td>{ format!("{} s", branch.played_to) }</td>
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
