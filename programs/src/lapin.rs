//! Rust, with lapin and tokio.

use warren_sim::{AckMode, ExchangeType, Frequency, Lapse, OnFailure, warren_core::wire::FieldTable};

use crate::{
    Language,
    code::{Code, Style},
    literal::{Literals, NEVER, ms, seconds},
    notes,
    plan::{Body, Consuming, FAILS_HEADER, Part, Plan, Publishing, Role, WORK_HEADER},
};

const STYLE: Style = Style { indent: "    ", comment: "//", last_comma: "," };

const RUST: Literals = Literals {
    table: ["table([", "])"],
    entry: ["(", ", ", ")"],
    large: NEVER,
    list: ["AMQPValue::FieldArray(vec![", "].into())"],
    text: ["AMQPValue::LongString(", ".into())"],
    int: ["AMQPValue::LongInt(", ")"],
    long: ["AMQPValue::LongLongInt(", ")"],
    float: ["AMQPValue::Double(", ")"],
    truth: ["AMQPValue::Boolean(false)", "AMQPValue::Boolean(true)"],
    nothing: "AMQPValue::Void",
    escape: ["\\u{", "}"],
};

/// What a program may use, in the order of its imports: how it says so, and the import.
const OPTIONS: [&str; 12] = [
    "BasicAckOptions",
    "BasicConsumeOptions",
    "BasicNackOptions",
    "BasicPublishOptions",
    "BasicQosOptions",
    "BasicRejectOptions",
    "ConfirmSelectOptions",
    "ExchangeBindOptions",
    "ExchangeDeclareOptions",
    "QueueBindOptions",
    "QueueDeclareOptions",
    "BasicCancelOptions",
];

/// The program.
pub(crate) fn program(plan: &Plan<'_>) -> String {
    let mut body = Code::new(STYLE, 1);
    declare(&mut body, plan);
    match &plan.role {
        Role::Producer(role) => produce(&mut body, plan, role),
        Role::Consumer(role) => consume(&mut body, plan, role),
    }
    let mut helpers = Code::new(STYLE, 0);
    help(&mut helpers, plan, &body);

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::Rust, &own_notes(plan, &body));
    let says = |what: &str| body.says(what) || helpers.says(what);
    imports(&mut top, says);
    top.line(&["type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;"]);
    top.gap();
    top.line(&["#[tokio::main]"]);
    top.open(&["async fn main() -> Result<()> {"]);
    top.line(&[
        "let url = env::var(\"AMQP_URL\").unwrap_or_else(|_| \"amqp://guest:guest@localhost:5672\".into());",
    ]);
    top.line(&["let connection = Connection::connect(&url, ConnectionProperties::default()).await?;"]);
    top.line(&["let channel = connection.create_channel().await?;"]);
    top.gap();
    [top.text(), body.text(), "    Ok(())\n}\n", helpers.text()].concat()
}

fn imports(top: &mut Code, says: impl Fn(&str) -> bool) {
    let collection = ["BTreeMap", "VecDeque"].into_iter().find(|name| says(name));
    let collection = collection.map_or(String::new(), |name| ["collections::", name, ", "].concat());
    let time = if says("Duration::") { ", time::Duration" } else { "" };
    let many = !collection.is_empty() || !time.is_empty();
    let (open, close) = if many { ("{", "}") } else { ("", "") };
    top.line(&["use std::", open, &collection, "env", time, close, ";"]);
    top.gap();
    if says(".next().await") {
        top.line(&["use futures_lite::StreamExt;"]);
    }
    let mut names = Vec::new();
    let mut wants = |sign: &str, import: &str| {
        if says(sign) {
            names.push(import.to_owned());
        }
    };
    wants("BasicProperties::", "BasicProperties");
    names.extend(["Connection".into(), "ConnectionProperties".into()]);
    let mut wants = |sign: &str, import: &str| {
        if says(sign) {
            names.push(import.to_owned());
        }
    };
    wants("ExchangeKind::", "ExchangeKind");
    wants("&Delivery", "message::Delivery");
    let options: Vec<&str> = OPTIONS.into_iter().filter(|name| says(name)).collect();
    match &options[..] {
        [] => {}
        [one] => names.push(["options::", one].concat()),
        _ => names.push(["options::{", &options.join(", "), "}"].concat()),
    }
    let types: Vec<&str> =
        ["AMQPValue", "FieldTable"].into_iter().filter(|name| says(&[name, "::"].concat())).collect();
    match &types[..] {
        [] => {}
        [one] => names.push(["types::", one].concat()),
        _ => names.push(["types::{", &types.join(", "), "}"].concat()),
    }
    top.call("use lapin::{", &names, "};");
    if says("sleep(") {
        top.line(&["use tokio::time::sleep;"]);
    }
    top.gap();
}

