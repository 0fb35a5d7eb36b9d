//! `warren lint`: what can be said of a topology before anything is played.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use serde_json::json;
use warren_sim::{Finding, Severity, lint};
use warren_texts::{Catalogue, Plurals};

use super::{
    print::{counted, print},
    read,
};
use crate::failure::Failure;

// The languages of the page besides English, in which findings are written as JSON.
include!(concat!(env!("OUT_DIR"), "/translations.rs"));

/// The options of `warren lint`.
#[derive(Args)]
pub(crate) struct LintArgs {
    /// A scenario file, RabbitMQ's definitions.json, or the name of a lesson or an example.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Of definitions.json: which virtual host [default: /, or the only one].
    #[arg(long, value_name = "NAME")]
    vhost: Option<String>,
    /// Print one JSON object instead.
    #[arg(long)]
    json: bool,
}

/// Prints what is found, the worst first.
pub(crate) fn run(args: &LintArgs) -> Result<(), Failure> {
    let scenario = read::playable(&args.file, args.vhost.as_deref())?;
    let found = lint(&scenario);
    let problems = found.iter().filter(|finding| finding.severity == Severity::Problem).count();
    let sum = format!("{}, {}", counted(problems, "problem"), counted(found.len() - problems, "hint"));
    if args.json {
        let catalogues: Vec<&Catalogue> =
            PACKED.iter().map(|(code, plurals, texts)| Catalogue::unpacked(code, *plurals, texts)).collect();
        let findings: Vec<_> = found.iter().map(|finding| as_json(finding, &catalogues)).collect();
        print(&format!("{}\n", json!({ "problems": problems, "findings": findings })))?;
    } else {
        print(&format!("{}{sum}\n", found.iter().map(line).collect::<String>()))?;
    }
    if problems == 0 { Ok(()) } else { Err(Failure::found(format!("{}: {sum}", args.file.display()))) }
}

fn line(finding: &Finding) -> String {
    let (severity, rule, spot) = (word(finding.severity), finding.rule.name(), &finding.spot);
    format!("{severity} {rule}: {spot}\n  {}\n", finding.text.english())
}

fn as_json(finding: &Finding, catalogues: &[&Catalogue]) -> serde_json::Value {
    let others = catalogues.iter().map(|catalogue| (catalogue.code, finding.text.told(catalogue)));
    let text: BTreeMap<_, _> = [("en", finding.text.english())].into_iter().chain(others).collect();
    json!({
        "severity": word(finding.severity),
        "rule": finding.rule.name(),
        "spot": finding.spot.to_string(),
        "text": text,
    })
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Problem => "problem",
        Severity::Hint => "hint",
    }
}
