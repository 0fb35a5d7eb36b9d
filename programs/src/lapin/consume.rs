//! What consumers do.

use warren_sim::{AckMode, Frequency, OnFailure};

use super::{RUST, await_call, braced, options, owned, pause, strikes, table};
use crate::{
    code::Code,
    plan::{Consuming, FAILS_HEADER, Plan, WORK_HEADER},
};

pub(super) fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if consumer.prefetch > 0 {
        code.line(&[
            "channel.basic_qos(",
            &consumer.prefetch.to_string(),
            ", BasicQosOptions::default()).await?;",
        ]);
    }
    let no_ack = options("BasicConsumeOptions", &[("no_ack", consumer.ack == AckMode::Auto)]);
    let arguments = [owned(&consumer.queue), owned(""), no_ack, table(&consumer.arguments)];
    await_call(code, "let mut messages = channel.basic_consume(", &arguments);
    if role.fails_as_told {
        code.comment(plan.say("How often the work on a message has failed, by its id."));
        code.line(&["let mut failures: BTreeMap<String, i64> = BTreeMap::new();"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["let mut tries = 0;"]);
    }
    if role.ack_every > 1 {
        code.line(&["let mut unacked = 0;"]);
    }
    code.open(&["while let Some(message) = messages.next().await {"]);
    code.line(&["let message = message?;"]);
    code.line(&["let body = String::from_utf8_lossy(&message.data).into_owned();"]);
    code.line(&["println!(\"received {body}\");"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["message.ack(BasicAckOptions::default()).await?;"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["println!(\"done {body}\");"]);
    code.close(&["}"]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => {
            let number = ["number(&message, \"", WORK_HEADER, "\")"].concat();
            Some(["Duration::from_millis(", &number, ".unsigned_abs())"].concat())
        }
        None => None,
    };
    if let Some(time) = time {
        code.line(&["sleep(", &time, ").await; // ", plan.say("the work")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let own = strikes(role.plan.fails, "tries");
    if own.is_some() {
        code.line(&["tries += 1;"]);
    }
    let told = role.fails_as_told.then(|| {
        code.line(&[
            "let id = message.properties.message_id().as_ref().map_or(String::new(), ToString::to_string);",
        ]);
        code.line(&["let failed = failures.entry(id).or_default();"]);
        ["*failed < number(&message, \"", FAILS_HEADER, "\")"].concat()
    });
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if ", &conditions.join(" || "), " {"]);
    code.line(&["println!(\"failed {body}\");"]);
    if role.fails_as_told {
        code.line(&["*failed += 1;"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["continue;"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = RUST.quoted(&role.plan.queue);
        code.open(&["if rejections(&message, ", &queue, ") + 1 >= ", &give_up.after.to_string(), " {"]);
        code.comment(plan.say("Nobody shall try again: it is put aside."));
        code.line(&[
            "let headers = message.properties.headers().iter().flat_map(|headers| headers.inner().clone());",
        ]);
        code.line(&["let headers = headers.filter(|(name, _)| name.as_str() != \"", FAILS_HEADER, "\");"]);
        code.line(&["let headers: BTreeMap<_, _> = headers.collect();"]);
        code.line(&["let properties = message.properties.clone().with_headers(headers.into());"]);
        let options = options("BasicPublishOptions", &[]);
        let arguments = [owned(""), owned(&give_up.to), options, "&message.data".into(), "properties".into()];
        await_call(code, "channel.basic_publish(", &arguments);
        code.line(&["message.ack(BasicAckOptions::default()).await?;"]);
        code.line(&["continue;"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "message.reject(BasicRejectOptions { requeue: false }).await?;",
        OnFailure::Requeue => "message.reject(BasicRejectOptions { requeue: true }).await?;",
        OnFailure::Nack => "message.nack(BasicNackOptions { multiple: false, requeue: false }).await?;",
        OnFailure::NackRequeue => "message.nack(BasicNackOptions { multiple: false, requeue: true }).await?;",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.open(&["if let Some(reply_to) = message.properties.reply_to() {"]);
    let text = if reply.contains("{body}") {
        let pieces: Vec<String> = reply.split("{body}").map(braced).collect();
        ["format!(\"", &pieces.join("{body}"), "\")"].concat()
    } else {
        RUST.quoted(reply)
    };
    code.line(&["let answer = ", &text, ";"]);
    code.comment(plan.say("The correlation id says which question it answers."));
    code.line(&["let id = message.properties.correlation_id().clone().unwrap_or_default();"]);
    let arguments = [
        owned(""),
        "reply_to.clone()".into(),
        options("BasicPublishOptions", &[]),
        "answer.as_bytes()".into(),
        "BasicProperties::default().with_correlation_id(id)".into(),
    ];
    await_call(code, "channel.basic_publish(", &arguments);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["message.ack(BasicAckOptions::default()).await?;"]);
    }
    code.line(&["unacked += 1;"]);
    code.open(&["if unacked == ", &role.ack_every.to_string(), " {"]);
    code.line(&["message.ack(BasicAckOptions { multiple: true }).await?;"]);
    code.line(&["unacked = 0;"]);
    code.close(&["}"]);
}
