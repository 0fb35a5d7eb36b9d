//! What producers do.

use super::{GO, fill, pause, strikes, table, truth};
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
            code.comment(plan.say("Messages that are not confirmed yet."));
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
        code.comment(plan.say("Questions that have no answer yet, by correlation id."));
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
