//! Rust, with lapin and tokio.

mod consume;
mod produce;

use warren_sim::{ExchangeType, Frequency, Lapse, warren_core::wire::FieldTable};

use crate::{
    Language,
    code::{Code, Style},
    literal::{Literals, NEVER, ms, seconds},
    notes,
    plan::{Plan, Role},
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
        Role::Producer(role) => produce::produce(&mut body, plan, role),
        Role::Consumer(role) => consume::consume(&mut body, plan, role),
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
        ));
    }
    if body.says("rand::") {
        notes.push(plan.say("It needs rand, too: cargo add rand."));
    }
    notes
}

fn declare(code: &mut Code, plan: &Plan<'_>) {
    for exchange in plan.exchanges {
        let kind = match exchange.kind {
            ExchangeType::Direct => "ExchangeKind::Direct".into(),
            ExchangeType::Fanout => "ExchangeKind::Fanout".into(),
            ExchangeType::Topic => "ExchangeKind::Topic".into(),
            ExchangeType::Headers => "ExchangeKind::Headers".into(),
            other => ["ExchangeKind::Custom(\"", other.as_str(), "\".into())"].concat(),
        };
        let options = options("ExchangeDeclareOptions", &[("durable", exchange.durable)]);
        let arguments = [owned(&exchange.name), kind, options, table(&exchange.arguments)];
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
        let lent = if mandatory { "" } else { "&" };
        code.open(&["fn tell(body: &str, confirmation: ", lent, "lapin::Confirmation) {"]);
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
            plan.say("A header that is a number; clients write numbers of different sizes."),
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
        plan.say("How often a queue's consumers have rejected it before, by its x-death header."),
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

/// A text in a format string.
fn braced(text: &str) -> String {
    // Before it is escaped: escapes have braces of their own.
    RUST.escaped(&text.replace('{', "{{").replace('}', "}}"), '"')
}
