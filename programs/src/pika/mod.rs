//! Python, with pika's blocking connection.

mod consume;
mod produce;

use warren_sim::{Frequency, Lapse};

use crate::{
    Language,
    code::{Code, Style},
    literal::{ESCAPE, Literals, NEVER, seconds},
    notes,
    plan::{Plan, Role},
};

const STYLE: Style = Style { indent: "    ", comment: "#", last_comma: "," };

const PYTHON: Literals = Literals {
    table: ["{", "}"],
    entry: ["", ": ", ""],
    large: NEVER,
    list: ["[", "]"],
    text: [""; 2],
    int: [""; 2],
    long: [""; 2],
    float: [""; 2],
    truth: ["False", "True"],
    nothing: "None",
    escape: ESCAPE,
};

/// The program.
pub(crate) fn program(plan: &Plan<'_>) -> String {
    let mut body = Code::new(STYLE, 0);
    declare(&mut body, plan);
    match &plan.role {
        Role::Producer(role) => produce::produce(&mut body, plan, role),
        Role::Consumer(role) => consume::consume(&mut body, plan, role),
    }

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::Python, &own_notes(plan));
    if body.says("collections.") {
        top.line(&["import collections"]);
    }
    top.line(&["import os"]);
    if body.says("random.") {
        top.line(&["import random"]);
    }
    top.gap();
    top.line(&["import pika"]);
    top.gap();
    top.line(&["url = os.environ.get(\"AMQP_URL\", \"amqp://guest:guest@localhost:5672\")"]);
    top.line(&["connection = pika.BlockingConnection(pika.URLParameters(url))"]);
    top.line(&["channel = connection.channel()"]);
    top.gap();
    [top.text(), body.text()].concat()
}

fn own_notes(plan: &Plan<'_>) -> Vec<&'static str> {
    let Role::Producer(role) = &plan.role else { return Vec::new() };
    if !role.plan.confirms || role.plan.window == 1 {
        return Vec::new();
    }
    vec![plan.say(
        "It waits for the confirm of each message, as pika's blocking connection does; there, it goes on sending.",
    )]
}

fn declare(code: &mut Code, plan: &Plan<'_>) {
    for exchange in plan.exchanges {
        let mut arguments =
            vec![named("exchange", &exchange.name), named("exchange_type", exchange.kind.as_str())];
        arguments.extend(exchange.durable.then(|| "durable=True".into()));
        arguments.extend(table("arguments", &exchange.arguments));
        code.call("channel.exchange_declare(", &arguments, ")");
    }
    for queue in &plan.queues {
        let mut arguments = vec![named("queue", &queue.name)];
        arguments.extend(queue.durable.then(|| "durable=True".into()));
        arguments.extend(queue.exclusive.then(|| "exclusive=True".into()));
        arguments.extend(table("arguments", &queue.arguments));
        code.call("channel.queue_declare(", &arguments, ")");
    }
    for binding in &plan.bindings {
        let (head, mut arguments) = match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) => {
                ("channel.queue_bind(", vec![named("queue", queue), named("exchange", &binding.exchange)])
            }
            (None, Some(to)) => {
                ("channel.exchange_bind(", vec![named("destination", to), named("source", &binding.exchange)])
            }
            (None, None) => continue,
        };
        arguments.push(named("routing_key", &binding.routing_key));
        arguments.extend(table("arguments", &binding.arguments));
        code.call(head, &arguments, ")");
    }
    if !plan.exchanges.is_empty() || !plan.queues.is_empty() {
        code.gap();
    }
}

/// How long something takes, in seconds; `None` if it takes no time.
fn pause(time: Lapse) -> Option<String> {
    Some(match time {
        Lapse::Fixed(time) | Lapse::About(time) if time.is_zero() => return None,
        Lapse::Fixed(time) => seconds(time),
        Lapse::Between(from, to) => ["random.uniform(", &seconds(from), ", ", &seconds(to), ")"].concat(),
        Lapse::About(mean) => ["random.expovariate(1 / ", &seconds(mean), ")"].concat(),
    })
}

/// When something goes wrong, by the number of the time.
fn strikes(frequency: Frequency, number: &str) -> Option<String> {
    match frequency {
        Frequency::Never => None,
        Frequency::Every(every) => Some([number, " % ", &every.to_string(), " == 0"].concat()),
        Frequency::Percent(percent) => Some(["random.random() < ", &percent.to_string(), " / 100"].concat()),
    }
}

fn named(name: &str, text: &str) -> String {
    [name, "=", &PYTHON.quoted(text)].concat()
}

fn table(name: &str, table: &warren_sim::warren_core::wire::FieldTable) -> Option<String> {
    (!table.is_empty()).then(|| [name, "=", &PYTHON.table(table)].concat())
}
