//! Conversation files: what is said, and what was answered when it was recorded.

use std::fmt::{self, Write};

/// What stands before the answers of the recorded RabbitMQ where they are not Warren's.
const RABBITMQ: &str = "3.10 ";
const SILENCE: &str = "(silence)";

/// A conversation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversation {
    /// What it shows, in sentences; the comment lines that begin the file.
    pub about: Vec<String>,
    /// Why Warren answers otherwise than RabbitMQ 3.10 somewhere in here (`# differs: …`).
    pub differs: Option<String>,
    /// Why it cannot be played against a live RabbitMQ 3.10 (`# core only: …`).
    pub core_only: Option<String>,
    /// Settings of the core it is played against (`# config: memory_limit_bytes=1000`).
    pub config: Option<String>,
    /// The broker that gave the answers (`# recorded: RabbitMQ 3.10.8`).
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
    /// The recorded RabbitMQ's answers, if they are others.
    pub on_rabbitmq: Option<Vec<String>>,
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
        let differs = conversation.steps.iter().find(|step| step.on_rabbitmq.is_some());
        if let (Some(step), None) = (differs, &conversation.differs) {
            let what = "RabbitMQ 3.10 answers otherwise here: begin the file with `# differs: why`".into();
            return Err(Mistake { file: file.into(), line: step.line, what });
        }
        Ok(conversation)
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
        for (key, value) in [
            ("differs", &self.differs),
            ("core only", &self.core_only),
            ("config", &self.config),
            ("recorded", &self.recorded),
        ] {
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
    /// The answers of the recorded RabbitMQ.
    #[must_use]
    pub fn rabbitmq_answers(&self) -> &[String] {
        self.on_rabbitmq.as_ref().unwrap_or(&self.answers)
    }

    fn render(&self, text: &mut String) {
        for comment in &self.comments {
            let _ = writeln!(text, "# {comment}");
        }
        let _ = writeln!(text, "{}", self.said);
        for answer in &self.answers {
            let _ = writeln!(text, "{answer}");
        }
        match self.on_rabbitmq.as_deref() {
            None => {}
            Some([]) => {
                let _ = writeln!(text, "{RABBITMQ}{SILENCE}");
            }
            Some(answers) => {
                for answer in answers {
                    let _ = writeln!(text, "{RABBITMQ}{answer}");
                }
            }
        }
    }
}

struct Reader {
    conversation: Conversation,
    comments: Vec<String>,
}

impl Default for Reader {
    fn default() -> Self {
        let conversation = Conversation {
            about: Vec::new(),
            differs: None,
            core_only: None,
            config: None,
            recorded: None,
            steps: Vec::new(),
        };
        Reader { conversation, comments: Vec::new() }
    }
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
        if let Some(answer) = line.strip_prefix(RABBITMQ) {
            let answers = self.latest()?.on_rabbitmq.get_or_insert_default();
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
        } else if let Some(why) = comment.strip_prefix("differs: ") {
            head.differs = Some(why.into());
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