fn own_notes(plan: &Plan<'_>, body: &Code) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if matches!(&plan.role, Role::Producer(role) if role.plan.mandatory && !role.plan.confirms) {
        notes.push(plan.say(
            "It does not see which messages come back: lapin tells of that only where there are confirms.",
            "Она не видит, какие сообщения вернулись: lapin сообщает об этом только при confirms.",
        ));
    }
    if body.says("rand::") {
        notes.push(plan.say("It needs rand, too: cargo add rand.", "Ей нужен ещё rand: cargo add rand."));
    }
    notes
}

fn declare(code: &mut Code, plan: &Plan<'_>) {
    for exchange in plan.exchanges {
        let kind = match exchange.kind {
            ExchangeType::Direct => "ExchangeKind::Direct",
            ExchangeType::Fanout => "ExchangeKind::Fanout",
            ExchangeType::Topic => "ExchangeKind::Topic",
            ExchangeType::Headers => "ExchangeKind::Headers",
        };
        let options = options("ExchangeDeclareOptions", &[("durable", exchange.durable)]);
        let arguments = [owned(&exchange.name), kind.into(), options, table(&exchange.arguments)];
        await_call(code, "channel.exchange_declare(", &arguments);
    }
    for queue in &plan.queues {
        let flags = [("durable", queue.durable), ("exclusive", queue.exclusive)];
        let options = options("QueueDeclareOptions", &flags);
        await_call(code, "channel.queue_declare(", &[owned(&queue.name), options, table(&queue.arguments)]);
    }
    for binding in &plan.bindings {
        let (head, to, options) = match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) => ("channel.queue_bind(", queue, "QueueBindOptions::default()"),
            (None, Some(exchange)) => ("channel.exchange_bind(", exchange, "ExchangeBindOptions::default()"),
            (None, None) => continue,
        };
        let (from, key) = (owned(&binding.exchange), owned(&binding.routing_key));
        await_call(code, head, &[owned(to), from, key, options.into(), table(&binding.arguments)]);
    }
    if !plan.exchanges.is_empty() || !plan.queues.is_empty() {
        code.gap();
    }
}

fn produce(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.confirms {
        code.line(&["channel.confirm_select(ConfirmSelectOptions::default()).await?;"]);
        if producer.window != 1 {
            code.comment(
                plan.say("Messages that are not confirmed yet.", "Сообщения, которые ещё не подтверждены."),
            );
            code.line(&["let mut open = VecDeque::new();"]);
        }
    }
    if producer.transaction > 0 {
        code.line(&["channel.tx_select().await?;"]);
    }
    if let Some(reply_to) = &producer.reply_to {
        code.comment(plan.say(
            "Questions that have no answer yet, by correlation id.",
            "Вопросы, на которые ещё нет ответа, по correlation id.",
        ));
        code.line(&["let mut asked: BTreeMap<String, String> = BTreeMap::new();"]);
        let options = options("BasicConsumeOptions", &[("no_ack", true)]);
        let arguments = [owned(reply_to), owned(""), options, table(&FieldTable::default())];
        await_call(code, "let mut answers = channel.basic_consume(", &arguments);
    }
    notes::headers(code, plan, role);
    lists(code, role);
    code.open(&["for n in 1..=", &producer.count.to_string(), " {"]);
    in_turn(code, role);
    publish(code, role);
    end_transaction(code, role);
    if let Some(pause) = pause(producer.interval) {
        // With a burst of messages, only after the last of it.
        if producer.burst > 1 {
            code.open(&["if n % ", &producer.burst.to_string(), " == 0 {"]);
        }
        code.line(&["sleep(", &pause, ").await;"]);
        if producer.burst > 1 {
            code.close(&["}"]);
        }
    }
    if producer.reply_to.is_some() && producer.window > 0 {
        hear(code, &["while asked.len() >= ", &producer.window.to_string(), " {"]);
    }
    code.close(&["}"]);
    if producer.reply_to.is_some() {
        hear(code, &["while !asked.is_empty() {"]);
    }
    if producer.confirms && producer.window != 1 {
        code.open(&["for (body, confirm) in open {"]);
        code.line(&["tell(&body, confirm.await?);"]);
        code.close(&["}"]);
    }
    code.gap();
    code.line(&["connection.close(200, \"\".into()).await?;"]);
}

