//! The steps of the lessons: each says which part of the run it is about, and what it names there.

use std::time::Duration;

use warren_sim::{LessonStep, Scenario, World, lessons, outages, warren_core::Instant};

/// How much earlier a part may end than the moment that its step names: it then stops right before that.
const JUST_BEFORE: f64 = 0.05;

/// Names that sentences use as plain words, too: tasks are what is in the queue tasks.
const PLAIN_WORDS: [&str; 5] = ["tasks", "jobs", "builds", "signed", "web"];

/// Every step of every lesson and outage, with where it stands.
fn steps() -> Vec<(String, Scenario, LessonStep)> {
    let all = lessons::all().iter().chain(outages::all());
    let steps = all.flat_map(|lesson| {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let steps = scenario.lesson.clone().expect("every lesson has its part").steps;
        (1..)
            .zip(steps)
            .map(move |(number, step)| (format!("{}, step {number}", lesson.id), scenario.clone(), step))
    });
    steps.collect()
}

#[test]
fn every_step_is_about_a_part_of_the_run_or_names_its_source() {
    for (which, _, step) in steps() {
        let names_source = step.text.en.contains("https://");
        assert!(names_source || step.at.is_some() && !step.light.is_empty(), "{which}");
    }
}

#[test]
fn something_happens_in_every_part_and_it_is_short() {
    for (which, scenario, step) in steps() {
        let (Some(at), Some(until)) = (step.at, step.until) else { continue };
        let lasts = until - at;
        assert!(
            (Duration::from_millis(400)..=Duration::from_millis(5_500)).contains(&lasts),
            "{which}: {lasts:?}"
        );
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::ZERO + at);
        world.take_events();
        world.run_until(Instant::ZERO + until);
        assert!(world.take_events().len() >= 2, "{which}: nothing happens");
    }
}

#[test]
fn a_step_that_names_a_moment_shows_it() {
    let mut named = 0;
    for (which, _, step) in steps() {
        let Some((_, rest)) = step.text.en.split_once("At ").or_else(|| step.text.en.split_once(" at "))
        else {
            continue;
        };
        let Some((seconds, _)) = rest.split_once(" s") else { continue };
        let Ok(moment) = seconds.parse::<f64>() else { continue };
        let (at, until) = step.at.zip(step.until).expect("it shows a part of the run");
        let shown = at.as_secs_f64()..=until.as_secs_f64() + JUST_BEFORE;
        assert!(shown.contains(&moment), "{which}: {moment} s is not in {at:?}..={until:?}");
        named += 1;
    }
    assert!(named >= 8, "only {named} steps name a moment");
}

#[test]
fn whatever_a_step_names_is_lit_up() {
    for (which, scenario, step) in steps() {
        let exchanges = scenario.exchanges.iter().map(|exchange| exchange.name.as_str());
        let queues = scenario.queues.iter().map(|queue| queue.name.as_str());
        let names = scenario.actor_names().chain(exchanges).chain(queues);
        for name in names.filter(|name| !PLAIN_WORDS.contains(name)) {
            let is_named = |text: &str| {
                let is_letter = |letter: char| letter.is_alphanumeric() || letter == '-';
                text.split(|letter: char| !is_letter(letter)).any(|word| word == name)
            };
            let is_lit =
                step.light.iter().any(|light| light.split_once(' ').is_some_and(|(_, lit)| lit == name));
            assert!(!is_named(&step.text.en) || is_lit, "{which} names {name}");
        }
    }
}
