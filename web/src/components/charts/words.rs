//! What the charts say: names, values, and a summary for those who do not see them.

use std::time::Duration;

use warren_sim::{ActorId, Scenario, warren_core::Instant};

use super::drawing::{Axis, value_at};
use crate::{
    i18n::{Lang, say},
    player::{Strip, StripKind},
};

pub(super) fn title(lang: Lang, scenario: &Scenario, kind: &StripKind) -> String {
    match kind {
        StripKind::Depth(queue) => say!(lang, "queue {name}", name = queue),
        StripKind::Rates => lang.say("messages per second").to_owned(),
        StripKind::Waits => lang.say("from publish to ack").to_owned(),
        StripKind::Work(actor) => say!(lang, "consumer {name}", name = name(scenario, *actor)),
    }
}

/// What it is called in the page's HTML.
pub(super) fn id(scenario: &Scenario, kind: &StripKind) -> String {
    match kind {
        StripKind::Depth(queue) => queue.to_string(),
        StripKind::Rates => "rates".into(),
        StripKind::Waits => "waits".into(),
        StripKind::Work(actor) => name(scenario, *actor).into(),
    }
}

pub(super) const fn class(kind: &StripKind) -> &'static str {
    match kind {
        StripKind::Depth(_) => "depth",
        StripKind::Rates => "rates",
        StripKind::Waits => "waits",
        StripKind::Work(_) => "work",
    }
}

pub(super) fn curve(lang: Lang, id: &str) -> &'static str {
    match id {
        "ready" => lang.say_in("charts", "ready"),
        "unacked" => lang.say("unacked"),
        "published" => lang.say("published"),
        "delivered" => lang.say("delivered"),
        "acked" => lang.say("acked"),
        "p50" => "p50",
        "p99" => "p99",
        _ => lang.say("busy"),
    }
}

/// A value with its unit; a dash for none.
pub(super) fn value(lang: Lang, kind: &StripKind, value: Option<u64>) -> String {
    let Some(value) = value else { return "–".into() };
    match kind {
        StripKind::Depth(_) => value.to_string(),
        StripKind::Rates => lang.decimal(value / 100, 1),
        StripKind::Waits => lang.duration(Duration::from_micros(value)),
        StripKind::Work(_) => (value / 10).to_string() + " %",
    }
}

/// A moment, to the tenth of a second.
pub(super) fn seconds(lang: Lang, us: u64) -> String {
    lang.moment(Instant::from_micros(us))
}

/// What a strip shows, in a sentence: each curve at the present moment, and at its highest.
pub(super) fn summary(lang: Lang, title: &str, strip: &Strip, width_us: u64, axis: &Axis) -> String {
    let mut summary = title.to_owned();
    for (nth, curve_of) in strip.curves.iter().enumerate() {
        let now = value(lang, &strip.kind, value_at(curve_of, width_us, axis.now_us));
        let most = value(lang, &strip.kind, curve_of.values.iter().flatten().copied().max());
        let name = curve(lang, curve_of.id);
        summary.push_str(if nth == 0 { ": " } else { "; " });
        summary.push_str(&say!(lang, "{name} {now}, at most {most}", name, now, most));
    }
    summary
}

fn name(scenario: &Scenario, actor: ActorId) -> &str {
    usize::try_from(actor.0).ok().and_then(|index| scenario.actor_names().nth(index)).unwrap_or_default()
}
