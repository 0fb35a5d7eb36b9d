//! What producers do.

use super::{PYTHON, named, pause, strikes, table};
use crate::{
    code::Code,
    notes,
    plan::{Body, Part, Plan, Publishing},
};

pub(super) fn produce(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.confirms {
        code.line(&["channel.confirm_delivery()"]);
    } else if producer.mandatory {
        code.comment(plan.say("Messages that no queue took come back."));
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
    let comment = plan.say("Questions that have no answer yet, by correlation id.");
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
