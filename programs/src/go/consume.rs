//! What consumers do.

use warren_sim::{AckMode, Frequency, OnFailure};

use super::{GO, fill, pause, strikes, table, truth};
use crate::{
    code::Code,
    plan::{Consuming, FAILS_HEADER, Plan, WORK_HEADER},
};

pub(super) fn consume(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let consumer = role.plan;
    if consumer.prefetch > 0 {
        code.line(&["check(channel.Qos(", &consumer.prefetch.to_string(), ", 0, false))"]);
    }
    let no_ack = truth(consumer.ack == AckMode::Auto);
    let flags = ["\"\"", no_ack, "false, false, false"].join(", ");
    code.call(
        "messages, err := channel.Consume(",
        &[GO.quoted(&consumer.queue), flags, table(&consumer.arguments)],
        ")",
    );
    code.line(&["check(err)"]);
    if role.fails_as_told {
        code.comment(plan.say("How often the work on a message has failed, by its id."));
        code.line(&["failures := map[string]int64{}"]);
    }
    if consumer.fails != Frequency::Never {
        code.line(&["tries := 0"]);
    }
    if role.ack_every > 1 {
        code.line(&["unacked := 0"]);
    }
    code.open(&["for message := range messages {"]);
    code.line(&["fmt.Println(\"received\", string(message.Body))"]);
    if consumer.ack == AckMode::OnReceipt {
        code.line(&["check(message.Ack(false))"]);
    }
    work(code, plan, role);
    if role.fails() {
        fail(code, plan, role);
    }
    if let Some(reply) = &consumer.reply {
        answer(code, plan, reply);
    }
    ack(code, role);
    code.line(&["fmt.Println(\"done\", string(message.Body))"]);
    code.close(&["}"]);
}

/// The work on a message: it takes its time.
fn work(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let time = match role.plan.work {
        Some(work) => pause(work),
        None if role.works_as_told => {
            let number = ["number(message, \"", WORK_HEADER, "\")"].concat();
            Some(["time.Duration(", &number, ") * time.Millisecond"].concat())
        }
        None => None,
    };
    if let Some(time) = time {
        code.line(&["time.Sleep(", &time, ") // ", plan.say("the work")]);
    }
}

/// The work may fail.
fn fail(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    let own = strikes(role.plan.fails, "tries");
    if own.is_some() {
        code.line(&["tries++"]);
    }
    let told = role
        .fails_as_told
        .then(|| ["failures[message.MessageId] < number(message, \"", FAILS_HEADER, "\")"].concat());
    let conditions: Vec<String> = own.into_iter().chain(told).collect();
    code.open(&["if ", &conditions.join(" || "), " {"]);
    code.line(&["fmt.Println(\"failed\", string(message.Body))"]);
    if role.fails_as_told {
        code.line(&["failures[message.MessageId]++"]);
    }
    if role.acks_after_work() {
        settle_failed(code, plan, role);
    }
    code.line(&["continue"]);
    code.close(&["}"]);
}

fn settle_failed(code: &mut Code, plan: &Plan<'_>, role: &Consuming<'_>) {
    if let Some(give_up) = &role.plan.give_up {
        let queue = GO.quoted(&role.plan.queue);
        code.open(&["if rejections(message, ", &queue, ")+1 >= ", &give_up.after.to_string(), " {"]);
        code.comment(plan.say("Nobody shall try again: it is put aside."));
        code.line(&["delete(message.Headers, \"", FAILS_HEADER, "\")"]);
        let to = GO.quoted(&give_up.to);
        code.open(&[
            "err = channel.PublishWithContext(context.Background(), \"\", ",
            &to,
            ", false, false, amqp.Publishing{",
        ]);
        let aside =
            [("Headers", "message.Headers"), ("MessageId", "message.MessageId"), ("Body", "message.Body")];
        fill(code, &aside.map(|(name, value)| (name, value.to_owned())));
        code.close(&["})"]);
        code.line(&["check(err)"]);
        code.line(&["check(message.Ack(false))"]);
        code.line(&["continue"]);
        code.close(&["}"]);
    }
    code.line(&[match role.plan.on_failure {
        OnFailure::Reject => "check(message.Reject(false))",
        OnFailure::Requeue => "check(message.Reject(true))",
        OnFailure::Nack => "check(message.Nack(false, false))",
        OnFailure::NackRequeue => "check(message.Nack(false, true))",
    }]);
}

fn answer(code: &mut Code, plan: &Plan<'_>, reply: &str) {
    code.open(&["if message.ReplyTo != \"\" {"]);
    let pieces: Vec<String> = reply.split("{body}").map(|piece| GO.quoted(piece)).collect();
    code.line(&["answer := ", &pieces.join(" + string(message.Body) + ")]);
    code.comment(plan.say("The correlation id says which question it answers."));
    code.open(&["err = channel.PublishWithContext(context.Background(), \"\", message.ReplyTo, false, false, amqp.Publishing{"]);
    fill(code, &[("CorrelationId", "message.CorrelationId".into()), ("Body", "[]byte(answer)".into())]);
    code.close(&["})"]);
    code.line(&["check(err)"]);
    code.close(&["}"]);
}

fn ack(code: &mut Code, role: &Consuming<'_>) {
    if !role.acks_after_work() {
        return;
    }
    if role.ack_every == 1 {
        return code.line(&["check(message.Ack(false))"]);
    }
    code.line(&["unacked++"]);
    code.open(&["if unacked == ", &role.ack_every.to_string(), " {"]);
    code.line(&["check(message.Ack(true))"]);
    code.line(&["unacked = 0"]);
    code.close(&["}"]);
}
