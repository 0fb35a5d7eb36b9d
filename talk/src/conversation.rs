//! Conversation files: what is said, and what was answered when it was recorded.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use crate::{Behaviour, Release};

/// What `# recorded:` begins with.
const RECORDED: &str = "RabbitMQ ";
const SILENCE: &str = "(silence)";
/// What a line begins with that says what Warren answers where it does not follow an older release.
const WARREN: &str = "warren ";

/// A conversation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversation {
    /// What it shows, in sentences; the comment lines that begin the file.
    pub about: Vec<String>,
    /// The behaviours for which RabbitMQ's releases answer differently in here (`# shows: permission-named`).
    pub shows: Vec<Behaviour>,
    /// Why Warren answers otherwise than a release of RabbitMQ somewhere in here, even if it is to answer like that one
    /// (`# differs from 4.3: …`).
    pub differs: BTreeMap<Release, String>,
    /// Why a release of RabbitMQ cannot play it (`# not on 3.10: …`).
    pub not_on: BTreeMap<Release, String>,
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
    /// Warren's answers as the newest release: lines that begin with `<-`.
    pub answers: Vec<String>,
    /// The answers of the releases of RabbitMQ that give others: lines that begin with `3.10 <-`.
    pub on_rabbitmq: BTreeMap<Release, Vec<String>>,
    /// Warren's answers as an older release where it does not follow that: lines that begin with `warren 3.10 <-`.
    pub on_warren: BTreeMap<Release, Vec<String>>,
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
            if let Some(what) = conversation.unexplained(step) {
                return Err(Mistake { file: file.into(), line: step.line, what });
            }
        }
        Ok(conversation)
    }

    /// What the file has to say at its beginning, and does not.
    fn unexplained(&self, step: &Step) -> Option<String> {
        let shown = |release: Release| self.shows.iter().any(|behaviour| !release.has(*behaviour));
        let explained = |release: Release| self.differs.contains_key(&release);
        let answers = step.on_rabbitmq.keys().copied();
        if let Some(release) = answers.into_iter().find(|release| !explained(*release) && !shown(*release)) {
            return Some(format!(
                "RabbitMQ {release} answers otherwise here: begin the file with `# shows: behaviour` or \
                 `# differs from {release}: why`"
            ));
        }
        let release = step.on_warren.keys().find(|release| !explained(**release))?;
        Some(format!(
            "Warren does not follow RabbitMQ {release} here: begin the file with `# differs from {release}: why`"
        ))
    }

    /// Whether a live RabbitMQ of this release can play it.
    #[must_use]
    pub fn is_for(&self, release: Release) -> bool {
        self.core_only.is_none() && !self.not_on.contains_key(&release)
    }

    /// The releases of RabbitMQ that gave the answers, oldest first.
    #[must_use]
    pub fn recorded_releases(&self) -> Vec<Release> {
        let names = self.recorded.as_deref().and_then(|text| text.strip_prefix(RECORDED));
        names.unwrap_or_default().split(", ").filter_map(|text| text.parse().ok()).collect()
    }

    /// Notes that a release has given its answers.
    pub fn add_recorded(&mut self, release: Release) {
        let mut releases = self.recorded_releases();
        releases.push(release);
        releases.sort_unstable();
        releases.dedup();
        let names: Vec<&str> = releases.into_iter().map(Release::as_str).collect();
        self.recorded = Some(format!("{RECORDED}{}", names.join(", ")));
    }

    /// Whether a release of RabbitMQ answers something otherwise than the newest one.
    #[must_use]
    pub fn differs_between_releases(&self, release: Release) -> bool {
        let newest = Release::default();
        self.steps.iter().any(|step| step.rabbitmq_answers(release) != step.rabbitmq_answers(newest))
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
        if !self.shows.is_empty() {
            let names: Vec<&str> = self.shows.iter().map(|behaviour| behaviour.name()).collect();
            let _ = writeln!(text, "# shows: {}", names.join(", "));
        }
        for (release, why) in &self.differs {
            let _ = writeln!(text, "# differs from {release}: {why}");
        }
        for (release, why) in &self.not_on {
            let _ = writeln!(text, "# not on {release}: {why}");
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
    /// The answers that a release of RabbitMQ has given.
    #[must_use]
    pub fn rabbitmq_answers(&self, release: Release) -> &[String] {
        self.on_rabbitmq.get(&release).unwrap_or(&self.answers)
    }

    /// The answers that Warren gives as this release.
    #[must_use]
    pub fn warren_answers(&self, release: Release) -> &[String] {
        if release == Release::default() {
            return &self.answers;
        }
        self.on_warren.get(&release).map_or_else(|| self.rabbitmq_answers(release), Vec::as_slice)
    }

    /// Writes down what Warren answers as this release.
    pub fn set_warren_answers(&mut self, release: Release, answers: Vec<String>) {
        self.on_warren.remove(&release);
        if release == Release::default() {
            self.answers = answers;
        } else if answers != self.rabbitmq_answers(release) {
            self.on_warren.insert(release, answers);
        }
    }

    /// Writes down what a release of RabbitMQ answers.
    pub fn set_rabbitmq_answers(&mut self, release: Release, answers: Vec<String>) {
        self.on_rabbitmq.remove(&release);
        if answers != self.answers {
            self.on_rabbitmq.insert(release, answers);
        }
    }

    fn render(&self, text: &mut String) {
        for comment in &self.comments {
            let _ = writeln!(text, "# {comment}");
        }
        let _ = writeln!(text, "{}", self.said);
        for answer in &self.answers {
            let _ = writeln!(text, "{answer}");
        }
        for (who, all) in [("", &self.on_rabbitmq), (WARREN, &self.on_warren)] {
            for (release, answers) in all {
                for answer in answers {
                    let _ = writeln!(text, "{who}{release} {answer}");
                }
                if answers.is_empty() {
                    let _ = writeln!(text, "{who}{release} {SILENCE}");
                }
            }
        }
    }
}

/// `4.3: why`
fn before_colon(text: &str) -> Option<(Release, &str)> {
    let (release, why) = text.split_once(": ")?;
    Some((release.parse().ok()?, why))
}

/// A line that begins with a release and a space, and what follows.
fn of_release(line: &str) -> Option<(Release, &str)> {
    let (word, rest) = line.split_once(' ')?;
    Some((word.parse().ok()?, rest))
}

/// `permission-named, limit-bare`
fn behaviours(text: &str) -> Result<Vec<Behaviour>, String> {
    let named = |name| Behaviour::named(name).ok_or_else(|| format!("there is no behaviour {name:?}"));
    text.split(", ").map(named).collect()
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
            return self.comment(comment.trim());
        }
        let of_warren = line.strip_prefix(WARREN);
        if let Some((release, answer)) = of_release(of_warren.unwrap_or(line)) {
            let step = self.latest()?;
            let all = if of_warren.is_some() { &mut step.on_warren } else { &mut step.on_rabbitmq };
            let answers = all.entry(release).or_default();
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
    fn comment(&mut self, comment: &str) -> Result<(), String> {
        let head = &mut self.conversation;
        if !head.steps.is_empty() {
            self.comments.push(comment.into());
        } else if let Some(names) = comment.strip_prefix("shows: ") {
            head.shows = behaviours(names)?;
        } else if let Some((release, why)) = comment.strip_prefix("differs from ").and_then(before_colon) {
            head.differs.insert(release, why.into());
        } else if let Some((release, why)) = comment.strip_prefix("not on ").and_then(before_colon) {
            head.not_on.insert(release, why.into());
        } else if let Some(why) = comment.strip_prefix("core only: ") {
            head.core_only = Some(why.into());
        } else if let Some(settings) = comment.strip_prefix("config: ") {
            head.config = Some(settings.into());
        } else if let Some(who) = comment.strip_prefix("recorded: ") {
            head.recorded = Some(who.into());
        } else {
            head.about.push(comment.into());
        }
        Ok(())
    }

    fn latest(&mut self) -> Result<&mut Step, String> {
        self.conversation.steps.last_mut().ok_or_else(|| "an answer before anything is said".into())
    }
}
