//! Findings as SARIF 2.1.0, which code review tools show beside the lines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Check, Effect, Finding, text::named};

/// A finding about more things than this has one result, at the first of them.
const MOST_RESULTS: usize = 100;

/// A log of one run. What is asked of applications has no line, and is not in it.
pub(super) fn log(check: &Check) -> Value {
    let rules: BTreeMap<&str, &Finding> =
        check.findings.iter().map(|finding| (finding.name, finding)).collect();
    let found = check.findings.iter().flat_map(|finding| results(check, finding));
    let results: Vec<Value> = found.chain(played(check)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "warren upgrade-check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|finding| rule(finding)).chain([rule_of_played()]).collect::<Vec<_>>(),
            }},
            "results": results,
        }],
    })
}

fn rule(finding: &Finding) -> Value {
    json!({
        "id": finding.name,
        "shortDescription": { "text": finding.change },
        "fullDescription": { "text": format!("{} {}", finding.change, finding.consequence) },
        "help": { "text": format!("{}\nShown by: {}", finding.advice, finding.proof.join(", ")) },
        "defaultConfiguration": { "level": level(finding) },
    })
}

fn results<'a>(check: &'a Check, finding: &'a Finding) -> impl Iterator<Item = Value> + 'a {
    // A reviewer does not read the same sentence at a thousand lines.
    let shown = if finding.spots.len() > MOST_RESULTS { 1 } else { finding.spots.len() };
    let more = match finding.spots.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    finding.spots.iter().take(shown).map(move |spot| {
        let text =
            format!("{}{more}: {} {} {}", named(spot), finding.change, finding.consequence, finding.advice);
        json!({
            "ruleId": finding.name,
            "level": level(finding),
            "message": { "text": text },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": uri(&check.file) },
                "region": { "startLine": spot.line },
            }}],
        })
    })
}

/// What broke when it was played has no line of its own.
fn played(check: &Check) -> impl Iterator<Item = Value> + '_ {
    let differences = check.played.iter().flatten().flat_map(|played| &played.differences);
    let breaking = differences.filter(|difference| difference.effect == Effect::Breaks);
    breaking.map(|difference| {
        let counts =
            difference.counts.map_or_else(String::new, |(older, newer)| format!(" {older} → {newer}"));
        let because = difference.because.join(", ");
        let text = format!("{}: {}{counts}, from {because}", difference.spot, difference.measure);
        json!({
            "ruleId": "played",
            "level": level_of(difference.effect),
            "message": { "text": text },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&check.file) } } }],
        })
    })
}

fn rule_of_played() -> Value {
    json!({
        "id": "played",
        "shortDescription": { "text": "Messages that are lost, or clients that are closed, under a load." },
    })
}

/// A path as a URI (RFC 3986); relative ones stay relative.
fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let encoded = path.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    scheme.to_owned() + &encoded.collect::<String>()
}

const fn level(finding: &Finding) -> &'static str {
    level_of(finding.effect)
}

const fn level_of(effect: Effect) -> &'static str {
    match effect {
        Effect::Breaks => "error",
        Effect::Changes => "warning",
    }
}
