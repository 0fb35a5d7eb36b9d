//! The committed Rust programs are what the generator makes: `WARREN_BLESS=1` writes them anew.

use std::{env, fs, path::Path};

use warren_programs::{Language, program};
use warren_sim::{Scenario, lessons};
use warren_texts::Catalogue;

use super::scenarios::{ODDS, hurried};

/// The lessons whose programs are compiled with the tests.
const LESSONS: [&str; 5] = ["hello", "headers", "retry", "confirms", "rpc"];

/// They, and the odds.
pub(crate) fn scenarios() -> Vec<(&'static str, Scenario)> {
    let lessons = LESSONS.into_iter().map(|name| (name, lessons::find(name).expect("a lesson").toml));
    lessons.chain([("odds", ODDS)]).map(|(name, toml)| (name, hurried(name, toml))).collect()
}

/// What an actor's program is called among the committed ones.
pub(crate) fn module(scenario: &str, actor: &str) -> String {
    let name = format!("{scenario}_{actor}");
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

#[test]
fn the_committed_programs_are_what_the_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/lapin_programs/generated");
    for (name, scenario) in scenarios() {
        for actor in scenario.actor_names() {
            let file = folder.join(module(name, actor)).with_extension("rs");
            let text = program(&scenario, actor, Language::Rust, Catalogue::ENGLISH).expect("an actor");
            if env::var_os("WARREN_BLESS").is_some() {
                fs::write(&file, &text).expect("a file");
            }
            let committed = fs::read_to_string(&file).unwrap_or_default();
            assert!(committed == text, "{} is not what the generator makes: WARREN_BLESS=1", file.display());
        }
    }
}
