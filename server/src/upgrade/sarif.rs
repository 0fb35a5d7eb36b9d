//! Findings as SARIF 2.1.0, which code review tools show beside the lines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Check, Effect, Finding, text::named};

/// A log of one run. What is asked of applications has no line, and is not in it.
pub(super) fn log(check: &Check) -> Value {
    let rules: BTreeMap<&str, &Finding> =
        check.findings.iter().map(|finding| (finding.name, finding)).collect();
    let results = check.findings.iter().flat_map(|finding| results(check, finding));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "warren upgrade-check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|finding| rule(finding)).collect::<Vec<_>>(),
            }},
            "results": results.collect::<Vec<_>>(),
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
    finding.spots.iter().map(move |spot| {
        let text = format!("{}: {} {} {}", named(spot), finding.change, finding.consequence, finding.advice);
        json!({
            "ruleId": finding.name,
            "level": level(finding),
            "message": { "text": text },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": check.file },
                "region": { "startLine": spot.line },
            }}],
        })
    })
}

const fn level(finding: &Finding) -> &'static str {
    match finding.effect {
        Effect::Breaks => "error",
        Effect::Changes => "warning",
    }
}
