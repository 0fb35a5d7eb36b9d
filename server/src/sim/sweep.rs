//! Many seeds, on all cores.

use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use warren_sim::{
    LossReason, Outcome, Scenario, Trial,
    check::{Property, Violation},
    trial,
};

use super::{args::SimArgs, findings::Finding, print};
use crate::failure::Failure;

/// A sweep of fewer seeds need not have come by everything.
const ENOUGH_SEEDS: u64 = 1_000;

/// Plays every seed, and says what did not hold in any.
pub(super) fn run(args: &SimArgs, seeds: Range<u64>) -> Result<(), Failure> {
    if args.print_scenario {
        return Err(Failure::usage("--print-scenario prints one scenario: use --seed N --swarm"));
    }
    let base = args.read()?;
    let started = Instant::now();
    let sweep = Sweep::play(args, base.as_ref(), seeds, started);
    let findings: Vec<(Finding, String)> = sweep.findings(args, base.as_ref())?;
    if let Some(path) = &args.junit {
        fs::write(path, sweep.junit(&findings))
            .map_err(|error| Failure::system(format!("cannot write {}: {error}", path.display())))?;
    }
    let unexercised = sweep.unexercised(args);
    if args.json {
        print(&format!("{}\n", sweep.json(&findings)))?;
    } else {
        print(&sweep.text(args, &findings, started.elapsed()))?;
    }
    if !sweep.broken.is_empty() {
        let broken: Vec<&str> = sweep.broken.keys().map(|property| property.name()).collect();
        return Err(Failure::found(format!("not everything holds: {}", broken.join(", "))));
    }
    if let Some(seed) = sweep.differing {
        return Err(Failure::found(format!("seed {seed} is not the same twice; please report that")));
    }
    if !unexercised.is_empty() {
        let names: Vec<&str> = unexercised.iter().map(|property| property.name()).collect();
        return Err(Failure::found(format!("never looked at: {}", names.join(", "))));
    }
    Ok(())
}

/// The sums over all seeds.
#[derive(Default)]
struct Sweep {
    seeds: u64,
    events: u64,
    time: Duration,
    faults: BTreeMap<&'static str, u64>,
    exercised: BTreeMap<Property, u64>,
    /// The properties that did not hold.
    broken: BTreeMap<Property, Broken>,
    /// What is lost, in how many seeds, and the first of them.
    losses: BTreeMap<&'static str, (u64, u64, u64)>,
    redelivered: u64,
    differing: Option<u64>,
}

/// In how many seeds, and in which first.
struct Broken {
    seeds: u64,
    first: u64,
    violation: Violation,
}

/// What one seed came to.
struct Played {
    seed: u64,
    outcome: Outcome,
    is_same_twice: bool,
}

