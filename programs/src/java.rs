//! Java, with RabbitMQ's own client.

use warren_sim::{AckMode, Frequency, Lapse, OnFailure, warren_core::wire::FieldTable};

use crate::{
    Language, Tongue,
    code::{Code, Style},
    literal::{ESCAPE, Literals, ms},
    notes,
    plan::{Body, Consuming, FAILS_HEADER, Part, Plan, Publishing, Role, WORK_HEADER},
};

const STYLE: Style = Style { indent: "    ", comment: "//", last_comma: "" };

const JAVA: Literals = Literals {
    table: ["Map.of(", ")"],
    entry: ["", ", ", ""],
    // Map.of takes ten pairs.
    large: (11, ["Map.ofEntries(", ")"], ["Map.entry(", ", ", ")"]),
    list: ["List.of(", ")"],
    text: [""; 2],
    int: [""; 2],
    long: ["", "L"],
    float: [""; 2],
    truth: ["false", "true"],
    nothing: "null",
    escape: ESCAPE,
};

/// What a program may import: how it says so, and the import.
const IMPORTS: [(&str, &str); 9] = [
    ("UTF_8", "java.nio.charset.StandardCharsets"),
    ("HashMap<", "java.util.HashMap"),
    ("List", "java.util.List"),
    ("Map", "java.util.Map"),
    ("ConcurrentHashMap", "java.util.concurrent.ConcurrentHashMap"),
    ("Semaphore", "java.util.concurrent.Semaphore"),
    ("ThreadLocalRandom", "java.util.concurrent.ThreadLocalRandom"),
    ("DeliverCallback", "com.rabbitmq.client.DeliverCallback"),
    ("BasicProperties", "com.rabbitmq.client.AMQP.BasicProperties"),
];

/// An actor's class.
pub(crate) fn class(actor: &str) -> String {
    let mut class = String::new();
    let mut begins = true;
    for letter in actor.chars() {
        if letter.is_ascii_alphanumeric() {
            class.push(if begins { letter.to_ascii_uppercase() } else { letter });
        }
        begins = !letter.is_ascii_alphanumeric();
    }
    if class.starts_with(|first: char| first.is_ascii_alphabetic()) {
        class
    } else {
        ["Actor", &class].concat()
    }
}

/// The program.
pub(crate) fn program(plan: &Plan<'_>) -> String {
    let mut body = Code::new(STYLE, 2);
    declare(&mut body, plan);
    match &plan.role {
        Role::Producer(role) => produce(&mut body, plan, role),
        Role::Consumer(role) => consume(&mut body, plan, role),
    }
    let mut end = Code::new(STYLE, 1);
    end.line(&["}"]);
    if body.says(" sleep(") {
        sleep(&mut end);
    }
    end.close(&["}"]);

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::Java, own_notes(plan));
    for client in ["Channel", "Connection", "ConnectionFactory"] {
        top.line(&["import com.rabbitmq.client.", client, ";"]);
    }
    for (sign, import) in IMPORTS.iter().rev() {
        if body.says(sign) {
            top.line(&["import ", import, ";"]);
        }
    }
    top.gap();
    top.open(&["public class ", &class(plan.name), " {"]);
    top.open(&["public static void main(String[] args) throws Exception {"]);
    top.line(&["ConnectionFactory factory = new ConnectionFactory();"]);
    top.line(&[
        "factory.setUri(System.getenv().getOrDefault(\"AMQP_URL\", \"amqp://guest:guest@localhost:5672\"));",
    ]);
    top.line(&["Connection connection = factory.newConnection();"]);
    top.line(&["Channel channel = connection.createChannel();"]);
    top.gap();
    [top.text(), body.text(), end.text()].concat()
}

/// A callback may not throw what Thread.sleep throws.
fn sleep(code: &mut Code) {
    code.gap();
    code.open(&["private static void sleep(long ms) {"]);
    code.open(&["try {"]);
    code.line(&["Thread.sleep(ms);"]);
    code.turn(&["} catch (InterruptedException interrupted) {"]);
    code.line(&["Thread.currentThread().interrupt();"]);
    code.close(&["}"]);
    code.close(&["}"]);
}

