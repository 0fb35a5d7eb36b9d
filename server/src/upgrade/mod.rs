//! `warren upgrade-check`: what of a topology behaves otherwise after an upgrade of RabbitMQ.
//!
//! Four ways lead to a finding: [rules] about what the file says, a [trial](declares) in which everything in it is declared
//! with the core of both releases, a [load](played) that is played in both, and [questions](applications) about what
//! applications may do, which the file cannot tell.

mod applications;
mod declares;
mod played;
mod report;
mod rule;
mod rules;
mod sarif;
mod survey;
mod text;

use std::{fs, path::PathBuf};

use clap::{Args, ValueEnum};
use warren_core::{Behaviour, Release};
use warren_definitions::Definitions;

use self::{
    applications::Question,
    played::Played,
    rule::{Effect, Proof, Rule},
    survey::{Spot, Survey},
};
use crate::{failure::Failure, sim::print::print};

// Which conversations show a behaviour.
include!(concat!(env!("OUT_DIR"), "/shown.rs"));

/// The options of `warren upgrade-check`.
#[derive(Args)]
pub(crate) struct UpgradeArgs {
    /// RabbitMQ's definitions.json, as its management plugin or rabbitmqctl exports it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The version that it runs on now, such as 3.10 or 3.13.7 [default: the one that has exported the file, or 3.10].
    #[arg(long, value_name = "VERSION")]
    from: Option<String>,
    /// The version that it is to run on [default: 4.3].
    #[arg(long, value_name = "VERSION", default_value = "4.3", hide_default_value = true)]
    to: String,
    /// Play this scenario in both, instead of the file's topology under a load that is made up.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// How many seeds to play in both [default: 16, and none if there are more than 500 queues]; with 0 nothing is played.
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// Have things go wrong in each seed, in its own way: crashes, cuts, full disks.
    #[arg(long)]
    swarm: bool,
    /// Of the file, for the made-up load: which virtual host [default: /, or the only one].
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    vhost: Option<String>,
    /// How to print what is found.
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json")]
    format: Format,
    /// Print one JSON object: the same as --format json.
    #[arg(long)]
    json: bool,
}

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// For code review tools: SARIF 2.1.0.
    Sarif,
}

/// All that is found in a file.
struct Check {
    file: String,
    made_by: Option<String>,
    from: Release,
    to: Release,
    findings: Vec<Finding>,
    /// What a load came to in both releases, or why none was played.
    played: Result<Vec<Played>, String>,
    questions: Vec<Question>,
    /// Parameters of plugins, which are not looked at: how many, by their component.
    parameters: Vec<String>,
    /// How many behaviours change that nobody notices who does not compare texts of refusals.
    unnoticed: usize,
}

/// A rule that something in the file falls under.
struct Finding {
    name: &'static str,
    effect: Effect,
    since: Release,
    change: String,
    consequence: String,
    advice: &'static str,
    /// What it is about, in the order of the file; not empty.
    spots: Vec<Spot>,
    /// Where it is shown: conversations, or release notes.
    proof: Vec<String>,
}

/// Prints what is found, the worst first.
pub(crate) fn run(args: &UpgradeArgs) -> Result<(), Failure> {
    let check = Check::of(args)?;
    let format = if args.json { Format::Json } else { args.format };
    print(&match format {
        Format::Text => text::told(&check),
        Format::Json => format!("{}\n", report::json(&check)),
        Format::Sarif => format!("{:#}\n", sarif::log(&check)),
    })?;
    match check.breaks() {
        0 => Ok(()),
        1 => Err(Failure::found(format!("{}: 1 finding breaks", check.file))),
        breaks => Err(Failure::found(format!("{}: {breaks} findings break", check.file))),
    }
}

impl Check {
    fn of(args: &UpgradeArgs) -> Result<Check, Failure> {
        let file = args.file.display().to_string();
        let text = fs::read_to_string(&args.file)
            .map_err(|error| Failure::usage(format!("cannot read {file}: {error}")))?;
        let definitions = Definitions::parse(&text)
            .map_err(|error| Failure::usage(format!("{file}:{}: {}", error.line, error.message)))?;
        let made_by = definitions.made_by.clone();
        let from = match (&args.from, &made_by) {
            (Some(from), _) => release("--from", from)?,
            (None, Some(made_by)) => release(&file, made_by)?,
            (None, None) => Release::V3_10,
        };
        let to = release("--to", &args.to)?;
        if from >= to {
            return Err(Failure::usage(format!(
                "from {from} to {to} is no upgrade that Warren can tell anything of: it knows 3.10, 4.0 and 4.3; say --from and --to"
            )));
        }
        let survey = Survey::of(definitions, from);
        Ok(Check {
            file,
            made_by,
            from,
            to,
            findings: findings(&survey, from, to),
            played: played::play(args, from, to)?,
            parameters: survey
                .definitions
                .parameters
                .iter()
                .map(|(name, count)| format!("{count} × {name}"))
                .collect(),
            questions: applications::questions(&survey, from, to),
            unnoticed: applications::unnoticed(from, to),
        })
    }
}

