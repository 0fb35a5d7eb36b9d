//! What producers do.

use super::{JAVASCRIPT, object, pause, quoted, table, waits};
use crate::{
    code::Code,
    literal::ms,
    notes,
    plan::{Body, Part, Plan, Publishing},
};

pub(super) fn produce(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.mandatory {
        code.comment(plan.say("Messages that no queue took come back."));
        code.open(&["channel.on(\"return\", (message) => {"]);
        code.line(&["console.log(\"returned\", message.content.toString());"]);
        code.close(&["});"]);
    }
    if let Some(reply_to) = &producer.reply_to {
        ask(code, plan, reply_to);
    } else if waits(role) {
        code.comment(plan.say("Messages that are not confirmed yet."));
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
    code.comment(
        plan.say("Questions that have no answer yet, and what is done when it comes, by correlation id."),
    );
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
