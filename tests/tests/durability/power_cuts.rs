//! The power is cut behind every step of many runs, and what was confirmed is there again each time.

use std::time::Duration;

use warren_sim::{
    DiskPlan, Ending, Fault, Mishap, Scenario, Trial, Unsynced, gallery, generate, lessons, swarm,
    warren_core::Bug,
};

const SEED: u64 = 1;
const GENERATED: u64 = 200;
/// How many steps of each run are tried, spread evenly. `WARREN_POWER_CUTS=100000` tries so many, or all.
const POINTS: u64 = 24;
/// Of so many it is also tried whether all becomes calm afterwards.
const HEALED_POINTS: u64 = 1;

/// All lessons, the gallery and generated topologies, on disks.
fn scenarios() -> Vec<Scenario> {
    let files = lessons::all().iter().chain(gallery::all());
    let files = files.map(|file| Scenario::parse(file.id, file.toml).expect("examples are right"));
    files.chain((0..GENERATED).map(generate)).flat_map(on_small_segments).collect()
}

/// Those whose actors all connect again after a power cut.
fn persevering() -> Vec<Scenario> {
    let persevere = |seed| Scenario { faults: Vec::new(), ..swarm(&generate(seed), seed) };
    (0..GENERATED).map(persevere).flat_map(on_small_segments).collect()
}

/// As it is, and once more with segments that are full soon and a restart, so that old ones are given back all the time.
fn on_small_segments(mut scenario: Scenario) -> [Scenario; 2] {
    let millis = Duration::from_millis;
    scenario.disk.get_or_insert(DiskPlan { write: millis(1), sync: millis(5) });
    let mut small = scenario.clone();
    small.broker.segment = Some(1 << 10);
    let at = scenario.until / 3;
    small.faults.push(Fault { at, what: Mishap::StopBroker });
    small.faults.push(Fault { at: at + millis(500), what: Mishap::StartBroker });
    [scenario, small]
}

#[test]
fn no_power_cut_takes_what_was_confirmed() {
    try_all(&scenarios(), Ending::AsItIs, POINTS);
}

#[test]
fn all_goes_on_after_a_power_cut() {
    try_all(&persevering(), Ending::Healed, HEALED_POINTS);
}

fn try_all(scenarios: &[Scenario], ending: Ending, points: u64) {
    let soak = std::env::var("WARREN_POWER_CUTS").ok().and_then(|points| points.parse().ok());
    let mut tried = 0;
    for (number, scenario) in (0..).zip(scenarios) {
        let trial = Trial::new(scenario, SEED);
        let (chosen, found) = search(&trial, ending, soak.unwrap_or(points), number);
        tried += chosen;
        assert_eq!(found, None, "{} ({number})", scenario.title.en);
    }
    println!("{tried} places, {} power cuts", tried * Unsynced::ALL.len() as u64);
}

#[test]
fn a_segment_that_is_deleted_too_early_is_seen() {
    let scenarios = scenarios();
    let found = scenarios.iter().find_map(|scenario| {
        let trial = Trial::planting(scenario, SEED, Bug::SegmentDeletedEarly);
        search(&trial, Ending::AsItIs, u64::MAX, 0).1
    });
    let found = found.expect("a power cut that shows it");
    assert!(found.starts_with("confirmed-kept"), "{found}");
}

/// Tries so many power cuts, spread evenly, from the one with this number on; returns how many, and what was wrong.
fn search(trial: &Trial<'_>, ending: Ending, points: u64, first: u64) -> (u64, Option<String>) {
    let mut all = 0_u64;
    let played = trial.clone().cut_power(Ending::AsItIs, || {
        all += 1;
        false
    });
    assert!(played.is_none(), "{played:?}");
    let every = all.div_ceil(points.max(1)).max(1);
    let (mut at, mut chosen) = (first, 0);
    let found = trial.clone().cut_power(ending, || {
        at += 1;
        let is_chosen = at.is_multiple_of(every);
        chosen += u64::from(is_chosen);
        is_chosen
    });
    let tell = |(cut, outcome): (_, warren_sim::Outcome)| {
        let violation = outcome.violation().cloned();
        violation.map(|violation| format!("{}: {} ({cut:?})", violation.property.name(), violation.detail))
    };
    (chosen, found.and_then(tell))
}
