//! What can be done to what is picked, right beside it.

use std::time::Duration;

use warren_sim::{ActorKind, ActorView, Mishap, SettleBy, Status, Unsynced};
use web_sys::{KeyboardEvent, MouseEvent};
use yew::prelude::{Callback, Html, Properties, function_component, html, use_effect_with, use_state_eq};

use super::{controls::is_first_click, menu};
use crate::{i18n::Lang, player::is_down, scene::Point};

/// What is picked.
#[derive(Clone, PartialEq)]
pub(crate) enum Victim {
    Actor(ActorView),
    /// Something of the broker: a queue by its name, or something else.
    Broker {
        is_up: bool,
        has_disk: bool,
        queue: Option<String>,
    },
    /// A message that a consumer has in hand.
    Message {
        number: u64,
        holder: Option<String>,
    },
}

#[derive(Properties, PartialEq)]
pub(crate) struct ToolsProps {
    pub(crate) lang: Lang,
    pub(crate) victim: Victim,
    /// Where its corner is, in CSS pixels of the stage.
    pub(crate) at: Point,
    pub(crate) on_act: Callback<Mishap>,
}

/// How long what passes by itself lasts.
const A_WHILE: Duration = Duration::from_secs(5);

/// A button.
struct Tool {
    /// What it is called in tests.
    id: &'static str,
    text: &'static str,
    /// None: it cannot be done now, and keeps its place.
    mishap: Option<Mishap>,
}

/// The tools of one thing.
#[derive(Default)]
struct Toolset {
    /// What is done to the thing itself.
    own: Vec<Tool>,
    /// What is done to the broker that it is part of.
    broker: Vec<Tool>,
    /// What is seldom wanted.
    more: Vec<Tool>,
}

/// The sheet with what is seldom wanted.
const MORE: &str = "more-tools";

