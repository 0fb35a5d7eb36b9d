//! Go, with RabbitMQ's amqp091-go.

mod consume;
mod produce;

use warren_sim::{Frequency, Lapse, warren_core::wire::FieldTable};

use crate::{
    Language,
    code::{Code, Style},
    literal::{ESCAPE, Literals, NEVER, ms},
    notes,
    plan::{Plan, Role},
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
        Role::Producer(role) => produce::produce(&mut body, plan, role),
        Role::Consumer(role) => consume::consume(&mut body, plan, role),
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
        code.comment(plan.say("A header that is a number; clients write numbers of different sizes."));
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
        code.comment(
            plan.say("How often a queue's consumers have rejected it before, by its x-death header."),
        );
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

/// The fields of a message, in columns as gofmt has them.
fn fill(code: &mut Code, fields: &[(&str, String)]) {
    let widest = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in fields {
        code.line(&[name, ": ", &" ".repeat(widest - name.len()), value, ","]);
    }
}
