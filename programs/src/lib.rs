//! The client code that does what a scenario's actors do: one program for each actor, as people write them, against
//! `warren serve` or RabbitMQ.
//!
//! ```
//! use warren_programs::{Language, program};
//! use warren_sim::{Scenario, lessons};
//! use warren_texts::Catalogue;
//!
//! let lesson = lessons::find("hello").expect("a lesson");
//! let hello = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
//! let python = program(&hello, "producer", Language::Python, Catalogue::ENGLISH).expect("an actor of it");
//! assert!(python.contains("channel.queue_declare(queue=\"hello\")"));
//! ```

mod amqplib;
mod code;
mod go;
mod java;
mod lapin;
mod literal;
mod notes;
mod pika;
mod plan;

use warren_sim::Scenario;
use warren_texts::Catalogue;

use plan::{Plan, Role};

/// A language that there are programs in, each with the client that most people use there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// With pika.
    Python,
    /// With amqplib.
    JavaScript,
    /// With lapin.
    Rust,
    /// With RabbitMQ's Java client.
    Java,
    /// With amqp091-go.
    Go,
}

impl Language {
    /// Every one.
    pub const ALL: [Language; 5] =
        [Language::Python, Language::JavaScript, Language::Rust, Language::Java, Language::Go];

    /// What it is called on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::JavaScript => "javascript",
            Language::Rust => "rust",
            Language::Java => "java",
            Language::Go => "go",
        }
    }

    /// Its name, with the client's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Language::Python => "Python (pika)",
            Language::JavaScript => "JavaScript (amqplib)",
            Language::Rust => "Rust (lapin)",
            Language::Java => "Java",
            Language::Go => "Go",
        }
    }

    /// What is called `id`.
    #[must_use]
    pub fn find(id: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.id() == id)
    }

    /// The file that an actor's program belongs into.
    #[must_use]
    pub fn file(self, actor: &str) -> String {
        let slug = slug(actor);
        match self {
            Language::Python => slug + ".py",
            Language::JavaScript => slug + ".js",
            Language::Rust => "src/main.rs".into(),
            Language::Java => java::class(actor) + ".java",
            Language::Go => slug + ".go",
        }
    }

    /// How an actor's program is run: what it needs, and the command that starts it.
    #[must_use]
    pub fn commands(self, actor: &str) -> [String; 2] {
        let file = self.file(actor);
        let (get, run) = match self {
            Language::Python => ("pip install pika", "python "),
            Language::JavaScript => ("npm install amqplib", "node "),
            Language::Rust => {
                let get = "cargo add lapin futures-lite && cargo add tokio --features full";
                return [get.into(), "cargo run".into()];
            }
            Language::Java => {
                ("Maven: com.rabbitmq:amqp-client, org.slf4j:slf4j-api -> lib/", "java -cp 'lib/*' ")
            }
            Language::Go => ("go mod init programs && go get github.com/rabbitmq/amqp091-go", "go run "),
        };
        [get.into(), [run, &file].concat()]
    }
}

/// The program that does what an actor of a scenario does, with comments in a language; `None` if it has no such actor.
#[must_use]
pub fn program(
    scenario: &Scenario,
    actor: &str,
    language: Language,
    catalogue: &'static Catalogue,
) -> Option<String> {
    let plan = Plan::of(scenario, actor, catalogue)?;
    Some(match language {
        Language::Python => pika::program(&plan),
        Language::JavaScript => amqplib::program(&plan),
        Language::Rust => lapin::program(&plan),
        Language::Java => java::program(&plan),
        Language::Go => go::program(&plan),
    })
}

/// A name that every file system and shell takes as it is.
fn slug(actor: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let slug: String = actor.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    // A program with a name that begins with a dash would be an option.
    if slug.starts_with('-') { ["_", &slug].concat() } else { slug }
}
