//! What consumers do.

use warren_sim::{AckMode, Frequency, OnFailure};

use super::{JAVASCRIPT, object, pause, quoted, strikes, table};
use crate::{
    code::Code,
    plan::{Consuming, FAILS_HEADER, Plan, WORK_HEADER},
};

pub(super) fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if role.fails_as_told {
        code.comment(plan.say("How often the work on a message has failed, by its id."));
        code.line(&["const failures = new Map();"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["let tries = 0;"]);
    }
    if role.ack_every > 1 {
        code.line(&["let unacked = 0;"]);
    }
    code.open(&["const onMessage = async (message) => {"]);
    code.line(&["const body = message.content.toString();"]);
    code.line(&["console.log(\"received\", body);"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["channel.ack(message);"]);
    }
    if role.reads_headers() {
        code.line(&["const headers = message.properties.headers ?? {};"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["console.log(\"done\", body);"]);
    code.close(&["};"]);
    code.gap();
    if consumer.prefetch > 0 {
        code.line(&["await channel.prefetch(", &consumer.prefetch.to_string(), ");"]);
    }
    let mut options = Vec::new();
    options.extend((consumer.ack == AckMode::Auto).then(|| "noAck: true".into()));
    options.extend(table("arguments", &consumer.arguments));
    let options = if options.is_empty() { String::new() } else { [", ", &object(&options)].concat() };
    let queue = quoted(&consumer.queue);
    if !role.holds_several() {
        return code.line(&["await channel.consume(", &queue, ", onMessage", &options, ");"]);
    }
    code.comment(plan.say("One message after the other, as many as the broker may send ahead."));
    code.line(&["let last = Promise.resolve();"]);
    code.open(&["const inTurn = (message) => {"]);
    code.line(&["last = last.then(() => onMessage(message));"]);
    code.line(&["return last;"]);
    code.close(&["};"]);
    code.line(&["await channel.consume(", &queue, ", inTurn", &options, ");"]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => Some(["headers[\"", WORK_HEADER, "\"] ?? 0"].concat()),
        None => None,
    };
    if let Some(time) = time {
        code.line(&["await sleep(", &time, "); // ", plan.say("the work")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    let own = strikes(consumer.fails, "tries");
    if own.is_some() {
        code.line(&["tries += 1;"]);
    }
    let told = role.fails_as_told.then(|| {
        code.line(&["const failed = failures.get(message.properties.messageId) ?? 0;"]);
        ["failed < (headers[\"", FAILS_HEADER, "\"] ?? 0)"].concat()
    });
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if (", &conditions.join(" || "), ") {"]);
    code.line(&["console.log(\"failed\", body);"]);
    if role.fails_as_told {
        code.line(&["failures.set(message.properties.messageId, failed + 1);"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["return;"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = quoted(&role.plan.queue);
        code.comment(plan.say("How often this queue's consumers have rejected it before."));
        code.open(&["const rejected = (headers[\"x-death\"] ?? []).find("]);
        code.line(&["(death) => death.queue === ", &queue, " && death.reason === \"rejected\","]);
        code.close(&[");"]);
        code.open(&["if ((rejected?.count ?? 0) + 1 >= ", &give_up.after.to_string(), ") {"]);
        code.comment(plan.say("Nobody shall try again: it is put aside."));
        code.line(&["delete headers[\"", FAILS_HEADER, "\"];"]);
        let options = "{ headers, messageId: message.properties.messageId }".into();
        code.call(
            "channel.publish(",
            &[quoted(""), quoted(&give_up.to), "message.content".into(), options],
            ");",
        );
        code.line(&["channel.ack(message);"]);
        code.line(&["return;"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "channel.reject(message, false);",
        OnFailure::Requeue => "channel.reject(message, true);",
        OnFailure::Nack => "channel.nack(message, false, false);",
        OnFailure::NackRequeue => "channel.nack(message, false, true);",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.line(&["const { replyTo, correlationId } = message.properties;"]);
    code.open(&["if (replyTo) {"]);
    let text = if reply.contains("{body}") {
        let text = JAVASCRIPT.escaped(reply, '`').replace("${", "\\${").replace("{body}", "${body}");
        ["`", &text, "`"].concat()
    } else {
        quoted(reply)
    };
    code.comment(plan.say("The correlation id says which question it answers."));
    code.line(&["channel.publish(\"\", replyTo, Buffer.from(", &text, "), { correlationId });"]);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["channel.ack(message);"]);
    }
    code.line(&["unacked += 1;"]);
    code.open(&["if (unacked === ", &role.ack_every.to_string(), ") {"]);
    code.line(&["channel.ack(message, true);"]);
    code.line(&["unacked = 0;"]);
    code.close(&["}"]);
}