/// Takes one answer after the other, as long as it has to.
fn hear(code: &mut Code, condition: &[&str]) {
    code.open(condition);
    code.line(&["let Some(answer) = answers.next().await else { break };"]);
    code.line(&["let answer = answer?;"]);
    code.line(&["let id = answer.properties.correlation_id().as_ref().map(ToString::to_string);"]);
    code.open(&["if let Some(body) = id.and_then(|id| asked.remove(&id)) {"]);
    code.line(&["println!(\"answered {body} -> {}\", String::from_utf8_lossy(&answer.data));"]);
    code.close(&["}"]);
    code.close(&["}"]);
}

/// What messages have in turn.
fn lists(code: &mut Code, role: &Publishing<'_>) {
    let quoted = |texts: &[String]| texts.iter().map(|text| RUST.quoted(text)).collect::<Vec<_>>();
    if role.plan.routing_key.len() > 1 {
        code.list("let keys = [", &quoted(&role.plan.routing_key), "];");
    }
    if role.plan.priority.len() > 1 {
        let priorities: Vec<String> = role.plan.priority.iter().map(u8::to_string).collect();
        code.list("let priorities = [", &priorities, "];");
    }
    if role.headers.len() > 1 {
        let headers: Vec<String> = role.headers.iter().map(table).collect();
        code.list("let headers = [", &headers, "];");
    }
    if let Body::InTurn(bodies) = &role.body
        && bodies.len() > 1
    {
        code.list("let bodies = [", &quoted(bodies), "];");
    }
}

fn in_turn(code: &mut Code, role: &Publishing<'_>) {
    if role.plan.routing_key.len() > 1 {
        code.line(&["let key = keys[(n - 1) % keys.len()];"]);
    }
    if role.plan.priority.len() > 1 {
        code.line(&["let priority = priorities[(n - 1) % priorities.len()];"]);
    }
    let body = match &role.body {
        Body::Template(parts) => template(parts),
        Body::InTurn(bodies) => {
            let body = match &bodies[..] {
                [body] => RUST.quoted(body),
                _ => "bodies[(n - 1) % bodies.len()]".into(),
            };
            let body = role.holes(bodies).fold(body, |body, (name, same)| {
                let variable =
                    if name == "key" { "key".into() } else { ["&", name, ".to_string()"].concat() };
                let value = same.map_or(variable, |same| RUST.quoted(&same));
                [&body, ".replace(\"{", name, "}\", ", &value, ")"].concat()
            });
            if body.ends_with(')') { body } else { [&body, ".to_owned()"].concat() }
        }
    };
    code.line(&["let body = ", &body, ";"]);
    if role.plan.bytes > 0 {
        let bytes = role.plan.bytes.to_string();
        code.line(&[
            "let body = format!(\"{body}{}\", \".\".repeat(",
            &bytes,
            "_usize.saturating_sub(body.len())));",
        ]);
    }
}

fn template(parts: &[Part]) -> String {
    if let [Part::Text(text)] = parts {
        return [&RUST.quoted(text), ".to_owned()"].concat();
    }
    if let [Part::Variable(name)] = parts {
        return [name, ".to_string()"].concat();
    }
    let parts = parts.iter().map(|part| match part {
        Part::Text(text) => braced(text),
        Part::Variable(name) => ["{", name, "}"].concat(),
    });
    ["format!(\"", &parts.collect::<String>(), "\")"].concat()
}

/// A text in a format string.
fn braced(text: &str) -> String {
    // Before it is escaped: escapes have braces of their own.
    RUST.escaped(&text.replace('{', "{{").replace('}', "}}"), '"')
}

