//! Plays the topology in both releases, under a load, and says what came of it otherwise.

use warren_core::{Behaviour, Release};
use warren_sim::{Comparison, Difference, Measure, OnFailure, Scenario};

use super::{Effect, UpgradeArgs, conversations};
use crate::{failure::Failure, sim::read};

/// What was played, and what differed.
pub(super) struct Played {
    /// What says what is published and consumed: a file, or that it is made up.
    pub(super) load: String,
    pub(super) seeds: u64,
    pub(super) differences: Vec<PlayedDifference>,
}

/// Something that came out differently.
pub(super) struct PlayedDifference {
    pub(super) effect: Effect,
    /// `queue orders`
    pub(super) spot: String,
    /// What is counted.
    pub(super) measure: String,
    /// In the older release and in the newer one, where it is a number.
    pub(super) counts: Option<(u64, u64)>,
    /// In how many seeds it differs.
    pub(super) seeds: u32,
    /// The smallest seed that shows it.
    pub(super) seed: u64,
    /// The behaviours that it comes from.
    pub(super) because: Vec<&'static str>,
    /// Whether it may be chance as well.
    pub(super) can_be_chance: bool,
    /// The conversations that show these behaviours.
    pub(super) proof: Vec<String>,
}

/// Plays the scenario of `--scenario`, or else the topology of the file with made-up loads. The reason if nothing can be
/// played.
pub(super) fn play(
    args: &UpgradeArgs,
    from: Release,
    to: Release,
) -> Result<Result<Vec<Played>, String>, Failure> {
    let seeds = args.seeds.unwrap_or(SEEDS);
    if seeds == 0 {
        return Ok(Err("not asked for".into()));
    }
    let loads = match &args.scenario {
        Some(file) => vec![(file.display().to_string(), read::playable(file, None)?)],
        None => match read::scenario(&args.file, args.vhost.as_deref()) {
            Ok(scenario) if args.seeds.is_none() && scenario.queues.len() > MOST_QUEUES => {
                let queues = scenario.queues.len();
                return Ok(Err(format!("{queues} queues take long; --seeds 1 plays them nevertheless")));
            }
            Ok(scenario) => made_up(&scenario),
            Err(why) if args.vhost.is_some() => return Err(why),
            Err(why) => return Ok(Err(why.to_string())),
        },
    };
    let mut all: Vec<Played> = Vec::new();
    for (load, scenario) in loads {
        let comparison = Comparison::new(&scenario, from, to).seeds(0..seeds);
        let comparison = if args.swarm { comparison.with_faults() } else { comparison };
        let found = comparison.run();
        let differences = found.iter().map(|difference| PlayedDifference::of(&scenario, difference, &found));
        // What another load has shown need not be told again.
        let is_new = |it: &PlayedDifference| {
            !all.iter().flat_map(|played| &played.differences).any(|known| known.is_like(it))
        };
        let differences = differences.filter(is_new).collect();
        all.push(Played { load, seeds, differences });
    }
    Ok(Ok(all))
}

/// The seeds that are played unless others are asked for.
const SEEDS: u64 = 16;
/// A topology with more queues is not played unless that is asked for: it would take minutes.
const MOST_QUEUES: usize = 500;

/// Every seventh message fails so often: more often than a quorum queue of 4.0 delivers it again.
const FAILURES: u8 = 25;

/// What differs between releases shows where messages come back; and those that are rejected and those that are nacked are
/// not the same since 4.3.
fn made_up(scenario: &Scenario) -> Vec<(String, Scenario)> {
    let loads = [("rejected", OnFailure::Requeue), ("nacked", OnFailure::NackRequeue)];
    let load = |(word, on_failure): (&str, OnFailure)| {
        let mut scenario = scenario.clone();
        scenario.producers.iter_mut().for_each(|producer| producer.fails = vec![0, 0, 0, 0, 0, 0, FAILURES]);
        scenario.consumers.iter_mut().for_each(|consumer| consumer.on_failure = on_failure);
        let load =
            format!("a made-up load (every 7th message fails {FAILURES} times and is {word} with requeue)");
        (load, scenario)
    };
    loads.into_iter().map(load).collect()
}

impl Played {
    /// What differs, by the behaviours that it comes from: in each group the worst first.
    pub(super) fn groups(&self) -> Vec<Vec<&PlayedDifference>> {
        let mut groups: Vec<Vec<&PlayedDifference>> = Vec::new();
        for difference in &self.differences {
            match groups.iter_mut().find(|group| group.iter().any(|it| it.because == difference.because)) {
                Some(group) => group.push(difference),
                None => groups.push(vec![difference]),
            }
        }
        groups.iter_mut().for_each(|group| group.sort_by_key(|difference| difference.effect));
        groups.sort_by_key(|group| group.iter().map(|difference| difference.effect).min());
        groups
    }
}

impl PlayedDifference {
    /// `all` are all that were found: who was turned away before, too, is no worse off.
    fn of(scenario: &Scenario, difference: &Difference, all: &[Difference]) -> PlayedDifference {
        let Difference { measure, older, newer, can_be_chance, .. } = difference;
        let was_closed = |other: &Difference| {
            other.spot == difference.spot
                && matches!(other.measure, Measure::Closed(_))
                && other.older > other.newer
        };
        let is_closed = matches!(measure, Measure::Closed(_)) && !all.iter().any(was_closed);
        let hurts = (matches!(measure, Measure::Lost(_)) || is_closed) && newer > older && !can_be_chance;
        let because: Vec<Behaviour> = difference.because.iter().collect();
        PlayedDifference {
            effect: if hurts { Effect::Breaks } else { Effect::Changes },
            spot: difference.spot.to_string(),
            measure: measure.said(scenario).english(),
            counts: measure.is_count().then_some((*older, *newer)),
            seeds: difference.seeds,
            seed: difference.seed,
            because: because.iter().map(|behaviour| behaviour.name()).collect(),
            can_be_chance: *can_be_chance,
            proof: because
                .iter()
                .flat_map(|behaviour| conversations(*behaviour).into_iter().take(1))
                .collect(),
        }
    }

    /// Whether both say the same of the same thing.
    fn is_like(&self, other: &PlayedDifference) -> bool {
        (&self.spot, &self.measure, &self.because) == (&other.spot, &other.measure, &other.because)
    }
}