#[function_component]
pub(crate) fn Tools(props: &ToolsProps) -> Html {
    let lang = props.lang;
    let is_open = use_state_eq(|| false);
    use_effect_with(*is_open, |is_open| {
        if *is_open {
            menu::enter(MORE);
        }
    });
    let Toolset { own, broker, more } = toolset(lang, &props.victim);
    if own.is_empty() && broker.is_empty() {
        return Html::default();
    }
    let button = |tool: Tool| button(tool, &props.on_act);
    let toggle = {
        let is_open = is_open.clone();
        move |_| is_open.set(!*is_open)
    };
    let onkeydown = {
        let is_open = is_open.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                is_open.set(false);
            } else if !menu::go_along(&event) {
                return;
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let has_more = !more.is_empty();
    let is_of_queue = matches!(&props.victim, Victim::Broker { queue: Some(_), .. });
    let rest = (*is_open && has_more).then(|| {
        html! {
            <div key="more" class="more" id={MORE} {onkeydown}>
                if is_of_queue { <span>{ lang.say("the broker:") }</span> }
                { for more.into_iter().map(button) }
            </div>
        }
    });
    let toggle = has_more.then(|| {
        html! {
            <button
                data-testid="tool-more"
                aria-label={lang.say("More")}
                aria-expanded={is_open.to_string()}
                aria-controls={MORE}
                onclick={toggle}
            >
                { "⋯" }
            </button>
        }
    });
    let style = format!("left: {:.0}px; top: {:.0}px", props.at.x, props.at.y);
    let (toggle_of_own, toggle_of_broker) = if broker.is_empty() { (toggle, None) } else { (None, toggle) };
    html! {
        <div class="tools" {style} role="group" aria-label={lang.say("What to do to it")}>
            // With a key, so that it stays the same, and keeps the focus, when the sheet comes and goes.
            <div key="rows">
                if !own.is_empty() {
                    <p>{ for own.into_iter().map(button) }{ toggle_of_own }</p>
                }
                if !broker.is_empty() {
                    <p>
                        <span>{ lang.say("the broker:") }</span>
                        { for broker.into_iter().map(button) }
                        { toggle_of_broker }
                    </p>
                }
            </div>
            { rest }
        </div>
    }
}

fn button(Tool { id, text, mishap }: Tool, on_act: &Callback<Mishap>) -> Html {
    let disabled = mishap.is_none();
    let on_act = on_act.clone();
    let onclick = move |event: MouseEvent| {
        if let Some(mishap) = mishap.clone().filter(|_| is_first_click(&event)) {
            on_act.emit(mishap);
        }
    };
    html! { <button data-testid={format!("tool-{id}")} {disabled} {onclick}>{ text }</button> }
}

/// How much room the tools take on a stage of this width, about, in CSS pixels: it is needed before the browser has laid
/// them out.
pub(crate) fn room(lang: Lang, victim: &Victim, stage_width: f64) -> Point {
    let Toolset { own, broker, more } = toolset(lang, victim);
    let width = |text: &str| LETTER * text.chars().count() as f64 + BUTTON;
    let widths = |tools: &[Tool]| tools.iter().map(|tool| width(tool.text)).sum::<f64>();
    let toggle = if more.is_empty() { 0.0 } else { LETTER + BUTTON };
    let of_broker =
        if broker.is_empty() { 0.0 } else { width(lang.say("the broker:")) + widths(&broker) + toggle };
    let of_own = if broker.is_empty() { widths(&own) + toggle } else { widths(&own) };
    let lines = |width: f64| if width == 0.0 { 0.0 } else { ((width + FRAME) / stage_width).ceil() };
    let lines = lines(of_own) + lines(of_broker);
    Point { x: (of_own.max(of_broker) + FRAME).min(stage_width), y: ROW * lines + FRAME }
}

/// A letter of a tool on average, what a button has beside its text with the gap behind it, a row of buttons, and the frame
/// around all, in CSS pixels.
const LETTER: f64 = 7.4;
const BUTTON: f64 = 26.0;
const ROW: f64 = 36.0;
const FRAME: f64 = 12.0;

fn toolset(lang: Lang, victim: &Victim) -> Toolset {
    match victim {
        Victim::Actor(actor) => actor_tools(lang, actor),
        Victim::Broker { is_up, has_disk, queue } => broker_tools(lang, *is_up, *has_disk, queue.as_deref()),
        Victim::Message { number, holder } => message_tools(lang, *number, holder.as_deref()),
    }
}

impl Tool {
    fn new(id: &'static str, text: &'static str, mishap: Mishap) -> Tool {
        Tool { id, text, mishap: Some(mishap) }
    }

    fn only_if(mut self, can_be: bool) -> Tool {
        self.mishap = self.mishap.filter(|_| can_be);
        self
    }
}

/// Each button keeps its place, whatever has happened to the client.
fn actor_tools(lang: Lang, actor: &ActorView) -> Toolset {
    let name = || actor.name.clone();
    let (is_down, is_paused) = (is_down(actor), actor.status == Status::Paused);
    let revive = |text| Tool::new("revive", text, Mishap::Revive { actor: name() });
    let pause = || {
        let text = lang.say_in("freeze a client", "Pause");
        Tool::new("pause", text, Mishap::Pause { actor: name() })
    };
    let own = vec![
        Tool::new("crash", lang.say("Crash"), Mishap::Crash { actor: name() }).only_if(!is_down),
        match (is_down, is_paused) {
            (true, _) => revive(lang.say("Revive")),
            (false, true) => revive(lang.say("Go on")),
            (false, false) => pause(),
        },
        Tool::new(
            "cut",
            lang.say("Cut the connection"),
            Mishap::Cut { actor: name(), way: None, frames: 0, torn: false },
        )
        .only_if(!is_down && !is_paused),
    ];
    if is_down || is_paused {
        return Toolset { own, ..Toolset::default() };
    }
    let mut more = vec![
        Tool::new("silence", lang.say("Half-open connection"), Mishap::Silence { actor: name() }),
        Tool::new(
            "partition",
            lang.say("Partition for 5 s"),
            Mishap::Partition { actor: name(), way: None, lasts: A_WHILE },
        ),
        Tool::new(
            "slow",
            lang.say("Slow link for 5 s"),
            Mishap::Slow { actor: name(), latency: Duration::from_secs(2), bandwidth: 0, lasts: A_WHILE },
        ),
        Tool::new("close", lang.say("Close in order"), Mishap::Close { actor: name() }),
    ];
    if matches!(actor.kind, ActorKind::Consumer { .. }) {
        let tire = Mishap::Tire { actor: name(), times: 10, lasts: A_WHILE };
        more.push(Tool::new("tire", lang.say("Ten times slower for 5 s"), tire));
    }
    Toolset { own, more, ..Toolset::default() }
}

/// A queue's own tools come first. Those of the broker are not far.
fn broker_tools(lang: Lang, is_up: bool, has_disk: bool, queue: Option<&str>) -> Toolset {
    let crash = |unsynced| Mishap::CrashBroker { unsynced };
    let start_or_stop = if is_up {
        Tool::new("stop", lang.say("Shut down cleanly"), Mishap::StopBroker)
    } else {
        Tool::new("start", lang.say("Start the broker"), Mishap::StartBroker)
    };
    let mut broker = vec![
        Tool::new("power", lang.say("Cut the power"), crash(Unsynced::Lost)).only_if(is_up),
        start_or_stop,
    ];
    let mut more = Vec::new();
    if has_disk && is_up {
        more.extend([
            Tool::new("torn", lang.say("Crash: writes torn"), crash(Unsynced::Torn)),
            Tool::new("kept", lang.say("Crash: writes kept"), crash(Unsynced::Kept)),
            Tool::new("full", lang.say("Disk full for 5 s"), Mishap::FullDisk { lasts: A_WHILE }),
            Tool::new(
                "slow-disk",
                lang.say("Disk ten times slower for 5 s"),
                Mishap::SlowDisk { times: 10, lasts: A_WHILE },
            ),
            Tool::new("failing", lang.say("Next write fails"), Mishap::FailingWrite),
            Tool::new("flip", lang.say("Flip a bit on the disk"), Mishap::FlippedBit),
        ]);
    }
    if is_up {
        let low_memory = Mishap::LowMemory { lasts: A_WHILE };
        more.push(Tool::new("memory", lang.say("Low memory for 5 s"), low_memory));
    }
    more.push(Tool::new("heal", lang.say("Mend everything"), Mishap::Heal));
    let Some(queue) = queue else { return Toolset { own: Vec::new(), broker, more } };
    broker.append(&mut more);
    let (purge, delete) = (queue.to_owned(), queue.to_owned());
    let own = vec![
        Tool::new("purge", lang.say("Purge"), Mishap::PurgeQueue { queue: purge }).only_if(is_up),
        Tool::new("delete", lang.say("Delete the queue"), Mishap::DeleteQueue { queue: delete })
            .only_if(is_up),
    ];
    Toolset { own, broker: Vec::new(), more: broker }
}

fn message_tools(lang: Lang, number: u64, holder: Option<&str>) -> Toolset {
    let Some(actor) = holder else { return Toolset::default() };
    let settle = |how| Mishap::Settle { actor: actor.to_owned(), message: number, how };
    let own = vec![
        Tool::new("ack", "ack", settle(SettleBy::Ack)),
        Tool::new("reject", lang.say("reject"), settle(SettleBy::Reject)),
        Tool::new("requeue", lang.say("nack, requeue"), settle(SettleBy::Requeue)),
    ];
    Toolset { own, ..Toolset::default() }
}
