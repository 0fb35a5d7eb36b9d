//! The charts: small strips above one another, all over the time of the bar above them.

mod drawing;
mod words;

use std::{rc::Rc, time::Duration};

use warren_sim::{Scenario, warren_core::Instant};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};
use yew::prelude::{
    Callback, Html, PointerEvent, Properties, UseStateHandle, classes, function_component, html, use_state,
};

use crate::{
    i18n::Lang,
    player::{Strip, StripKind},
};
use drawing::{Axis, HEIGHT, WIDTH};

/// What there is to draw of a player.
#[derive(Clone, PartialEq)]
pub(crate) struct Track {
    pub(crate) strips: Vec<Strip>,
    /// How much time each value stands for, in µs.
    pub(crate) width_us: u64,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ChartsProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) track: Track,
    /// The other one, in a comparison.
    pub(crate) rival: Option<Track>,
    pub(crate) now: Instant,
    pub(crate) played_to: Instant,
    pub(crate) end: Instant,
    pub(crate) on_seek: Callback<Instant>,
}

impl ChartsProps {
    fn axis(&self) -> Axis {
        let span_us = self.end.max(self.played_to).as_micros().max(1);
        Axis { span_us, now_us: self.now.as_micros(), played_us: self.played_to.as_micros() }
    }
}

#[function_component]
pub(crate) fn Charts(props: &ChartsProps) -> Html {
    let lang = props.lang;
    let pointed: UseStateHandle<Option<u64>> = use_state(|| None);
    let is_table_open = use_state(|| false);
    let axis = props.axis();
    // What the hand points at, otherwise the present.
    let at_us = pointed.unwrap_or(axis.now_us);
    let strips = props.track.strips.iter().map(|strip| figure(props, &axis, strip, at_us, &pointed));
    let toggle = {
        let is_table_open = is_table_open.clone();
        move |_: MouseEvent| is_table_open.set(!*is_table_open)
    };
    let rival_note = props.rival.is_some().then(|| {
        html! { <p class="note">{ lang.say("Dashed: before the changes.") }</p> }
    });
    html! {
        <section class="charts" data-testid="charts" aria-label={lang.say("Charts")}>
            <p class="note">
                { lang.say("At ") }
                <output data-testid="charts-at">{ words::seconds(lang, at_us) }</output>
                { lang.say(". Point at a moment to read it, press to go there.") }
            </p>
            { rival_note }
            { for strips }
            <p class="ticks" aria-hidden="true">
                { for (0..=4).map(|part| html! { <span>{ words::seconds(lang, axis.span_us * part / 4) }</span> }) }
            </p>
            <button
                class="quiet"
                data-testid="charts-table"
                aria-expanded={is_table_open.to_string()}
                onclick={toggle}
            >
                { lang.say("As a table") }
            </button>
            if *is_table_open {
                { table(props, &axis) }
            }
        </section>
    }
}

