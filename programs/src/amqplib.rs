//! JavaScript, with amqplib's promises.

use warren_sim::{AckMode, Frequency, Lapse, OnFailure, warren_core::wire::FieldTable};

use crate::{
    Language, Tongue,
    code::{Code, Style},
    literal::{ESCAPE, Literals, NEVER, ms},
    notes,
    plan::{Body, Consuming, FAILS_HEADER, Part, Plan, Publishing, Role, WORK_HEADER},
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
        Role::Producer(role) => produce(&mut body, plan, role),
        Role::Consumer(role) => consume(&mut body, plan, role),
    }

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::JavaScript, own_notes(plan));
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

fn own_notes<'a>(plan: &Plan<'_>) -> &'a [&'a str] {
    let Role::Producer(role) = &plan.role else { return &[] };
    if role.plan.transaction == 0 {
        return &[];
    }
    match (plan.tongue, role.plan.rolls_back) {
        (Tongue::English, Frequency::Never) => {
            &["amqplib has no transactions: it waits for the confirms of as many messages instead."]
        }
        (Tongue::Russian, Frequency::Never) => {
            &["В amqplib нет транзакций: вместо них она ждёт confirms для стольких же сообщений."]
        }
        (Tongue::English, _) => &[
            "amqplib has no transactions: it waits for the confirms of as many messages instead, and rolls nothing back.",
        ],
        (Tongue::Russian, _) => &[
            "В amqplib нет транзакций: вместо них она ждёт confirms для стольких же сообщений и ничего не откатывает.",
        ],
    }
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

fn produce(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.mandatory {
        code.comment(plan.say(
            "Messages that no queue took come back.",
            "Сообщения, которых не взяла ни одна очередь, возвращаются.",
        ));
        code.open(&["channel.on(\"return\", (message) => {"]);
        code.line(&["console.log(\"returned\", message.content.toString());"]);
        code.close(&["});"]);
    }
    if let Some(reply_to) = &producer.reply_to {
        ask(code, plan, reply_to);
    } else if waits(role) {
        code.comment(
            plan.say("Messages that are not confirmed yet.", "Сообщения, которые ещё не подтверждены."),
        );
        code.line(&["const open = new Set();"]);
    }
    notes::headers(code, plan, role);
    lists(code, role);
    code.open(&["for (let n = 1; n <= ", &producer.count.to_string(), "; n++) {"]);
    in_turn(code, role);
    publish(code, role);
    if let Some(pause) = pause(producer.interval) {
        // With a burst of messages, only after the last of it.
        let burst = ["if (n % ", &producer.burst.to_string(), " === 0) "].concat();
        code.line(&[if producer.burst > 1 { &burst } else { "" }, "await sleep(", &pause, ");"]);
    }
    if producer.transaction > 0 {
        code.line(&["if (n % ", &producer.transaction.to_string(), " === 0) await Promise.all(open);"]);
    } else if producer.window > 0 {
        code.line(&["if (open.size >= ", &producer.window.to_string(), ") await Promise.race(open);"]);
    }
    code.close(&["}"]);
    code.gap();
    if waits(role) || producer.reply_to.is_some() {
        code.line(&["await Promise.all(open);"]);
    }
    code.line(&["await channel.close();"]);
    code.line(&["await connection.close();"]);
}

/// What comes back to who asks.
fn ask(code: &mut Code, plan: &Plan<'_>, reply_to: &str) {
    code.comment(plan.say(
        "Questions that have no answer yet, and what is done when it comes, by correlation id.",
        "Вопросы без ответа и что делать, когда он придёт, — по correlation id.",
    ));
    code.line(&["const open = new Set();"]);
    code.line(&["const asked = new Map();"]);
    code.open(&["const onAnswer = (message) => {"]);
    code.line(&["const answered = asked.get(message.properties.correlationId);"]);
    code.line(&["asked.delete(message.properties.correlationId);"]);
    code.line(&["if (answered) answered(message.content.toString());"]);
    code.close(&["};"]);
    code.line(&["await channel.consume(", &quoted(reply_to), ", onAnswer, { noAck: true });"]);
    code.gap();
}

/// What messages have in turn.
fn lists(code: &mut Code, role: &Publishing<'_>) {
    let texts = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>();
    if role.plan.routing_key.len() > 1 {
        code.list("const keys = [", &texts(&role.plan.routing_key), "];");
    }
    if role.plan.priority.len() > 1 {
        let priorities: Vec<String> = role.plan.priority.iter().map(u8::to_string).collect();
        code.list("const priorities = [", &priorities, "];");
    }
    if role.headers.len() > 1 {
        let headers: Vec<String> = role.headers.iter().map(|table| JAVASCRIPT.table(table)).collect();
        code.list("const headers = [", &headers, "];");
    }
    if let Body::InTurn(bodies) = &role.body
        && bodies.len() > 1
    {
        code.list("const bodies = [", &texts(bodies), "];");
    }
}

fn in_turn(code: &mut Code, role: &Publishing<'_>) {
    if role.plan.routing_key.len() > 1 {
        code.line(&["const key = keys[(n - 1) % keys.length];"]);
    }
    if role.plan.priority.len() > 1 {
        code.line(&["const priority = priorities[(n - 1) % priorities.length];"]);
    }
    let body = match &role.body {
        Body::Template(parts) => template(parts),
        Body::InTurn(bodies) => {
            let body = match &bodies[..] {
                [body] => quoted(body),
                _ => "bodies[(n - 1) % bodies.length]".into(),
            };
            role.holes(bodies).fold(body, |body, (name, same)| {
                let value = same.map_or(name.to_owned(), |same| quoted(&same));
                [&body, ".replaceAll(\"{", name, "}\", ", &value, ")"].concat()
            })
        }
    };
    if role.plan.bytes == 0 {
        return code.line(&["const body = ", &body, ";"]);
    }
    code.line(&["let body = ", &body, ";"]);
    let bytes = role.plan.bytes.to_string();
    code.line(&["body += \".\".repeat(Math.max(0, ", &bytes, " - Buffer.byteLength(body)));"]);
}

fn template(parts: &[Part]) -> String {
    if let [Part::Text(text)] = parts {
        return quoted(text);
    }
    let parts = parts.iter().map(|part| match part {
        Part::Text(text) => JAVASCRIPT.escaped(text, '`').replace("${", "\\${"),
        Part::Variable(name) => ["${", name, "}"].concat(),
    });
    ["`", &parts.collect::<String>(), "`"].concat()
}

fn publish(code: &mut Code, role: &Publishing<'_>) {
    let producer = role.plan;
    let key = match &producer.routing_key[..] {
        [key] => quoted(key),
        _ => "key".into(),
    };
    let mut arguments = vec![quoted(&producer.exchange), key, "Buffer.from(body)".into()];
    let options = options(role);
    let is_confirmed = waits(role);
    if !options.is_empty() || is_confirmed {
        arguments.push(object(&options));
    }
    if producer.reply_to.is_some() {
        code.open(&[
            "const answered = new Promise((resolve) => asked.set(String(n), resolve)).then((answer) => {",
        ]);
        code.line(&["console.log(\"answered\", body, \"->\", answer);"]);
        code.line(&["open.delete(answered);"]);
        code.close(&["});"]);
        code.line(&["open.add(answered);"]);
    }
    if is_confirmed {
        code.open(&["const confirmed = new Promise((resolve) => {"]);
        arguments.push("resolve".into());
    }
    code.call("channel.publish(", &arguments, ");");
    if is_confirmed {
        code.turn(&["}).then((error) => {"]);
        code.line(&["console.log(error ? \"refused\" : \"confirmed\", body);"]);
        code.line(&["open.delete(confirmed);"]);
        code.close(&["});"]);
        code.line(&["open.add(confirmed);"]);
    }
    code.line(&["console.log(\"sent\", body);"]);
}

fn options(role: &Publishing<'_>) -> Vec<String> {
    let producer = role.plan;
    let mut options = Vec::new();
    match &role.headers[..] {
        [] => {}
        [headers] => options.extend(table("headers", headers)),
        _ => options.push("headers: headers[(n - 1) % headers.length]".into()),
    }
    options.extend(producer.persistent.then(|| "persistent: true".into()));
    options.extend(producer.mandatory.then(|| "mandatory: true".into()));
    match &producer.priority[..] {
        [] => {}
        [priority] => options.push(["priority: ", &priority.to_string()].concat()),
        _ => options.push("priority".into()),
    }
    options.extend(producer.expiration.map(|time| ["expiration: ", &ms(time)].concat()));
    if role.has_ids {
        let name = JAVASCRIPT.escaped(&producer.name, '`').replace("${", "\\${");
        options.push(["messageId: `", &name, "-${n}`"].concat());
    }
    if let Some(reply_to) = &producer.reply_to {
        options.extend([["replyTo: ", &quoted(reply_to)].concat(), "correlationId: String(n)".into()]);
    }
    options
}

fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if role.fails_as_told {
        code.comment(plan.say(
            "How often the work on a message has failed, by its id.",
            "Сколько раз обработка сообщения не удалась, по его id.",
        ));
        code.line(&["const failures = new Map();"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["let tries = 0;"]);
    }
    if role.ack_every > 1 {
        code.line(&["let unacked = 0;"]);
    }
    code.open(&["const onMessage = async (message) => {"]);
    code.line(&["const body = message.content.toString();"]);
    code.line(&["console.log(\"received\", body);"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["channel.ack(message);"]);
    }
    if role.reads_headers() {
        code.line(&["const headers = message.properties.headers ?? {};"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["console.log(\"done\", body);"]);
    code.close(&["};"]);
    code.gap();
    if consumer.prefetch > 0 {
        code.line(&["await channel.prefetch(", &consumer.prefetch.to_string(), ");"]);
    }
    let mut options = Vec::new();
    options.extend((consumer.ack == AckMode::Auto).then(|| "noAck: true".into()));
    options.extend(table("arguments", &consumer.arguments));
    let options = if options.is_empty() { String::new() } else { [", ", &object(&options)].concat() };
    let queue = quoted(&consumer.queue);
    if !role.holds_several() {
        return code.line(&["await channel.consume(", &queue, ", onMessage", &options, ");"]);
    }
    code.comment(plan.say(
        "One message after the other, as many as the broker may send ahead.",
        "По одному сообщению, сколько бы брокер ни прислал вперёд.",
    ));
    code.line(&["let last = Promise.resolve();"]);
    code.open(&["const inTurn = (message) => {"]);
    code.line(&["last = last.then(() => onMessage(message));"]);
    code.close(&["};"]);
    code.line(&["await channel.consume(", &queue, ", inTurn", &options, ");"]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => Some(["headers[\"", WORK_HEADER, "\"] ?? 0"].concat()),
        None => None,
    };
    if let Some(time) = time {
        code.line(&["await sleep(", &time, "); // ", plan.say("the work", "обработка")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    let own = strikes(consumer.fails, "tries");
    if own.is_some() {
        code.line(&["tries += 1;"]);
    }
    let told = role.fails_as_told.then(|| {
        code.line(&["const failed = failures.get(message.properties.messageId) ?? 0;"]);
        ["failed < (headers[\"", FAILS_HEADER, "\"] ?? 0)"].concat()
    });
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if (", &conditions.join(" || "), ") {"]);
    code.line(&["console.log(\"failed\", body);"]);
    if role.fails_as_told {
        code.line(&["failures.set(message.properties.messageId, failed + 1);"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["return;"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = quoted(&role.plan.queue);
        code.comment(plan.say(
            "How often this queue's consumers have rejected it before.",
            "Сколько раз слушатели этой очереди уже отклоняли его.",
        ));
        code.open(&["const rejected = (headers[\"x-death\"] ?? []).find("]);
        code.line(&["(death) => death.queue === ", &queue, " && death.reason === \"rejected\","]);
        code.close(&[");"]);
        code.open(&["if ((rejected?.count ?? 0) + 1 >= ", &give_up.after.to_string(), ") {"]);
        code.comment(
            plan.say(
                "Nobody shall try again: it is put aside.",
                "Больше не пытаться: сообщение откладывается.",
            ),
        );
        code.line(&["delete headers[\"", FAILS_HEADER, "\"];"]);
        let options = "{ headers, messageId: message.properties.messageId }".into();
        code.call(
            "channel.publish(",
            &[quoted(""), quoted(&give_up.to), "message.content".into(), options],
            ");",
        );
        code.line(&["channel.ack(message);"]);
        code.line(&["return;"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "channel.reject(message, false);",
        OnFailure::Requeue => "channel.reject(message, true);",
        OnFailure::Nack => "channel.nack(message, false, false);",
        OnFailure::NackRequeue => "channel.nack(message, false, true);",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.line(&["const { replyTo, correlationId } = message.properties;"]);
    code.open(&["if (replyTo) {"]);
    let text = if reply.contains("{body}") {
        let text = JAVASCRIPT.escaped(reply, '`').replace("${", "\\${").replace("{body}", "${body}");
        ["`", &text, "`"].concat()
    } else {
        quoted(reply)
    };
    code.comment(plan.say(
        "The correlation id says which question it answers.",
        "Correlation id говорит, на какой вопрос это ответ.",
    ));
    code.line(&["channel.publish(\"\", replyTo, Buffer.from(", &text, "), { correlationId });"]);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["channel.ack(message);"]);
    }
    code.line(&["unacked += 1;"]);
    code.open(&["if (unacked === ", &role.ack_every.to_string(), ") {"]);
    code.line(&["channel.ack(message, true);"]);
    code.line(&["unacked = 0;"]);
    code.close(&["}"]);
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
