//! Go, with RabbitMQ's amqp091-go.

use warren_sim::{AckMode, Frequency, Lapse, OnFailure, warren_core::wire::FieldTable};

use crate::{
    Language,
    code::{Code, Style},
    literal::{ESCAPE, Literals, NEVER, ms},
    notes,
    plan::{Body, Consuming, FAILS_HEADER, Part, Plan, Publishing, Role, WORK_HEADER},
};

const STYLE: Style = Style { indent: "\t", comment: "//", last_comma: "," };

const GO: Literals = Literals {
    table: ["amqp.Table{", "}"],
    entry: ["", ": ", ""],
    large: NEVER,
    list: ["[]any{", "}"],
    text: [""; 2],
    int: [""; 2],
    long: ["int64(", ")"],
    float: [""; 2],
    truth: ["false", "true"],
    nothing: "nil",
    escape: ESCAPE,
};

/// What a program may import: how it says so, and the import.
const IMPORTS: [(&str, &str); 8] = [
    ("context.", "context"),
    ("fmt.", "fmt"),
    ("log.", "log"),
    ("rand.", "math/rand"),
    ("os.", "os"),
    ("strconv.", "strconv"),
    ("strings.", "strings"),
    ("time.", "time"),
];

/// The program.
pub(crate) fn program(plan: &Plan<'_>) -> String {
    let mut body = Code::new(STYLE, 0);
    body.open(&["func main() {"]);
    body.line(&["url := os.Getenv(\"AMQP_URL\")"]);
    body.open(&["if url == \"\" {"]);
    body.line(&["url = \"amqp://guest:guest@localhost:5672\""]);
    body.close(&["}"]);
    body.line(&["connection, err := amqp.Dial(url)"]);
    body.line(&["check(err)"]);
    body.line(&["defer connection.Close()"]);
    body.line(&["channel, err := connection.Channel()"]);
    body.line(&["check(err)"]);
    body.gap();
    declare(&mut body, plan);
    match &plan.role {
        Role::Producer(role) => produce(&mut body, plan, role),
        Role::Consumer(role) => consume(&mut body, plan, role),
    }
    body.close(&["}"]);
    help(&mut body, plan);

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::Go, &[]);
    top.line(&["package main"]);
    top.gap();
    top.open(&["import ("]);
    for (sign, import) in IMPORTS {
        if body.says(sign) {
            top.line(&["\"", import, "\""]);
        }
    }
    top.gap();
    top.line(&["amqp \"github.com/rabbitmq/amqp091-go\""]);
    top.close(&[")"]);
    top.gap();
    [top.text(), body.text()].concat()
}

