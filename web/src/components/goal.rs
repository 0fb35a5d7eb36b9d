//! The goal of a lesson in words: what is reached, and what is still missing.

use warren_sim::{Amount, Counted, MilestoneView};
use yew::prelude::{Html, html};

use crate::i18n::{Lang, say};

/// A milestone in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Milestone {
    pub(crate) is_reached: bool,
    pub(crate) parts: Vec<Part>,
}

/// One of the things that a milestone asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    /// How far it is.
    pub(crate) text: String,
    /// What is asked for.
    pub(crate) asked: String,
    /// Whether it holds.
    pub(crate) holds: bool,
    /// How many there are, and how many there have to be, where that is something to wait for.
    pub(crate) progress: Option<(u64, u64)>,
}

/// The milestones, with a mark at what holds.
pub(super) fn goal(lang: Lang, milestones: &[Milestone], is_done: bool) -> Html {
    // What comes later does not hold before its turn.
    let mut is_next = true;
    let lines = milestones.iter().map(|milestone| {
        let is_reached = milestone.is_reached || is_done;
        let is_turn = std::mem::replace(&mut is_next, is_reached);
        let parts = milestone.parts.iter().map(|part| {
            let holds = is_reached || (is_turn && part.holds);
            let mark = if holds { "✓ " } else { "○ " };
            // How far it is would be read as done where something else comes first.
            let text = if is_turn || is_reached { &part.text } else { &part.asked };
            html! {
                <span class={if holds { "holds" } else { "" }}>
                    <span aria-hidden="true">{ mark }</span>{ text }
                    { meter(part, is_turn, is_reached) }
                </span>
            }
        });
        html! {
            <li class={if is_reached { "reached" } else { "" }}>
                { for parts }
                if is_reached {
                    <span class="unseen">{ lang.say("reached") }</span>
                }
            </li>
        }
    });
    html! { <ol class="goal" data-testid="goal">{ for lines }</ol> }
}

/// How far it is, to be seen at a glance. The words beside it say the same.
fn meter(part: &Part, is_turn: bool, is_reached: bool) -> Html {
    let Some((now, wanted)) = part.progress else { return Html::default() };
    let percent = match () {
        () if is_reached => 100,
        // Too many is not far.
        () if !is_turn || (now > wanted && !part.holds) => 0,
        () => now.min(wanted) * 100 / wanted.max(1),
    };
    html! { <i class="meter" aria-hidden="true"><i style={format!("width: {percent}%")} /></i> }
}

/// A milestone as it is now. Of one that has been reached, what it asked for: the numbers go on.
pub(crate) fn in_words(lang: Lang, view: &MilestoneView<'_>, is_done: bool) -> Milestone {
    let is_reached = view.is_reached || is_done;
    let whose = view.milestone.queue.as_ref().or(view.milestone.actor.as_ref());
    let whose = whose.map_or_else(String::new, |whose| format!("{whose}: "));
    let deeds = view.deeds.iter().map(|(word, whom, is_done)| {
        let what = deed(lang, word);
        let asked = format!("{whom} {what}");
        let text = if *is_done || is_reached {
            asked.clone()
        } else {
            say!(lang, "{who} {what}: not yet", who = whom, what)
        };
        Part { text, asked, holds: *is_done, progress: None }
    });
    let sums = view.sums.iter().map(|(of, wanted, now)| {
        let name = counted(lang, *of);
        let text = if !is_reached {
            format!("{whose}{}", so_far(lang, name, *wanted, *now))
        } else if view.deeds.is_empty() {
            format!("{whose}{}", asked_for(lang, name, *wanted))
        } else {
            // The number has gone on since, and the next milestone may ask for another.
            let sum = whose.clone() + &asked_for(lang, name, *wanted);
            say!(lang, "at that moment {sum}", sum)
        };
        let progress = match wanted {
            Amount::Exactly(wanted) | Amount::AtLeast(wanted) if *wanted > 1 => Some((*now, *wanted)),
            _ => None,
        };
        let asked = match wanted {
            Amount::Exactly(wanted) if *wanted > 0 => say!(lang, "{name} {wanted}", name, wanted),
            _ => asked_for(lang, name, *wanted),
        };
        let asked = format!("{whose}{asked}");
        Part { text, asked, holds: wanted.holds(*now), progress }
    });
    let by = view.milestone.by.map(|by| {
        let by = lang.duration(by);
        let text = if view.is_late {
            say!(lang, "too late, start over: until {by}", by)
        } else {
            say!(lang, "until {by}", by)
        };
        Part { asked: text.clone(), text, holds: view.is_reached, progress: None }
    });
    Milestone { is_reached: view.is_reached, parts: deeds.chain(sums).chain(by).collect() }
}

