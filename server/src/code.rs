//! `warren code`: the client code that does what a scenario's actors do.

use std::path::PathBuf;

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use warren_programs::{Language, program};
use warren_sim::Scenario;
use warren_texts::Catalogue;

use crate::{failure::Failure, sim, values::nearest};

/// The options of `warren code`.
#[derive(Args)]
pub(crate) struct CodeArgs {
    /// A scenario file, RabbitMQ's definitions.json, or the name of a lesson: hello, work-queue, fanout, topic …
    #[arg(value_name = "SCENARIO")]
    file: PathBuf,
    /// Of definitions.json: which virtual host [default: /, or the only one].
    #[arg(long, value_name = "NAME")]
    vhost: Option<String>,
    /// Which producer or consumer [default: all of them, one program after the other].
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// In which language.
    #[arg(long, value_name = "LANGUAGE", default_value = "python", value_parser = languages())]
    language: Language,
}

/// Prints the programs.
pub(crate) fn run(args: &CodeArgs) -> Result<(), Failure> {
    let scenario = sim::read(&args.file, args.vhost.as_deref())?;
    let actors: Vec<&str> = match &args.actor {
        Some(actor) => vec![actor],
        None => scenario.actor_names().collect(),
    };
    if actors.is_empty() {
        return Err(Failure::usage(
            "the scenario has no producer and no consumer: add a [[producer]] or a [[consumer]]",
        ));
    }
    let programs = actors.into_iter().map(|actor| {
        match scenario.programs().find(|(name, _)| *name == actor) {
            // It is a program already.
            Some((_, code)) if args.language == Language::JavaScript => Ok(code.to_owned()),
            Some(_) => Err(has_code(actor)),
            None => program(&scenario, actor, args.language, Catalogue::ENGLISH)
                .ok_or_else(|| nobody(&scenario, actor)),
        }
    });
    let programs: Vec<String> = programs.collect::<Result<_, _>>()?;
    sim::print(&programs.join("\n"))
}

fn has_code(actor: &str) -> Failure {
    Failure::usage(format!(
        "{actor} plays code of its own, in JavaScript: ask for that with --language javascript, or take the code out of the scenario"
    ))
}

fn nobody(scenario: &Scenario, actor: &str) -> Failure {
    let actors: Vec<&str> = scenario.actor_names().collect();
    let hint = nearest(actor, &actors).map_or(String::new(), |near| format!("did you mean {near}? "));
    Failure::usage(format!(
        "there is no producer or consumer called {actor}; {hint}--actor is one of {}",
        actors.join(", ")
    ))
}

/// Their names, and what else people call them.
fn languages() -> impl TypedValueParser<Value = Language> {
    let values = Language::ALL.map(|language| PossibleValue::new(language.id()).aliases(aliases(language)));
    let find = |id: String| {
        let is_called =
            |language: &Language| language.id() == id || aliases(*language).contains(&id.as_str());
        Language::ALL.into_iter().find(is_called).ok_or("there is no such language")
    };
    PossibleValuesParser::new(values).try_map(find)
}

const fn aliases(language: Language) -> &'static [&'static str] {
    match language {
        Language::Python => &["py", "pika"],
        Language::JavaScript => &["js", "node", "amqplib"],
        Language::Rust => &["rs", "lapin"],
        Language::Java => &[],
        Language::Go => &["golang"],
    }
}
