//! `warren sim --seeds` and `warren replay`: sweeps, what they find, and seeing it again.

use std::fs;

use warren_sim::Moment;

use crate::process::{TempFile, failure, output, warren};

#[test]
fn a_sweep_of_made_up_topologies_holds() {
    let text = output(&["sim", "--generate", "--seeds", "0..60", "--jobs", "2"]);
    assert!(text.starts_with("60 seeds in "), "{text}");
    assert!(text.contains("\n  queue-adds-up"), "{text}");
    assert!(!text.contains("BROKEN"), "{text}");
}

/// Eight machines that share the work play what one would.
#[test]
fn partitions_add_up() {
    let sweep = |more: &[&str]| -> serde_json::Value {
        let args = [&["sim", "crash-with-ack", "--seeds", "5..45", "--json"], more].concat();
        serde_json::from_str(&output(&args)).expect("JSON")
    };
    let whole = sweep(&[]);
    let parts: Vec<_> = (1..=3).map(|part| sweep(&["--partition", &format!("{part}/3")])).collect();
    for sum in ["seeds", "events"] {
        let added: u64 = parts.iter().filter_map(|part| part[sum].as_u64()).sum();
        assert_eq!(whole[sum].as_u64(), Some(added), "{sum}");
    }
}

#[test]
fn what_is_lost_is_shrunk_told_and_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    let junit = folder.path().join("junit.xml").display().to_string();
    let args = ["sim", "work-queue", "--seeds", "0..100", "--demand", "nothing-lost", "--replays", &path];
    let found = warren(&[&args[..], &["--junit", &junit]].concat());
    assert_eq!(found.status.code(), Some(1));
    let text = String::from_utf8(found.stdout).expect("UTF-8");
    assert!(text.contains("nothing-lost does not hold"), "{text}");
    assert!(text.contains("is LOST: "), "{text}");
    assert!(text.contains("Shrunk to 1 producer, "), "{text}");

    let files = fs::read_dir(folder.path()).expect("it is there").filter_map(Result::ok);
    let replays: Vec<_> =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    assert_eq!(replays.len(), 1, "{replays:?}");
    let file = replays[0].display().to_string();
    let replay = warren(&["replay", &file]);
    assert_eq!(replay.status.code(), Some(1));
    let text = String::from_utf8(replay.stdout).expect("UTF-8");
    assert!(text.contains("All that happened is what the file says, to the byte."), "{text}");
    let link = output(&["replay", &file, "--link"]);
    let (page, fragment) = link.trim_end().split_once('#').expect("a link");
    assert_eq!(page, "http://127.0.0.1:15672/");
    let moment = Moment::from_fragment(fragment).expect("a moment").expect("it can be opened");
    assert_eq!((moment.scenario.producers.len(), moment.at.as_micros()), (1, 0));

    let xml = fs::read_to_string(&junit).expect("it is written");
    assert!(xml.contains("<testcase name=\"nothing-lost\""), "{xml}");
    assert!(xml.contains("failures=\"1\""), "{xml}");
}

#[test]
fn a_run_can_be_compared_with_itself() {
    let text = output(&["sim", "durable", "--swarm", "--seed", "3", "--check-determinism"]);
    assert!(text.contains("all hold"), "{text}");
    output(&["sim", "durable", "--seeds", "0..20", "--check-determinism"]);
}

/// What a seed adds can be read, kept and played as a file.
#[test]
fn a_seed_can_be_printed_as_a_scenario() {
    let printed = output(&["sim", "durable", "--seed", "7", "--swarm", "--print-scenario"]);
    assert!(printed.contains("[[fault]]"), "{printed}");
    let file = TempFile::new("swarmed.toml", &printed);
    let again = output(&["sim", file.path(), "--seed", "7", "--print-scenario"]);
    assert_eq!(printed, again);
}

#[test]
fn mistakes_are_answered_with_one_line() {
    insta::assert_snapshot!(failure(&["sim", "hello", "--seeds", "10"]), @r"
exit code 2
warren: invalid value '10' for '--seeds <A..B>': write the first seed, two dots and where to stop, such as 0..1000
");
    insta::assert_snapshot!(failure(&["sim", "hello", "--seeds", "0..9", "--partition", "4/3"]), @r"
exit code 2
warren: invalid value '4/3' for '--partition <K/N>': write which part and how many there are, such as 3/8
");
    insta::assert_snapshot!(failure(&["sim", "hello", "--demand", "drained"]), @r"
exit code 2
warren: invalid value 'drained' for '--demand <PROPERTY>': that is always demanded; --demand is for nothing-lost and nothing-twice
");
    insta::assert_snapshot!(failure(&["sim", "workqueue"]).lines().nth(1).unwrap_or_default()[..90].to_owned(), @r"warren: cannot read the scenario workqueue: there is no such file; did you mean work-queue");
    insta::assert_snapshot!(failure(&["replay", "/nope.toml"]), @r"
exit code 2
warren: cannot read the replay file /nope.toml: No such file or directory (os error 2)
");
    let scenario = TempFile::new("scenario.toml", &output(&["sim", "hello", "--print-scenario"]));
    insta::assert_snapshot!(failure(&["replay", scenario.path()]).replace(scenario.path(), "FILE"), @r"
exit code 2
warren: FILE:1: this is a scenario and no replay: play it with warren sim
");
}
