//! Made-up topologies under made-up faults: every property holds, and every one is looked at.

use std::collections::BTreeMap;

use warren_sim::{
    Ending, Mishap, Queue, Scenario, Trial, check::Property, generate, lessons, swarm, trial,
    warren_core::Release,
};

/// `WARREN_WORLD_SEEDS=100000` makes a soak of it.
fn seeds() -> u64 {
    std::env::var("WARREN_WORLD_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(1_000)
}

#[test]
fn every_property_holds_and_is_looked_at() {
    let mut exercised: BTreeMap<Property, u64> = BTreeMap::new();
    for seed in 0..seeds() {
        let scenario = swarm(&generate(seed), seed);
        let outcome = Trial::new(&scenario, seed).run(Ending::Healed, |_| {});
        assert_eq!(outcome.violation(), None, "seed {seed}: warren sim --generate --swarm --seed {seed}");
        for (property, times) in outcome.exercised {
            *exercised.entry(property).or_default() += times;
        }
    }
    let never =
        Property::ALL.iter().filter(|property| !property.is_a_wish() && !exercised.contains_key(property));
    assert_eq!(never.collect::<Vec<_>>(), Vec::<&Property>::new(), "never looked at");
}

#[test]
fn the_lessons_hold_as_they_are_and_under_faults() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("lessons are right");
        let outcome = Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {});
        assert_eq!(outcome.violation(), None, "{}", lesson.id);
        for seed in 0..20 {
            let swarmed = swarm(&scenario, seed);
            let outcome = Trial::new(&swarmed, seed).run(Ending::Healed, |_| {});
            assert_eq!(outcome.violation(), None, "warren sim {} --swarm --seed {seed}", lesson.id);
        }
    }
}

/// The checks know what an older RabbitMQ does otherwise.
#[test]
fn every_property_holds_as_older_releases() {
    for release in Release::ALL.into_iter().filter(|release| *release != Release::default()) {
        for seed in 5_000..5_200 {
            let mut scenario = swarm(&generate(seed), seed);
            scenario.broker.compat = Some(release);
            let outcome = Trial::new(&scenario, seed).run(Ending::Healed, |_| {});
            let again = format!("warren sim --generate --swarm --seed {seed} --compat {release}");
            assert_eq!(outcome.violation(), None, "{again}");
        }
    }
}

#[test]
fn a_seed_is_the_same_twice() {
    for seed in 0..100 {
        let scenario = swarm(&generate(seed), seed);
        let play = || trial(&scenario, seed, Ending::Healed, &[]).1;
        assert_eq!(play(), play(), "seed {seed}");
    }
}

/// A producer that republishes what is refused would never come to an end.
#[test]
fn no_policy_limits_a_queue_that_refuses_and_that_nobody_empties() {
    let mut seen = 0;
    for seed in 0..3_000 {
        let scenario = swarm(&generate(seed), seed);
        let is_emptied = |name: &str| scenario.consumers.iter().any(|consumer| consumer.queue == name);
        let refuses = |queue: &&Queue| queue.arguments.get("x-overflow").is_some();
        if !scenario.queues.iter().filter(refuses).any(|queue| !is_emptied(&queue.name)) {
            continue;
        }
        for fault in &scenario.faults {
            let Mishap::Policy { definition, .. } = &fault.what else { continue };
            assert_eq!(definition.get("max-length"), None, "seed {seed}");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} policies");
}

/// What a seed makes up is a file that says the same again.
#[test]
fn scenarios_survive_being_written_down() {
    let of_lessons = lessons::all().iter().map(|lesson| Scenario::parse(lesson.id, lesson.toml));
    let made_up = (0..500).map(|seed| Ok(swarm(&generate(seed), seed)));
    for scenario in of_lessons.chain(made_up) {
        let scenario = scenario.expect("lessons are right");
        let text = scenario.to_toml();
        let again = Scenario::parse("again", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(again == scenario, "{text}");
    }
}
