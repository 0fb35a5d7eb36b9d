//! Findings for people.

use std::fmt::Write;

use warren_core::{Behaviour, Release};

use super::{
    Check, Finding,
    applications::Question,
    conversations,
    played::{Played, PlayedDifference},
    survey::Spot,
};

/// So many things a finding names; of the others it says how many there are.
const NAMED: usize = 5;
/// How wide a line may be, in characters.
const WIDTH: usize = 100;

/// All of it.
pub(super) fn told(check: &Check) -> String {
    let Check { from, to, .. } = check;
    let made_by = check.made_by.as_ref().map(|version| format!(", exported by RabbitMQ {version}"));
    let mut out = format!("{}{}: from {from} to {to}\n", check.file, made_by.unwrap_or_default());
    out.push_str("\"Since\" tells the first of 3.10, 4.0 and 4.3 that does so; it may be an earlier release after the one before.\n");
    for finding in &check.findings {
        out.push_str(&told_of(finding));
    }
    if check.findings.is_empty() {
        out.push_str("\nNothing in this file behaves otherwise.\n");
    }
    out.push_str(&played(check));
    if !check.questions.is_empty() {
        out.push_str("\nThe file cannot tell whether applications do this; look for:\n");
        check.questions.iter().for_each(|question| out.push_str(&asked(question)));
    }
    let (breaks, changes) = (check.breaks(), check.changes());
    let _ = writeln!(
        out,
        "\nBreaks: {breaks}. Changes: {changes}. To look for in applications: {}.",
        check.questions.len()
    );
    let way = wrapped(&in_place(*from, *to), "");
    let more = format!(
        "{} more behaviours differ that show only in the words of a refusal, or take what was refused; docs/RABBITMQ.md has \
         all of them.",
        check.unnoticed
    );
    if !check.parameters.is_empty() {
        let named = check.parameters.join(", ");
        let text = format!("Not looked at: {named}. An import needs their plugins to be enabled.");
        out.push_str(&wrapped(&text, ""));
    }
    out.push_str(&way);
    out.push_str(&wrapped(&more, ""));
    out
}

fn told_of(finding: &Finding) -> String {
    let word = finding.effect.word().to_uppercase();
    let mut out = format!("\n{word} {} (since {})\n", finding.name, finding.since);
    for spot in finding.spots.iter().take(NAMED) {
        let _ = writeln!(out, "  line {}: {}", spot.line, named(spot));
    }
    if finding.spots.len() > NAMED {
        let _ = writeln!(out, "  and {} more", finding.spots.len() - NAMED);
    }
    out.push_str(&wrapped(&finding.change, "  "));
    out.push_str(&wrapped(&finding.consequence, "  "));
    out.push_str(&wrapped(&format!("To do: {}", finding.advice), "  "));
    out.push_str(&wrapped(&shown(&finding.proof), "  "));
    out
}

/// What a load came to, in both releases.
fn played(check: &Check) -> String {
    let played = match &check.played {
        Ok(played) => played,
        Err(why) => return format!("\n{}", wrapped(&format!("Nothing was played: {why}."), "")),
    };
    played.iter().map(|played| told_of_load(check, played)).collect()
}

fn told_of_load(check: &Check, played: &Played) -> String {
    let Check { from, to, .. } = check;
    let differs = if played.differences.is_empty() { "nothing differs." } else { "this differs." };
    let head = format!("Played as {from} and as {to}, {} seeds of {}: {differs}", played.seeds, played.load);
    let mut out = format!("\n{}", wrapped(&head, ""));
    for group in played.groups() {
        out.push_str(&told_of_group(played, &group));
    }
    out
}

/// What comes from the same behaviours: `BREAKS queue orders: lost messages: … 0 → 12`.
fn told_of_group(played: &Played, group: &[&PlayedDifference]) -> String {
    let Some(PlayedDifference { because, proof, can_be_chance, .. }) = group.first() else {
        return String::new();
    };
    let because = if because.is_empty() { "the size of messages".to_owned() } else { because.join(", ") };
    let chance = if *can_be_chance { ", or chance" } else { "" };
    let shown = if proof.is_empty() { String::new() } else { format!(" ({})", proof.join(", ")) };
    let mut out = format!("\n{}", wrapped(&format!("from {because}{chance}{shown}"), "  "));
    for difference in group.iter().take(NAMED) {
        let PlayedDifference { effect, spot, measure, counts, seed, seeds, .. } = difference;
        let counts = counts.map_or_else(String::new, |(older, newer)| format!(" {older} → {newer}"));
        let word = effect.word().to_uppercase();
        let what =
            format!("{word} {spot}: {measure}{counts} (seed {seed}; {seeds} of {} differ)", played.seeds);
        out.push_str(&wrapped(&what, "    "));
    }
    if group.len() > NAMED {
        let _ = writeln!(out, "    and {} more", group.len() - NAMED);
    }
    out
}

fn asked(question: &Question) -> String {
    let mut out = format!("\n  {} (since {})\n", question.name, question.since);
    out.push_str(&wrapped(&format!("{}.", question.change), "    "));
    out.push_str(&wrapped(&format!("Look for {}.", question.look_for), "    "));
    if let Some(behaviour) = question.behaviour {
        out.push_str(&wrapped(&shown(&conversations(behaviour)), "    "));
    }
    out
}

/// Three at most: a behaviour may be shown by dozens.
fn shown(proof: &[String]) -> String {
    let more = if proof.len() > 3 { format!(", and {} more", proof.len() - 3) } else { String::new() };
    let first: Vec<&str> = proof.iter().take(3).map(String::as_str).collect();
    format!("Shown by: {}{more}", first.join(", "))
}

/// `queue "orders" of "/"`
pub(super) fn named(spot: &Spot) -> String {
    let vhost = if spot.vhost.is_empty() || spot.vhost == "/" {
        String::new()
    } else {
        format!(" of virtual host {:?}", spot.vhost)
    };
    format!("{} {}{vhost}", spot.kind, shown_name(&spot.name))
}

/// A name that could speak to the terminal, or turn the line round, is shown as it would be written in a program.
fn shown_name(name: &str) -> String {
    let turns = ['\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}'];
    let isolates = ['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];
    let is_plain = |it: char| !it.is_control() && !turns.contains(&it) && !isolates.contains(&it);
    if !name.is_empty() && name.chars().all(is_plain) { name.to_owned() } else { format!("{name:?}") }
}

/// Which versions an upgrade in place goes through (release notes of 3.11.0 to 4.3.0).
fn in_place(from: Release, to: Release) -> String {
    let older =
        if from < Release::V4_0 { "from 3.x to 3.13, one minor version after the other, then " } else { "" };
    let newer = match to {
        Release::V4_3 => "to 4.2 and from there to 4.3",
        Release::V3_10 | Release::V4_0 => "to 4.0",
    };
    format!("In place an upgrade goes {older}{newer}, with all feature flags enabled before each step.")
}

/// Breaks a text into lines that begin with `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = vec![indent.to_owned()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        let is_new = line.trim().is_empty();
        if is_new || line.chars().count() + 1 + word.chars().count() <= WIDTH {
            line.push_str(if is_new { "" } else { " " });
            line.push_str(word);
        } else {
            lines.push(format!("{indent}{word}"));
        }
    }
    lines.join("\n") + "\n"
}

impl Question {
    /// The conversations that show it.
    pub(super) fn proof(&self) -> Vec<String> {
        self.behaviour.map(|behaviour: Behaviour| conversations(behaviour)).unwrap_or_default()
    }
}
