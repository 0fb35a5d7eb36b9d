//! What consumers do.

use warren_sim::{AckMode, Frequency, OnFailure};

use super::{PYTHON, named, pause, strikes, table};
use crate::{
    code::Code,
    plan::{Consuming, FAILS_HEADER, Plan, WORK_HEADER},
};

pub(super) fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if role.fails_as_told {
        code.comment(plan.say("How often the work on a message has failed, by its id."));
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
        code.line(&["connection.sleep(", &time, ")  # ", plan.say("the work")]);
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
        code.comment(plan.say("How often this queue's consumers have rejected it before."));
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
        code.comment(plan.say("Nobody shall try again: it is put aside."));
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
    code.comment(plan.say("The correlation id says which question it answers."));
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
