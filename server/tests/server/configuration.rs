//! The configuration file: what it may say, and what a wrong one is answered with.

use std::{io::Write, time::Duration};

use warren_talk::{Conversation, Played, Player, TcpHost, play_steps};

use crate::{
    amqp::expect_method,
    process::{Server, TempFile, failure},
};

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
        "memory_limit = -1\n",
        "memory_limit = \"0\"\n",
        "memory_budget = \"1\"\n",
        "max_message_size = \"1 TiB\"\n",
        "channel_max = 70000\n",
        "data = \"\"\n",
        "consumer_timeout = 30\n",
        "memory = \"yes\"\n",
        "[users]\nname = \"ann\"\npassword = \"x\"\n",
        "heartbeat = \"60s\"\nusers = \"ann\"\n",
        "[[users]]\nname = \"\"\npassword = \"x\"\n",
        "[[users]]\nname = \"ann\"\npassword = \"\"\n",
        "[[users]]\nname = \"ann\"\npassword_hash = \"secret\"\n",
        "[[users]]\nname = \"ann\"\npassword = \"x\"\ntags = \"management\"\n",
        "[[users]]\nname = 5\npassword = \"x\"\n",
        "[[vhosts]]\nname = \"/\"\nmax_queues = -1\n",
        "[[vhosts]]\nname = \"\"\n",
        "[[policies]]\npattern = \"^q\"\ndefinition = { max-length = 1 }\n",
        "[[policies]]\nname = \"p\"\npattern = \"^q\"\ndefinition = { overflow = \"drop\" }\n",
        "[[policies]]\nname = \"p\"\npattern = \"^q\"\ndefinition = \"max-length\"\n",
        "[[policies]]\nname = \"p\"\npattern = \"^q\"\npriority = \"high\"\ndefinition = { expires = 0 }\n",
        "delete_vhosts = [\"/\"]\n",
        "delete_vhosts = \"old\"\n",
        "product = \"\"\n",
        "send_timeout = 30\n",
        "compat = \"3.11\"\n",
        "compat = 3.10\n",
        "deprecated_features.permit.global_qos = 1\n",
        "deprecated_features.permit.ram_nodes = true\n",
    ];
    let answers: String = texts.into_iter().map(refusal).collect();
    insta::assert_snapshot!(answers, @r#"
FILE, line 2, "amqq = "127.0.0.1:5672"": unknown key 'amqq', did you mean 'amqp'? (allowed: amqp, http, memory, data, log, log_format, compat, strict, deprecated_features, product, heartbeat, frame_max, channel_max, memory_limit, memory_budget, segment_size, sync, max_message_size, max_transaction_size, consumer_timeout, send_timeout, delete_vhosts, vhosts, users, permissions, topic_permissions, policies)
FILE, line 3, "pasword = "secret"": unknown key 'pasword', did you mean 'password'? (allowed: name, password, password_hash, loopback_only, tags, max_connections, max_channels)
FILE, line 2, "name = "ann"": the user 'ann' has no password: password is a text that is not empty; for example password = "a long secret", or password_hash is a text as in RabbitMQ's definitions
FILE, line 1, "log = "wran"": unknown value 'wran', did you mean 'warn'? (allowed: off, error, warn, info, debug, trace)
FILE, line 1, "amqp = "5672"": amqp is an IP address and a port; for example amqp = "0.0.0.0:5672"
FILE, line 1, "heartbeat = "60 parsecs"": heartbeat is whole seconds up to 65535s, or "0s" to turn it off; for example heartbeat = "60s"
FILE, line 1, "heartbeat = "1500ms"": heartbeat is whole seconds up to 65535s, or "0s" to turn it off; for example heartbeat = "60s"
FILE, line 1, "frame_max = 100": frame_max is a size from 8192 bytes to 4 GiB, or 0 for no limit; for example frame_max = "128 KiB"
FILE, line 1, "memory_limit = true": memory_limit is a size of 64 KiB or more, because publishers wait beyond it; for example memory_limit = "4 GiB"
FILE, line 1, "amqp =": string values must be quoted, expected literal string
FILE, line 1, "sync = "sometimes"": sync is always, never, or how often; for example sync = "100ms"
FILE, line 4, "name = "/"": '/' is there twice
FILE, line 2, "user = "ann"": there is no user 'ann' in this file
FILE, line 3, "vhost = "app"": there is no virtual host 'app' in this file
FILE, line 4, "read = "("": '(' is no regular expression: found open group without closing ')'
FILE, line 4, "definition = { max-length = -1 }": max-length = -1 is not allowed: max-length is a whole number, 0 or more; for example max-length = 1000
FILE, line 4, "definition = { max-lenght = 1 }": unknown policy key 'max-lenght', did you mean 'max-length'? (allowed: alternate-exchange, consumer-disconnected-timeout, consumer-timeout, dead-letter-exchange, dead-letter-routing-key, dead-letter-strategy, delivery-limit, expires, initial-cluster-size, max-age, max-in-memory-bytes, max-in-memory-length, max-length, max-length-bytes, message-ttl, overflow, queue-leader-locator, queue-mode, queue-version, stream-filter-size-bytes, stream-max-segment-size-bytes, target-group-size, member-placement-tag)
FILE, line 4, "apply_to = "queue"": unknown value 'queue', did you mean 'queues'? (allowed: all, exchanges, queues, classic_queues, quorum_queues, streams)
FILE, line 5, "definition = { dead-letter-exchange = "x" }": an operator policy cannot set dead-letter-exchange (allowed: delivery-limit, expires, max-in-memory-bytes, max-in-memory-length, max-length, max-length-bytes, message-ttl, overflow, queue-version, target-group-size, member-placement-tag)
FILE, line 1, "memory_limit = -1": memory_limit is a size of 64 KiB or more, because publishers wait beyond it; for example memory_limit = "4 GiB"
FILE, line 1, "memory_limit = "0"": memory_limit is a size of 64 KiB or more, because publishers wait beyond it; for example memory_limit = "4 GiB"
FILE, line 1, "memory_budget = "1"": memory_budget is a size of 64 KiB or more, because a queue's ends stay in memory; for example memory_budget = "64 MiB"
FILE, line 1, "max_message_size = "1 TiB"": max_message_size is a size from 1 KiB to 512 MiB; for example max_message_size = "16 MiB"
FILE, line 1, "channel_max = 70000": channel_max is a whole number from 1 to 65535, or 0 for no limit; for example channel_max = 2047
FILE, line 1, "data = """: data is the name of a directory; for example data = "/var/lib/warren"
FILE, line 1, "consumer_timeout = 30": consumer_timeout is a duration, or "0s" for no limit; for example consumer_timeout = "30m"
FILE, line 1, "memory = "yes"": memory is true or false; for example memory = true
FILE, line 1, "[users]": users is a list of tables, each under [[users]] in double brackets; for example [[users]]
FILE, line 2, "users = "ann"": users is a list of tables, each under [[users]] in double brackets; for example [[users]]
FILE, line 2, "name = """: name is a text of 1 to 255 bytes; for example name = "ann"
FILE, line 3, "password = """: password is a text that is not empty; for example password = "a long secret", because nobody can log in with an empty one
FILE, line 3, "password_hash = "secret"": a password hash is base64 of 36 bytes: a salt of 4, and the SHA-256 of the salt and the password (rabbit_password_hashing_sha256)
FILE, line 4, "tags = "management"": tags is a list of texts; for example tags = ["impersonator"]
FILE, line 2, "name = 5": name is a text of 1 to 255 bytes; for example name = "ann"
FILE, line 3, "max_queues = -1": max_queues is a whole number, 0 or more; leave it out for no limit; for example max_queues = 1000
FILE, line 2, "name = """: name is a text of 1 to 255 bytes; for example name = "orders"
FILE, line 1, "[[policies]]": the key 'name' is missing: name is a text of 1 to 255 bytes; for example name = "short"
FILE, line 4, "definition = { overflow = "drop" }": overflow = "drop" is not allowed: overflow is drop-head, reject-publish or reject-publish-dlx; for example overflow = "reject-publish"
FILE, line 4, "definition = "max-length"": definition is a table of policy keys; for example definition = { max-length = 1000 }
FILE, line 4, "priority = "high"": priority is a whole number; for example priority = 10
FILE, line 1, "delete_vhosts = ["/"]": the virtual host '/' is in this file, too: take it out of delete_vhosts to keep it, or out of [[vhosts]] to delete it with its queues
FILE, line 1, "delete_vhosts = "old"": delete_vhosts is a list of names of virtual hosts that are to be deleted; for example delete_vhosts = ["old"]
FILE, line 1, "product = """: product is a text of 1 to 255 bytes; for example product = "RabbitMQ"
FILE, line 1, "send_timeout = 30": send_timeout is a duration, or "0s" for no limit; for example send_timeout = "30s"
FILE, line 1, "compat = "3.11"": compat is a release of RabbitMQ in quotes: "3.10", "4.0" or "4.3"; for example compat = "3.10"
FILE, line 1, "compat = 3.10": compat is a release of RabbitMQ in quotes: "3.10", "4.0" or "4.3"; for example compat = "3.10"
FILE, line 1, "deprecated_features.permit.global_qos = 1": global_qos is true or false; for example deprecated_features.permit.global_qos = false
FILE, line 1, "deprecated_features.permit.ram_nodes = true": unknown key 'ram_nodes' (allowed: global_qos, queue_master_locator, transient_nonexcl_queues)
"#);
}

#[test]
fn an_unknown_release_is_refused() {
    insta::assert_snapshot!(failure(&["--compat", "3.11"]), @r#"
exit code 2
warren: invalid value '3.11' for '--compat <RELEASE>': Warren can answer like RabbitMQ 3.10, 4.0 or 4.3, not like "3.11"
"#);
}

#[test]
fn a_file_in_another_encoding_is_called_so() {
    let file = TempFile::new("latin-1", "");
    std::fs::write(&file.path, b"# a comment\n[[users]]\nname = \"j\xfcrgen\"\n").expect("writable");
    insta::assert_snapshot!(failure(&["--config", file.path()]).replace(file.path(), "FILE"), @r"
exit code 2
warren: FILE, line 3: the file is not UTF-8 text: byte 31 is 0xfc; save it as UTF-8, which TOML files are
");
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
<- b:3 channel.close 403 ACCESS_REFUSED - write access to topic 'alice.1' in exchange 'amq.topic' in vhost 'app' refused for user 'bob' (60,40)
-> c:1 queue.declare queue=q
<- c:1 channel.close 403 ACCESS_REFUSED - configure access to queue 'q' in vhost 'app' refused for user 'guest' (50,10)
-> d:0 heartbeat
<- d:0 connection.close 530 NOT_ALLOWED - access to vhost 'app' refused for user 'bob': connection limit (2) is reached (10,40)
-> b:4 basic.qos prefetch_count=1
<- b:0 connection.close 530 NOT_ALLOWED - number of channels opened for user 'bob' has reached the maximum allowed user limit of 3 (0,0)
";
    let conversation = Conversation::parse("access", text).expect("a conversation");
    for (step, heard) in conversation.steps.iter().zip(hear(&server, text)) {
        assert_eq!(heard, step.answers, "{}", step.said);
    }
}

/// The names are RabbitMQ's, and so are the answers. What is permitted is logged, once.
#[test]
fn deprecated_features_are_denied_where_asked() {
    let text = "deprecated_features.permit.transient_nonexcl_queues = false\n";
    let file = TempFile::new("deprecated", text);
    let permitted = "<- 1 queue.declare-ok queue=q message_count=0 consumer_count=0";
    let denied =
        "<- 0 connection.close 541 INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.";
    let locator_permitted = "<- 1 queue.declare-ok queue=r message_count=0 consumer_count=0";
    let locator_denied =
        "<- 0 connection.close 541 INTERNAL_ERROR - Feature `queue_master_locator` is deprecated.";
    for (args, transient, locator) in [
        (&[][..], permitted, locator_permitted),
        (&["--strict"], permitted, locator_denied),
        (&["--strict", "--compat", "4.0"], permitted, locator_permitted),
        (&["--config", file.path()], denied, ""),
    ] {
        let server = Server::start(args);
        let steps = "-> 1 queue.declare queue=q\n-> 1 queue.declare queue=q passive\n\
                     -> 1 queue.declare queue=r durable arguments={x-queue-master-locator=min-masters}\n";
        let heard = hear(&server, steps);
        assert!(heard[0].concat().starts_with(transient), "{args:?}: {heard:?}");
        assert!(heard[2].concat().starts_with(locator), "{args:?}: {heard:?}");
        server.signal("-TERM");
        let (_, log) = server.wait();
        assert_eq!(log.matches("deprecated feature transient_nonexcl_queues").count(), 1, "{args:?}: {log}");
    }
}

/// What the server answers to each step of a conversation.
fn hear(server: &Server, steps: &str) -> Vec<Vec<String>> {
    let conversation = Conversation::parse("steps", steps).expect("a conversation");
    let player = Player::new(TcpHost::new(&server.amqp, Duration::from_millis(50)));
    let (Played(heard), _) = play_steps("steps", &conversation, player).expect("played");
    heard
}

/// Clients decide by the version what a broker can do, and some programs insist on the product.
#[test]
fn clients_are_told_which_rabbitmq_it_behaves_like() {
    let file = TempFile::new("product", "product = \"RabbitMQ\"\ncompat = \"4.0\"\n");
    for (args, product, version) in [
        (vec![], "Warren", "4.3.6"),
        (vec!["--compat", "3.10"], "Warren", "3.10.8"),
        (vec!["--config", file.path()], "RabbitMQ", "4.0.5"),
        (vec!["--config", file.path(), "--compat", "4.3"], "RabbitMQ", "4.3.6"),
    ] {
        let server = Server::start(&args);
        let mut stream = server.connect();
        stream.write_all(b"AMQP\x00\x00\x09\x01").expect("sent");
        let start = expect_method(&mut stream, 10, 10);
        let own = env!("CARGO_PKG_VERSION");
        for (name, value) in [("product", product), ("version", version), ("warren_version", own)] {
            let length = u8::try_from(value.len()).expect("a short text");
            let named = [&[u8::try_from(name.len()).expect("a short name")], name.as_bytes()].concat();
            let entry = [&named[..], b"S\0\0\0", &[length], value.as_bytes()].concat();
            assert!(start.windows(entry.len()).any(|part| part == entry), "{name}: {}", start.escape_ascii());
        }
    }
}