/// How far a sum is: `acked 7 of 12`, `0 lost so far`.
fn so_far(lang: Lang, name: &str, wanted: Amount, now: u64) -> String {
    match wanted {
        Amount::Exactly(0) if now == 0 => say!(lang, "0 {name} so far", name),
        Amount::Exactly(0) => say!(lang, "{now} {name}, none may be", now, name),
        Amount::Exactly(wanted) if now > wanted => {
            say!(lang, "{name} {now} instead of {wanted}", name, now, wanted)
        }
        Amount::AtLeast(wanted) if now >= wanted => {
            say!(lang, "{name} {now}, {wanted} is enough", name, now, wanted)
        }
        Amount::Exactly(wanted) | Amount::AtLeast(wanted) => {
            say!(lang, "{name} {now} of {wanted}", name, now, wanted)
        }
        Amount::AtMost(wanted) if now > wanted => {
            say!(lang, "{name} {now}, more than {wanted}", name, now, wanted)
        }
        Amount::AtMost(wanted) => say!(lang, "{name} {now}, at most {wanted}", name, now, wanted),
    }
}

/// What was asked for, of what is reached: `acked 12 of 12`, `0 lost`.
fn asked_for(lang: Lang, name: &str, wanted: Amount) -> String {
    match wanted {
        Amount::Exactly(0) => say!(lang, "0 {name}", name),
        Amount::Exactly(wanted) => say!(lang, "{name} {now} of {wanted}", name, now = wanted, wanted),
        Amount::AtLeast(wanted) => say!(lang, "{name} at least {wanted}", name, wanted),
        Amount::AtMost(wanted) => say!(lang, "{name} at most {wanted}", name, wanted),
    }
}

fn counted(lang: Lang, of: Counted) -> &'static str {
    match of {
        Counted::Sent => lang.say("sent"),
        Counted::Published => lang.say("published"),
        Counted::Routed => lang.say("routed"),
        Counted::Unroutable => lang.say("unroutable"),
        Counted::Returned => lang.say("returned"),
        Counted::Confirmed => lang.say("confirmed"),
        Counted::Answered => lang.say("answered"),
        Counted::Delivered => lang.say("delivered"),
        Counted::Redelivered => lang.say("redelivered"),
        Counted::Processed => lang.say("done"),
        Counted::Failed => lang.say("failed"),
        Counted::Acked => lang.say("acked"),
        Counted::Requeued => lang.say("requeued"),
        Counted::DeadLettered => "dead-letter",
        Counted::Ready => lang.say("ready"),
        Counted::Unacked => lang.say("unacked"),
        Counted::Lost => lang.say("lost"),
    }
}