fn publish(code: &mut Code, role: &Publishing<'_>) {
    let producer = role.plan;
    let key = match &producer.routing_key[..] {
        [key] => owned(key),
        _ => "key.into()".into(),
    };
    let arguments = [
        owned(&producer.exchange),
        key,
        options("BasicPublishOptions", &[("mandatory", producer.mandatory)]),
        "body.as_bytes()".into(),
    ];
    let properties = properties(role);
    code.open(&[if producer.confirms { "let confirm = channel" } else { "channel" }]);
    code.open(&[".basic_publish("]);
    for argument in &arguments {
        code.line(&[argument, ","]);
    }
    if properties.is_empty() {
        code.line(&["BasicProperties::default(),"]);
    } else {
        code.open(&["BasicProperties::default()"]);
        for (index, property) in properties.iter().enumerate() {
            code.line(&[property, if index + 1 == properties.len() { "," } else { "" }]);
        }
        code.close(&[]);
    }
    code.close(&[")"]);
    code.line(&[".await?;"]);
    code.close(&[]);
    code.line(&["println!(\"sent {body}\");"]);
    if producer.reply_to.is_some() {
        code.line(&["asked.insert(n.to_string(), body);"]);
    }
    if !producer.confirms {
        return;
    }
    if producer.window == 1 {
        return code.line(&["tell(&body, confirm.await?);"]);
    }
    code.line(&["open.push_back((body, confirm));"]);
    if producer.window > 0 {
        code.open(&[
            "if open.len() >= ",
            &producer.window.to_string(),
            " && let Some((body, confirm)) = open.pop_front() {",
        ]);
        code.line(&["tell(&body, confirm.await?);"]);
        code.close(&["}"]);
    }
}

fn properties(role: &Publishing<'_>) -> Vec<String> {
    let producer = role.plan;
    let mut properties = Vec::new();
    let mut with = |name: &str, value: &str| properties.push([".with_", name, "(", value, ")"].concat());
    match &role.headers[..] {
        [] => {}
        [headers] => with("headers", &table(headers)),
        _ => with("headers", "headers[(n - 1) % headers.len()].clone()"),
    }
    if producer.persistent {
        with("delivery_mode", "2");
    }
    match &producer.priority[..] {
        [] => {}
        [priority] => with("priority", &priority.to_string()),
        _ => with("priority", "priority"),
    }
    if let Some(time) = producer.expiration {
        with("expiration", &owned(&ms(time)));
    }
    if role.has_ids {
        let name = braced(&producer.name);
        with("message_id", &["format!(\"", &name, "-{n}\").into()"].concat());
    }
    if let Some(reply_to) = &producer.reply_to {
        with("reply_to", &owned(reply_to));
        with("correlation_id", "n.to_string().into()");
    }
    properties
}

fn end_transaction(code: &mut Code, role: &Publishing<'_>) {
    let (size, count) = (role.plan.transaction, role.plan.count);
    if size == 0 {
        return;
    }
    if size > 1 {
        code.open(&["if n % ", &size.to_string(), " == 0 || n == ", &count.to_string(), " {"]);
    }
    // The last of them may be a smaller one.
    let number = match size {
        1 => "n".to_owned(),
        _ => ["n.div_ceil(", &size.to_string(), ")"].concat(),
    };
    match strikes(role.plan.rolls_back, &number) {
        None => code.line(&["channel.tx_commit().await?;"]),
        Some(condition) => {
            code.open(&["if ", &condition, " {"]);
            code.line(&["channel.tx_rollback().await?;"]);
            code.turn(&["} else {"]);
            code.line(&["channel.tx_commit().await?;"]);
            code.close(&["}"]);
        }
    }
    if size > 1 {
        code.close(&["}"]);
    }
}

fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if consumer.prefetch > 0 {
        code.line(&[
            "channel.basic_qos(",
            &consumer.prefetch.to_string(),
            ", BasicQosOptions::default()).await?;",
        ]);
    }
    let no_ack = options("BasicConsumeOptions", &[("no_ack", consumer.ack == AckMode::Auto)]);
    let arguments = [owned(&consumer.queue), owned(""), no_ack, table(&consumer.arguments)];
    await_call(code, "let mut messages = channel.basic_consume(", &arguments);
    if role.fails_as_told {
        code.comment(plan.say(
            "How often the work on a message has failed, by its id.",
            "Сколько раз обработка сообщения не удалась, по его id.",
        ));
        code.line(&["let mut failures: BTreeMap<String, i64> = BTreeMap::new();"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["let mut tries = 0;"]);
    }
    if role.ack_every > 1 {
        code.line(&["let mut unacked = 0;"]);
    }
    code.open(&["while let Some(message) = messages.next().await {"]);
    code.line(&["let message = message?;"]);
    code.line(&["let body = String::from_utf8_lossy(&message.data).into_owned();"]);
    code.line(&["println!(\"received {body}\");"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["message.ack(BasicAckOptions::default()).await?;"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["println!(\"done {body}\");"]);
    code.close(&["}"]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => {
            let number = ["number(&message, \"", WORK_HEADER, "\")"].concat();
            Some(["Duration::from_millis(", &number, ".unsigned_abs())"].concat())
        }
        None => None,
    };
    if let Some(time) = time {
        code.line(&["sleep(", &time, ").await; // ", plan.say("the work", "обработка")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let own = strikes(role.plan.fails, "tries");
    if own.is_some() {
        code.line(&["tries += 1;"]);
    }
    let told = role.fails_as_told.then(|| {
        code.line(&[
            "let id = message.properties.message_id().as_ref().map_or(String::new(), ToString::to_string);",
        ]);
        code.line(&["let failed = failures.entry(id).or_default();"]);
        ["*failed < number(&message, \"", FAILS_HEADER, "\")"].concat()
    });
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if ", &conditions.join(" || "), " {"]);
    code.line(&["println!(\"failed {body}\");"]);
    if role.fails_as_told {
        code.line(&["*failed += 1;"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["continue;"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = RUST.quoted(&role.plan.queue);
        code.open(&["if rejections(&message, ", &queue, ") + 1 >= ", &give_up.after.to_string(), " {"]);
        code.comment(
            plan.say(
                "Nobody shall try again: it is put aside.",
                "Больше не пытаться: сообщение откладывается.",
            ),
        );
        code.line(&[
            "let headers = message.properties.headers().iter().flat_map(|headers| headers.inner().clone());",
        ]);
        code.line(&["let headers = headers.filter(|(name, _)| name.as_str() != \"", FAILS_HEADER, "\");"]);
        code.line(&["let headers: BTreeMap<_, _> = headers.collect();"]);
        code.line(&["let properties = message.properties.clone().with_headers(headers.into());"]);
        let options = options("BasicPublishOptions", &[]);
        let arguments = [owned(""), owned(&give_up.to), options, "&message.data".into(), "properties".into()];
        await_call(code, "channel.basic_publish(", &arguments);
        code.line(&["message.ack(BasicAckOptions::default()).await?;"]);
        code.line(&["continue;"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "message.reject(BasicRejectOptions { requeue: false }).await?;",
        OnFailure::Requeue => "message.reject(BasicRejectOptions { requeue: true }).await?;",
        OnFailure::Nack => "message.nack(BasicNackOptions { multiple: false, requeue: false }).await?;",
        OnFailure::NackRequeue => "message.nack(BasicNackOptions { multiple: false, requeue: true }).await?;",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.open(&["if let Some(reply_to) = message.properties.reply_to() {"]);
    let text = if reply.contains("{body}") {
        let pieces: Vec<String> = reply.split("{body}").map(braced).collect();
        ["format!(\"", &pieces.join("{body}"), "\")"].concat()
    } else {
        RUST.quoted(reply)
    };
    code.line(&["let answer = ", &text, ";"]);
    code.comment(plan.say(
        "The correlation id says which question it answers.",
        "Correlation id говорит, на какой вопрос это ответ.",
    ));
    code.line(&["let id = message.properties.correlation_id().clone().unwrap_or_default();"]);
    let arguments = [
        owned(""),
        "reply_to.clone()".into(),
        options("BasicPublishOptions", &[]),
        "answer.as_bytes()".into(),
        "BasicProperties::default().with_correlation_id(id)".into(),
    ];
    await_call(code, "channel.basic_publish(", &arguments);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["message.ack(BasicAckOptions::default()).await?;"]);
    }
    code.line(&["unacked += 1;"]);
    code.open(&["if unacked == ", &role.ack_every.to_string(), " {"]);
    code.line(&["message.ack(BasicAckOptions { multiple: true }).await?;"]);
    code.line(&["unacked = 0;"]);
    code.close(&["}"]);
}

/// Functions that the rest needs.
fn help(code: &mut Code, plan: &Plan<'_>, body: &Code) {
    if body.says(" table([") || body.says("(table([") {
        code.gap();
        code.open(&["fn table<const N: usize>(fields: [(&str, AMQPValue); N]) -> FieldTable {"]);
        code.line(&["let mut table = FieldTable::default();"]);
        code.open(&["for (name, value) in fields {"]);
        code.line(&["table.insert(name.into(), value);"]);
        code.close(&["}"]);
        code.line(&["table"]);
        code.close(&["}"]);
    }
    if body.says("tell(") {
        let mandatory = matches!(&plan.role, Role::Producer(role) if role.plan.mandatory);
        code.gap();
        code.open(&["fn tell(body: &str, confirmation: lapin::Confirmation) {"]);
        code.line(&["let what = if confirmation.is_ack() { \"confirmed\" } else { \"refused\" };"]);
        if mandatory {
            code.line(&[
                "let what = if confirmation.take_message().is_some() { \"returned\" } else { what };",
            ]);
        }
        code.line(&["println!(\"{what} {body}\");"]);
        code.close(&["}"]);
    }
    if body.says("number(&message") {
        code.gap();
        code.line(&[
            "/// ",
            plan.say(
                "A header that is a number; clients write numbers of different sizes.",
                "Заголовок-число; клиенты пишут числа разных размеров.",
            ),
        ]);
        code.open(&["fn number(message: &Delivery, name: &str) -> i64 {"]);
        code.line(&["let headers = message.properties.headers().as_ref();"]);
        code.open(&["match headers.and_then(|headers| headers.inner().get(name)) {"]);
        code.line(&["Some(AMQPValue::ShortShortInt(number)) => (*number).into(),"]);
        code.line(&["Some(AMQPValue::ShortInt(number)) => (*number).into(),"]);
        code.line(&["Some(AMQPValue::LongInt(number)) => (*number).into(),"]);
        code.line(&["Some(AMQPValue::LongLongInt(number)) => *number,"]);
        code.line(&["_ => 0,"]);
        code.close(&["}"]);
        code.close(&["}"]);
    }
    if body.says("rejections(") {
        reject_counter(code, plan);
    }
}

fn reject_counter(code: &mut Code, plan: &Plan<'_>) {
    code.gap();
    code.line(&[
        "/// ",
        plan.say(
            "How often a queue's consumers have rejected it before, by its x-death header.",
            "Сколько раз слушатели очереди уже отклоняли его, по заголовку x-death.",
        ),
    ]);
    code.open(&["fn rejections(message: &Delivery, queue: &str) -> i64 {"]);
    code.line(&["let headers = message.properties.headers().as_ref();"]);
    code.line(&["let Some(AMQPValue::FieldArray(deaths)) = headers.and_then(|headers| headers.inner().get(\"x-death\")) else {"]);
    code.line(&["    return 0;"]);
    code.line(&["};"]);
    code.open(&["for death in deaths.as_slice() {"]);
    code.line(&["let AMQPValue::FieldTable(death) = death else { continue };"]);
    code.line(&["let says = |name: &str, word: &str| death.inner().get(name) == Some(&AMQPValue::LongString(word.into()));"]);
    code.open(&["if says(\"queue\", queue) && says(\"reason\", \"rejected\") {"]);
    code.line(&["return death.inner().get(\"count\").and_then(AMQPValue::as_long_long_int).unwrap_or(0);"]);
    code.close(&["}"]);
    code.close(&["}"]);
    code.line(&["0"]);
    code.close(&["}"]);
}

/// A call that is waited for; over several lines as rustfmt would have it.
fn await_call(code: &mut Code, head: &str, arguments: &[String]) {
    code.call(head, arguments, ").await?;");
}

/// How long something takes; `None` if it takes no time.
fn pause(time: Lapse) -> Option<String> {
    Some(match time {
        Lapse::Fixed(time) | Lapse::About(time) if time.is_zero() => return None,
        Lapse::Fixed(time) => ["Duration::from_millis(", &ms(time), ")"].concat(),
        Lapse::Between(from, to) => {
            ["Duration::from_millis(rand::random_range(", &ms(from), "..=", &ms(to), "))"].concat()
        }
        Lapse::About(mean) => {
            let mut mean = seconds(mean);
            if !mean.contains('.') {
                mean.push_str(".0");
            }
            ["Duration::from_secs_f64(-(1.0 - rand::random::<f64>()).ln() * ", &mean, ")"].concat()
        }
    })
}

/// When something goes wrong, by the number of the time.
fn strikes(frequency: Frequency, number: &str) -> Option<String> {
    match frequency {
        Frequency::Never => None,
        Frequency::Every(every) => Some([number, " % ", &every.to_string(), " == 0"].concat()),
        Frequency::Percent(percent) => Some(["rand::random_range(0..100) < ", &percent.to_string()].concat()),
    }
}

fn owned(text: &str) -> String {
    [&RUST.quoted(text), ".into()"].concat()
}

fn table(table: &FieldTable) -> String {
    if table.is_empty() { "FieldTable::default()".into() } else { RUST.table(table) }
}

/// Options, of which those are set.
fn options(name: &str, flags: &[(&str, bool)]) -> String {
    let set: Vec<String> =
        flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| [flag, ": true"].concat()).collect();
    if set.is_empty() {
        return [name, "::default()"].concat();
    }
    [name, " { ", &set.join(", "), ", ..", name, "::default() }"].concat()
}
