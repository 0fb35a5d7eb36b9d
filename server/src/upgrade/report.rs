//! Findings for programs, as JSON.

use serde_json::{Value, json};

use super::{Check, Finding, applications::Question, survey::Spot};

/// One object.
pub(super) fn json(check: &Check) -> Value {
    json!({
        "file": check.file,
        "made_by": check.made_by,
        "from": check.from.as_str(),
        "to": check.to.as_str(),
        "findings": check.findings.iter().map(finding).collect::<Vec<_>>(),
        "applications": check.questions.iter().map(question).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "rule": finding.name,
        "effect": finding.effect.word(),
        "since": finding.since.as_str(),
        "change": finding.change,
        "consequence": finding.consequence,
        "advice": finding.advice,
        "proof": finding.proof,
        "spots": finding.spots.iter().map(spot).collect::<Vec<_>>(),
    })
}

fn spot(spot: &Spot) -> Value {
    json!({ "line": spot.line, "kind": spot.kind, "name": spot.name, "vhost": spot.vhost })
}

fn question(question: &Question) -> Value {
    json!({
        "rule": question.name,
        "since": question.since.as_str(),
        "change": question.change,
        "look_for": question.look_for,
        "proof": question.proof(),
    })
}
