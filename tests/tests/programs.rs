//! The programs that `warren code` and the page show, run against the real server: what their consumers get is what
//! the consumers of the simulated world get.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "programs/expected.rs"]
mod expected;
#[path = "programs/generated.rs"]
mod generated;
#[path = "programs/play.rs"]
mod play;
#[path = "programs/scenarios.rs"]
mod scenarios;

use std::{fs, process::Command, thread};

use warren_programs::{Language, program};
use warren_sim::Scenario;
use warren_tests::{node, python};
use warren_texts::{Catalogue, po::PoFile};

use play::play;

fn russian() -> &'static Catalogue {
    PoFile::leak("ru.po", include_str!("../../web/texts/ru.po")).expect("a good file")
}

/// Every lesson and the odd ones out, a few at a time.
fn play_all(language: Language, run: impl Fn(&str) -> Command + Sync) {
    let all = scenarios::all(language);
    thread::scope(|scope| {
        let at_once = 6;
        for part in all.chunks(all.len().div_ceil(at_once)) {
            let run = &run;
            scope.spawn(move || {
                for (name, scenario) in part {
                    run_one(name, scenario, language, run);
                }
            });
        }
    });
}

/// Writes the programs of a scenario into files and plays them.
fn run_one(name: &str, scenario: &Scenario, language: Language, run: impl Fn(&str) -> Command) {
    let folder = tempfile::tempdir().expect("a folder");
    play(name, scenario, |actor| {
        let file = folder.path().join(language.file(actor));
        let text = program(scenario, actor, language, russian()).expect("an actor");
        fs::write(&file, text).expect("a file");
        run(&file.display().to_string())
    });
}

#[test]
fn every_lesson_in_python() {
    play_all(Language::Python, python);
}

#[test]
fn every_lesson_in_javascript() {
    play_all(Language::JavaScript, node);
}

#[test]
fn some_lessons_in_rust() {
    for (name, scenario) in generated::scenarios() {
        play(name, &scenario, |actor| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_lapin_programs"));
            command.arg(generated::module(name, actor));
            command
        });
    }
}
