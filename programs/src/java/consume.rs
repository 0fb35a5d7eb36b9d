//! What consumers do.

use warren_sim::{AckMode, Frequency, OnFailure};

use super::{JAVA, pause, strikes, truth};
use crate::{
    code::Code,
    plan::{Consuming, FAILS_HEADER, Plan, WORK_HEADER},
};

pub(super) fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if role.fails_as_told {
        code.comment(plan.say("How often the work on a message has failed, by its id."));
        code.line(&["Map<String, Integer> failures = new HashMap<>();"]);
    }
    // A callback may change no variable outside, but what is in it.
    if consumer.fails != Frequency::Never {
        code.line(&["int[] tries = {0};"]);
    }
    if role.ack_every > 1 {
        code.line(&["int[] unacked = {0};"]);
    }
    code.open(&["DeliverCallback onMessage = (tag, message) -> {"]);
    code.line(&["String body = new String(message.getBody(), StandardCharsets.UTF_8);"]);
    code.line(&["System.out.println(\"received \" + body);"]);
    if role.acks_after_work() || consumer.ack == AckMode::OnReceipt {
        code.line(&["long delivery = message.getEnvelope().getDeliveryTag();"]);
    }
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["channel.basicAck(delivery, false);"]);
    }
    if role.reads_headers() {
        code.line(&["Map<String, Object> headers = new HashMap<>();"]);
        code.open(&["if (message.getProperties().getHeaders() != null) {"]);
        code.line(&["headers.putAll(message.getProperties().getHeaders());"]);
        code.close(&["}"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["System.out.println(\"done \" + body);"]);
    code.close(&["};"]);
    code.gap();
    if consumer.prefetch > 0 {
        code.line(&["channel.basicQos(", &consumer.prefetch.to_string(), ");"]);
    }
    let mut arguments = vec![JAVA.quoted(&consumer.queue), truth(consumer.ack == AckMode::Auto)];
    if !consumer.arguments.is_empty() {
        arguments.push(JAVA.table(&consumer.arguments));
    }
    arguments.extend(["onMessage".into(), "tag -> {}".into()]);
    code.call("channel.basicConsume(", &arguments, ");");
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => Some(number(WORK_HEADER, ".longValue()")),
        None => None,
    };
    if let Some(time) = time {
        code.line(&["sleep(", &time, "); // ", plan.say("the work")]);
    }
}

/// A header that is a number; clients write numbers of different sizes.
fn number(header: &str, as_what: &str) -> String {
    ["((Number) headers.getOrDefault(\"", header, "\", 0))", as_what].concat()
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let own = strikes(role.plan.fails, "tries[0]");
    if own.is_some() {
        code.line(&["tries[0]++;"]);
    }
    let told = role.fails_as_told.then(|| {
        code.line(&["String id = message.getProperties().getMessageId();"]);
        ["failures.getOrDefault(id, 0) < ", &number(FAILS_HEADER, ".intValue()")].concat()
    });
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if (", &conditions.join(" || "), ") {"]);
    code.line(&["System.out.println(\"failed \" + body);"]);
    if role.fails_as_told {
        code.line(&["failures.merge(id, 1, Integer::sum);"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["return;"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = JAVA.quoted(&role.plan.queue);
        code.comment(plan.say("How often this queue's consumers have rejected it before."));
        code.line(&["long rejections = 0;"]);
        code.open(&["for (Object entry : (List<?>) headers.getOrDefault(\"x-death\", List.of())) {"]);
        code.line(&["Map<?, ?> death = (Map<?, ?>) entry;"]);
        code.line(&["boolean here = death.get(\"queue\").toString().equals(", &queue, ");"]);
        code.open(&["if (here && death.get(\"reason\").toString().equals(\"rejected\")) {"]);
        code.line(&["rejections = (Long) death.get(\"count\");"]);
        code.close(&["}"]);
        code.close(&["}"]);
        code.open(&["if (rejections + 1 >= ", &give_up.after.to_string(), ") {"]);
        code.comment(plan.say("Nobody shall try again: it is put aside."));
        code.line(&["headers.remove(\"", FAILS_HEADER, "\");"]);
        code.line(&["BasicProperties aside = message.getProperties().builder().headers(headers).build();"]);
        let arguments =
            [JAVA.quoted(""), JAVA.quoted(&give_up.to), "aside".into(), "message.getBody()".into()];
        code.call("channel.basicPublish(", &arguments, ");");
        code.line(&["channel.basicAck(delivery, false);"]);
        code.line(&["return;"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "channel.basicReject(delivery, false);",
        OnFailure::Requeue => "channel.basicReject(delivery, true);",
        OnFailure::Nack => "channel.basicNack(delivery, false, false);",
        OnFailure::NackRequeue => "channel.basicNack(delivery, false, true);",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.line(&["String replyTo = message.getProperties().getReplyTo();"]);
    code.open(&["if (replyTo != null) {"]);
    let pieces: Vec<String> = reply.split("{body}").map(|piece| JAVA.quoted(piece)).collect();
    code.line(&["String answer = ", &pieces.join(" + body + "), ";"]);
    code.comment(plan.say("The correlation id says which question it answers."));
    code.line(&["String id = message.getProperties().getCorrelationId();"]);
    code.line(&["BasicProperties properties = new BasicProperties.Builder().correlationId(id).build();"]);
    code.line(&["channel.basicPublish(\"\", replyTo, properties, answer.getBytes(StandardCharsets.UTF_8));"]);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["channel.basicAck(delivery, false);"]);
    }
    code.line(&["unacked[0]++;"]);
    code.open(&["if (unacked[0] == ", &role.ack_every.to_string(), ") {"]);
    code.line(&["channel.basicAck(delivery, true);"]);
    code.line(&["unacked[0] = 0;"]);
    code.close(&["}"]);
}
