//! What producers do.

use super::{JAVA, pause, strikes, table, truth};
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
    code.comment(plan.say("Questions that have no answer yet, by correlation id; there may be so many."));
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
