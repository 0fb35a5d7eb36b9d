//! Python, with pika's blocking connection.

use warren_sim::{AckMode, Frequency, Lapse, OnFailure};

use crate::{
    Language,
    code::{Code, Style},
    literal::{ESCAPE, Literals, NEVER, seconds},
    notes,
    plan::{Body, Consuming, FAILS_HEADER, Part, Plan, Publishing, Role, WORK_HEADER},
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
        Role::Producer(role) => produce(&mut body, plan, role),
        Role::Consumer(role) => consume(&mut body, plan, role),
    }

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::Python, own_notes(plan));
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

fn own_notes<'a>(plan: &Plan<'_>) -> &'a [&'a str] {
    let Role::Producer(role) = &plan.role else { return &[] };
    if !role.plan.confirms || role.plan.window == 1 {
        return &[];
    }
    match plan.tongue {
        crate::Tongue::English => &[
            "It waits for the confirm of each message, as pika's blocking connection does; there, it goes on sending.",
        ],
        crate::Tongue::Russian => &[
            "Она ждёт подтверждения каждого сообщения, как велит блокирующее соединение pika; там отправка идёт дальше.",
        ],
    }
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

fn produce(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.confirms {
        code.line(&["channel.confirm_delivery()"]);
    } else if producer.mandatory {
        code.comment(plan.say(
            "Messages that no queue took come back.",
            "Сообщения, которых не взяла ни одна очередь, возвращаются.",
        ));
        code.gap();
        code.open(&["def on_return(channel, method, properties, body):"]);
        code.line(&["print(\"returned\", body.decode())"]);
        code.close(&[]);
        code.gap();
        code.gap();
        code.line(&["channel.add_on_return_callback(on_return)"]);
    }
    if producer.transaction > 0 {
        code.line(&["channel.tx_select()"]);
    }
    if let Some(reply_to) = &producer.reply_to {
        ask(code, plan, reply_to);
    }
    notes::headers(code, plan, role);
    lists(code, role);
    let count = (u64::from(producer.count) + 1).to_string();
    code.open(&["for n in range(1, ", &count, "):"]);
    in_turn(code, role);
    publish(code, role);
    end_transaction(code, role);
    if let Some(pause) = pause(producer.interval) {
        // With a burst of messages, only after the last of it.
        if producer.burst > 1 {
            code.open(&["if n % ", &producer.burst.to_string(), " == 0:"]);
        }
        code.line(&["connection.sleep(", &pause, ")"]);
        if producer.burst > 1 {
            code.close(&[]);
        }
    }
    if producer.reply_to.is_some() && producer.window > 0 {
        code.open(&["while len(asked) >= ", &producer.window.to_string(), ":"]);
        code.line(&["connection.process_data_events(time_limit=None)"]);
        code.close(&[]);
    }
    code.close(&[]);
    code.gap();
    if producer.reply_to.is_some() {
        code.open(&["while asked:"]);
        code.line(&["connection.process_data_events(time_limit=None)"]);
        code.close(&[]);
    } else if producer.mandatory && !producer.confirms {
        code.line(&["connection.process_data_events(time_limit=1)"]);
    }
    code.line(&["connection.close()"]);
}

/// What comes back to who asks.
fn ask(code: &mut Code, plan: &Plan<'_>, reply_to: &str) {
    let comment = plan.say(
        "Questions that have no answer yet, by correlation id.",
        "Вопросы, на которые ещё нет ответа, по correlation id.",
    );
    code.comment(comment);
    code.line(&["asked = {}"]);
    code.gap();
    code.gap();
    code.open(&["def on_answer(channel, method, properties, body):"]);
    code.open(&["if properties.correlation_id in asked:"]);
    code.line(&["print(\"answered\", asked.pop(properties.correlation_id), \"->\", body.decode())"]);
    code.close(&[]);
    code.close(&[]);
    code.gap();
    code.gap();
    let arguments =
        [named("queue", reply_to), "on_message_callback=on_answer".into(), "auto_ack=True".into()];
    code.call("channel.basic_consume(", &arguments, ")");
    code.gap();
}

/// What messages have in turn.
fn lists(code: &mut Code, role: &Publishing<'_>) {
    let quoted = |texts: &[String]| texts.iter().map(|text| PYTHON.quoted(text)).collect::<Vec<_>>();
    if role.plan.routing_key.len() > 1 {
        code.list("keys = [", &quoted(&role.plan.routing_key), "]");
    }
    if role.plan.priority.len() > 1 {
        let priorities: Vec<String> = role.plan.priority.iter().map(u8::to_string).collect();
        code.list("priorities = [", &priorities, "]");
    }
    if role.headers.len() > 1 {
        let headers: Vec<String> = role.headers.iter().map(|table| PYTHON.table(table)).collect();
        code.list("headers = [", &headers, "]");
    }
    if let Body::InTurn(bodies) = &role.body
        && bodies.len() > 1
    {
        code.list("bodies = [", &quoted(bodies), "]");
    }
}

fn in_turn(code: &mut Code, role: &Publishing<'_>) {
    if role.plan.routing_key.len() > 1 {
        code.line(&["key = keys[(n - 1) % len(keys)]"]);
    }
    if role.plan.priority.len() > 1 {
        code.line(&["priority = priorities[(n - 1) % len(priorities)]"]);
    }
    let body = match &role.body {
        Body::Template(parts) => template(parts),
        Body::InTurn(bodies) => {
            let body = match &bodies[..] {
                [body] => PYTHON.quoted(body),
                _ => "bodies[(n - 1) % len(bodies)]".into(),
            };
            role.holes(bodies).fold(body, |body, (name, same)| {
                let variable = if name == "key" { "key".into() } else { ["str(", name, ")"].concat() };
                let value = same.map_or(variable, |same| PYTHON.quoted(&same));
                [&body, ".replace(\"{", name, "}\", ", &value, ")"].concat()
            })
        }
    };
    code.line(&["body = ", &body]);
    if role.plan.bytes > 0 {
        code.line(&["body += \".\" * (", &role.plan.bytes.to_string(), " - len(body.encode()))"]);
    }
}

fn template(parts: &[Part]) -> String {
    let is_plain = parts.iter().all(|part| matches!(part, Part::Text(_)));
    let parts = parts.iter().map(|part| match part {
        Part::Text(text) if is_plain => PYTHON.escaped(text, '"'),
        Part::Text(text) => PYTHON.escaped(text, '"').replace('{', "{{").replace('}', "}}"),
        Part::Variable(name) => ["{", name, "}"].concat(),
    });
    [if is_plain { "\"" } else { "f\"" }, &parts.collect::<String>(), "\""].concat()
}

fn publish(code: &mut Code, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.reply_to.is_some() {
        code.line(&["asked[str(n)] = body"]);
    }
    let key = match &producer.routing_key[..] {
        [key] => named("routing_key", key),
        _ => "routing_key=key".into(),
    };
    let mut arguments = vec![named("exchange", &producer.exchange), key, "body=body.encode()".into()];
    let properties = properties(role);
    if !properties.is_empty() {
        arguments.push(["properties=pika.BasicProperties(", &properties.join(", "), ")"].concat());
    }
    arguments.extend(producer.mandatory.then(|| "mandatory=True".into()));
    if !producer.confirms {
        code.call("channel.basic_publish(", &arguments, ")");
        code.line(&["print(\"sent\", body)"]);
        return;
    }
    code.open(&["try:"]);
    code.call("channel.basic_publish(", &arguments, ")");
    code.line(&["print(\"confirmed\", body)"]);
    code.turn(&["except pika.exceptions.NackError:"]);
    code.line(&["print(\"refused\", body)"]);
    if producer.mandatory {
        code.turn(&["except pika.exceptions.UnroutableError:"]);
        code.line(&["print(\"returned\", body)"]);
    }
    code.close(&[]);
}

fn properties(role: &Publishing<'_>) -> Vec<String> {
    let producer = role.plan;
    let mut properties = Vec::new();
    match &role.headers[..] {
        [] => {}
        [headers] => properties.extend(table("headers", headers)),
        _ => properties.push("headers=headers[(n - 1) % len(headers)]".into()),
    }
    properties.extend(producer.persistent.then(|| "delivery_mode=2".into()));
    match &producer.priority[..] {
        [] => {}
        [priority] => properties.push(["priority=", &priority.to_string()].concat()),
        _ => properties.push("priority=priority".into()),
    }
    properties.extend(producer.expiration.map(|time| named("expiration", &crate::literal::ms(time))));
    if role.has_ids {
        let name = PYTHON.escaped(&producer.name, '"').replace('{', "{{").replace('}', "}}");
        properties.push(["message_id=f\"", &name, "-{n}\""].concat());
    }
    if let Some(reply_to) = &producer.reply_to {
        properties.extend([named("reply_to", reply_to), "correlation_id=str(n)".into()]);
    }
    properties
}

fn end_transaction(code: &mut Code, role: &Publishing<'_>) {
    let (size, count) = (role.plan.transaction, role.plan.count);
    if size == 0 {
        return;
    }
    if size > 1 {
        code.open(&["if n % ", &size.to_string(), " == 0 or n == ", &count.to_string(), ":"]);
    }
    // The last of them may be a smaller one.
    let number = match size {
        1 => "n".to_owned(),
        _ => ["-(-n // ", &size.to_string(), ")"].concat(),
    };
    match strikes(role.plan.rolls_back, &number) {
        None => code.line(&["channel.tx_commit()"]),
        Some(condition) => {
            code.open(&["if ", &condition, ":"]);
            code.line(&["channel.tx_rollback()"]);
            code.turn(&["else:"]);
            code.line(&["channel.tx_commit()"]);
            code.close(&[]);
        }
    }
    if size > 1 {
        code.close(&[]);
    }
}

fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if role.fails_as_told {
        code.comment(plan.say(
            "How often the work on a message has failed, by its id.",
            "Сколько раз обработка сообщения не удалась, по его id.",
        ));
        code.line(&["failures = collections.Counter()"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["tries = 0"]);
    }
    if role.ack_every > 1 {
        code.line(&["unacked = 0"]);
    }
    if role.fails_as_told || consumer.fails != Frequency::Never || role.ack_every > 1 {
        code.gap();
    }
    code.gap();
    code.open(&["def on_message(channel, method, properties, body):"]);
    if consumer.fails != Frequency::Never {
        code.line(&["global tries"]);
    }
    if role.ack_every > 1 {
        code.line(&["global unacked"]);
    }
    code.line(&["print(\"received\", body.decode())"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["channel.basic_ack(method.delivery_tag)"]);
    }
    if role.reads_headers() {
        code.line(&["headers = properties.headers or {}"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["print(\"done\", body.decode())"]);
    code.close(&[]);
    code.gap();
    code.gap();
    if consumer.prefetch > 0 {
        code.line(&["channel.basic_qos(prefetch_count=", &consumer.prefetch.to_string(), ")"]);
    }
    let mut arguments = vec![named("queue", &consumer.queue), "on_message_callback=on_message".into()];
    arguments.extend((consumer.ack == AckMode::Auto).then(|| "auto_ack=True".into()));
    arguments.extend(table("arguments", &consumer.arguments));
    code.call("channel.basic_consume(", &arguments, ")");
    code.open(&["try:"]);
    code.line(&["channel.start_consuming()"]);
    code.turn(&["except KeyboardInterrupt:"]);
    code.line(&["connection.close()"]);
    code.close(&[]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => Some(["headers.get(\"", WORK_HEADER, "\", 0) / 1000"].concat()),
        None => None,
    };
    if let Some(time) = time {
        code.line(&["connection.sleep(", &time, ")  # ", plan.say("the work", "обработка")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    let own = strikes(consumer.fails, "tries");
    if own.is_some() {
        code.line(&["tries += 1"]);
    }
    let told = role
        .fails_as_told
        .then(|| ["failures[properties.message_id] < headers.get(\"", FAILS_HEADER, "\", 0)"].concat());
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if ", &conditions.join(" or "), ":"]);
    code.line(&["print(\"failed\", body.decode())"]);
    if role.fails_as_told {
        code.line(&["failures[properties.message_id] += 1"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["return"]);
    code.close(&[]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        code.comment(plan.say(
            "How often this queue's consumers have rejected it before.",
            "Сколько раз слушатели этой очереди уже отклоняли его.",
        ));
        code.open(&["rejections = sum("]);
        code.line(&["death[\"count\"]"]);
        code.line(&["for death in headers.get(\"x-death\", [])"]);
        code.line(&[
            "if death[\"queue\"] == ",
            &PYTHON.quoted(&role.plan.queue),
            " and death[\"reason\"] == \"rejected\"",
        ]);
        code.close(&[")"]);
        code.open(&["if rejections + 1 >= ", &give_up.after.to_string(), ":"]);
        code.comment(
            plan.say(
                "Nobody shall try again: it is put aside.",
                "Больше не пытаться: сообщение откладывается.",
            ),
        );
        code.line(&["headers.pop(\"", FAILS_HEADER, "\", None)"]);
        let arguments = [
            named("exchange", ""),
            named("routing_key", &give_up.to),
            "body=body".into(),
            "properties=properties".into(),
        ];
        code.call("channel.basic_publish(", &arguments, ")");
        code.line(&["channel.basic_ack(method.delivery_tag)"]);
        code.line(&["return"]);
        code.close(&[]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "channel.basic_reject(method.delivery_tag, requeue=False)",
        OnFailure::Requeue => "channel.basic_reject(method.delivery_tag, requeue=True)",
        OnFailure::Nack => "channel.basic_nack(method.delivery_tag, requeue=False)",
        OnFailure::NackRequeue => "channel.basic_nack(method.delivery_tag, requeue=True)",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.open(&["if properties.reply_to:"]);
    let is_plain = !reply.contains("{body}");
    let text = PYTHON.escaped(reply, '"');
    let text = if is_plain {
        ["\"", &text, "\""].concat()
    } else {
        let text = text.replace('{', "{{").replace('}', "}}").replace("{{body}}", "{body.decode()}");
        ["f\"", &text, "\""].concat()
    };
    code.line(&["answer = ", &text]);
    let arguments = [
        named("exchange", ""),
        "routing_key=properties.reply_to".into(),
        "body=answer.encode()".into(),
        "properties=pika.BasicProperties(correlation_id=properties.correlation_id)".into(),
    ];
    code.comment(plan.say(
        "The correlation id says which question it answers.",
        "Correlation id говорит, на какой вопрос это ответ.",
    ));
    code.call("channel.basic_publish(", &arguments, ")");
    code.close(&[]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["channel.basic_ack(method.delivery_tag)"]);
    }
    code.line(&["unacked += 1"]);
    code.open(&["if unacked == ", &role.ack_every.to_string(), ":"]);
    code.line(&["channel.basic_ack(method.delivery_tag, multiple=True)"]);
    code.line(&["unacked = 0"]);
    code.close(&[]);
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
