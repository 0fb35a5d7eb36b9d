//! Play, pause, step forth and back, restart, speed and the clock.

use web_sys::HtmlInputElement;
use yew::prelude::{AttrValue, Callback, Html, InputEvent, Properties, TargetCast, function_component, html};

use super::controls::{Choice, Choices, accept};
use crate::{
    i18n::{Lang, say},
    player::StepKind,
};

/// What the visitor wants of the clock.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wish {
    PlayOrPause,
    Step,
    StepBack,
    Restart,
    /// Virtual seconds per second.
    Speed(f64),
}

#[derive(Properties, PartialEq)]
pub(crate) struct TransportProps {
    pub(crate) lang: Lang,
    pub(crate) playing: bool,
    pub(crate) over: bool,
    pub(crate) speed: f64,
    /// Whether it is not the visitor's to choose.
    pub(crate) is_speed_fixed: bool,
    /// How fast the clock really runs, where that is less.
    pub(crate) pace: Option<f64>,
    pub(crate) step_kind: StepKind,
    pub(crate) clock: String,
    pub(crate) on_wish: Callback<Wish>,
    pub(crate) on_kind: Callback<StepKind>,
}

/// The slider moves by tenths of a power of ten: from 0.01 to 1,000.
const SLIDER_PER_DECADE: f64 = 10.0;

#[function_component]
pub(crate) fn Transport(props: &TransportProps) -> Html {
    let lang = props.lang;
    let wish = |wish: Wish| props.on_wish.reform(move |_| wish);
    let oninput = props.on_wish.reform(|event: InputEvent| {
        let position = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
        Wish::Speed(10_f64.powf(position / SLIDER_PER_DECADE))
    });
    let main = match (props.playing, props.over) {
        (true, _) => lang.say("Pause"),
        (false, true) => lang.say("Play again"),
        (false, false) => lang.say("Play"),
    };
    let position = (props.speed.log10() * SLIDER_PER_DECADE).round();
    let back = lang.say("Step back");
    html! {
        <div class="transport">
            <button class="main" data-testid="play" onclick={wish(Wish::PlayOrPause)}>{ main }</button>
            <span class="steps">
                <button data-testid="step-back" aria-label={back} title={back} onclick={wish(Wish::StepBack)}>
                    { "◂" }
                </button>
                { kinds(props) }
                <button
                    data-testid="step"
                    aria-label={lang.say("Step")}
                    title={lang.say("Step")}
                    onclick={wish(Wish::Step)}
                >
                    { "▸" }
                </button>
            </span>
            <button data-testid="restart" onclick={wish(Wish::Restart)}>{ lang.say("Restart") }</button>
            if !props.is_speed_fixed {
            <label class="speed">
                { lang.say("Speed") }
                <input
                    data-testid="speed"
                    type="range"
                    min="-20"
                    max="30"
                    step="1"
                    value={position.to_string()}
                    aria-valuetext={shown(props.speed)}
                    {oninput}
                />
                <output>{ shown(props.speed) }</output>
                { pace(props) }
            </label>
            }
            <output class="clock" data-testid="clock">{ &props.clock }</output>
        </div>
    }
}

/// There is more to play than there is time: the clock says so, and lags.
fn pace(props: &TransportProps) -> Html {
    let Some(pace) = props.pace else { return Html::default() };
    let title = props.lang.say("So much happens that your browser cannot play it faster.");
    html! {
        <output class="pace" data-testid="pace" {title}>
            { say!(props.lang, "really {speed}", speed = shown(pace)) }
        </output>
    }
}

fn kinds(props: &TransportProps) -> Html {
    let on_kind = props.on_kind.reform(|id: String| StepKind::called(&id));
    let kinds = StepKind::ALL.into_iter();
    let choices: Choices =
        kinds.map(|kind| (AttrValue::Static(kind.id()), AttrValue::Static(kind.name(props.lang)))).collect();
    html! {
        <Choice
            testid="step-kind"
            label={props.lang.say("What a step goes to")}
            value={props.step_kind.id()}
            {choices}
            commit={accept(on_kind)}
        />
    }
}

fn shown(speed: f64) -> String {
    match speed {
        speed if speed < 0.1 => format!("{speed:.3}×"),
        speed if speed < 1.0 => format!("{speed:.2}×"),
        speed if speed < 10.0 => format!("{speed:.1}×"),
        speed => format!("{speed:.0}×"),
    }
}
