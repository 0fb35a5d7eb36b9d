//! What producers do.

use warren_sim::warren_core::wire::FieldTable;

use super::{RUST, await_call, braced, options, owned, pause, strikes, table};
use crate::{
    code::Code,
    literal::ms,
    notes,
    plan::{Body, Part, Plan, Publishing},
};

pub(super) fn produce(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    let producer = role.plan;
    if producer.confirms {
        code.line(&["channel.confirm_select(ConfirmSelectOptions::default()).await?;"]);
        if producer.window != 1 {
            code.comment(plan.say("Messages that are not confirmed yet."));
            code.line(&["let mut open = VecDeque::new();"]);
        }
    }
    if producer.transaction > 0 {
        code.line(&["channel.tx_select().await?;"]);
    }
    if let Some(reply_to) = &producer.reply_to {
        code.comment(plan.say("Questions that have no answer yet, by correlation id."));
        code.line(&["let mut asked: BTreeMap<String, String> = BTreeMap::new();"]);
        let options = options("BasicConsumeOptions", &[("no_ack", true)]);
        let arguments = [owned(reply_to), owned(""), options, table(&FieldTable::default())];
        await_call(code, "let mut answers = channel.basic_consume(", &arguments);
    }
    notes::headers(code, plan, role);
    lists(code, role);
    code.open(&["for n in 1..=", &producer.count.to_string(), " {"]);
    in_turn(code, role);
    publish(code, role);
    end_transaction(code, role);
    if let Some(pause) = pause(producer.interval) {
        // With a burst of messages, only after the last of it.
        if producer.burst > 1 {
            code.open(&["if n % ", &producer.burst.to_string(), " == 0 {"]);
        }
        code.line(&["sleep(", &pause, ").await;"]);
        if producer.burst > 1 {
            code.close(&["}"]);
        }
    }
    if producer.reply_to.is_some() && producer.window > 0 {
        match producer.window {
            1 => hear(code, &["while !asked.is_empty() {"]),
            window => hear(code, &["while asked.len() >= ", &window.to_string(), " {"]),
        }
    }
    code.close(&["}"]);
    if producer.reply_to.is_some() {
        hear(code, &["while !asked.is_empty() {"]);
    }
    if producer.confirms && producer.window != 1 {
        code.open(&["for (body, confirm) in open {"]);
        code.line(&["tell(&body, ", lent(role), "confirm.await?);"]);
        code.close(&["}"]);
    }
    code.gap();
    code.line(&["connection.close(200, \"\".into()).await?;"]);
}

/// Takes one answer after the other, as long as it has to.
fn hear(code: &mut Code, condition: &[&str]) {
    code.open(condition);
    code.line(&["let Some(answer) = answers.next().await else { break };"]);
    code.line(&["let answer = answer?;"]);
    code.line(&["let id = answer.properties.correlation_id().as_ref().map(ToString::to_string);"]);
    code.open(&["if let Some(body) = id.and_then(|id| asked.remove(&id)) {"]);
    code.line(&["println!(\"answered {body} -> {}\", String::from_utf8_lossy(&answer.data));"]);
    code.close(&["}"]);
    code.close(&["}"]);
}

/// What messages have in turn.
fn lists(code: &mut Code, role: &Publishing<'_>) {
    let quoted = |texts: &[String]| texts.iter().map(|text| RUST.quoted(text)).collect::<Vec<_>>();
    if role.plan.routing_key.len() > 1 {
        code.list("let keys = [", &quoted(&role.plan.routing_key), "];");
    }
    if role.plan.priority.len() > 1 {
        let priorities: Vec<String> = role.plan.priority.iter().map(u8::to_string).collect();
        code.list("let priorities = [", &priorities, "];");
    }
    if role.headers.len() > 1 {
        let headers: Vec<String> = role.headers.iter().map(table).collect();
        code.list("let headers = [", &headers, "];");
    }
    if let Body::InTurn(bodies) = &role.body
        && bodies.len() > 1
    {
        code.list("let bodies = [", &quoted(bodies), "];");
    }
}

fn in_turn(code: &mut Code, role: &Publishing<'_>) {
    if role.plan.routing_key.len() > 1 {
        code.line(&["let key = keys[(n - 1) % keys.len()];"]);
    }
    if role.plan.priority.len() > 1 {
        code.line(&["let priority = priorities[(n - 1) % priorities.len()];"]);
    }
    let body = match &role.body {
        Body::Template(parts) => template(parts),
        Body::InTurn(bodies) => {
            let body = match &bodies[..] {
                [body] => RUST.quoted(body),
                _ => "bodies[(n - 1) % bodies.len()]".into(),
            };
            let body = role.holes(bodies).fold(body, |body, (name, same)| {
                let variable =
                    if name == "key" { "key".into() } else { ["&", name, ".to_string()"].concat() };
                let value = same.map_or(variable, |same| RUST.quoted(&same));
                [&body, ".replace(\"{", name, "}\", ", &value, ")"].concat()
            });
            if body.ends_with(')') { body } else { [&body, ".to_owned()"].concat() }
        }
    };
    code.line(&["let body = ", &body, ";"]);
    if role.plan.bytes > 0 {
        let bytes = role.plan.bytes.to_string();
        code.line(&[
            "let body = format!(\"{body}{}\", \".\".repeat(",
            &bytes,
            "_usize.saturating_sub(body.len())));",
        ]);
    }
}