impl Sweep {
    fn play(args: &SimArgs, base: Option<&Scenario>, seeds: Range<u64>, started: Instant) -> Sweep {
        let jobs = args.jobs.or_else(|| thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let (part, of) = args.partition.unwrap_or((1, 1));
        let first = seeds.start.saturating_add(part - 1);
        let count = seeds.end.saturating_sub(first).div_ceil(of);
        let next = AtomicU64::new(0);
        let is_over = AtomicBool::new(false);
        let bar = bar(count, args.json);
        let (sender, receiver) = mpsc::channel();
        let mut sweep = Sweep::default();
        thread::scope(|scope| {
            for _ in 0..jobs {
                let (sender, next, is_over) = (sender.clone(), &next, &is_over);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        let turn = next.fetch_add(1, Ordering::Relaxed);
                        if turn >= count || sender.send(play(args, base, first + turn * of)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for played in receiver {
                sweep.add(&played);
                bar.inc(1);
                if sweep.seeds.is_multiple_of(64) {
                    bar.set_message(sweep.progress());
                }
                if args.time.is_some_and(|time| started.elapsed() >= time) {
                    is_over.store(true, Ordering::Relaxed);
                }
            }
        });
        bar.finish_and_clear();
        sweep
    }

    fn add(&mut self, played: &Played) {
        let Played { seed, outcome, is_same_twice } = played;
        self.seeds += 1;
        self.events += outcome.events;
        self.time += outcome.time;
        self.redelivered += outcome.ledger.redelivered;
        for (word, count) in &outcome.faults {
            *self.faults.entry(word).or_default() += count;
        }
        for (property, count) in &outcome.exercised {
            *self.exercised.entry(*property).or_default() += count;
        }
        for (reason, copies) in outcome.ledger.lost_by_reason() {
            let (seeds, all, first) = self.losses.entry(word(reason)).or_insert((0, 0, *seed));
            (*seeds, *all, *first) = (*seeds + 1, *all + copies, (*first).min(*seed));
        }
        if let Some(violation) = outcome.violation() {
            let new = || Broken { seeds: 0, first: *seed, violation: violation.clone() };
            let broken = self.broken.entry(violation.property).or_insert_with(new);
            broken.seeds += 1;
            if *seed < broken.first {
                (broken.first, broken.violation) = (*seed, violation.clone());
            }
        }
        if !is_same_twice {
            self.differing = Some(self.differing.map_or(*seed, |other| other.min(*seed)));
        }
    }

    fn progress(&self) -> String {
        let hours = self.time.as_secs() / 3600;
        let faults: u64 = self.faults.values().sum();
        let broken: u64 = self.broken.values().map(|broken| broken.seeds).sum();
        let properties = self.exercised.len();
        let broken = if broken > 0 { format!(", {broken} FAILED") } else { String::new() };
        format!("{hours} h simulated, {} faults, {properties} properties{broken}", print::grouped(faults))
    }

    /// Of each property the first seed that breaks it, made smaller.
    fn findings(&self, args: &SimArgs, base: Option<&Scenario>) -> Result<Vec<(Finding, String)>, Failure> {
        let find = |broken: &Broken| {
            let scenario = args.scenario(base, broken.first);
            let finding = Finding::of(args, &scenario, broken.first, &broken.violation);
            let file = finding.write(&args.replays)?;
            Ok((finding, file))
        };
        self.broken.values().map(find).collect()
    }

    /// The properties that a sweep of made-up topologies should have come by, and did not.
    fn unexercised(&self, args: &SimArgs) -> Vec<Property> {
        if !args.generate || !args.swarms() || self.seeds < ENOUGH_SEEDS {
            return Vec::new();
        }
        self.never().into_iter().filter(|property| !property.is_a_wish()).collect()
    }

    fn never(&self) -> Vec<Property> {
        Property::ALL.iter().copied().filter(|property| !self.exercised.contains_key(property)).collect()
    }

    fn text(&self, args: &SimArgs, findings: &[(Finding, String)], took: Duration) -> String {
        let faults: u64 = self.faults.values().sum();
        let took_s = took.as_secs_f64().max(0.001);
        let mut text = format!(
            "{} seeds in {took_s:.1} s: {} of virtual time, {} events, {} faults\n",
            print::grouped(self.seeds),
            hours(self.time),
            print::grouped(self.events),
            print::grouped(faults)
        );
        if faults > 0 {
            let kinds: Vec<String> =
                self.faults.iter().map(|(word, count)| format!("{word} {count}")).collect();
            text += &format!("  faults       {}\n", kinds.join(", "));
        }
        text += &format!("  redelivered  {} copies\n", print::grouped(self.redelivered));
        for (reason, (seeds, copies, first)) in &self.losses {
            text += &format!("  lost         {copies:>6} copies in {seeds} seeds: {reason} (seed {first})\n");
        }
        text += "\nProperties, and how often each was looked at\n";
        for property in Property::ALL {
            let count = self.exercised.get(property).copied().unwrap_or_default();
            let broken = self.broken.get(property);
            if count == 0 && broken.is_none() {
                continue;
            }
            let verdict = match broken {
                Some(Broken { seeds, first, .. }) => format!("BROKEN in {seeds} seeds, first {first}"),
                None => "holds".into(),
            };
            text += &format!("  {:<24}{:>12}  {verdict}\n", property.name(), print::grouped(count));
        }
        let never: Vec<&str> =
            self.never().into_iter().filter(|property| !property.is_a_wish()).map(Property::name).collect();
        if !never.is_empty() {
            text += &format!("  There was nothing to see of {}.\n", never.join(", "));
        }
        for (finding, file) in findings {
            text += &format!("\n{}", finding.text(&args.again(finding.seed), file));
        }
        text
    }

    fn json(&self, findings: &[(Finding, String)]) -> serde_json::Value {
        let broken: Vec<serde_json::Value> = findings
            .iter()
            .map(|(finding, file)| {
                let count = finding.violation.as_ref().and_then(|violation| self.broken.get(&violation.property));
                json!({ "seed": finding.seed, "seeds": count.map(|broken| broken.seeds), "replay": file, "violation": finding.violation })
            })
            .collect();
        let losses: BTreeMap<&str, serde_json::Value> = self
            .losses
            .iter()
            .map(|(reason, (seeds, copies, first))| {
                (*reason, json!({ "seeds": seeds, "copies": copies, "first": first }))
            })
            .collect();
        json!({
            "seeds": self.seeds,
            "events": self.events,
            "virtual_s": self.time.as_secs(),
            "faults": self.faults,
            "exercised": self.exercised,
            "broken": broken,
            "lost": losses,
        })
    }

    fn junit(&self, findings: &[(Finding, String)]) -> String {
        let mut suite = quick_junit::TestSuite::new("warren sim");
        for property in Property::ALL {
            let finding =
                findings.iter().find(|(finding, _)| finding.replay.header.property == Some(*property));
            let status = match finding {
                Some((finding, file)) => {
                    let mut status =
                        quick_junit::TestCaseStatus::non_success(quick_junit::NonSuccessKind::Failure);
                    let subject = finding.violation.as_ref().map(print::subject).unwrap_or_default();
                    status.set_message(format!("seed {}: {subject}; warren replay {file}", finding.seed));
                    status
                }
                None if self.exercised.contains_key(property) => quick_junit::TestCaseStatus::success(),
                None => quick_junit::TestCaseStatus::skipped(),
            };
            suite.add_test_case(quick_junit::TestCase::new(property.name(), status));
        }
        let mut report = quick_junit::Report::new("warren sim");
        report.add_test_suite(suite);
        report.to_string().unwrap_or_default()
    }
}

fn play(args: &SimArgs, base: Option<&Scenario>, seed: u64) -> Played {
    let scenario = args.scenario(base, seed);
    let ending = args.ending();
    if !args.check_determinism {
        let outcome = Trial::new(&scenario, seed).wishing(&args.demand).run(ending, |_| {});
        return Played { seed, outcome, is_same_twice: true };
    }
    let (outcome, first) = trial(&scenario, seed, ending, &args.demand);
    let (_, second) = trial(&scenario, seed, ending, &args.demand);
    Played { seed, outcome, is_same_twice: first == second }
}

fn bar(count: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let template = "{bar:30} {human_pos} of {human_len} seeds, {msg} ({eta} left)";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count).with_style(style)
}

fn hours(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// Why copies are lost, whoever did it.
const fn word(reason: LossReason) -> &'static str {
    match reason {
        LossReason::HeldByCrashed { .. } => "a consumer crashed or lost its connection, and needed not ack",
        LossReason::InSocket { .. } => "on the way when the connection broke, and no ack was needed",
        LossReason::WorkFailed { .. } => "work failed, and it was acked already or needed no ack",
        LossReason::Unroutable => "no binding matched",
        LossReason::Rejected => "rejected, and no dead-letter exchange",
        LossReason::Expired => "expired, and no dead-letter exchange",
        LossReason::MaxLength => "its queue was too long, and has no dead-letter exchange",
        LossReason::DeliveryLimit => "delivery failed too often, and no dead-letter exchange",
        LossReason::Refused => "its queue was full and refused it",
        LossReason::DeadLetterCycle => "as a dead letter it came round to the same queue",
        LossReason::InMemory => "the broker ended, and it was only in its memory",
        LossReason::NotSynced => "the broker crashed before the disk had it",
        LossReason::Purged => "its queue was purged",
        LossReason::QueueDeleted => "its queue was deleted",
    }
}