fn own_notes<'a>(plan: &Plan<'_>) -> &'a [&'a str] {
    let Role::Producer(role) = &plan.role else { return &[] };
    if !role.plan.confirms || role.plan.window == 1 {
        return &[];
    }
    match plan.tongue {
        Tongue::English => &[
            "It waits for all confirms whenever it has sent as many messages as it may; there, only for the oldest.",
        ],
        Tongue::Russian => {
            &["Отправив сколько можно, она ждёт всех подтверждений; там — только самого старого."]
        }
    }
}

fn declare(code: &mut Code, plan: &Plan<'_>) {
    for exchange in plan.exchanges {
        let arguments = [
            JAVA.quoted(&exchange.name),
            JAVA.quoted(exchange.kind.as_str()),
            truth(exchange.durable),
            truth(false),
            table(&exchange.arguments),
        ];
        code.call("channel.exchangeDeclare(", &arguments, ");");
    }
    for queue in &plan.queues {
        let flags = [truth(queue.durable), truth(queue.exclusive), truth(false)].join(", ");
        code.call("channel.queueDeclare(", &[JAVA.quoted(&queue.name), flags, table(&queue.arguments)], ");");
    }
    for binding in &plan.bindings {
        let (head, to) = match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) => ("channel.queueBind(", queue),
            (None, Some(exchange)) => ("channel.exchangeBind(", exchange),
            (None, None) => continue,
        };
        let mut arguments =
            vec![JAVA.quoted(to), JAVA.quoted(&binding.exchange), JAVA.quoted(&binding.routing_key)];
        if !binding.arguments.is_empty() {
            arguments.push(JAVA.table(&binding.arguments));
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
        code.line(&["channel.addReturnListener(returned ->"]);
        code.line(&["    System.out.println(\"returned \" + new String(returned.getBody(), StandardCharsets.UTF_8)));"]);
    }
    if producer.confirms {
        code.line(&["channel.confirmSelect();"]);
    }
    if producer.transaction > 0 {
        code.line(&["channel.txSelect();"]);
    }
    let window = if producer.window > 0 { producer.window } else { producer.count }.to_string();
    if let Some(reply_to) = &producer.reply_to {
        ask(code, plan, reply_to, &window);
    }
    notes::headers(code, plan, role);
    lists(code, role);
    code.open(&["for (int n = 1; n <= ", &producer.count.to_string(), "; n++) {"]);
    in_turn(code, role);
    publish(code, role);
    end_transaction(code, role);
    if producer.confirms && producer.window > 0 {
        let wait = "channel.waitForConfirmsOrDie(5_000);";
        match producer.window {
            1 => code.line(&[wait]),
            _ => {
                code.open(&["if (n % ", &window, " == 0) {"]);
                code.line(&[wait]);
                code.close(&["}"]);
            }
        }
    }
    if let Some(pause) = pause(producer.interval) {
        // With a burst of messages, only after the last of it.
        if producer.burst > 1 {
            code.open(&["if (n % ", &producer.burst.to_string(), " == 0) {"]);
        }
        code.line(&["Thread.sleep(", &pause, ");"]);
        if producer.burst > 1 {
            code.close(&["}"]);
        }
    }
    code.close(&["}"]);
    code.gap();
    if producer.reply_to.is_some() {
        code.line(&["open.acquire(", &window, ");"]);
    }
    if producer.confirms && producer.window != 1 {
        code.line(&["channel.waitForConfirmsOrDie(5_000);"]);
    }
    code.line(&["connection.close();"]);
}

/// What comes back to who asks.
fn ask(code: &mut Code, plan: &Plan<'_>, reply_to: &str, window: &str) {
    code.comment(plan.say(
        "Questions that have no answer yet, by correlation id; there may be so many.",
        "Вопросы, на которые ещё нет ответа, по correlation id; их может быть столько.",
    ));
    code.line(&["Map<String, String> asked = new ConcurrentHashMap<>();"]);
    code.line(&["Semaphore open = new Semaphore(", window, ");"]);
    code.open(&["DeliverCallback onAnswer = (tag, answer) -> {"]);
    code.line(&["String body = asked.remove(answer.getProperties().getCorrelationId());"]);
    code.open(&["if (body != null) {"]);
    code.line(&["String text = new String(answer.getBody(), StandardCharsets.UTF_8);"]);
    code.line(&["System.out.println(\"answered \" + body + \" -> \" + text);"]);
    code.line(&["open.release();"]);
    code.close(&["}"]);
    code.close(&["};"]);
    code.line(&["channel.basicConsume(", &JAVA.quoted(reply_to), ", true, onAnswer, tag -> {});"]);
    code.gap();
}

