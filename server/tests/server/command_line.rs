//! The command line: help, typos and refusals.

use std::net::TcpListener;

use crate::process::{Server, failure, warren};

#[test]
fn help() {
    let output = warren(&["--help"]);
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8(output.stdout).expect("UTF-8"), @r"
An AMQP 0-9-1 broker that you can see, stop, crash and rewind

Usage: warren [OPTIONS]
       warren <COMMAND>

Commands:
  serve          Start the broker (this is what `warren` alone does)
  sim            Play a scenario in virtual time, once or from thousands of seeds: what is lost, duplicated or stuck, and why
  replay         Play a failure again, byte for byte, from the file that `warren sim` wrote
  code           Print the programs that do what a scenario's actors do, in Python, JavaScript, Rust, Java or Go
  lint           Look for mistakes in a topology: keys that reach no queue, messages that nobody would miss
  upgrade-check  Say what of a topology breaks or behaves otherwise when its RabbitMQ is upgraded
  journal        Look at the files of a broker that is not running, or save what can be read of damaged ones
  compare        Play conversations with two brokers and show where their answers first differ

Options:
      --amqp <ADDR>          Where AMQP clients connect [default: 127.0.0.1:5672]; port 0 takes a free one
      --http <ADDR>          Where browsers find the page and /api/health [default: 127.0.0.1:15672]
      --memory               Keep everything in memory; a restart forgets it
      --data <DIR>           Keep what is durable in this directory [default: ~/.local/share/warren]
      --sync <WHEN>          When what is confirmed has been synced: always, never, or later, so often (100ms) [default: always]
      --compat <RELEASE>     The release of RabbitMQ to answer like: 3.10, 4.0 or 4.3 [default: 4.3]
      --strict               Deny the deprecated features that this RabbitMQ denies unless its configuration permits them
      --config <FILE>        Read settings and users from this TOML file; `warren serve --help` lists its keys
      --log <LEVEL>          How much to log to stderr [default: info] [possible values: off, error, warn, info, debug, trace]
      --log-format <FORMAT>  How to log [default: text] [possible values: text, json]
  -h, --help                 Print help
  -V, --version              Print version

Examples:
  warren                            start the broker: AMQP on 127.0.0.1:5672, page on http://127.0.0.1:15672
  warren --amqp 0.0.0.0:5672        let other machines connect (guest/guest may log in from this one only)
  warren --memory                   keep nothing on the disk: for tests
  warren --config warren.toml       users, virtual hosts, policies and limits from a file
  warren sim crash-with-ack         play a lesson in virtual time: timeline and ledger
  warren code crash-with-ack        the same as Python programs that you can run against it

Clients connect with amqp://guest:guest@127.0.0.1:5672
");
}

#[test]
fn version() {
    let output = warren(&["--version"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("warren {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn typos_are_answered_with_the_right_word() {
    for (wrong, right) in [("serv", "'serve'"), ("--amqpp", "'--amqp'"), ("--log=inof", "'info'")] {
        let answer = failure(&[wrong]);
        assert!(answer.starts_with("exit code 2\n"), "{answer}");
        assert!(answer.contains("similar") && answer.contains(right), "{answer}");
    }
}

#[test]
fn refusals_are_one_line() {
    insta::assert_snapshot!(failure(&["--amqp", "five"]), @r"
exit code 2
warren: invalid value 'five' for '--amqp <ADDR>': write an IP address and a port, such as 127.0.0.1:5672 or 0.0.0.0:5672
");
    insta::assert_snapshot!(failure(&["--amqp", "203.0.113.1:5672"]), @r"
exit code 1
warren: cannot listen on 203.0.113.1:5672: this machine has no such address; choose one of its own with --amqp ADDR
");
    let nowhere = ["--amqp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", "/proc/warren"];
    insta::assert_snapshot!(failure(&nowhere), @r"
exit code 1
warren: cannot keep data in /proc/warren: No such file or directory (os error 2); choose another directory with --data DIR, or say --memory
");
    insta::assert_snapshot!(failure(&["--sync", "sometimes"]), @r"
exit code 2
warren: invalid value 'sometimes' for '--sync <WHEN>': write always, never, or how often, such as 100ms
");
}

#[test]
fn a_port_in_use_is_named_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let amqp = failure(&["--amqp", &address, "--http", "127.0.0.1:0"]).replace(&address, "TAKEN");
    insta::assert_snapshot!(amqp, @r"
exit code 1
warren: cannot listen on TAKEN: another program has this port; stop it or choose another port with --amqp ADDR
");
    let http = failure(&["--amqp", "127.0.0.1:0", "--http", &address]).replace(&address, "TAKEN");
    insta::assert_snapshot!(http, @r"
exit code 1
warren: cannot listen on TAKEN: another program has this port; stop it or choose another port with --http ADDR
");
}

#[test]
fn the_ready_line_is_json_where_logs_are() {
    let server = Server::start(&["--log-format", "json"]);
    let ready: serde_json::Value = serde_json::from_str(&server.ready_line).expect("JSON");
    assert_eq!(ready["amqp"], server.amqp);
    assert_eq!(ready["http"], server.http);
}