fn deed(lang: Lang, word: &str) -> &'static str {
    match word {
        "crash" => lang.say("has crashed"),
        "revive" => lang.say("is up again"),
        "stop" => lang.say("was shut down cleanly"),
        "cut" => lang.say("was cut off"),
        "close" => lang.say("has closed its channel"),
        "silence" => lang.say("has a half-open connection"),
        "partition" => lang.say("was cut off the network"),
        "slow" => lang.say("had a slow link"),
        "tire" => lang.say("worked slower"),
        "pause" => lang.say("stood still"),
        "settle" => lang.say("settled a message by hand"),
        "purge" => lang.say("was purged"),
        "delete" => lang.say("was deleted"),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::{GoalWatch, Scenario, Spectator, World, lessons, outages, warren_core::Instant};

    use super::in_words;
    use crate::i18n::Lang;

    fn said(id: &str, lang: Lang, seconds: u64, is_done: bool) -> String {
        let lesson = lessons::find(id).expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::ZERO + Duration::from_secs(seconds));
        let mut watch = GoalWatch::new(&scenario);
        world.take_events().iter().for_each(|event| watch.see(event));
        let milestones = watch.milestones(world.now());
        let lines = milestones.iter().map(|view| {
            let parts = in_words(lang, view, is_done).parts;
            let parts: Vec<String> =
                parts.into_iter().map(|part| format!("{} {}", part.text, part.holds)).collect();
            parts.join("; ")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_goal_is_said_as_progress_in_both_languages() {
        for (lesson, lang, seconds, part) in [
            ("crash-with-ack", Lang::ENGLISH, 8, "worker-2 has crashed: not yet false"),
            ("crash-with-ack", Lang::russian(), 8, "worker-2 упал: ещё нет false"),
            ("crash-with-ack", Lang::ENGLISH, 8, "acked 4 of 12 false; 0 lost so far true"),
            ("crash-with-ack", Lang::russian(), 8, "подтверждено 4 из 12 false; потеряно пока 0 true"),
            ("crash-without-ack", Lang::ENGLISH, 12, "2 lost, none may be false"),
            ("crash-without-ack", Lang::russian(), 12, "потеряно 2, а должно быть 0 false"),
            ("unfair-dispatch", Lang::ENGLISH, 8, "until 20 s false"),
            ("unfair-dispatch", Lang::russian(), 28, "поздно, начните сначала: до 20 с false"),
            ("work-queue", Lang::ENGLISH, 23, "worker-1: done 6, more than 5 false"),
            ("work-queue", Lang::russian(), 4, "worker-1: сделано 1, не больше 5 true"),
            ("hello", Lang::ENGLISH, 4, "hello: ready 0 of 2 false"),
            ("expired", Lang::russian(), 2, "quotes: подтверждено 0 из 16 false"),
        ] {
            let said = said(lesson, lang, seconds, false);
            assert!(said.contains(part), "{said}");
        }
    }

    /// Of a milestone whose turn has not come it is said what it asks for, and not how far that is.
    #[test]
    fn what_comes_later_is_asked_for_without_a_count() {
        let lesson = lessons::find("topic").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let world = World::new(&scenario, 1);
        let watch = GoalWatch::new(&scenario);
        for (lang, asked) in [
            (Lang::ENGLISH, ["audit: acked 2", "audit: 0 lost", "notifications: acked 6"]),
            (
                Lang::russian(),
                ["audit: подтверждено 2", "audit: потеряно 0", "notifications: подтверждено 6"],
            ),
        ] {
            let milestones = watch.milestones(world.now());
            let parts = milestones[1..].iter().flat_map(|view| in_words(lang, view, false).parts);
            assert_eq!(parts.map(|part| part.asked).collect::<Vec<_>>(), asked);
        }
    }

    /// A number that is said to be missing something is not marked as enough, nor the other way around.
    #[test]
    fn no_goal_contradicts_itself_at_any_second() {
        let missing = [" instead of ", ", none may be", ", more than "];
        for lesson in lessons::all().iter().chain(outages::all()) {
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let (mut world, mut watch) = (World::new(&scenario, 1), GoalWatch::new(&scenario));
            for second in 0..=scenario.until.as_secs() {
                world.run_until(Instant::ZERO + Duration::from_secs(second));
                world.take_events().iter().for_each(|event| watch.see(event));
                for view in watch.milestones(world.now()) {
                    let (deeds, sums) = (view.deeds.len(), view.sums.len());
                    for part in in_words(Lang::ENGLISH, &view, false).parts.into_iter().skip(deeds).take(sums)
                    {
                        let text = &part.text;
                        let is_short = text
                            .split_once(" of ")
                            .is_some_and(|(now, wanted)| now.rsplit(' ').next() != Some(wanted));
                        let is_missing = is_short || missing.iter().any(|words| text.contains(words));
                        assert_eq!(
                            part.holds,
                            !is_missing || view.is_reached,
                            "{} at {second} s: {text}",
                            lesson.id
                        );
                        assert!(!text.contains("needed"), "{text}");
                    }
                }
            }
        }
    }

    /// The numbers go on after that, and might contradict it.
    #[test]
    fn a_goal_that_was_reached_says_what_it_asked_for() {
        let said = said("confirms", Lang::ENGLISH, 8, true);
        assert!(said.starts_with("confirmed 60 of 60 "), "{said}");
    }
}