/// What messages have in turn.
fn lists(code: &mut Code, role: &Publishing<'_>) {
    let quoted = |texts: &[String]| texts.iter().map(|text| JAVA.quoted(text)).collect::<Vec<_>>();
    if role.plan.routing_key.len() > 1 {
        code.list("String[] keys = {", &quoted(&role.plan.routing_key), "};");
    }
    if role.plan.priority.len() > 1 {
        let priorities: Vec<String> = role.plan.priority.iter().map(u8::to_string).collect();
        code.list("int[] priorities = {", &priorities, "};");
    }
    if role.headers.len() > 1 {
        let headers: Vec<String> = role.headers.iter().map(table).collect();
        code.list("List<Map<String, Object>> headers = List.of(", &headers, ");");
    }
    if let Body::InTurn(bodies) = &role.body
        && bodies.len() > 1
    {
        code.list("String[] bodies = {", &quoted(bodies), "};");
    }
}

fn in_turn(code: &mut Code, role: &Publishing<'_>) {
    if role.plan.routing_key.len() > 1 {
        code.line(&["String key = keys[(n - 1) % keys.length];"]);
    }
    if role.plan.priority.len() > 1 {
        code.line(&["int priority = priorities[(n - 1) % priorities.length];"]);
    }
    let body = match &role.body {
        Body::Template(parts) => template(parts),
        Body::InTurn(bodies) => {
            let body = match &bodies[..] {
                [body] => JAVA.quoted(body),
                _ => "bodies[(n - 1) % bodies.length]".into(),
            };
            role.holes(bodies).fold(body, |body, (name, same)| {
                let value = same.map_or(["\"\" + ", name].concat(), |same| JAVA.quoted(&same));
                [&body, ".replace(\"{", name, "}\", ", &value, ")"].concat()
            })
        }
    };
    code.line(&["String body = ", &body, ";"]);
    if role.plan.bytes > 0 {
        code.line(&[
            "int missing = ",
            &role.plan.bytes.to_string(),
            " - body.getBytes(StandardCharsets.UTF_8).length;",
        ]);
        code.line(&["body += \".\".repeat(Math.max(0, missing));"]);
    }
}

fn template(parts: &[Part]) -> String {
    let shown = parts.iter().map(|part| match part {
        Part::Text(text) => JAVA.quoted(text),
        Part::Variable(name) => (*name).to_owned(),
    });
    let sum = shown.collect::<Vec<_>>().join(" + ");
    // Two numbers would be added up, and one alone is no text.
    if matches!(parts.first(), Some(Part::Variable(_))) { ["\"\" + ", &sum].concat() } else { sum }
}

fn publish(code: &mut Code, role: &Publishing<'_>) {
    let producer = role.plan;
    let key = match &producer.routing_key[..] {
        [key] => JAVA.quoted(key),
        _ => "key".into(),
    };
    let properties = properties(role);
    let named = if properties.is_empty() { "null" } else { "properties" };
    if let [property] = &properties[..] {
        code.line(&["BasicProperties properties = new BasicProperties.Builder()", property, ".build();"]);
    } else if !properties.is_empty() {
        code.open(&["BasicProperties properties = new BasicProperties.Builder()"]);
        properties.iter().for_each(|property| code.line(&[property]));
        code.line(&[".build();"]);
        code.close(&[]);
    }
    if producer.reply_to.is_some() {
        code.line(&["open.acquire();"]);
        code.line(&["asked.put(String.valueOf(n), body);"]);
    }
    let mut arguments = vec![JAVA.quoted(&producer.exchange), key];
    arguments.extend(producer.mandatory.then(|| truth(true)));
    arguments.extend([named.into(), "body.getBytes(StandardCharsets.UTF_8)".into()]);
    code.call("channel.basicPublish(", &arguments, ");");
    code.line(&["System.out.println(\"sent \" + body);"]);
}