fn template(parts: &[Part]) -> String {
    if let [Part::Text(text)] = parts {
        return [&RUST.quoted(text), ".to_owned()"].concat();
    }
    if let [Part::Variable(name)] = parts {
        return [name, ".to_string()"].concat();
    }
    let parts = parts.iter().map(|part| match part {
        Part::Text(text) => braced(text),
        Part::Variable(name) => ["{", name, "}"].concat(),
    });
    ["format!(\"", &parts.collect::<String>(), "\")"].concat()
}

fn publish(code: &mut Code, role: &Publishing<'_>) {
    let producer = role.plan;
    let key = match &producer.routing_key[..] {
        [key] => owned(key),
        _ => "key.into()".into(),
    };
    let arguments = [
        owned(&producer.exchange),
        key,
        options("BasicPublishOptions", &[("mandatory", producer.mandatory)]),
        "body.as_bytes()".into(),
    ];
    let properties = properties(role);
    code.open(&[if producer.confirms { "let confirm = channel" } else { "channel" }]);
    code.open(&[".basic_publish("]);
    for argument in &arguments {
        code.line(&[argument, ","]);
    }
    if properties.is_empty() {
        code.line(&["BasicProperties::default(),"]);
    } else {
        code.open(&["BasicProperties::default()"]);
        for (index, property) in properties.iter().enumerate() {
            code.line(&[property, if index + 1 == properties.len() { "," } else { "" }]);
        }
        code.close(&[]);
    }
    code.close(&[")"]);
    code.line(&[".await?;"]);
    code.close(&[]);
    code.line(&["println!(\"sent {body}\");"]);
    if producer.reply_to.is_some() {
        code.line(&["asked.insert(n.to_string(), body);"]);
    }
    if !producer.confirms {
        return;
    }
    if producer.window == 1 {
        return code.line(&["tell(&body, ", lent(role), "confirm.await?);"]);
    }
    code.line(&["open.push_back((body, confirm));"]);
    if producer.window > 0 {
        code.open(&[
            "if open.len() >= ",
            &producer.window.to_string(),
            " && let Some((body, confirm)) = open.pop_front() {",
        ]);
        code.line(&["tell(&body, ", lent(role), "confirm.await?);"]);
        code.close(&["}"]);
    }
}

fn properties(role: &Publishing<'_>) -> Vec<String> {
    let producer = role.plan;
    let mut properties = Vec::new();
    let mut with = |name: &str, value: &str| properties.push([".with_", name, "(", value, ")"].concat());
    match &role.headers[..] {
        [] => {}
        [headers] => with("headers", &table(headers)),
        _ => with("headers", "headers[(n - 1) % headers.len()].clone()"),
    }
    if producer.persistent {
        with("delivery_mode", "2");
    }
    match &producer.priority[..] {
        [] => {}
        [priority] => with("priority", &priority.to_string()),
        _ => with("priority", "priority"),
    }
    if let Some(time) = producer.expiration {
        with("expiration", &owned(&ms(time)));
    }
    if role.has_ids {
        let name = braced(&producer.name);
        with("message_id", &["format!(\"", &name, "-{n}\").into()"].concat());
    }
    if let Some(reply_to) = &producer.reply_to {
        with("reply_to", &owned(reply_to));
        with("correlation_id", "n.to_string().into()");
    }
    properties
}

fn end_transaction(code: &mut Code, role: &Publishing<'_>) {
    let (size, count) = (role.plan.transaction, role.plan.count);
    if size == 0 {
        return;
    }
    if size > 1 {
        code.open(&["if n % ", &size.to_string(), " == 0 || n == ", &count.to_string(), " {"]);
    }
    // The last of them may be a smaller one.
    let number = match size {
        1 => "n".to_owned(),
        _ => ["n.div_ceil(", &size.to_string(), ")"].concat(),
    };
    match strikes(role.plan.rolls_back, &number) {
        None => code.line(&["channel.tx_commit().await?;"]),
        Some(condition) => {
            code.open(&["if ", &condition, " {"]);
            code.line(&["channel.tx_rollback().await?;"]);
            code.turn(&["} else {"]);
            code.line(&["channel.tx_commit().await?;"]);
            code.close(&["}"]);
        }
    }
    if size > 1 {
        code.close(&["}"]);
    }
}

/// Only what looks for a message in it needs a confirmation for itself.
const fn lent(role: &Publishing<'_>) -> &'static str {
    if role.plan.mandatory { "" } else { "&" }
}
