//! What can be done to what is picked, right beside it.

use std::time::Duration;

use warren_sim::{ActorKind, ActorView, Mishap, SettleBy, Status, Unsynced};
use web_sys::KeyboardEvent;
use yew::prelude::{Callback, Html, Properties, function_component, html, use_effect_with, use_state_eq};

use super::menu;
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
    /// Where it stands, in CSS pixels of the stage.
    pub(crate) at: Point,
    pub(crate) on_act: Callback<Mishap>,
}

/// How long what passes by itself lasts.
const A_WHILE: Duration = Duration::from_secs(5);

/// A button: what it is called in tests, its text, and what it does.
type Tool = (&'static str, &'static str, Mishap);

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
    let (first, more) = match &props.victim {
        Victim::Actor(actor) => actor_tools(lang, actor),
        Victim::Broker { is_up, has_disk, queue } => broker_tools(lang, *is_up, *has_disk, queue.as_deref()),
        Victim::Message { number, holder } => (message_tools(lang, *number, holder.as_deref()), Vec::new()),
    };
    if first.is_empty() {
        return Html::default();
    }
    let button = |(id, name, mishap): Tool| {
        let onclick = props.on_act.reform(move |_| mishap.clone());
        html! { <button data-testid={format!("tool-{id}")} {onclick}>{ name }</button> }
    };
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
    let rest = (*is_open && has_more).then(|| {
        html! { <div class="more" id={MORE} {onkeydown}>{ for more.into_iter().map(button) }</div> }
    });
    let style = format!("left: {:.0}px; top: {:.0}px", props.at.x, props.at.y);
    html! {
        <div class="tools" {style} role="group" aria-label={lang.say("What to do to it")}>
            <div>
                { for first.into_iter().map(button) }
                if has_more {
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
            </div>
            { rest }
        </div>
    }
}

fn actor_tools(lang: Lang, actor: &ActorView) -> (Vec<Tool>, Vec<Tool>) {
    let name = || actor.name.clone();
    let revive = |word| vec![("revive", word, Mishap::Revive { actor: name() })];
    if is_down(actor) {
        return (revive(lang.say("Revive")), Vec::new());
    }
    let crash = ("crash", lang.say("Crash"), Mishap::Crash { actor: name() });
    if actor.status == Status::Paused {
        let mut first = revive(lang.say("Go on"));
        first.push(crash);
        return (first, Vec::new());
    }
    let first = vec![
        crash,
        ("pause", lang.say_in("freeze a client", "Pause"), Mishap::Pause { actor: name() }),
        (
            "cut",
            lang.say("Cut the connection"),
            Mishap::Cut { actor: name(), way: None, frames: 0, torn: false },
        ),
    ];
    let mut more = vec![
        ("silence", lang.say("Half-open connection"), Mishap::Silence { actor: name() }),
        (
            "partition",
            lang.say("Partition for 5 s"),
            Mishap::Partition { actor: name(), way: None, lasts: A_WHILE },
        ),
        (
            "slow",
            lang.say("Slow link for 5 s"),
            Mishap::Slow { actor: name(), latency: Duration::from_secs(2), bandwidth: 0, lasts: A_WHILE },
        ),
        ("close", lang.say("Close in order"), Mishap::Close { actor: name() }),
    ];
    if matches!(actor.kind, ActorKind::Consumer { .. }) {
        let tire = Mishap::Tire { actor: name(), times: 10, lasts: A_WHILE };
        more.push(("tire", lang.say("Ten times slower for 5 s"), tire));
    }
    (first, more)
}

fn broker_tools(lang: Lang, is_up: bool, has_disk: bool, queue: Option<&str>) -> (Vec<Tool>, Vec<Tool>) {
    let heal = ("heal", lang.say("Mend everything"), Mishap::Heal);
    if !is_up {
        let start = ("start", lang.say("Start the broker"), Mishap::StartBroker);
        return (vec![start, heal], Vec::new());
    }
    let crash = |unsynced| Mishap::CrashBroker { unsynced };
    let mut first = Vec::new();
    if let Some(queue) = queue {
        let queue = queue.to_owned();
        first.push(("purge", lang.say("Purge"), Mishap::PurgeQueue { queue }));
    }
    first.push(("power", lang.say("Cut the broker's power"), crash(Unsynced::Lost)));
    first.push(("stop", lang.say("Shut down cleanly"), Mishap::StopBroker));
    let mut more = Vec::new();
    if let Some(queue) = queue {
        let queue = queue.to_owned();
        more.push(("delete", lang.say("Delete the queue"), Mishap::DeleteQueue { queue }));
    }
    if has_disk {
        more.extend([
            ("torn", lang.say("Crash: writes torn"), crash(Unsynced::Torn)),
            ("kept", lang.say("Crash: writes kept"), crash(Unsynced::Kept)),
            ("full", lang.say("Disk full for 5 s"), Mishap::FullDisk { lasts: A_WHILE }),
            (
                "slow-disk",
                lang.say("Disk ten times slower for 5 s"),
                Mishap::SlowDisk { times: 10, lasts: A_WHILE },
            ),
            ("failing", lang.say("Next write fails"), Mishap::FailingWrite),
            ("flip", lang.say("Flip a bit on the disk"), Mishap::FlippedBit),
        ]);
    }
    more.push(("memory", lang.say("Low memory for 5 s"), Mishap::LowMemory { lasts: A_WHILE }));
    more.push(heal);
    (first, more)
}

fn message_tools(lang: Lang, number: u64, holder: Option<&str>) -> Vec<Tool> {
    let Some(actor) = holder else { return Vec::new() };
    let settle = |how| Mishap::Settle { actor: actor.to_owned(), message: number, how };
    vec![
        ("ack", "ack", settle(SettleBy::Ack)),
        ("reject", lang.say("reject"), settle(SettleBy::Reject)),
        ("requeue", lang.say("nack, requeue"), settle(SettleBy::Requeue)),
    ]
}