fn declare(code: &mut Code, plan: &Plan<'_>) {
    for exchange in plan.exchanges {
        let flags = [truth(exchange.durable), "false, false, false"].join(", ");
        let kind = GO.quoted(exchange.kind.as_str());
        let arguments = [GO.quoted(&exchange.name), kind, flags, table(&exchange.arguments)];
        code.call("err = channel.ExchangeDeclare(", &arguments, ")");
        code.line(&["check(err)"]);
    }
    for queue in &plan.queues {
        let flags = [truth(queue.durable), "false", truth(queue.exclusive), "false"].join(", ");
        let arguments = [GO.quoted(&queue.name), flags, table(&queue.arguments)];
        code.call("_, err = channel.QueueDeclare(", &arguments, ")");
        code.line(&["check(err)"]);
    }
    for binding in &plan.bindings {
        let (key, from) = (GO.quoted(&binding.routing_key), GO.quoted(&binding.exchange));
        let (head, to) = match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) => ("err = channel.QueueBind(", queue),
            (None, Some(exchange)) => ("err = channel.ExchangeBind(", exchange),
            (None, None) => continue,
        };
        let arguments = [GO.quoted(to), key, from, truth(false).into(), table(&binding.arguments)];
        code.call(head, &arguments, ")");
        code.line(&["check(err)"]);
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
        code.line(&[
            "returns := channel.NotifyReturn(make(chan amqp.Return, ",
            &producer.count.to_string(),
            "))",
        ]);
        code.open(&["go func() {"]);
        code.open(&["for returned := range returns {"]);
        code.line(&["fmt.Println(\"returned\", string(returned.Body))"]);
        code.close(&["}"]);
        code.close(&["}()"]);
    }
    if producer.confirms {
        code.line(&["check(channel.Confirm(false))"]);
        if producer.window != 1 {
            code.comment(
                plan.say("Messages that are not confirmed yet.", "Сообщения, которые ещё не подтверждены."),
            );
            code.line(&["var open []*amqp.DeferredConfirmation"]);
        }
    }
    if producer.transaction > 0 {
        code.line(&["check(channel.Tx())"]);
    }
    if let Some(reply_to) = &producer.reply_to {
        code.line(&[
            "answers, err := channel.Consume(",
            &GO.quoted(reply_to),
            ", \"\", true, false, false, false, nil)",
        ]);
        code.line(&["check(err)"]);
        code.comment(plan.say(
            "Questions that have no answer yet, by correlation id.",
            "Вопросы, на которые ещё нет ответа, по correlation id.",
        ));
        code.line(&["asked := map[string]string{}"]);
        code.open(&["hear := func() {"]);
        code.line(&["answer := <-answers"]);
        code.open(&["if body, found := asked[answer.CorrelationId]; found {"]);
        code.line(&["delete(asked, answer.CorrelationId)"]);
        code.line(&["fmt.Println(\"answered\", body, \"->\", string(answer.Body))"]);
        code.close(&["}"]);
        code.close(&["}"]);
    }
    notes::headers(code, plan, role);
    lists(code, role);
    code.open(&["for n := 1; n <= ", &producer.count.to_string(), "; n++ {"]);
    in_turn(code, role);
    publish(code, role);
    end_transaction(code, role);
    if let Some(pause) = pause(producer.interval) {
        // With a burst of messages, only after the last of it.
        if producer.burst > 1 {
            code.open(&["if n%", &producer.burst.to_string(), " == 0 {"]);
        }
        code.line(&["time.Sleep(", &pause, ")"]);
        if producer.burst > 1 {
            code.close(&["}"]);
        }
    }
    if producer.reply_to.is_some() && producer.window > 0 {
        code.open(&["for len(asked) >= ", &producer.window.to_string(), " {"]);
        code.line(&["hear()"]);
        code.close(&["}"]);
    }
    code.close(&["}"]);
    if producer.reply_to.is_some() {
        code.open(&["for len(asked) > 0 {"]);
        code.line(&["hear()"]);
        code.close(&["}"]);
    }
    if producer.confirms && producer.window != 1 {
        code.open(&["for _, confirm := range open {"]);
        code.line(&["tell(confirm)"]);
        code.close(&["}"]);
    }
    code.line(&["check(channel.Close())"]);
}

/// What messages have in turn.
fn lists(code: &mut Code, role: &Publishing<'_>) {
    let quoted = |texts: &[String]| texts.iter().map(|text| GO.quoted(text)).collect::<Vec<_>>();
    if role.plan.routing_key.len() > 1 {
        code.list("keys := []string{", &quoted(&role.plan.routing_key), "}");
    }
    if role.plan.priority.len() > 1 {
        let priorities: Vec<String> = role.plan.priority.iter().map(u8::to_string).collect();
        code.list("priorities := []uint8{", &priorities, "}");
    }
    if role.headers.len() > 1 {
        let headers: Vec<String> = role.headers.iter().map(|headers| GO.table(headers)).collect();
        code.list("headers := []amqp.Table{", &headers, "}");
    }
    if let Body::InTurn(bodies) = &role.body
        && bodies.len() > 1
    {
        code.list("bodies := []string{", &quoted(bodies), "}");
    }
}

fn in_turn(code: &mut Code, role: &Publishing<'_>) {
    if role.plan.routing_key.len() > 1 {
        code.line(&["key := keys[(n-1)%len(keys)]"]);
    }
    if role.plan.priority.len() > 1 {
        code.line(&["priority := priorities[(n-1)%len(priorities)]"]);
    }
    let body = match &role.body {
        Body::Template(parts) => template(parts),
        Body::InTurn(bodies) => {
            let body = match &bodies[..] {
                [body] => GO.quoted(body),
                _ => "bodies[(n-1)%len(bodies)]".into(),
            };
            role.holes(bodies).fold(body, |body, (name, same)| {
                let variable = if name == "key" { "key".into() } else { ["fmt.Sprint(", name, ")"].concat() };
                let value = same.map_or(variable, |same| GO.quoted(&same));
                ["strings.ReplaceAll(", &body, ", \"{", name, "}\", ", &value, ")"].concat()
            })
        }
    };
    code.line(&["body := ", &body]);
    if role.plan.bytes > 0 {
        let bytes = role.plan.bytes.to_string();
        code.open(&["if missing := ", &bytes, " - len(body); missing > 0 {"]);
        code.line(&["body += strings.Repeat(\".\", missing)"]);
        code.close(&["}"]);
    }
}

