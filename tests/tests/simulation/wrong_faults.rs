//! What a wrong fault is told.

use warren_sim::{Scenario, lessons};

#[test]
fn a_wrong_fault_is_told_where_and_what() {
    let good = lessons::find("hello").expect("a lesson").toml;
    let table = [
        "",
        "crash = \"consumer\"\nrevive = \"consumer\"",
        "crash = \"consumr\"",
        "stop = \"consumer\"",
        "cut = \"consumer\"\nframes = 3",
        "cut = \"consumer\"\nway = \"to-server\"",
        "partition = \"consumer\"",
        "tire = \"consumer\"\nlasts = \"3s\"",
        "clock = \"1h\"",
        "disk = \"broken\"",
        "memory = \"full\"\nlasts = \"3s\"",
        "delete = \"helo\"",
        "policy = { pattern = \"(\", definition = { max-length = 1 } }",
        "policy = { pattern = \".*\", definition = { max-lenght = 1 } }",
        "crash = \"broker\"\nunsynced = \"half\"",
        "silence = \"consumer\"\nfor = \"3s\"",
    ];
    let told = table.map(|fault| {
        let file = format!("{good}\n[[fault]]\nat = \"5s\"\n{fault}\n");
        let error = Scenario::parse("hello.toml", &file).expect_err("it is wrong");
        format!("{fault:?}\n  {error}").replace("\\n", " ").replace("\\\"", "'")
    });
    insta::assert_snapshot!(told.join("\n"), @r##"
    ""
      hello.toml:83: field "at": a [[fault]] needs one of crash, revive, stop, cut, close, silence, partition, slow, tire, pause, settle, clock, disk, memory, policy, delete, purge
    "crash = 'consumer' revive = 'consumer'"
      hello.toml:85: field "revive": a [[fault]] is one thing, and this one has "crash", too
    "crash = 'consumr'"
      hello.toml:84: field "crash": there is no producer, consumer or client called "consumr"; did you mean "consumer"? Possible: producer, consumer, broker
    "stop = 'consumer'"
      hello.toml:84: field "stop": only the "broker" can be stopped in order; use crash
    "cut = 'consumer' frames = 3"
      hello.toml:84: field "cut": "frames" and "torn" count frames in one direction; add way = "to-broker" or way = "to-client"
    "cut = 'consumer' way = 'to-server'"
      hello.toml:85: field "way": "to-server" is not possible; did you mean "to-broker"? Possible: to-broker, to-client
    "partition = 'consumer'"
      hello.toml:82: field "lasts": this fault needs "lasts": how long it does
    "tire = 'consumer' lasts = '3s'"
      hello.toml:82: field "times": this fault needs "times": how many times as long
    "clock = '1h'"
      hello.toml:84: field "clock": invalid value: string "1h", expected a jump such as "+1h" or "-30s"
    "disk = 'broken'"
      hello.toml:84: field "disk": "broken" is not possible; possible: slow, full, failing, flip
    "memory = 'full' lasts = '3s'"
      hello.toml:84: field "memory": "full" is not possible; possible: low
    "delete = 'helo'"
      hello.toml:84: field "delete": there is no queue called "helo"; did you mean "hello"? Possible: hello
    "policy = { pattern = '(', definition = { max-length = 1 } }"
      hello.toml:84: field "policy": '(' is no regular expression: found open group without closing ')'
    "policy = { pattern = '.*', definition = { max-lenght = 1 } }"
      hello.toml:84: field "policy": [{<<"max-lenght">>,1}] are not recognised policy settings
    "crash = 'broker' unsynced = 'half'"
      hello.toml:85: field "unsynced": "half" is not possible; possible: lost, torn, kept
    "silence = 'consumer' for = '3s'"
      hello.toml:85: [[fault]] has no field "for"; did you mean "how"? Possible: at, crash, revive, stop, cut, close, silence, partition, slow, tire, pause, settle, clock, disk, memory, policy, delete, purge, unsynced, way, frames, torn, lasts, latency, bandwidth, times, message, how
    "##);
}
