//! The whole time as a tree of lines to drag along, with marks where something went wrong or came back.

mod futures;
mod tree;

use std::{rc::Rc, time::Duration};

use warren_sim::{BranchView, Scenario, warren_core::Instant};
use web_sys::HtmlInputElement;
use yew::prelude::{Callback, Html, InputEvent, Properties, TargetCast, classes, function_component, html};

use crate::i18n::{Lang, say};
use tree::Line;

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
    /// The future that is looked at.
    pub(crate) looked_at: Option<u32>,
    pub(crate) on_seek: Callback<Instant>,
    pub(crate) on_branch: Callback<u32>,
    pub(crate) on_look: Callback<Option<u32>>,
}

/// How high a line of the tree is, in CSS pixels.
const LINE_HEIGHT: usize = 30;
/// Where on its line the future is drawn, from its top.
const MIDDLE: usize = 15;
/// How wide the turn from one line to another is.
const TURN: usize = 26;

#[function_component]
pub(crate) fn Timeline(props: &TimelineProps) -> Html {
    let lang = props.lang;
    let lines = tree::lines(&props.branches, props.branch);
    let row = lines.iter().position(|line| line.branch == props.branch).unwrap_or_default();
    let way = tree::way_to(&lines, row);
    let ends = lines.iter().map(|line| line.played_to).chain([props.end, props.aim]);
    let end_ms = ends.max().unwrap_or_default().as_micros().div_ceil(1_000).max(1);
    let scale = Scale { end_ms };
    let marks = props.marks.iter().map(|(at, mark)| {
        let top = tree::line_at(&way, *at) * LINE_HEIGHT;
        let style = format!("left: {:.2}%; top: {top}px", scale.percent(*at));
        html! { <i class={mark.class()} {style} title={format!("{}: {}", lang.moment(*at), mark.name(lang))}></i> }
    });
    let oninput = props.on_seek.reform(|event: InputEvent| {
        let ms = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
        Instant::ZERO + Duration::from_millis(ms as u64)
    });
    let height = LINE_HEIGHT * lines.len().max(1);
    // The thumb stands in the middle of its field, and belongs on the line of the moment.
    let thumb = tree::line_at(&way, props.aim) * LINE_HEIGHT + MIDDLE;
    let thumb_style = format!("--thumb: {}px", thumb as f64 - height as f64 / 2.0);
    html! {
        <div class="timeline">
            <div class="track" data-testid="time-tree" style={format!("height: {height}px")}>
                { for lines.iter().enumerate().map(|(row, line)| future(props, scale, row, line)) }
                { past(props, scale, &way) }
                <span class="marks" aria-hidden="true">{ for marks }</span>
                <input
                    type="range"
                    data-testid="timeline"
                    min="0"
                    max={end_ms.to_string()}
                    step="10"
                    value={(props.aim.as_micros() / 1_000).to_string()}
                    style={thumb_style}
                    aria-label={lang.say("Time")}
                    aria-valuetext={lang.moment(props.now)}
                    {oninput}
                />
                if lines.len() > 1 {
                    { for lines.iter().enumerate().map(|(row, line)| way_there(props, scale, row, line)) }
                }
            </div>
            { futures::table(props) }
        </div>
    }
}

/// How time becomes a width.
#[derive(Clone, Copy)]
struct Scale {
    end_ms: u64,
}

impl Scale {
    fn percent(self, at: Instant) -> f64 {
        at.as_micros() as f64 / 10.0 / self.end_ms as f64
    }
}

