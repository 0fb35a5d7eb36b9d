//! What the programs look like. That they do what they should, `tests/tests/programs.rs` shows with a server.

use warren_programs::{Language, Tongue, program};
use warren_sim::{Consumer, Producer, Queue, Scenario, lessons};

fn lesson(id: &str) -> Scenario {
    let lesson = lessons::find(id).expect("a lesson");
    Scenario::parse(lesson.id, lesson.toml).expect("a good file")
}

/// Tabs as four spaces.
fn shown(scenario: &Scenario, actor: &str, language: Language, tongue: Tongue) -> String {
    program(scenario, actor, language, tongue).expect("an actor").replace('\t', "    ")
}

#[test]
fn python() {
    insta::assert_snapshot!(shown(&lesson("confirms"), "confirms", Language::Python, Tongue::Russian), @"");
}

#[test]
fn javascript() {
    insta::assert_snapshot!(shown(&lesson("crash-with-ack"), "worker-1", Language::JavaScript, Tongue::English), @"");
}

#[test]
fn rust() {
    insta::assert_snapshot!(shown(&lesson("hello"), "consumer", Language::Rust, Tongue::English), @"");
}

#[test]
fn java() {
    insta::assert_snapshot!(shown(&lesson("topic"), "app", Language::Java, Tongue::English), @"");
    insta::assert_snapshot!(shown(&lesson("rpc"), "server-2", Language::Java, Tongue::English), @"");
}

#[test]
fn go() {
    insta::assert_snapshot!(shown(&lesson("headers"), "scanner", Language::Go, Tongue::English), @"");
    insta::assert_snapshot!(shown(&lesson("retry"), "worker", Language::Go, Tongue::English), @"");
}

/// Whatever things are called, nothing gets out of its quotes or its comment.
#[test]
fn no_name_breaks_a_program() {
    let name = "a\"b\\`${n}{n}%d\n*/\u{2028}'\\u0022";
    let mut scenario = Scenario {
        queues: vec![Queue::new(name)],
        producers: vec![Producer { body: name.into(), ..Producer::new(name, name, 1) }],
        consumers: vec![Consumer { reply: Some(name.into()), ..Consumer::new("consumer", name) }],
        ..Scenario::new(name)
    };
    scenario.title.ru = name.into();
    for language in Language::ALL {
        for actor in [name, "consumer"] {
            let program = program(&scenario, actor, language, Tongue::Russian).expect("an actor");
            let odd =
                |line: &&str| line.starts_with("*/") || line.starts_with('\'') || line.contains('\u{2028}');
            assert_eq!(program.lines().find(odd), None, "{language:?}: {program}");
        }
    }
}

#[test]
fn who_is_not_there_has_no_program() {
    assert_eq!(program(&lesson("hello"), "nobody", Language::Go, Tongue::English), None);
}
