//! The outages: what happened is what the world shows from every seed, and the setting that each asks for prevents it.

use std::env;

use warren_sim::{
    Ending, GoalWatch, Scenario, Spectator, Trial, World, check::Property, gallery, lessons, outages,
    warren_core::Instant,
};

/// How many seeds each outage is played from: `WARREN_OUTAGE_SEEDS`, or as many as fit into a minute of CI.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let wanted = env::var("WARREN_OUTAGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    1..=wanted.unwrap_or(50)
}

fn parse(id: &str, toml: &str) -> Scenario {
    Scenario::parse(id, toml).expect(id)
}

/// The settings that the task asks for: what the file says, and what it says afterwards.
fn fix(id: &str) -> Vec<(&'static str, &'static str)> {
    match id {
        "retry-storm" => vec![("on_failure = \"nack-requeue\"", "on_failure = \"reject\"")],
        "blocked-by-one" => vec![("x-delivery-limit = -1", "x-delivery-limit = 3")],
        "acked-too-early" => vec![("ack = \"on-receipt\"", "ack = \"after-work\"")],
        "memory" => {
            vec![("name = \"log-lines\"", "name = \"log-lines\"\narguments = { x-max-length = 15 }")]
        }
        "expired-in-circles" => vec![("x-message-ttl = 3000, ", "")],
        "twenty-returns" => {
            vec![("x-queue-type = \"quorum\"", "x-queue-type = \"quorum\", x-delivery-limit = 40")]
        }
        "sent-and-hoped" => {
            vec![("persistent = true", "persistent = true\nconfirms = true\nrepublishes = true")]
        }
        _ => Vec::new(),
    }
}

fn fixed(outage: &lessons::Lesson) -> Scenario {
    let edits = fix(outage.id);
    assert!(!edits.is_empty(), "{}", outage.id);
    let file = edits.into_iter().fold(outage.toml.to_owned(), |file, (from, to)| {
        assert!(file.contains(from), "{}: {from}", outage.id);
        file.replace(from, to)
    });
    parse(outage.id, &file)
}

/// Plays a scenario to its end: whether the goal was reached, and what it comes to.
fn play(scenario: &Scenario, seed: u64) -> (bool, World) {
    let (mut world, mut watch) = (World::new(scenario, seed), GoalWatch::new(scenario));
    let mut is_reached = false;
    while world.now() < Instant::ZERO + scenario.until && world.step() {
        for event in world.take_events() {
            watch.see(&event);
            is_reached |= watch.is_reached();
        }
    }
    (is_reached, world)
}

/// Whether what the outage is about has happened.
fn happens(id: &str, world: &World) -> bool {
    let ledger = world.ledger();
    let queue = |name: &str| {
        let found = world.broker().queues().into_iter().find(|queue| &*queue.name == name);
        found.map_or(0, |queue| queue.ready + queue.unacked)
    };
    match id {
        "retry-storm" => ledger.failed >= 300 && queue("payments") == 8,
        "blocked-by-one" => ledger.acked == 2 && queue("jobs") == 10,
        "acked-too-early" => ledger.acked == 10 && (5..=9).contains(&ledger.processed),
        "memory" => queue("jobs") == 0 && ledger.acked < 60 && ledger.sent > ledger.published,
        "expired-in-circles" => ledger.lost() >= 3 && ledger.acked < 12,
        "twenty-returns" => ledger.lost() == 1 && ledger.failed == 21,
        "sent-and-hoped" => ledger.acked < 16 && ledger.confirmed == 0,
        _ => false,
    }
}

#[test]
fn every_file_is_listed_and_has_a_name_of_its_own() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/outages");
    let files = std::fs::read_dir(folder).expect("the outages");
    let mut files: Vec<String> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    let mut listed: Vec<String> = outages::all().iter().map(|outage| format!("{}.toml", outage.id)).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
    assert!(listed.len() >= 6);
    let is_taken = |id| lessons::find(id).is_some() || gallery::find(id).is_some();
    assert!(outages::all().iter().all(|outage| !is_taken(outage.id)));
}

#[test]
fn each_names_its_source_and_asks_something() {
    for outage in outages::all() {
        let head = outage.toml.lines().take_while(|line| line.starts_with('#')).collect::<String>();
        assert!(head.contains("https://"), "{}: the file begins with its sources", outage.id);
        let plan = parse(outage.id, outage.toml).lesson.expect("an outage is a lesson");
        assert!(!plan.goal.is_empty(), "{}", outage.id);
        let last = plan.steps.last().expect("steps");
        assert!(
            last.text.en.contains("https://")
                && last.text.of("ru").is_some_and(|text| text.contains("https://")),
            "{}: the page names one",
            outage.id
        );
        let (asked, task) = (plan.prediction.expect("a prediction"), plan.task.expect("a task"));
        let texts = plan
            .steps
            .iter()
            .map(|step| &step.text)
            .chain([&asked.question, &asked.because, &task])
            .chain(&asked.choices);
        for text in texts {
            // As lessons speak: calmly, and in sentences that fit beside the stage.
            let ru = text.of("ru").expect("Russian");
            assert!(!text.en.contains('!') && !ru.contains('!'), "{}: {}", outage.id, text.en);
            assert!(text.en.len() <= 260 && ru.chars().count() <= 260, "{}: {}", outage.id, text.en);
        }
    }
}

#[test]
fn left_alone_it_happens_from_every_seed() {
    for outage in outages::all() {
        let scenario = parse(outage.id, outage.toml);
        for seed in seeds() {
            let (is_reached, world) = play(&scenario, seed);
            assert!(!is_reached, "{} from seed {seed}: the goal is reached by looking on", outage.id);
            assert!(happens(outage.id, &world), "{} from seed {seed}: {:?}", outage.id, world.ledger());
        }
    }
}

#[test]
fn the_setting_that_the_task_asks_for_prevents_it_from_every_seed() {
    for outage in outages::all() {
        let scenario = fixed(outage);
        for seed in seeds() {
            let (is_reached, world) = play(&scenario, seed);
            assert!(is_reached, "{} from seed {seed}: {:?}", outage.id, world.ledger());
            assert!(!happens(outage.id, &world), "{} from seed {seed}", outage.id);
        }
    }
}

/// Where the outage lost messages: with the setting the checks, which know only what went over the wires and what the core
/// states, find nothing lost. (The limit in `memory` drops log lines, as it is meant to.)
#[test]
fn with_the_setting_nothing_is_lost_from_every_seed() {
    for outage in outages::all().iter().filter(|outage| outage.id != "memory") {
        // What was sent into a dead connection was never with the broker.
        if outage.id == "sent-and-hoped" {
            continue;
        }
        let scenario = fixed(outage);
        for seed in seeds() {
            let trial = Trial::new(&scenario, seed).wishing(&[Property::NothingLost]);
            let outcome = trial.run(Ending::AsItIs, |_| {});
            assert_eq!(outcome.violation(), None, "{} from seed {seed}", outage.id);
        }
    }
}
