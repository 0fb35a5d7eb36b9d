//! What a wrong file is told.

use warren_sim::{Scenario, lessons};

#[test]
fn a_wrong_file_is_told_where_and_what() {
    let good = lessons::find("hello").expect("a lesson").toml;
    let table = [
        ("queue = \"hello\"", "queue = \"helo\""),
        ("ack = \"after-work\"", "ack = \"after-wrk\""),
        ("interval = \"1500ms\"", "interval = \"1500\""),
        ("interval = \"1500ms\"", "intervall = \"1500ms\""),
        ("count = 6", "count = -6"),
        ("count = 6", ""),
        ("[[consumer]]", "[[consumers]]"),
        ("name = \"consumer\"", "name = \"producer\""),
        ("ack = \"after-work\"", "ack = \"auto\"\nprefetch = 3"),
        ("until = \"16s\"", "until = 16s"),
        ("ack = \"after-work\"", "ack = \"after-work\"\nfails = \"sometimes\""),
        ("ack = \"after-work\"", "ack = \"after-work\"\ndeclares = { queue = \"helo\" }"),
        ("ack = \"after-work\"", "ack = \"after-work\"\ndeclares = { durable = true }"),
        ("ack = \"after-work\"", "ack = \"after-work\"\ngive_up = { after = 3, to = \"parked\" }"),
        ("ack = \"after-work\"", "ack = \"auto\"\ngive_up = { after = 3, to = \"hello\" }"),
        ("name = \"hello\"", "name = \"hello\"\narguments = { x-dead-letter-exchange = \"dead\" }"),
        ("[[consumer]]", "[[queue]]\nname = \"mine\"\nexclusive = true\n[[consumer]]"),
        ("count = 6", "count = 6\nwindow = 5"),
        ("count = 6", "count = 6\nconfirms = true\ntransaction = 5"),
        ("count = 6", "count = 6\nconfirms = true\nreply_to = \"amq.rabbitmq.reply-to\""),
        ("count = 6", "count = 6\nrolls_back = \"every 2\""),
        ("count = 6", "count = 6\nreply_to = \"amq.rabbitmq.replyto\""),
        ("ack = \"after-work\"", "ack = \"after-work\"\nconnection = \"in\""),
        ("ack = \"after-work\"", "ack = \"after-work\"\nclient = \"producer\""),
        ("[[consumer]]", "[[exchange]]\nname = \"e\"\ntype = \"header\"\n[[consumer]]"),
        ("[[consumer]]", "[consumer]"),
        ("count = 6", "count = \"six\""),
        ("count = 6", "count = 6\nwork = []"),
        ("count = 6", "count = 6\npriority = [1, 256]"),
        ("count = 6", "count = 6\nheaders = { x = 1.5 }"),
        ("count = 6", "count = 6\npersistent = \"yes\"\nwindw = 2"),
        (
            "[[consumer]]",
            "[[exchange]]\nname = \"e\"\ntype = \"fanout\"\n[[binding]]\nexchange = \"e\"\n[[consumer]]",
        ),
    ];
    let told = table.map(|(right, wrong)| {
        assert!(good.contains(right), "{right}");
        let file = good.replacen(right, wrong, 1);
        let error = Scenario::parse("hello.toml", &file).expect_err("it is wrong");
        format!("{wrong:?}\n  {error}").replace("\\n", " ").replace("\\\"", "'")
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    "queue = 'helo'"
      hello.toml:23: field "queue": there is no queue called "helo"; did you mean "hello"? Possible: hello
    "ack = 'after-wrk'"
      hello.toml:24: field "ack": "after-wrk" is not possible; did you mean "after-work"? Possible: auto, on-receipt, after-work, never
    "interval = '1500'"
      hello.toml:18: field "interval": invalid value: string "1500", expected a time such as "300ms", "100ms..2s" or "~1s"
    "intervall = '1500ms'"
      hello.toml:18: [[producer]] has no field "intervall"; did you mean "interval"? Possible: name, client, connection, start, latency, declares, exchange, routing_key, body, bytes, interval, burst, count, headers, work, fails, priority, expiration, persistent, mandatory, confirms, window, republishes, transaction, rolls_back, reply_to, timeout, reconnect, code
    "count = -6"
      hello.toml:19: field "count": invalid value: integer -6, expected a whole number from 0 to 4294967295
    ""
      hello.toml:14: [[producer]] needs a field "count"
    "[[consumers]]"
      hello.toml:21: [[consumers]] has no field "consumers"; did you mean "consumer"? Possible: until, title, summary, network, broker, disk, exchange, queue, binding, producer, consumer, fault, positions, lesson, replay
    "name = 'producer'"
      hello.toml:22: field "name": there is another producer or consumer called "producer"
    "ack = 'auto' prefetch = 3"
      hello.toml:25: field "prefetch": prefetch counts unacked messages, and with ack = "auto" there are none; use ack = "after-work", or leave it out
    "until = 16s"
      hello.toml:1: field "until": string values must be quoted, expected literal string
    "ack = 'after-work' fails = 'sometimes'"
      hello.toml:25: field "fails": invalid value: string "sometimes", expected "always", "every 3" or "20%"
    "ack = 'after-work' declares = { queue = 'helo' }"
      hello.toml:25: field "declares": there is no queue called "helo"; did you mean "hello"? Possible: hello
    "ack = 'after-work' declares = { durable = true }"
      hello.toml:25: field "declares" needs a field "queue"
    "ack = 'after-work' give_up = { after = 3, to = 'parked' }"
      hello.toml:25: field "give_up": there is no queue called "parked"; possible: hello
    "ack = 'auto' give_up = { after = 3, to = 'hello' }"
      hello.toml:25: field "give_up": give_up counts how often x-death says that the message was rejected, so it needs ack = "after-work" and on_failure = "reject"
    "name = 'hello' arguments = { x-dead-letter-exchange = 'dead' }"
      hello.toml:13: field "arguments": there is no exchange called "dead"; possible: amq.direct, amq.fanout, amq.headers, amq.match, amq.topic
    "[[queue]] name = 'mine' exclusive = true [[consumer]]"
      hello.toml:23: field "exclusive": an exclusive queue belongs to one connection: let one actor take from it, or several on one connection
    "count = 6 window = 5"
      hello.toml:20: field "window": window counts messages without confirm or answer; use confirms = true or reply_to
    "count = 6 confirms = true transaction = 5"
      hello.toml:21: field "transaction": a channel has either confirms or transactions
    "count = 6 confirms = true reply_to = 'amq.rabbitmq.reply-to'"
      hello.toml:21: field "reply_to": here a producer waits either for confirms or for answers
    "count = 6 rolls_back = 'every 2'"
      hello.toml:20: field "rolls_back": there is nothing to roll back without transactions; use transaction = 5
    "count = 6 reply_to = 'amq.rabbitmq.replyto'"
      hello.toml:20: field "reply_to": there is no queue called "amq.rabbitmq.replyto"; possible: hello
    "ack = 'after-work' connection = 'in'"
      hello.toml:25: field "connection": it says which of a client's connections it uses; use client = "…", too
    "ack = 'after-work' client = 'producer'"
      hello.toml:25: field "client": there is another producer or consumer called "producer"
    "[[exchange]] name = 'e' type = 'header' [[consumer]]"
      hello.toml:23: field "type": "header" is not possible; did you mean "headers"? Possible: direct, fanout, topic, headers, x-consistent-hash, x-modulus-hash, x-random, x-local-random, x-delayed-message, x-recent-history
    "[consumer]"
      hello.toml:21: [consumer]: invalid value: table, expected a list: values in [brackets], or sections in [[double brackets]]
    "count = 'six'"
      hello.toml:19: field "count": invalid value: string "six", expected a whole number from 0 to 4294967295
    "count = 6 work = []"
      hello.toml:20: field "work": invalid value: array, expected a time such as "2s", or a list of them
    "count = 6 priority = [1, 256]"
      hello.toml:20: field "priority": invalid value: integer 256, expected a whole number from 0 to 255
    "count = 6 headers = { x = 1.5 }"
      hello.toml:20: field "headers": invalid value: float 1.5, expected a number, a text, true or false
    "count = 6 persistent = 'yes' windw = 2"
      hello.toml:20: field "persistent": invalid value: string "yes", expected true or false
    "[[exchange]] name = 'e' type = 'fanout' [[binding]] exchange = 'e' [[consumer]]"
      hello.toml:24: a [[binding]] needs either "queue" or "to_exchange", where it leads
    "#);
}
