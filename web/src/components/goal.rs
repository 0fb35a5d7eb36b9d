//! The goal of a lesson in words: what is reached, and what is still missing.

use warren_sim::{Amount, Counted, MilestoneView};
use yew::prelude::{Html, html};

use crate::i18n::Lang;

/// A milestone in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Milestone {
    pub(crate) is_reached: bool,
    /// What it asks for, each with whether that holds.
    pub(crate) parts: Vec<(String, bool)>,
}

/// The milestones, with a mark at what holds.
pub(super) fn goal(lang: Lang, milestones: &[Milestone], is_done: bool) -> Html {
    // What comes later does not hold before its turn.
    let mut is_next = true;
    let lines = milestones.iter().map(|milestone| {
        let is_reached = milestone.is_reached || is_done;
        let is_turn = std::mem::replace(&mut is_next, is_reached);
        let parts = milestone.parts.iter().map(|(part, holds)| {
            let holds = is_reached || (is_turn && *holds);
            let mark = if holds { "✓ " } else { "○ " };
            html! { <span class={if holds { "holds" } else { "" }}>
                <span aria-hidden="true">{ mark }</span>{ part }
            </span> }
        });
        html! {
            <li class={if is_reached { "reached" } else { "" }}>
                { for parts }
                if is_reached {
                    <span class="unseen">{ lang.say("reached", "достигнуто") }</span>
                }
            </li>
        }
    });
    html! { <ol class="goal" data-testid="goal">{ for lines }</ol> }
}

/// A milestone as it is now. Of one that has been reached, what it asked for: the numbers go on.
pub(crate) fn in_words(lang: Lang, view: &MilestoneView<'_>, is_done: bool) -> Milestone {
    let is_reached = view.is_reached || is_done;
    let whose = view.milestone.queue.as_ref().or(view.milestone.actor.as_ref());
    let whose = whose.map_or_else(String::new, |whose| [whose, ": "].concat());
    let deeds =
        view.deeds.iter().map(|(word, whom, is_done)| ([*whom, " ", deed(lang, word)].concat(), *is_done));
    let sums = view.sums.iter().map(|(of, wanted, now)| {
        let (sign, number) = match wanted {
            Amount::Exactly(number) => ("", number),
            Amount::AtLeast(number) => ("≥ ", number),
            Amount::AtMost(number) => ("≤ ", number),
        };
        let needed = lang.say(" (needed: ", " (нужно: ");
        let (now_text, number) = (now.to_string(), number.to_string());
        let asked = [&whose, counted(lang, *of), " "].concat();
        let text = match is_reached {
            // The number has gone on since, and the next milestone may ask for another.
            true if !view.deeds.is_empty() => {
                [lang.say("at that moment ", "в тот момент "), &asked, sign, &number].concat()
            }
            true => [&*asked, sign, &number].concat(),
            false => [&*asked, &now_text, needed, sign, &number, ")"].concat(),
        };
        (text, wanted.holds(*now))
    });
    let by = view.milestone.by.map(|by| {
        let text = if view.is_late {
            lang.say("too late, start over: until ", "поздно, начните сначала: до ")
        } else {
            lang.say("until ", "до ")
        };
        ([text, &lang.duration(by)].concat(), view.is_reached)
    });
    Milestone { is_reached: view.is_reached, parts: deeds.chain(sums).chain(by).collect() }
}