fn template(parts: &[Part]) -> String {
    if let [Part::Text(text)] = parts {
        return GO.quoted(text);
    }
    let (mut pattern, mut values) = (String::new(), String::new());
    for part in parts {
        match part {
            Part::Text(text) => pattern.push_str(&GO.escaped(text, '"').replace('%', "%%")),
            Part::Variable(name) => {
                pattern.push_str("%v");
                values.push_str(", ");
                values.push_str(name);
            }
        }
    }
    ["fmt.Sprintf(\"", &pattern, "\"", &values, ")"].concat()
}

fn publish(code: &mut Code, role: &Publishing<'_>) {
    let producer = role.plan;
    let key = match &producer.routing_key[..] {
        [key] => GO.quoted(key),
        _ => "key".into(),
    };
    let to =
        [&GO.quoted(&producer.exchange), ", ", &key, ", ", truth(producer.mandatory), ", false"].concat();
    let head = if producer.confirms {
        [
            "confirm, err := channel.PublishWithDeferredConfirmWithContext(context.Background(), ",
            &to,
            ", amqp.Publishing{",
        ]
    } else {
        ["err = channel.PublishWithContext(context.Background(), ", &to, ", amqp.Publishing{"]
    };
    code.open(&[head[0], head[1], head[2]]);
    fill(code, &fields(role));
    code.close(&["})"]);
    code.line(&["check(err)"]);
    code.line(&["fmt.Println(\"sent\", body)"]);
    if producer.reply_to.is_some() {
        code.line(&["asked[strconv.Itoa(n)] = body"]);
    }
    match (producer.confirms, producer.window) {
        (false, _) => {}
        (true, 1) => code.line(&["tell(confirm)"]),
        (true, window) => {
            code.line(&["open = append(open, confirm)"]);
            if window > 0 {
                code.open(&["if len(open) >= ", &window.to_string(), " {"]);
                code.line(&["tell(open[0])"]);
                code.line(&["open = open[1:]"]);
                code.close(&["}"]);
            }
        }
    }
}

/// The fields of a message, in columns as gofmt has them.
fn fill(code: &mut Code, fields: &[(&str, String)]) {
    let widest = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in fields {
        code.line(&[name, ": ", &" ".repeat(widest - name.len()), value, ","]);
    }
}

fn fields(role: &Publishing<'_>) -> Vec<(&'static str, String)> {
    let producer = role.plan;
    let mut fields = Vec::new();
    let mut with = |name, value: &str| fields.push((name, value.to_owned()));
    match &role.headers[..] {
        [] => {}
        [headers] => with("Headers", &table(headers)),
        _ => with("Headers", "headers[(n-1)%len(headers)]"),
    }
    if producer.persistent {
        with("DeliveryMode", "amqp.Persistent");
    }
    match &producer.priority[..] {
        [] => {}
        [priority] => with("Priority", &priority.to_string()),
        _ => with("Priority", "priority"),
    }
    if let Some(time) = producer.expiration {
        with("Expiration", &GO.quoted(&ms(time)));
    }
    if role.has_ids {
        let name = GO.quoted(&[&producer.name, "-"].concat());
        with("MessageId", &[&name, " + strconv.Itoa(n)"].concat());
    }
    if let Some(reply_to) = &producer.reply_to {
        with("ReplyTo", &GO.quoted(reply_to));
        with("CorrelationId", "strconv.Itoa(n)");
    }
    with("Body", "[]byte(body)");
    fields
}

