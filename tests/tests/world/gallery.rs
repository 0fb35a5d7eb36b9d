//! The gallery: every example is a good file, does what it is to show, and holds under faults.

use warren_sim::{
    Ending, Scenario, Severity, Trial, World, gallery, lessons, lint, swarm, warren_core::Instant,
};

fn examples() -> Vec<(&'static str, Scenario)> {
    let parse = |id, toml| Scenario::parse(id, toml).expect("examples are right");
    gallery::all().iter().map(|example| (example.id, parse(example.id, example.toml))).collect()
}

#[test]
fn every_file_is_in_the_gallery_under_a_name_of_its_own() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/gallery");
    let files = std::fs::read_dir(folder)
        .expect("the gallery")
        .filter_map(|file| file.ok()?.file_name().into_string().ok());
    let mut files: Vec<String> = files.collect();
    files.sort();
    let mut listed: Vec<String> =
        gallery::all().iter().map(|example| format!("{}.toml", example.id)).collect();
    listed.sort();
    assert_eq!(files, listed);
    assert!(gallery::all().iter().all(|example| lessons::find(example.id).is_none()));
}

#[test]
fn the_gallery_holds_as_it_is_and_under_faults() {
    for (id, scenario) in examples() {
        let outcome = Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {});
        assert_eq!(outcome.violation(), None, "{id}");
        for seed in 0..20 {
            let swarmed = swarm(&scenario, seed);
            let outcome = Trial::new(&swarmed, seed).run(Ending::Healed, |_| {});
            assert_eq!(outcome.violation(), None, "warren sim {id} --swarm --seed {seed}");
        }
    }
}

#[test]
fn the_lint_finds_no_problem_in_it() {
    for (id, scenario) in examples() {
        let found = lint(&scenario).into_iter().filter(|finding| finding.severity == Severity::Problem);
        assert_eq!(found.collect::<Vec<_>>(), [], "{id}");
    }
}

/// What each one shows, in numbers.
#[test]
fn what_each_example_comes_to() {
    let line = |(id, scenario): (&str, Scenario)| {
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::ZERO + scenario.until);
        let l = world.ledger();
        format!(
            "{id}: published {} delivered {} redelivered {} processed {} failed {} dead-lettered {} left {} lost {}",
            l.published,
            l.delivered,
            l.redelivered,
            l.processed,
            l.failed,
            l.dead_lettered,
            l.ready + l.unacked,
            l.lost()
        )
    };
    let shown: Vec<String> = examples().into_iter().map(line).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    pub-sub: published 14 delivered 42 redelivered 0 processed 42 failed 0 dead-lettered 0 left 0 lost 0
    log-routing: published 28 delivered 52 redelivered 0 processed 52 failed 0 dead-lettered 0 left 0 lost 0
    retry-and-park: published 11 delivered 15 redelivered 2 processed 9 failed 6 dead-lettered 10 left 1 lost 0
    back-off: published 10 delivered 16 redelivered 0 processed 9 failed 7 dead-lettered 13 left 1 lost 0
    rpc-timeout: published 36 delivered 14 redelivered 0 processed 14 failed 0 dead-lettered 0 left 0 lost 8
    priority-lanes: published 69 delivered 58 redelivered 0 processed 58 failed 0 dead-lettered 0 left 0 lost 11
    outbox: published 25 delivered 26 redelivered 1 processed 25 failed 0 dead-lettered 0 left 0 lost 1
    ordered: published 24 delivered 25 redelivered 1 processed 24 failed 0 dead-lettered 0 left 0 lost 0
    poison: published 12 delivered 15 redelivered 3 processed 11 failed 4 dead-lettered 1 left 1 lost 0
    safety-net: published 16 delivered 16 redelivered 0 processed 16 failed 0 dead-lettered 0 left 0 lost 0
    event-bus: published 17 delivered 35 redelivered 0 processed 35 failed 0 dead-lettered 0 left 0 lost 0
    saga: published 12 delivered 32 redelivered 0 processed 28 failed 4 dead-lettered 4 left 0 lost 0
    two-connections: published 80 delivered 80 redelivered 0 processed 80 failed 0 dead-lettered 0 left 0 lost 0
    delayed: published 20 delivered 20 redelivered 0 processed 20 failed 0 dead-lettered 0 left 0 lost 0
    late-joiner: published 16 delivered 26 redelivered 0 processed 26 failed 0 dead-lettered 0 left 0 lost 0
    ");
}

/// A message that had gone on from one queue to another, and is back in the first because the disk had not heard of it.
#[test]
fn what_a_crash_puts_back_into_an_earlier_queue_is_not_lost() {
    let example = gallery::find("retry-and-park").expect("it is there");
    let scenario = swarm(&Scenario::parse(example.id, example.toml).expect("examples are right"), 8);
    let mut world = World::new(&scenario, 8);
    world.run_until(Instant::from_micros(22_400_000));
    assert_eq!(world.ledger().losses, []);
}
