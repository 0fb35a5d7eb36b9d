//! What stands at the top of a program: what it is, how it is run, and what it leaves out.

use warren_sim::{AckMode, Mishap, Seat};
use warren_texts::{Said, said};

use crate::{
    Language, Plan, Role,
    code::Code,
    literal::seconds,
    plan::{Publishing, cuts_headers},
};

/// The comment at the top, with what only this language's program leaves out.
pub(crate) fn top(code: &mut Code, plan: &Plan<'_>, language: Language, own: &[&str]) {
    let title = plan.scenario.title.told(plan.catalogue);
    code.comment(&[plan.name, " — ", title].concat());
    code.comment("");
    for command in language.commands(plan.name) {
        code.comment(&command);
    }
    let notes = notes(plan);
    if !notes.is_empty() || !own.is_empty() {
        code.comment("");
        code.comment(plan.say("How it differs from the simulation:"));
        for note in notes.iter().map(String::as_str).chain(own.iter().copied()) {
            code.comment(&["- ", note].concat());
        }
    }
    code.gap();
}

/// What headers are for that only consumers of this scenario look at.
pub(crate) fn headers(code: &mut Code, plan: &Plan<'_>, role: &Publishing<'_>) {
    if !role.plan.work.is_empty() {
        code.comment(plan.say("x-work-ms tells the consumer how long the work on the message takes."));
    }
    if role.plan.fails.iter().any(|fails| *fails > 0) {
        code.comment(plan.say("x-fails tells it how often that fails before it succeeds."));
    }
}

/// What no language's program does.
fn notes(plan: &Plan<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |said: Said| notes.push(said.told(plan.catalogue));
    let (start, reconnect) = match &plan.role {
        Role::Producer(role) => (role.plan.start, role.plan.reconnect),
        Role::Consumer(role) => (role.plan.start, role.plan.reconnect),
    };
    if !start.is_zero() {
        note(said!("It starts when you start it; there, after {time} s.", time = seconds(start)));
    }
    for fault in &plan.scenario.faults {
        if matches!(&fault.what, Mishap::Crash { actor } if actor == plan.name) {
            note(said!(
                "It crashes when you kill it (kill -9); there, after {time} s.",
                time = seconds(fault.at)
            ));
        }
    }
    let seat = plan.scenario.seats().find(|seat| seat.actor == plan.name);
    let is_mate = |other: &Seat<'_>| seat.is_some_and(|seat| other.shares_client(seat) && *other != seat);
    if plan.scenario.seats().any(|other| is_mate(&other)) {
        note(said!(
            "It is a program of its own, on a connection of its own; there, it has a channel in client {client}.",
            client = seat.map_or("", |seat| seat.client)
        ));
    }
    if reconnect.is_some() {
        note(said!("It ends when its connection breaks, and does not connect again."));
    }
    match &plan.role {
        Role::Producer(role) => {
            if role.plan.republishes {
                note(said!("It does not send again what the broker has not confirmed."));
            }
            if !role.plan.timeout.is_zero() {
                note(said!(
                    "It waits for an answer as long as that takes; there, {time} s at most.",
                    time = seconds(role.plan.timeout)
                ));
            }
            if cuts_headers(role.plan) {
                note(said!("Its list of headers is cut short."));
            }
        }
        Role::Consumer(role) => {
            if !role.plan.ack_delay.is_zero() {
                note(said!(
                    "It acks when its work is done; there, {time} s later.",
                    time = seconds(role.plan.ack_delay)
                ));
            }
            if role.ack_every > 1 {
                note(said!(
                    "Messages that are too few for an ack of several wait for more; there, they are acked when \
                     nothing else has come."
                ));
            }
            if role.plan.ack == AckMode::OnReceipt && role.plan.prefetch != 1 {
                note(said!(
                    "It acks a message when it takes it up; there, even what waits in its buffer is acked."
                ));
            }
            if role.fails_as_told && plan.scenario.consumers.len() > 1 {
                note(said!(
                    "It counts failures by itself; there, all consumers of a message count together."
                ));
            }
        }
    }
    notes
}
