//! Java, with RabbitMQ's own client.

mod consume;
mod produce;

use warren_sim::{Frequency, Lapse, warren_core::wire::FieldTable};

use crate::{
    Language,
    code::{Code, Style},
    literal::{ESCAPE, Literals, ms},
    notes,
    plan::{Plan, Role},
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
        Role::Producer(role) => produce::produce(&mut body, plan, role),
        Role::Consumer(role) => consume::consume(&mut body, plan, role),
    }
    let mut end = Code::new(STYLE, 1);
    end.line(&["}"]);
    if body.says(" sleep(") {
        sleep(&mut end);
    }
    end.close(&["}"]);

    let mut top = Code::new(STYLE, 0);
    notes::top(&mut top, plan, Language::Java, &own_notes(plan));
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

fn own_notes(plan: &Plan<'_>) -> Vec<&'static str> {
    let Role::Producer(role) = &plan.role else { return Vec::new() };
    if !role.plan.confirms || role.plan.window == 1 {
        return Vec::new();
    }
    vec![plan.say(
        "It waits for all confirms whenever it has sent as many messages as it may; there, only for the oldest.",
    )]
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