fn end_transaction(code: &mut Code, role: &Publishing<'_>) {
    let (size, count) = (role.plan.transaction, role.plan.count);
    if size == 0 {
        return;
    }
    if size > 1 {
        code.open(&["if n%", &size.to_string(), " == 0 || n == ", &count.to_string(), " {"]);
    }
    // The last of them may be a smaller one.
    let number = match size {
        1 => "n".to_owned(),
        _ => ["((n-1)/", &size.to_string(), "+1)"].concat(),
    };
    match strikes(role.plan.rolls_back, &number) {
        None => code.line(&["check(channel.TxCommit())"]),
        Some(condition) => {
            code.open(&["if ", &condition, " {"]);
            code.line(&["check(channel.TxRollback())"]);
            code.turn(&["} else {"]);
            code.line(&["check(channel.TxCommit())"]);
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
        code.line(&["check(channel.Qos(", &consumer.prefetch.to_string(), ", 0, false))"]);
    }
    let no_ack = truth(consumer.ack == AckMode::Auto);
    let flags = ["\"\"", no_ack, "false, false, false"].join(", ");
    code.call(
        "messages, err := channel.Consume(",
        &[GO.quoted(&consumer.queue), flags, table(&consumer.arguments)],
        ")",
    );
    code.line(&["check(err)"]);
    if role.fails_as_told {
        code.comment(plan.say(
            "How often the work on a message has failed, by its id.",
            "Сколько раз обработка сообщения не удалась, по его id.",
        ));
        code.line(&["failures := map[string]int64{}"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["tries := 0"]);
    }
    if role.ack_every > 1 {
        code.line(&["unacked := 0"]);
    }
    code.open(&["for message := range messages {"]);
    code.line(&["fmt.Println(\"received\", string(message.Body))"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["check(message.Ack(false))"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["fmt.Println(\"done\", string(message.Body))"]);
    code.close(&["}"]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => {
            let number = ["number(message, \"", WORK_HEADER, "\")"].concat();
            Some(["time.Duration(", &number, ") * time.Millisecond"].concat())
        }
        None => None,
    };
    if let Some(time) = time {
        code.line(&["time.Sleep(", &time, ") // ", plan.say("the work", "обработка")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let own = strikes(role.plan.fails, "tries");
    if own.is_some() {
        code.line(&["tries++"]);
    }
    let told = role
        .fails_as_told
        .then(|| ["failures[message.MessageId] < number(message, \"", FAILS_HEADER, "\")"].concat());
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if ", &conditions.join(" || "), " {"]);
    code.line(&["fmt.Println(\"failed\", string(message.Body))"]);
    if role.fails_as_told {
        code.line(&["failures[message.MessageId]++"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["continue"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = GO.quoted(&role.plan.queue);
        code.open(&["if rejections(message, ", &queue, ")+1 >= ", &give_up.after.to_string(), " {"]);
        code.comment(
            plan.say(
                "Nobody shall try again: it is put aside.",
                "Больше не пытаться: сообщение откладывается.",
            ),
        );
        code.line(&["delete(message.Headers, \"", FAILS_HEADER, "\")"]);
        let to = GO.quoted(&give_up.to);
        code.open(&[
            "err = channel.PublishWithContext(context.Background(), \"\", ",
            &to,
            ", false, false, amqp.Publishing{",
        ]);
        let aside =
            [("Headers", "message.Headers"), ("MessageId", "message.MessageId"), ("Body", "message.Body")];
        fill(code, &aside.map(|(name, value)| (name, value.to_owned())));
        code.close(&["})"]);
        code.line(&["check(err)"]);
        code.line(&["check(message.Ack(false))"]);
        code.line(&["continue"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "check(message.Reject(false))",
        OnFailure::Requeue => "check(message.Reject(true))",
        OnFailure::Nack => "check(message.Nack(false, false))",
        OnFailure::NackRequeue => "check(message.Nack(false, true))",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.open(&["if message.ReplyTo != \"\" {"]);
    let pieces: Vec<String> = reply.split("{body}").map(|piece| GO.quoted(piece)).collect();
    code.line(&["answer := ", &pieces.join(" + string(message.Body) + ")]);
    code.comment(plan.say(
        "The correlation id says which question it answers.",
        "Correlation id говорит, на какой вопрос это ответ.",
    ));
    code.open(&["err = channel.PublishWithContext(context.Background(), \"\", message.ReplyTo, false, false, amqp.Publishing{"]);
    fill(code, &[("CorrelationId", "message.CorrelationId".into()), ("Body", "[]byte(answer)".into())]);
    code.close(&["})"]);
    code.line(&["check(err)"]);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["check(message.Ack(false))"]);
    }
    code.line(&["unacked++"]);
    code.open(&["if unacked == ", &role.ack_every.to_string(), " {"]);
    code.line(&["check(message.Ack(true))"]);
    code.line(&["unacked = 0"]);
    code.close(&["}"]);
}

/// Functions that the rest needs.
fn help(code: &mut Code, plan: &Plan<'_>) {
    code.gap();
    code.open(&["func check(err error) {"]);
    code.open(&["if err != nil {"]);
    code.line(&["log.Fatal(err)"]);
    code.close(&["}"]);
    code.close(&["}"]);
    if code.says("tell(") {
        code.gap();
        code.open(&["func tell(confirm *amqp.DeferredConfirmation) {"]);
        code.open(&["if confirm.Wait() {"]);
        code.line(&["fmt.Println(\"confirmed\", confirm.DeliveryTag)"]);
        code.turn(&["} else {"]);
        code.line(&["fmt.Println(\"refused\", confirm.DeliveryTag)"]);
        code.close(&["}"]);
        code.close(&["}"]);
    }
    if code.says("number(message, ") {
        code.gap();
        code.comment(plan.say(
            "A header that is a number; clients write numbers of different sizes.",
            "Заголовок-число; клиенты пишут числа разных размеров.",
        ));
        code.open(&["func number(message amqp.Delivery, name string) int64 {"]);
        code.line(&["text, found := message.Headers[name]"]);
        code.open(&["if !found {"]);
        code.line(&["return 0"]);
        code.close(&["}"]);
        code.line(&["number, err := strconv.ParseInt(fmt.Sprint(text), 10, 64)"]);
        code.line(&["check(err)"]);
        code.line(&["return number"]);
        code.close(&["}"]);
    }
    if code.says("rejections(message") {
        code.gap();
        code.comment(plan.say(
            "How often a queue's consumers have rejected it before, by its x-death header.",
            "Сколько раз слушатели очереди уже отклоняли его, по заголовку x-death.",
        ));
        code.open(&["func rejections(message amqp.Delivery, queue string) int64 {"]);
        code.line(&["deaths, _ := message.Headers[\"x-death\"].([]any)"]);
        code.open(&["for _, entry := range deaths {"]);
        code.line(&["death, _ := entry.(amqp.Table)"]);
        code.open(&["if death[\"queue\"] == queue && death[\"reason\"] == \"rejected\" {"]);
        code.line(&["count, _ := death[\"count\"].(int64)"]);
        code.line(&["return count"]);
        code.close(&["}"]);
        code.close(&["}"]);
        code.line(&["return 0"]);
        code.close(&["}"]);
    }
}

/// How long something takes; `None` if it takes no time.
fn pause(time: Lapse) -> Option<String> {
    Some(match time {
        Lapse::Fixed(time) | Lapse::About(time) if time.is_zero() => return None,
        Lapse::Fixed(time) => [&ms(time), " * time.Millisecond"].concat(),
        Lapse::Between(from, to) => {
            let span = to.saturating_sub(from) + std::time::Duration::from_millis(1);
            ["time.Duration(", &ms(from), "+rand.Intn(", &ms(span), ")) * time.Millisecond"].concat()
        }
        Lapse::About(mean) => {
            ["time.Duration(rand.ExpFloat64() * float64(", &ms(mean), "*time.Millisecond))"].concat()
        }
    })
}

/// When something goes wrong, by the number of the time.
fn strikes(frequency: Frequency, number: &str) -> Option<String> {
    match frequency {
        Frequency::Never => None,
        Frequency::Every(every) => Some([number, "%", &every.to_string(), " == 0"].concat()),
        Frequency::Percent(percent) => Some(["rand.Intn(100) < ", &percent.to_string()].concat()),
    }
}

const fn truth(value: bool) -> &'static str {
    GO.truth[value as usize]
}

fn table(table: &FieldTable) -> String {
    if table.is_empty() { "nil".into() } else { GO.table(table) }
}