fn figure(
    props: &ChartsProps,
    axis: &Axis,
    strip: &Strip,
    at_us: u64,
    pointed: &UseStateHandle<Option<u64>>,
) -> Html {
    let lang = props.lang;
    let rival = props.rival.as_ref().and_then(|rival| {
        let strip = rival.strips.iter().find(|other| other.kind == strip.kind)?;
        Some((strip, rival.width_us))
    });
    let top = match strip.kind {
        StripKind::Work(_) => 1_000,
        _ => strip.top().max(rival.map_or(0, |(rival, _)| rival.top())).max(1),
    };
    let width_us = props.track.width_us;
    let keys = strip.curves.iter().map(|curve| {
        let value = drawing::value_at(curve, width_us, at_us.min(axis.played_us));
        html! {
            <span class={classes!("key", curve.id)}>
                { words::curve(lang, curve.id) }{ " " }
                <output>{ words::value(lang, &strip.kind, value) }</output>
            </span>
        }
    });
    let curves = strip.curves.iter().map(|curve| {
        html! { <path class={curve.id} d={axis.path(curve, width_us, axis.played_us, top)} /> }
    });
    let rivals = rival.into_iter().flat_map(|(rival, width_us)| {
        rival.curves.iter().map(move |curve| {
            html! { <path class={classes!("rival", curve.id)} d={axis.path(curve, width_us, axis.now_us, top)} /> }
        })
    });
    let span_us = axis.span_us;
    let onpointermove = {
        let pointed = pointed.clone();
        move |event: PointerEvent| pointed.set(moment(&event, span_us))
    };
    let onpointerleave = {
        let pointed = pointed.clone();
        move |_: PointerEvent| pointed.set(None)
    };
    let onclick = {
        let on_seek = props.on_seek.clone();
        move |event: MouseEvent| {
            if let Some(us) = moment(&event, span_us) {
                on_seek.emit(Instant::ZERO + Duration::from_micros(us));
            }
        }
    };
    let title = words::title(lang, &props.scenario, &strip.kind);
    let (now, hair) = (axis.x(axis.now_us), axis.x(at_us));
    html! {
        <figure class={classes!("strip", words::class(&strip.kind))} data-testid={format!("chart-{}", words::id(&props.scenario, &strip.kind))}>
            <figcaption>
                <b>{ title.clone() }</b>
                { for keys }
                <small title={lang.say("the top of the scale")}>{ words::value(lang, &strip.kind, Some(top)) }</small>
            </figcaption>
            <svg
                role="img"
                aria-label={words::summary(lang, &title, strip, width_us, axis)}
                viewBox={format!("0 -3 {WIDTH} {}", HEIGHT + 6)}
                preserveAspectRatio="none"
                {onpointermove}
                {onpointerleave}
                {onclick}
            >
                <line class="ground" x1="0" x2={WIDTH.to_string()} y1={HEIGHT.to_string()} y2={HEIGHT.to_string()} />
                { for rivals }
                { for curves }
                <rect class="future" x={now.to_string()} y="-3" width={(WIDTH - now).to_string()} height={(HEIGHT + 6).to_string()} />
                <line class="now" x1={now.to_string()} x2={now.to_string()} y1="-3" y2={(HEIGHT + 3).to_string()} />
                if hair != now {
                    <line class="hair" x1={hair.to_string()} x2={hair.to_string()} y1="-3" y2={(HEIGHT + 3).to_string()} />
                }
            </svg>
        </figure>
    }
}

/// Which moment a pointer is at, in µs.
fn moment(event: &MouseEvent, span_us: u64) -> Option<u64> {
    let area = event.current_target()?.dyn_into::<Element>().ok()?.get_bounding_client_rect();
    let part = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
    Some((part.clamp(0.0, 1.0) * span_us as f64) as u64)
}

/// The same for those who read: some moments, and what everything was then.
fn table(props: &ChartsProps, axis: &Axis) -> Html {
    const ROWS: u64 = 20;
    let (lang, strips) = (props.lang, &props.track.strips);
    let heads = strips.iter().map(|strip| {
        let span = strip.curves.len().to_string();
        html! { <th scope="colgroup" colspan={span}>{ words::title(lang, &props.scenario, &strip.kind) }</th> }
    });
    let names = strips.iter().flat_map(|strip| &strip.curves);
    let names = names.map(|curve| html! { <th scope="col">{ words::curve(lang, curve.id) }</th> });
    let row = |at_us: u64| {
        let values = strips.iter().flat_map(|strip| strip.curves.iter().map(move |curve| (strip, curve)));
        let cells = values.map(|(strip, curve)| {
            let value = drawing::value_at(curve, props.track.width_us, at_us);
            html! { <td>{ words::value(lang, &strip.kind, value) }</td> }
        });
        html! { <tr><th scope="row">{ words::seconds(lang, at_us) }</th>{ for cells }</tr> }
    };
    let moments = (0..=ROWS).map(|part| axis.span_us * part / ROWS).filter(|at| *at <= axis.played_us);
    html! {
        <div class="scrolls" tabindex="0" role="region" aria-label={lang.say("Charts as a table")}>
            <table>
                <thead>
                    <tr><td></td>{ for heads }</tr>
                    <tr><th scope="col">{ lang.say("time") }</th>{ for names }</tr>
                </thead>
                <tbody>{ for moments.map(row) }</tbody>
            </table>
        </div>
    }
}