fn counted(lang: Lang, of: Counted) -> &'static str {
    match of {
        Counted::Sent => lang.say("sent", "отправлено"),
        Counted::Published => lang.say("published", "опубликовано"),
        Counted::Routed => lang.say("routed", "попало в очереди"),
        Counted::Unroutable => lang.say("unroutable", "некуда направить"),
        Counted::Returned => lang.say("returned", "возвращено"),
        Counted::Confirmed => lang.say("confirmed", "подтверждено брокером"),
        Counted::Answered => lang.say("answered", "ответов"),
        Counted::Delivered => lang.say("delivered", "доставлено"),
        Counted::Redelivered => lang.say("redelivered", "доставлено повторно"),
        Counted::Processed => lang.say("done", "сделано"),
        Counted::Failed => lang.say("failed", "неудач"),
        Counted::Acked => lang.say("acked", "подтверждено"),
        Counted::Requeued => lang.say("requeued", "возвращено в очередь"),
        Counted::DeadLettered => "dead-letter",
        Counted::Ready => lang.say("ready", "ждёт в очереди"),
        Counted::Unacked => lang.say("unacked", "не подтверждено"),
        Counted::Lost => lang.say("lost", "потеряно"),
    }
}

fn deed(lang: Lang, word: &str) -> &'static str {
    match word {
        "crash" => lang.say("has crashed", "упал"),
        "revive" => lang.say("is up again", "— снова в строю"),
        "stop" => lang.say("was shut down cleanly", "— штатная остановка"),
        "cut" => lang.say("was cut off", "— соединение оборвано"),
        "close" => lang.say("has closed its channel", "— канал закрыт"),
        "silence" => lang.say("has a half-open connection", "— соединение полуоткрыто"),
        "partition" => lang.say("was cut off the network", "— отрезан от сети"),
        "slow" => lang.say("had a slow link", "— медленная линия"),
        "tire" => lang.say("worked slower", "— работал медленнее"),
        "pause" => lang.say("stood still", "— замирал"),
        "settle" => lang.say("settled a message by hand", "— сообщение решено вручную"),
        "purge" => lang.say("was purged", "— очередь очищена"),
        "delete" => lang.say("was deleted", "— очередь удалена"),
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
                parts.into_iter().map(|(part, holds)| format!("{part} {holds}")).collect();
            parts.join(", ")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_goal_is_said_in_both_languages() {
        for (lesson, lang, seconds, part) in [
            ("crash-with-ack", Lang::En, 8, "worker-2 has crashed false"),
            ("crash-with-ack", Lang::Ru, 8, "worker-2 упал false"),
            ("unfair-dispatch", Lang::En, 8, "until 20 s false"),
            ("unfair-dispatch", Lang::Ru, 28, "поздно, начните сначала: до 20 с false"),
            ("expired", Lang::Ru, 2, "quotes: подтверждено 0 (нужно: 16) false"),
        ] {
            let said = said(lesson, lang, seconds, false);
            assert!(said.contains(part), "{said}");
        }
    }

    /// A number that is said to be missing something is not marked as enough, nor the other way around.
    #[test]
    fn no_goal_contradicts_itself_at_any_second() {
        for lesson in lessons::all().iter().chain(outages::all()) {
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let (mut world, mut watch) = (World::new(&scenario, 1), GoalWatch::new(&scenario));
            for second in 0..=scenario.until.as_secs() {
                world.run_until(Instant::ZERO + Duration::from_secs(second));
                world.take_events().iter().for_each(|event| watch.see(event));
                for view in watch.milestones(world.now()) {
                    for (part, holds) in in_words(Lang::En, &view, false).parts {
                        let Some((now, needed)) = part.split_once(" (needed: ") else { continue };
                        let number = |text: &str| text.rsplit(' ').next()?.parse::<u64>().ok();
                        let now = number(now).expect("a number");
                        let needed = needed.trim_end_matches(')');
                        let limit = number(needed).expect("a number");
                        let is_enough = match needed.chars().next() {
                            Some('≥') => now >= limit,
                            Some('≤') => now <= limit,
                            _ => now == limit,
                        };
                        assert_eq!(holds, is_enough, "{} at {second} s: {part}", lesson.id);
                    }
                }
            }
        }
    }

    /// The numbers go on after that, and might contradict it.
    #[test]
    fn a_goal_that_was_reached_says_what_it_asked_for() {
        let said = said("confirms", Lang::En, 8, true);
        assert!(said.starts_with("confirmed 60 "), "{said}");
    }
}
