//! The configuration file: what it may say, and what a wrong one is answered with.

use crate::process::{Server, TempFile, failure};

/// The line that a file with this text is answered with; the file's path is cut out.
fn refusal(text: &str) -> String {
    let file = TempFile::new("wrong", text);
    let answer = failure(&["serve", "--config", file.path()]).replace(file.path(), "FILE");
    answer.strip_prefix("exit code 2\nwarren: ").expect("exit code 2").to_owned()
}

#[test]
fn a_wrong_file_is_answered_with_one_line() {
    let texts = [
        "http = \"127.0.0.1:0\"\namqq = \"127.0.0.1:5672\"\n",
        "[[users]]\nname = \"ann\"\npasword = \"secret\"\n",
        "[[users]]\nname = \"ann\"\n",
        "log = \"wran\"\n",
        "amqp = \"5672\"\n",
        "heartbeat = \"60 parsecs\"\n",
        "heartbeat = \"1500ms\"\n",
        "frame_max = 100\n",
        "memory_limit = true\n",
        "amqp = \n",
        "data = \"/var/lib/warren\"\n",
        "[[vhosts]]\nname = \"/\"\n[[vhosts]]\nname = \"/\"\n",
        "[[permissions]]\nuser = \"ann\"\nvhost = \"/\"\n",
        "[[permissions]]\nuser = \"guest\"\nvhost = \"app\"\n",
        "[[permissions]]\nuser = \"guest\"\nvhost = \"/\"\nread = \"(\"\n",
        "[[policies]]\nname = \"p\"\npattern = \"^q\"\ndefinition = { max-length = -1 }\n",
        "[[policies]]\nname = \"p\"\npattern = \"^q\"\ndefinition = { max-lenght = 1 }\n",
        "[[policies]]\nname = \"p\"\npattern = \"^q\"\napply_to = \"queue\"\ndefinition = { max-length = 1 }\n",
        "[[policies]]\nname = \"p\"\npattern = \"\"\noperator = true\ndefinition = { dead-letter-exchange = \"x\" }\n",
    ];
    let answers: String = texts.into_iter().map(refusal).collect();
    insta::assert_snapshot!(answers, @r#"
FILE, line 2, "amqq = "127.0.0.1:5672"": unknown key 'amqq', did you mean 'amqp'? (allowed: amqp, http, memory, data, log, log_format, heartbeat, frame_max, channel_max, memory_limit, max_message_size, consumer_timeout, vhosts, users, permissions, topic_permissions, policies)
FILE, line 3, "pasword = "secret"": unknown key 'pasword', did you mean 'password'? (allowed: name, password, loopback_only, tags, max_connections, max_channels)
FILE, line 1, "[[users]]": missing field `password`
FILE, line 1, "log = "wran"": unknown value 'wran', did you mean 'warn'? (allowed: off, error, warn, info, debug, trace)
FILE, line 1, "amqp = "5672"": write an IP address and a port, such as 127.0.0.1:5672 or 0.0.0.0:5672
FILE, line 1, "heartbeat = "60 parsecs"": write a duration such as 500ms, 60s or 1m30s
FILE, line 1, "heartbeat = "1500ms"": a heartbeat is whole seconds, at most 65535s; "0s" turns it off
FILE, line 1, "frame_max = 100": frame_max is 8192 bytes to 4 GiB, or 0 for no limit
FILE, line 1, "memory_limit = true": invalid type: boolean `true`, expected an integer or string
FILE, line 1, "amqp =": string values must be quoted, expected literal string
cannot keep data on disk: there is no journal yet; say --memory (the default) instead of --data
FILE, line 4, "name = "/"": '/' is there twice
FILE, line 2, "user = "ann"": there is no user 'ann' in this file
FILE, line 3, "vhost = "app"": there is no virtual host 'app' in this file
FILE, line 4, "read = "("": '(' is no regular expression: found open group without closing ')'
FILE, line 4, "definition = { max-length = -1 }": -1 is not a valid maximum length
FILE, line 4, "definition = { max-lenght = 1 }": [{<<"max-lenght">>,1}] are not recognised policy settings
FILE, line 4, "apply_to = "queue"": apply-to 'queue' unrecognised; should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'
FILE, line 5, "definition = { dead-letter-exchange = "x" }": [{<<"dead-letter-exchange">>,<<"x">>}] are not recognised policy settings
"#);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    insta::assert_snapshot!(failure(&["--config", "/nope/warren.toml"]), @r"
exit code 2
warren: cannot read the configuration /nope/warren.toml: No such file or directory (os error 2); check the path given to --config
");
}

#[test]
fn every_key_that_help_lists_is_accepted_and_the_command_line_wins() {
    let help = String::from_utf8(crate::process::warren(&["serve", "--help"]).stdout).expect("UTF-8");
    let (_, keys) = help.split_once("with its default:\n").expect("the keys");
    let file = TempFile::new("help", keys);
    let server = Server::start(&["--config", file.path()]);
    assert!(!server.amqp.ends_with(":5672"), "--amqp 127.0.0.1:0 wins: {}", server.amqp);
}
