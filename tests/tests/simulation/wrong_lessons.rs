//! What a wrong lesson is told.

use warren_sim::{Scenario, lessons};

#[test]
fn a_wrong_lesson_is_told_where_and_what() {
    let good = lessons::find("hello").expect("a lesson").toml;
    let table = [
        ("right = 1", "right = 4"),
        ("right = 1", "rigth = 1"),
        ("[lesson.prediction.because]\n", "[lesson.prediction.why]\n"),
        ("[lesson.task]\n", "[lesson.tasks]\n"),
        ("ready = \"at least 2\"", "redy = \"at least 2\""),
        ("ready = \"at least 2\"", "ready = \"two or more\""),
        ("ready = \"at least 2\"", "ready = -2"),
        ("ready = \"at least 2\"", "confirmed = 6"),
        ("queue = \"hello\"\nledger", "queue = \"helo\"\nledger"),
        ("queue = \"hello\"\nledger", "actor = \"consumr\"\nledger"),
        ("queue = \"hello\"\nledger", "actor = \"consumer\"\nledger"),
        ("queue = \"hello\"\nledger", "queue = \"hello\"\nactor = \"consumer\"\nledger"),
        ("ledger = { acked = 6, lost = 0 }", ""),
        ("ledger = { acked = 6, lost = 0 }", "happened = { crush = \"consumer\" }"),
        ("ledger = { acked = 6, lost = 0 }", "happened = { crash = \"consumr\" }"),
        ("ledger = { acked = 6, lost = 0 }", "happened = { purge = \"consumer\" }"),
        ("ledger = { acked = 6, lost = 0 }", "ledger = { acked = 6 }\nby = \"soon\""),
        ("\"queue hello\"]", "\"queue helo\"]"),
        ("at = \"4800ms\"\nuntil", "until"),
        ("until = \"6400ms\"", "until = \"4s\""),
        ("until = \"6400ms\"", "until = \"17s\""),
        ("at = \"4800ms\"\n", "at = \"4800ms\"\ntab = \"wires\"\n"),
    ];
    let told = table.map(|(right, wrong)| {
        assert!(good.contains(right), "{right}");
        // The last, for the lesson's part is at the end of the file.
        let (before, after) = good.rsplit_once(right).expect("it is there");
        let error =
            Scenario::parse("hello.toml", &format!("{before}{wrong}{after}")).expect_err("it is wrong");
        format!("{wrong:?}\n  {error}").replace("\\n", " ").replace("\\\"", "'")
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    "right = 4"
      hello.toml:49: field "right": it says which choice is right: a number from 1 to 3
    "rigth = 1"
      hello.toml:49: [lesson.prediction] has no field "rigth"; did you mean "right"? Possible: question, choice, right, because
    "[lesson.prediction.why] "
      hello.toml:55: [lesson.prediction.why] has no field "why"; possible: question, choice, right, because
    "[lesson.tasks] "
      hello.toml:71: [lesson.tasks] has no field "tasks"; did you mean "task"? Possible: step, prediction, task, goal
    "redy = 'at least 2'"
      hello.toml:77: field "ledger": "redy" is not possible; did you mean "ready"? Possible: sent, published, routed, unroutable, returned, confirmed, answered, delivered, redelivered, processed, failed, acked, requeued, dead_lettered, ready, unacked, lost
    "ready = 'two or more'"
      hello.toml:77: field "ledger": invalid value: string "two or more", expected a number such as 12, "at least 3" or "at most 2"
    "ready = -2"
      hello.toml:77: field "ledger": invalid value: integer -2, expected a number such as 12, "at least 3" or "at most 2"
    "confirmed = 6"
      hello.toml:77: field "ledger": "confirmed" is not counted for a queue; leave "queue" out
    "queue = 'helo' ledger"
      hello.toml:76: field "queue": there is no queue called "helo"; did you mean "hello"? Possible: hello
    "actor = 'consumr' ledger"
      hello.toml:76: field "actor": there is no producer or consumer called "consumr"; did you mean "consumer"? Possible: producer, consumer
    "actor = 'consumer' ledger"
      hello.toml:77: field "ledger": "ready" is not counted for an actor; leave "actor" out
    "queue = 'hello' actor = 'consumer' ledger"
      hello.toml:77: field "actor": it counts for a queue or for an actor, not both
    ""
      hello.toml:79: a [[lesson.goal]] needs "ledger", "happened", or both
    "happened = { crush = 'consumer' }"
      hello.toml:80: field "happened": there is no fault called "crush"; did you mean "crash"? Possible: crash, revive, stop, cut, close, silence, partition, slow, tire, pause, settle, purge, delete
    "happened = { crash = 'consumr' }"
      hello.toml:80: field "happened": there is no producer or consumer called "consumr"; did you mean "consumer"? Possible: producer, consumer, broker
    "happened = { purge = 'consumer' }"
      hello.toml:80: field "happened": there is no queue called "consumer"; possible: hello
    "ledger = { acked = 6 } by = 'soon'"
      hello.toml:81: field "by": invalid value: string "soon", expected a time such as "300ms" or "2s"
    "'queue helo']"
      hello.toml:44: field "light": there is no thing called "queue helo"; did you mean "queue hello"? Possible: producer producer, consumer consumer, queue hello, broker, disk
    "until"
      hello.toml:42: field "until": it says how far to play, and not from where; use at
    "until = '4s'"
      hello.toml:43: field "until": it is before at
    "until = '17s'"
      hello.toml:43: field "until": the scenario ends before that
    "at = '4800ms' tab = 'wires' "
      hello.toml:43: field "tab": there is no panel called "wires"; did you mean "wire"? Possible: log, charts, wire, check, faults, code
    "#);
}

#[test]
fn a_lesson_without_its_parts_is_told_what_is_missing() {
    let head = "until = \"2s\"\n[title]\nen = \"a\"\nru = \"b\"\n[summary]\nen = \"a\"\nru = \"b\"\n";
    let text = "{ en = \"a\", ru = \"b\" }";
    let table = [
        "[lesson]".to_owned(),
        format!("[lesson]\nstep = [{text}]\ntask = {text}"),
        format!("[lesson]\nstep = [{text}]\n[[lesson.goal]]\nledger = {{ lost = 0 }}"),
        format!(
            "[lesson]\nstep = [{text}]\n[lesson.prediction]\nright = 1\nquestion = {text}\nbecause = {text}\nchoice = [{text}]"
        ),
    ];
    let told = table.map(|lesson| {
        let error = Scenario::parse("lesson.toml", &format!("{head}{lesson}\n")).expect_err("it is wrong");
        error.to_string()
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    lesson.toml:8: a [lesson] needs at least one [[lesson.step]]: what it says
    lesson.toml:8: a "task" needs a [[lesson.goal]], and a goal a task: write both, or leave both out
    lesson.toml:8: a "task" needs a [[lesson.goal]], and a goal a task: write both, or leave both out
    lesson.toml:10: a prediction has two to four [[lesson.prediction.choice]]
    "#);
}
