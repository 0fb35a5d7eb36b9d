//! JavaScript, with amqplib's promises.

mod consume;
mod produce;

use warren_sim::{Frequency, Lapse, warren_core::wire::FieldTable};

use crate::{
    Language,
    code::{Code, Style},
    literal::{ESCAPE, Literals, NEVER, ms},
    notes,
    plan::{Plan, Publishing, Role},
};

const STYLE: Style = Style { indent: "  ", comment: "//", last_comma: "," };

const JAVASCRIPT: Literals = Literals {
    table: ["{ ", " }"],
    entry: ["", ": ", ""],
    large: NEVER,
    list: ["[", "]"],
    text: [""; 2],
    int: [""; 2],
    long: [""; 2],
    float: [""; 2],
    truth: ["false", "true"],
    nothing: "null",
    escape: ESCAPE,
};

/// The program.
pub(crate) fn program(plan: &Plan<'_>) -> String {
    let mut body = Code::new(STYLE, 1);
    declare(&mut body, plan);
    match &plan.role {
        Role::Producer(role) => produce::produce(&mut body, plan, role),
        Role::Consumer(role) => consume::consume(&mut body, plan, role),
    }

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::JavaScript, &own_notes(plan));
    if body.says("sleep(") {
        top.line(&["const { setTimeout: sleep } = require(\"node:timers/promises\");"]);
    }
    top.line(&["const amqp = require(\"amqplib\");"]);
    top.gap();
    top.open(&["async function main() {"]);
    top.line(&["const url = process.env.AMQP_URL ?? \"amqp://guest:guest@localhost:5672\";"]);
    top.line(&["const connection = await amqp.connect(url);"]);
    let is_confirmed = matches!(&plan.role, Role::Producer(role) if waits(role));
    let open = if is_confirmed { "createConfirmChannel" } else { "createChannel" };
    top.line(&["const channel = await connection.", open, "();"]);
    top.gap();
    let mut end = Code::new(STYLE, 0);
    end.line(&["}"]);
    end.gap();
    end.open(&["main().catch((error) => {"]);
    end.line(&["console.error(error);"]);
    end.line(&["process.exit(1);"]);
    end.close(&["});"]);
    [top.text(), body.text(), end.text()].concat()
}

/// Whether it waits for confirms: also in place of transactions.
const fn waits(role: &Publishing<'_>) -> bool {
    role.plan.confirms || role.plan.transaction > 0
}

fn own_notes(plan: &Plan<'_>) -> Vec<&'static str> {
    let Role::Producer(role) = &plan.role else { return Vec::new() };
    if role.plan.transaction == 0 {
        return Vec::new();
    }
    vec![match role.plan.rolls_back {
        Frequency::Never => {
            plan.say("amqplib has no transactions: it waits for the confirms of as many messages instead.")
        }
        _ => plan.say(
            "amqplib has no transactions: it waits for the confirms of as many messages instead, and rolls nothing back.",
        ),
    }]
}

fn declare(code: &mut Code, plan: &Plan<'_>) {
    for exchange in plan.exchanges {
        let mut options = vec![truth("durable", exchange.durable)];
        options.extend(table("arguments", &exchange.arguments));
        let arguments = [quoted(&exchange.name), quoted(exchange.kind.as_str()), object(&options)];
        code.call("await channel.assertExchange(", &arguments, ");");
    }
    for queue in &plan.queues {
        let mut options = vec![truth("durable", queue.durable)];
        options.extend(queue.exclusive.then(|| "exclusive: true".into()));
        options.extend(table("arguments", &queue.arguments));
        code.call("await channel.assertQueue(", &[quoted(&queue.name), object(&options)], ");");
    }
    for binding in &plan.bindings {
        let (head, to) = match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) => ("await channel.bindQueue(", queue),
            (None, Some(exchange)) => ("await channel.bindExchange(", exchange),
            (None, None) => continue,
        };
        let mut arguments = vec![quoted(to), quoted(&binding.exchange), quoted(&binding.routing_key)];
        if !binding.arguments.is_empty() {
            arguments.push(JAVASCRIPT.table(&binding.arguments));
        }
        code.call(head, &arguments, ");");
    }
    if !plan.exchanges.is_empty() || !plan.queues.is_empty() {
        code.gap();
    }
}

/// How long something takes, in ms; `None` if it takes no time.
fn pause(time: Lapse) -> Option<String> {
    Some(match time {
        Lapse::Fixed(time) | Lapse::About(time) if time.is_zero() => return None,
        Lapse::Fixed(time) => ms(time),
        Lapse::Between(from, to) => [&ms(from), " + Math.random() * ", &ms(to.saturating_sub(from))].concat(),
        Lapse::About(mean) => ["-Math.log(1 - Math.random()) * ", &ms(mean)].concat(),
    })
}

/// When something goes wrong, by the number of the time.
fn strikes(frequency: Frequency, number: &str) -> Option<String> {
    match frequency {
        Frequency::Never => None,
        Frequency::Every(every) => Some([number, " % ", &every.to_string(), " === 0"].concat()),
        Frequency::Percent(percent) => Some(["Math.random() < ", &percent.to_string(), " / 100"].concat()),
    }
}

fn quoted(text: &str) -> String {
    JAVASCRIPT.quoted(text)
}

fn truth(name: &str, value: bool) -> String {
    [name, ": ", JAVASCRIPT.truth[usize::from(value)]].concat()
}

fn object(fields: &[String]) -> String {
    if fields.is_empty() { "{}".into() } else { ["{ ", &fields.join(", "), " }"].concat() }
}

fn table(name: &str, table: &FieldTable) -> Option<String> {
    (!table.is_empty()).then(|| [name, ": ", &JAVASCRIPT.table(table)].concat())
}