fn properties(role: &Publishing<'_>) -> Vec<String> {
    let producer = role.plan;
    let mut properties = Vec::new();
    let mut with = |name: &str, value: &str| properties.push([".", name, "(", value, ")"].concat());
    match &role.headers[..] {
        [] => {}
        [headers] => with("headers", &table(headers)),
        _ => with("headers", "headers.get((n - 1) % headers.size())"),
    }
    if producer.persistent {
        with("deliveryMode", "2");
    }
    match &producer.priority[..] {
        [] => {}
        [priority] => with("priority", &priority.to_string()),
        _ => with("priority", "priority"),
    }
    if let Some(time) = producer.expiration {
        with("expiration", &JAVA.quoted(&ms(time)));
    }
    if role.has_ids {
        with("messageId", &[&JAVA.quoted(&[&producer.name, "-"].concat()), " + n"].concat());
    }
    if let Some(reply_to) = &producer.reply_to {
        with("replyTo", &JAVA.quoted(reply_to));
        with("correlationId", "String.valueOf(n)");
    }
    properties
}

fn end_transaction(code: &mut Code, role: &Publishing<'_>) {
    let (size, count) = (role.plan.transaction, role.plan.count);
    if size == 0 {
        return;
    }
    if size > 1 {
        code.open(&["if (n % ", &size.to_string(), " == 0 || n == ", &count.to_string(), ") {"]);
    }
    // The last of them may be a smaller one.
    let number = match size {
        1 => "n".to_owned(),
        _ => ["((n - 1) / ", &size.to_string(), " + 1)"].concat(),
    };
    match strikes(role.plan.rolls_back, &number) {
        None => code.line(&["channel.txCommit();"]),
        Some(condition) => {
            code.open(&["if (", &condition, ") {"]);
            code.line(&["channel.txRollback();"]);
            code.turn(&["} else {"]);
            code.line(&["channel.txCommit();"]);
            code.close(&["}"]);
        }
    }
    if size > 1 {
        code.close(&["}"]);
    }
}

fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if role.fails_as_told {
        code.comment(plan.say(
            "How often the work on a message has failed, by its id.",
            "Сколько раз обработка сообщения не удалась, по его id.",
        ));
        code.line(&["Map<String, Integer> failures = new HashMap<>();"]);
    }
    // A callback may change no variable outside, but what is in it.
    if consumer.fails != Frequency::Never {
        code.line(&["int[] tries = {0};"]);
    }
    if role.ack_every > 1 {
        code.line(&["int[] unacked = {0};"]);
    }
    code.open(&["DeliverCallback onMessage = (tag, message) -> {"]);
    code.line(&["String body = new String(message.getBody(), StandardCharsets.UTF_8);"]);
    code.line(&["System.out.println(\"received \" + body);"]);
    if role.acks_after_work() || consumer.ack == AckMode::OnReceipt {
        code.line(&["long delivery = message.getEnvelope().getDeliveryTag();"]);
    }
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["channel.basicAck(delivery, false);"]);
    }
    if role.reads_headers() {
        code.line(&["Map<String, Object> headers = new HashMap<>();"]);
        code.open(&["if (message.getProperties().getHeaders() != null) {"]);
        code.line(&["headers.putAll(message.getProperties().getHeaders());"]);
        code.close(&["}"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["System.out.println(\"done \" + body);"]);
    code.close(&["};"]);
    code.gap();
    if consumer.prefetch > 0 {
        code.line(&["channel.basicQos(", &consumer.prefetch.to_string(), ");"]);
    }
    let mut arguments = vec![JAVA.quoted(&consumer.queue), truth(consumer.ack == AckMode::Auto)];
    if !consumer.arguments.is_empty() {
        arguments.push(JAVA.table(&consumer.arguments));
    }
    arguments.extend(["onMessage".into(), "tag -> {}".into()]);
    code.call("channel.basicConsume(", &arguments, ");");
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => Some(number(WORK_HEADER, ".longValue()")),
        None => None,
    };
    if let Some(time) = time {
        code.line(&["sleep(", &time, "); // ", plan.say("the work", "обработка")]);
    }
}

