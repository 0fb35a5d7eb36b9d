//! From the name on the command line to a scenario.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use warren_sim::{
    Scenario, gallery,
    lessons::{self, Lesson},
    outages, scenario_of_definitions,
};

use crate::{failure::Failure, values::nearest};

/// A scenario file, definitions, a lesson, an outage, or an example of the gallery.
pub(crate) fn scenario(path: &Path, vhost: Option<&str>) -> Result<Scenario, Failure> {
    let name = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => match lessons::find_any(&name) {
            Some(lesson) => lesson.toml.to_owned(),
            None => return Err(unreadable(&name, &error)),
        },
    };
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let scenario =
        if is_json { scenario_of_definitions(&name, &text, vhost) } else { Scenario::parse(&name, &text) };
    scenario.map_err(|error| Failure::usage(error.to_string()))
}

/// The same, of which everything can be played here: code of actors cannot.
pub(crate) fn playable(path: &Path, vhost: Option<&str>) -> Result<Scenario, Failure> {
    let scenario = scenario(path, vhost)?;
    check_programs(&path.display().to_string(), &scenario)?;
    Ok(scenario)
}

/// Refuses a scenario that has actors with code, which takes an interpreter of JavaScript.
pub(crate) fn check_programs(name: &str, scenario: &Scenario) -> Result<(), Failure> {
    match scenario.programs().next() {
        None => Ok(()),
        Some((actor, _)) => Err(Failure::usage(format!(
            "{name}: {actor} plays code of its own, in JavaScript, which only Warren's page runs: open the file there, or take the code out"
        ))),
    }
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    let ids = |all: &[Lesson]| all.iter().map(|lesson| lesson.id).collect::<Vec<_>>();
    let (lessons, outages, examples) = (ids(lessons::all()), ids(outages::all()), ids(gallery::all()));
    let near = nearest(name, &[&lessons[..], &outages, &examples].concat());
    let hint = near.map_or_else(String::new, |id| format!("did you mean {id}? "));
    let what =
        if error.kind() == ErrorKind::NotFound { "there is no such file".into() } else { error.to_string() };
    Failure::usage(format!(
        "cannot read the scenario {name}: {what}; {hint}name a file, one of the lessons {}, of the outages {} or of the examples {}",
        lessons.join(", "),
        outages.join(", "),
        examples.join(", ")
    ))
}
