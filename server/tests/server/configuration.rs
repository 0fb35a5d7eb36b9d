//! The configuration file: what it may say, and what a wrong one is answered with.

use std::time::Duration;

use warren_talk::{Conversation, Played, Player, TcpHost, play_steps};

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
        "sync = \"sometimes\"\n",
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
FILE, line 2, "amqq = "127.0.0.1:5672"": unknown key 'amqq', did you mean 'amqp'? (allowed: amqp, http, memory, data, log, log_format, heartbeat, frame_max, channel_max, memory_limit, memory_budget, segment_size, sync, max_message_size, consumer_timeout, vhosts, users, permissions, topic_permissions, policies)
FILE, line 3, "pasword = "secret"": unknown key 'pasword', did you mean 'password'? (allowed: name, password, loopback_only, tags, max_connections, max_channels)
FILE, line 1, "[[users]]": missing field `password`
FILE, line 1, "log = "wran"": unknown value 'wran', did you mean 'warn'? (allowed: off, error, warn, info, debug, trace)
FILE, line 1, "amqp = "5672"": write an IP address and a port, such as 127.0.0.1:5672 or 0.0.0.0:5672
FILE, line 1, "heartbeat = "60 parsecs"": write a duration such as 500ms, 60s or 1m30s
FILE, line 1, "heartbeat = "1500ms"": a heartbeat is whole seconds, at most 65535s; "0s" turns it off
FILE, line 1, "frame_max = 100": frame_max is 8192 bytes to 4 GiB, or 0 for no limit
FILE, line 1, "memory_limit = true": invalid type: boolean `true`, expected an integer or string
FILE, line 1, "amqp =": string values must be quoted, expected literal string
FILE, line 1, "sync = "sometimes"": write always, never, or how often, such as 100ms
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

/// A conversation with a broker that was started with a file of virtual hosts, users, permissions, policies and limits.
#[test]
fn what_the_file_says_holds() {
    let file = TempFile::new(
        "access",
        r#"
        [[vhosts]]
        name = "/"
        [[vhosts]]
        name = "app"
        max_connections = 2
        max_queues = 2
        [[users]]
        name = "guest"
        password = "guest"
        [[users]]
        name = "bob"
        password = "bob"
        tags = ["impersonator"]
        max_channels = 3
        [[permissions]]
        user = "guest"
        vhost = "app"
        [[permissions]]
        user = "bob"
        vhost = "app"
        configure = '^(?!amq\.)'
        write = ".*"
        read = "^q"
        [[topic_permissions]]
        user = "bob"
        vhost = "app"
        exchange = "amq.topic"
        write = '^{username}\.'
        read = ".*"
        [[policies]]
        vhost = "app"
        name = "long"
        pattern = "^q"
        definition = { max-length = 5 }
        [[policies]]
        vhost = "app"
        name = "short"
        pattern = "^q"
        operator = true
        definition = { max-length = 1 }
        "#,
    );
    let server = Server::start(&["--config", file.path()]);
    let text = "\
as b bob app
as c guest app
as d bob app
-> b:1 queue.declare queue=q
<- b:1 queue.declare-ok queue=q message_count=0 consumer_count=0
-> b:1 basic.publish routing_key=q user_id=alice body=1
-> b:1 basic.publish routing_key=q user_id=alice body=2
-> b:1 basic.get queue=q no_ack
<- b:1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 user_id=alice body=2
-> b:1 queue.declare queue=r
<- b:1 queue.declare-ok queue=r message_count=0 consumer_count=0
-> b:1 basic.get queue=r
<- b:1 channel.close 403 ACCESS_REFUSED - read access to queue 'r' in vhost 'app' refused for user 'bob' (60,70)
-> b:2 queue.declare queue=q3
<- b:2 channel.close 406 PRECONDITION_FAILED - cannot declare queue 'q3': queue limit in vhost 'app' (2) is reached (50,10)
-> b:3 basic.publish exchange=amq.topic routing_key=alice.1 body=3
<- b:3 channel.close 403 ACCESS_REFUSED - write access to topic 'alice.1' in exchange topic 'amq.topic' in vhost 'app' refused for user 'bob' (60,40)
-> c:1 queue.declare queue=q
<- c:1 channel.close 403 ACCESS_REFUSED - configure access to queue 'q' in vhost 'app' refused for user 'guest' (50,10)
-> d:0 heartbeat
<- d:0 connection.close 530 NOT_ALLOWED - access to vhost 'app' refused for user 'bob': connection limit (2) is reached (10,40)
-> b:4 basic.qos prefetch_count=1
<- b:0 connection.close 530 NOT_ALLOWED - number of channels opened for user 'bob' has reached the maximum allowed user limit of 3 (0,0)
";
    let conversation = Conversation::parse("access", text).expect("a conversation");
    let heard = play_steps(
        "access",
        &conversation,
        Player::new(TcpHost::new(&server.amqp, Duration::from_millis(50))),
    );
    let (Played(heard), _) = heard.expect("played");
    for (step, heard) in conversation.steps.iter().zip(heard) {
        assert_eq!(heard, step.answers, "{}", step.said);
    }
}