/// The line of a future: to its end in the paler colour, and as far as it has been played.
fn future(props: &TimelineProps, scale: Scale, row: usize, line: &Line) -> Html {
    let is_present = line.branch == props.branch;
    let class = classes!(
        "future",
        is_present.then_some("present"),
        (props.looked_at == Some(line.branch)).then_some("looked-at")
    );
    let (from, turn) = line.from.map_or((Instant::ZERO, 0), |(_, from)| (from, TURN));
    let left = scale.percent(from);
    let top = row * LINE_HEIGHT + MIDDLE;
    let whole = format!("left: calc({left:.2}% + {turn}px); right: 0; top: {top}px");
    let played = (scale.percent(line.played_to) - left).max(0.0);
    let played = format!(
        "left: calc({left:.2}% + {turn}px); width: max(0px, calc({played:.2}% - {turn}px)); top: {top}px"
    );
    html! {
        <div {class}>
            { for line.from.map(|(above, _)| turn_off(left, (above, row), "turn")) }
            <b style={whole}></b>
            <b class="played" style={played}></b>
        </div>
    }
}

/// What has passed, from the beginning on, on all the lines that it went along.
fn past(props: &TimelineProps, scale: Scale, way: &[(usize, Instant)]) -> Html {
    let mut until = props.now;
    let mut parts = Vec::new();
    for (index, (row, from)) in way.iter().enumerate() {
        if *from > until {
            continue;
        }
        let turns_from = way.get(index + 1).map(|(above, _)| *above);
        let turn = if turns_from.is_some() { TURN } else { 0 };
        let (left, right) = (scale.percent(*from), scale.percent(until));
        let style = format!(
            "left: calc({left:.2}% + {turn}px); width: max(0px, calc({:.2}% - {turn}px)); top: {}px",
            right - left,
            row * LINE_HEIGHT + MIDDLE
        );
        parts.push(html! {
            <>
                { for turns_from.map(|above| turn_off(left, (above, *row), "turn past")) }
                <b class="past" {style}></b>
            </>
        });
        until = *from;
    }
    html! { <>{ for parts }</> }
}

/// Where a line turns off from one above it.
fn turn_off(left: f64, (above, row): (usize, usize), class: &'static str) -> Html {
    let height = (row - above) * LINE_HEIGHT;
    let style = format!("left: {left:.2}%; top: {}px", above * LINE_HEIGHT + MIDDLE);
    let d = format!("M0 3 C16 3 6 {y} 26 {y}", y = height + 3);
    html! {
        <svg {class} {style} width={TURN.to_string()} height={(height + 6).to_string()} aria-hidden="true">
            <path {d} />
        </svg>
    }
}

/// A click on a future's line goes over to it; who points at it sees its stage.
fn way_there(props: &TimelineProps, scale: Scale, row: usize, line: &Line) -> Html {
    let lang = props.lang;
    let Some(view) = props.branches.get(line.branch as usize) else { return Html::default() };
    let branch = line.branch;
    let look = |is_looked_at: bool| {
        let on_look = props.on_look.clone();
        move || on_look.emit(is_looked_at.then_some(branch))
    };
    let (enter, leave) = (look(true), look(false));
    let (focus, blur) = (enter.clone(), leave.clone());
    let from = line.from.map_or(Instant::ZERO, |(_, from)| from);
    let style = format!("left: {:.2}%; top: {}px", scale.percent(from), row * LINE_HEIGHT);
    let (lost, processed) = (view.ledger.lost(), view.ledger.processed);
    let sum = if lost > 0 {
        say!(lang, "lost {count}", count = lost)
    } else {
        say!(lang, "processed {count}", count = processed)
    };
    html! {
        <button
            class="way-there"
            data-testid={format!("tree-{branch}")}
            aria-pressed={(branch == props.branch).to_string()}
            {style}
            onclick={props.on_branch.reform(move |_| branch)}
            onpointerenter={move |_| enter()}
            onpointerleave={move |_| leave()}
            onfocus={move |_| focus()}
            onblur={move |_| blur()}
        >
            <span>{ futures::latest(props, view) }{ " · " }{ sum }</span>
        </button>
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
            Mark::Crash => lang.say("crash"),
            Mark::Loss => lang.say("loss"),
            Mark::Redelivery => lang.say("redelivery"),
            Mark::DeadLetter => "dead-letter",
        }
    }
}