impl Check {
    /// How many findings, and behaviours that showed in what was played, break something.
    fn breaks(&self) -> usize {
        let found = self.findings.iter().map(|finding| finding.effect);
        let groups = self.played.iter().flatten().flat_map(Played::groups);
        let played = groups.filter_map(|group| group.iter().map(|difference| difference.effect).min());
        found.chain(played).filter(|effect| *effect == Effect::Breaks).count()
    }

    /// How many merely change something.
    fn changes(&self) -> usize {
        let played: usize = self.played.iter().flatten().map(|played| played.groups().len()).sum();
        self.findings.len() + played - self.breaks()
    }
}

/// The release of Warren's that behaves like a version: the newest that is not newer, so that nothing is left out that may
/// change; versions before 3.10 count as it.
fn release(what: &str, version: &str) -> Result<Release, Failure> {
    let mut numbers =
        version.trim_start_matches('v').split(['.', '-', '+']).map(|part| part.parse::<u32>().ok());
    let (Some(Some(major)), minor) = (numbers.next(), numbers.next().flatten().unwrap_or_default()) else {
        return Err(Failure::usage(format!(
            "{what}: {version:?} is no version of RabbitMQ; write one such as 3.13 or 4.3.6"
        )));
    };
    Ok(match (major, minor) {
        (0..=3, _) => Release::V3_10,
        (4, 0..=2) => Release::V4_0,
        _ => Release::V4_3,
    })
}

/// What rules and the trial find, the worst first.
fn findings(survey: &Survey, from: Release, to: Release) -> Vec<Finding> {
    let rules = rules::RULES.iter().filter(|rule| rule.is_between(from, to));
    let mut findings: Vec<Finding> =
        rules.map(|rule| Finding::of(rule, (rule.spots)(survey))).filter(|it| !it.spots.is_empty()).collect();
    for refusal in declares::refusals(survey, from, to) {
        let breaks = findings.iter().filter(|finding| finding.effect == Effect::Breaks);
        if !breaks.into_iter().any(|finding| finding.spots.contains(&refusal.spot)) {
            findings.push(Finding {
                name: "refused",
                effect: Effect::Breaks,
                since: to,
                change: format!("RabbitMQ {to} refuses this declaration, and RabbitMQ {from} takes it."),
                consequence: format!("An application that declares it so is told: {}.", refusal.answer),
                advice: "Change the declaration before the upgrade.",
                spots: vec![refusal.spot],
                proof: vec![format!("declared with Warren's core as {from} and as {to}")],
            });
        }
    }
    findings.sort_by_key(|finding| finding.effect);
    findings
}

impl Finding {
    fn of(rule: &Rule, spots: Vec<Spot>) -> Finding {
        Finding {
            name: rule.name,
            effect: rule.effect,
            since: rule.proof.since(),
            change: rule.change.into(),
            consequence: rule.consequence.into(),
            advice: rule.advice,
            spots,
            proof: match rule.proof {
                Proof::Shown(behaviour) => conversations(behaviour),
                Proof::Known(_, source) => vec![source.into()],
            },
        }
    }
}

/// The conversations that show a behaviour, by their files.
fn conversations(behaviour: Behaviour) -> Vec<String> {
    let shown = SHOWN.iter().find(|(name, _)| *name == behaviour.name());
    shown.into_iter().flat_map(|(_, files)| files.iter().map(|file| (*file).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use warren_core::Behaviour;

    use super::{applications, conversations, rule::Proof, rules::RULES};

    #[test]
    fn conversations_show_what_rules_and_questions_name() {
        let named = RULES.iter().filter_map(|rule| match rule.proof {
            Proof::Shown(behaviour) => Some(behaviour),
            Proof::Known(..) => None,
        });
        for behaviour in named.chain(Behaviour::ALL.iter().copied()) {
            assert!(!conversations(behaviour).is_empty(), "{}", behaviour.name());
        }
    }

    #[test]
    fn a_rule_is_about_every_behaviour_that_a_topology_shows() {
        let ruled: Vec<&str> = RULES
            .iter()
            .filter_map(|rule| match rule.proof {
                Proof::Shown(behaviour) => Some(behaviour.name()),
                Proof::Known(..) => None,
            })
            .collect();
        let of_topology = Behaviour::ALL.iter().filter(|it| applications::shows_in_a_topology(**it));
        let missing: Vec<&str> =
            of_topology.map(|behaviour| behaviour.name()).filter(|name| !ruled.contains(name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