/// A header that is a number; clients write numbers of different sizes.
fn number(header: &str, as_what: &str) -> String {
    ["((Number) headers.getOrDefault(\"", header, "\", 0))", as_what].concat()
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let own = strikes(role.plan.fails, "tries[0]");
    if own.is_some() {
        code.line(&["tries[0]++;"]);
    }
    let told = role.fails_as_told.then(|| {
        code.line(&["String id = message.getProperties().getMessageId();"]);
        ["failures.getOrDefault(id, 0) < ", &number(FAILS_HEADER, ".intValue()")].concat()
    });
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if (", &conditions.join(" || "), ") {"]);
    code.line(&["System.out.println(\"failed \" + body);"]);
    if role.fails_as_told {
        code.line(&["failures.merge(id, 1, Integer::sum);"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["return;"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = JAVA.quoted(&role.plan.queue);
        code.comment(plan.say(
            "How often this queue's consumers have rejected it before.",
            "Сколько раз слушатели этой очереди уже отклоняли его.",
        ));
        code.line(&["long rejections = 0;"]);
        code.open(&["for (Object entry : (List<?>) headers.getOrDefault(\"x-death\", List.of())) {"]);
        code.line(&["Map<?, ?> death = (Map<?, ?>) entry;"]);
        code.line(&["boolean here = death.get(\"queue\").toString().equals(", &queue, ");"]);
        code.open(&["if (here && death.get(\"reason\").toString().equals(\"rejected\")) {"]);
        code.line(&["rejections = (Long) death.get(\"count\");"]);
        code.close(&["}"]);
        code.close(&["}"]);
        code.open(&["if (rejections + 1 >= ", &give_up.after.to_string(), ") {"]);
        code.comment(
            plan.say(
                "Nobody shall try again: it is put aside.",
                "Больше не пытаться: сообщение откладывается.",
            ),
        );
        code.line(&["headers.remove(\"", FAILS_HEADER, "\");"]);
        code.line(&["BasicProperties aside = message.getProperties().builder().headers(headers).build();"]);
        let arguments =
            [JAVA.quoted(""), JAVA.quoted(&give_up.to), "aside".into(), "message.getBody()".into()];
        code.call("channel.basicPublish(", &arguments, ");");
        code.line(&["channel.basicAck(delivery, false);"]);
        code.line(&["return;"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "channel.basicReject(delivery, false);",
        OnFailure::Requeue => "channel.basicReject(delivery, true);",
        OnFailure::Nack => "channel.basicNack(delivery, false, false);",
        OnFailure::NackRequeue => "channel.basicNack(delivery, false, true);",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.line(&["String replyTo = message.getProperties().getReplyTo();"]);
    code.open(&["if (replyTo != null) {"]);
    let pieces: Vec<String> = reply.split("{body}").map(|piece| JAVA.quoted(piece)).collect();
    code.line(&["String answer = ", &pieces.join(" + body + "), ";"]);
    code.comment(plan.say(
        "The correlation id says which question it answers.",
        "Correlation id говорит, на какой вопрос это ответ.",
    ));
    code.line(&["String id = message.getProperties().getCorrelationId();"]);
    code.line(&["BasicProperties properties = new BasicProperties.Builder().correlationId(id).build();"]);
    code.line(&["channel.basicPublish(\"\", replyTo, properties, answer.getBytes(StandardCharsets.UTF_8));"]);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["channel.basicAck(delivery, false);"]);
    }
    code.line(&["unacked[0]++;"]);
    code.open(&["if (unacked[0] == ", &role.ack_every.to_string(), ") {"]);
    code.line(&["channel.basicAck(delivery, true);"]);
    code.line(&["unacked[0] = 0;"]);
    code.close(&["}"]);
}

/// How long something takes, in ms; `None` if it takes no time.
fn pause(time: Lapse) -> Option<String> {
    Some(match time {
        Lapse::Fixed(time) | Lapse::About(time) if time.is_zero() => return None,
        Lapse::Fixed(time) => ms(time),
        Lapse::Between(from, to) => {
            let past = to.max(from) + std::time::Duration::from_millis(1);
            ["ThreadLocalRandom.current().nextLong(", &ms(from), ", ", &ms(past), ")"].concat()
        }
        Lapse::About(mean) => ["(long) (-Math.log(1 - Math.random()) * ", &ms(mean), ")"].concat(),
    })
}

/// When something goes wrong, by the number of the time.
fn strikes(frequency: Frequency, number: &str) -> Option<String> {
    match frequency {
        Frequency::Never => None,
        Frequency::Every(every) => Some([number, " % ", &every.to_string(), " == 0"].concat()),
        Frequency::Percent(percent) => Some(["Math.random() * 100 < ", &percent.to_string()].concat()),
    }
}

fn truth(value: bool) -> String {
    JAVA.truth[usize::from(value)].into()
}

fn table(table: &FieldTable) -> String {
    if table.is_empty() { "Map.of()".into() } else { JAVA.table(table) }
}
