//! Findings for programs, as JSON.

use serde_json::{Value, json};

use super::{Check, Finding, applications::Question, played::Played, survey::Spot};

/// One object.
pub(super) fn json(check: &Check) -> Value {
    json!({
        "file": check.file,
        "made_by": check.made_by,
        "from": check.from.as_str(),
        "to": check.to.as_str(),
        "findings": check.findings.iter().map(finding).collect::<Vec<_>>(),
        "played": check.played.iter().flatten().map(played).collect::<Vec<_>>(),
        "not_played": check.played.as_ref().err(),
        "not_looked_at": check.parameters,
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

fn played(played: &Played) -> Value {
    let differences = played.differences.iter().map(|difference| {
        json!({
            "effect": difference.effect.word(),
            "spot": difference.spot,
            "measure": difference.measure,
            "counts": difference.counts.map(|(older, newer)| [older, newer]),
            "seed": difference.seed,
            "seeds": difference.seeds,
            "because": difference.because,
            "can_be_chance": difference.can_be_chance,
            "proof": difference.proof,
        })
    });
    json!({ "load": played.load, "seeds": played.seeds, "differences": differences.collect::<Vec<_>>() })
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
