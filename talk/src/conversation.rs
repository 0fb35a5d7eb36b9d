//! Conversation files: what is said, and what was answered when it was recorded.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use crate::Version;

/// What `# recorded:` begins with.
const RECORDED: &str = "RabbitMQ ";
const SILENCE: &str = "(silence)";

/// A conversation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversation {
    /// What it shows, in sentences; the comment lines that begin the file.
    pub about: Vec<String>,
    /// Why Warren answers otherwise than a version of RabbitMQ somewhere in here: `# differs: …` for 3.10,
    /// `# differs from 4.3: …` for the others.
    pub differs: BTreeMap<Version, String>,
    /// Why a version of RabbitMQ cannot play it (`# not on 3.10: …`).
    pub not_on: BTreeMap<Version, String>,
    /// Why no live RabbitMQ can play it (`# core only: …`).
    pub core_only: Option<String>,
    /// Settings of the core it is played against (`# config: memory_limit_bytes=1000`).
    pub config: Option<String>,
    /// The brokers that gave the answers (`# recorded: RabbitMQ 3.10, 4.3`).
    pub recorded: Option<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One thing that is said or done, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Step {
    /// Its line in the file, from 1.
    pub line: u32,
    /// Comments before it.
    pub comments: Vec<String>,
    /// `-> 1 basic.get queue=q`, `wait 5s` …
    pub said: String,
    /// Warren's answers: lines that begin with `<-`.
    pub answers: Vec<String>,
    /// The answers of the versions of RabbitMQ that give others: lines that begin with `3.10 <-`.
    pub on_rabbitmq: BTreeMap<Version, Vec<String>>,
}

/// A file that is no conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl std::error::Error for Mistake {}

impl Conversation {
    /// Reads a file's text.
    ///
    /// # Errors
    /// A line that is out of place. What is said is looked at when it is played.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistake> {
        let mut reader = Reader::default();
        for (number, line) in (1..).zip(text.lines()) {
            reader.line(number, line.trim()).map_err(|what| Mistake {
                file: file.into(),
                line: number,
                what,
            })?;
        }
        let conversation = reader.conversation;
        for step in &conversation.steps {
            let unsaid = step.on_rabbitmq.keys().find(|version| !conversation.differs.contains_key(version));
            if let Some(&version) = unsaid {
                let key = differs_key(version);
                let what =
                    format!("RabbitMQ {version} answers otherwise here: begin the file with `# {key}: why`");
                return Err(Mistake { file: file.into(), line: step.line, what });
            }
        }
        Ok(conversation)
    }

    /// Whether a live RabbitMQ of this version can play it.
    #[must_use]
    pub fn is_for(&self, version: Version) -> bool {
        self.core_only.is_none() && !self.not_on.contains_key(&version)
    }

    /// Notes that a version has given its answers.
    pub fn add_recorded(&mut self, version: Version) {
        let before =
            self.recorded.as_deref().and_then(|text| text.strip_prefix(RECORDED)).unwrap_or_default();
        let mut versions: Vec<Version> = before.split(", ").filter_map(|text| text.parse().ok()).collect();
        versions.push(version);
        versions.sort_unstable();
        versions.dedup();
        let names: Vec<&str> = versions.into_iter().map(Version::as_str).collect();
        self.recorded = Some(format!("{RECORDED}{}", names.join(", ")));
    }

    /// Whether an operator has a say in it.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        self.steps.iter().any(|step| step.said.starts_with("admin "))
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        for line in &self.about {
            let _ = writeln!(text, "# {line}");
        }
        for (&version, why) in &self.differs {
            let _ = writeln!(text, "# {}: {why}", differs_key(version));
        }
        for (version, why) in &self.not_on {
            let _ = writeln!(text, "# not on {version}: {why}");
        }
        for (key, value) in
            [("core only", &self.core_only), ("config", &self.config), ("recorded", &self.recorded)]
        {
            if let Some(value) = value {
                let _ = writeln!(text, "# {key}: {value}");
            }
        }
        text.push('\n');
        for step in &self.steps {
            step.render(&mut text);
        }
        text
    }
}

impl Step {
    /// The answers that a version of RabbitMQ has given.
    #[must_use]
    pub fn rabbitmq_answers(&self, version: Version) -> &[String] {
        self.on_rabbitmq.get(&version).unwrap_or(&self.answers)
    }

    fn render(&self, text: &mut String) {
        for comment in &self.comments {
            let _ = writeln!(text, "# {comment}");
        }
        let _ = writeln!(text, "{}", self.said);
        for answer in &self.answers {
            let _ = writeln!(text, "{answer}");
        }
        for (version, answers) in &self.on_rabbitmq {
            for answer in answers {
                let _ = writeln!(text, "{version} {answer}");
            }
            if answers.is_empty() {
                let _ = writeln!(text, "{version} {SILENCE}");
            }
        }
    }
}

/// What stands before the reason why Warren differs from a version. 3.10 was the first, and needs no name.
fn differs_key(version: Version) -> String {
    match version {
        Version::V3_10 => "differs".into(),
        _ => format!("differs from {version}"),
    }
}

/// `differs: why`, `differs from 4.3: why`
fn differs(comment: &str) -> Option<(Version, &str)> {
    match comment.strip_prefix("differs: ") {
        Some(why) => Some((Version::V3_10, why)),
        None => comment.strip_prefix("differs from ").and_then(before_colon),
    }
}

/// `4.3: why`
fn before_colon(text: &str) -> Option<(Version, &str)> {
    let (version, why) = text.split_once(": ")?;
    Some((version.parse().ok()?, why))
}

/// A line that begins with a version and a space, and what follows.
fn of_version(line: &str) -> Option<(Version, &str)> {
    let (word, rest) = line.split_once(' ')?;
    Some((word.parse().ok()?, rest))
}

#[derive(Default)]
struct Reader {
    conversation: Conversation,
    comments: Vec<String>,
}

impl Reader {
    fn line(&mut self, number: u32, line: &str) -> Result<(), String> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment.trim());
            return Ok(());
        }
        if let Some((version, answer)) = of_version(line) {
            let answers = self.latest()?.on_rabbitmq.entry(version).or_default();
            if answer != SILENCE {
                answers.push(answer.to_owned());
            }
            return Ok(());
        }
        if line.starts_with("<-") {
            self.latest()?.answers.push(line.to_owned());
            return Ok(());
        }
        let comments = std::mem::take(&mut self.comments);
        let said = line.to_owned();
        self.conversation.steps.push(Step { line: number, comments, said, ..Step::default() });
        Ok(())
    }

    /// The file's first comments say what it is about; later ones belong to the next step.
    fn comment(&mut self, comment: &str) {
        let head = &mut self.conversation;
        if !head.steps.is_empty() {
            self.comments.push(comment.into());
        } else if let Some((version, why)) = differs(comment) {
            head.differs.insert(version, why.into());
        } else if let Some((version, why)) = comment.strip_prefix("not on ").and_then(before_colon) {
            head.not_on.insert(version, why.into());
        } else if let Some(why) = comment.strip_prefix("core only: ") {
            head.core_only = Some(why.into());
        } else if let Some(settings) = comment.strip_prefix("config: ") {
            head.config = Some(settings.into());
        } else if let Some(who) = comment.strip_prefix("recorded: ") {
            head.recorded = Some(who.into());
        } else {
            head.about.push(comment.into());
        }
    }

    fn latest(&mut self) -> Result<&mut Step, String> {
        self.conversation.steps.last_mut().ok_or_else(|| "an answer before anything is said".into())
    }
}
