//! Play, pause, step, restart, speed and the clock.

use web_sys::HtmlInputElement;
use yew::prelude::{Callback, Html, InputEvent, Properties, TargetCast, function_component, html};

use crate::i18n::Words;

/// What the visitor wants of the clock.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wish {
    PlayOrPause,
    Step,
    Restart,
    /// Virtual seconds per second.
    Speed(f64),
}

#[derive(Properties, PartialEq)]
pub(crate) struct TransportProps {
    pub(crate) words: &'static Words,
    pub(crate) playing: bool,
    pub(crate) over: bool,
    pub(crate) speed: f64,
    pub(crate) clock: String,
    pub(crate) on_wish: Callback<Wish>,
}

/// The slider moves by tenths of a power of ten: from 0.1 to 100.
const SLIDER_PER_DECADE: f64 = 10.0;

#[function_component]
pub(crate) fn Transport(props: &TransportProps) -> Html {
    let words = props.words;
    let wish = |wish: Wish| props.on_wish.reform(move |_| wish);
    let oninput = props.on_wish.reform(|event: InputEvent| {
        let position = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
        Wish::Speed(10_f64.powf(position / SLIDER_PER_DECADE))
    });
    let main = match (props.playing, props.over) {
        (true, _) => words.pause,
        (false, true) => words.again,
        (false, false) => words.play,
    };
    let position = (props.speed.log10() * SLIDER_PER_DECADE).round();
    html! {
        <div class="transport">
            <button class="main" data-testid="play" onclick={wish(Wish::PlayOrPause)}>{ main }</button>
            <button data-testid="step" onclick={wish(Wish::Step)}>{ words.step }</button>
            <button data-testid="restart" onclick={wish(Wish::Restart)}>{ words.restart }</button>
            <label class="speed">
                { words.speed }
                <input data-testid="speed" type="range" min="-10" max="20" step="1" value={position.to_string()} {oninput} />
                <output>{ shown(props.speed) }</output>
            </label>
            <output class="clock" data-testid="clock">{ &props.clock }</output>
        </div>
    }
}

fn shown(speed: f64) -> String {
    if speed < 1.0 {
        format!("{speed:.2}×")
    } else if speed < 10.0 {
        format!("{speed:.1}×")
    } else {
        format!("{speed:.0}×")
    }
}
