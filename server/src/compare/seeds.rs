//! `warren compare --seeds`: conversations made up from seeds, played with two brokers; what differs is made small.

use std::{
    fmt,
    ops::Range,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use warren_talk::{
    Address, Conversation, Difference, Kind, Mistake, Played, Release, first_difference, play,
};

use super::{QUIET, VERY_QUIET};

/// How long a live broker may be quiet while a conversation is made smaller.
const RATHER_QUIET: Duration = Duration::from_millis(50);
/// Conversations at a time: a live broker spends most of a conversation being waited for.
const AT_A_TIME: u64 = 64;
/// How often to say how far it has come, in seeds.
const REPORT_EVERY: u64 = 1000;

/// The brokers to play with.
#[derive(Clone, Copy)]
pub(super) struct Brokers<'a> {
    pub(super) one: &'a Address,
    pub(super) other: &'a Address,
    /// The release of RabbitMQ that one of them is, and that the core answers like.
    pub(super) release: Release,
}

/// How many conversations of a kind were played.
pub(super) struct Count {
    kind: Kind,
    played: u64,
    pub(super) different: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<12} {:>6} played, {} differ", self.kind, self.played, self.different)
    }
}

/// Plays those of a range of seeds that are of these kinds.
pub(super) fn run(brokers: Brokers<'_>, seeds: Range<u64>, kinds: &[Kind]) -> Result<Vec<Count>, Mistake> {
    let start = Instant::now();
    let (next, different) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let failure = Mutex::new(None);
    let work = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < seeds.end) {
            let outcome = if kinds.contains(&Kind::of(seed)) { play_seed(brokers, seed) } else { Ok(None) };
            match outcome {
                Ok(None) => {}
                Ok(Some(text)) => {
                    lock(&different).push(Kind::of(seed));
                    println!("{text}");
                }
                Err(mistake) => {
                    next.store(seeds.end, Ordering::Relaxed);
                    *lock(&failure) = Some(mistake);
                }
            }
            let played = seed + 1 - seeds.start;
            if played.is_multiple_of(REPORT_EVERY) {
                let (seconds, different) = (start.elapsed().as_secs(), lock(&different).len());
                eprintln!("{played} conversations in {seconds} s, {different} differ");
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    if let Some(mistake) = lock(&failure).take() {
        return Err(mistake);
    }
    let different = lock(&different);
    let count = |&kind: &Kind| Count {
        kind,
        played: seeds.clone().filter(|&seed| Kind::of(seed) == kind).count() as u64,
        different: different.iter().filter(|&&of| of == kind).count() as u64,
    };
    Ok(kinds.iter().map(count).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The smallest conversation that shows a difference, if this seed's does.
fn play_seed(brokers: Brokers<'_>, seed: u64) -> Result<Option<String>, Mistake> {
    let conversation = Conversation::generated(seed);
    let mut kind = None;
    for patience in [QUIET, RATHER_QUIET, VERY_QUIET] {
        let Some(difference) = compare(brokers, &conversation, patience)?.0 else { return Ok(None) };
        kind = Some(kind_of(&difference, &conversation));
    }
    let differs = |smaller: &Conversation| {
        let difference = compare(brokers, smaller, RATHER_QUIET).ok().and_then(|(difference, _)| difference);
        difference.map(|difference| kind_of(&difference, smaller)) == kind
    };
    let small = conversation.shrunk(differs);
    let (difference, one) = compare(brokers, &small, VERY_QUIET)?;
    let names = (brokers.one.to_string(), brokers.other.to_string());
    Ok(Some(match difference {
        Some(difference) => format!("seed {seed}\n{}", difference.shown(&small, &one, (&names.0, &names.1))),
        None => format!("seed {seed} differs, but not every time:\n{}", conversation.render()),
    }))
}

fn compare(
    Brokers { one, other, release }: Brokers<'_>,
    conversation: &Conversation,
    quiet: Duration,
) -> Result<(Option<Difference>, Played), Mistake> {
    let file = conversation.about.first().map_or("", String::as_str);
    let one = play(file, conversation, (one, release), quiet)?.without_chance(conversation);
    let other = play(file, conversation, (other, release), quiet)?.without_chance(conversation);
    Ok((first_difference(&one, &other), one))
}

/// What was said and answered, without names and numbers: what stays the same while a conversation is made smaller.
fn kind_of(difference: &Difference, conversation: &Conversation) -> Vec<String> {
    let said = conversation.steps.get(difference.step).map_or("", |step| &step.said);
    let lines =
        std::iter::once(said).chain(difference.one.iter().chain(&difference.other).map(String::as_str));
    lines.map(method_and_code).collect()
}

/// `basic.get-ok`, `channel.close 404`.
fn method_and_code(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').skip(2).collect();
    let wanted = if words.first().is_some_and(|method| method.ends_with(".close")) { 2 } else { 1 };
    words.into_iter().take(wanted).collect::<Vec<_>>().join(" ")
}
