//! From text to a scenario in which every name that is used exists.

use std::ops::Range;

use toml::Spanned;
use warren_core::wire::FieldValue;

use super::{
    AckMode, BROKER, Consumer, Fault, Frequency, LessonPlan, Mishap, OPERATOR, OnFailure, Producer, Scenario,
    Seat,
    error::Mistake,
    fault::{ALL, queue_policy},
    file::File,
    lesson,
};
use crate::{client::DIRECT_REPLY_TO, document, script::LONGEST_CODE};

/// Reads and checks.
pub(crate) fn parse(text: &str) -> Result<Scenario, Mistake> {
    let mut file: File = document::read(text).map_err(Mistake::from_document)?;
    check_names(&file)?;
    check_references(&file)?;
    check_values(&file)?;
    let faults = faults(&file)?;
    let lesson = lesson_plan(&mut file)?;
    Ok(file.scenario(faults, lesson))
}

/// No two of a kind bear one name, and nobody bears none. Actors are one kind: faults call them by name.
fn check_names(file: &File) -> Result<(), Mistake> {
    unique("exchange", file.exchanges.iter().map(|e| (e.get_ref().name.as_str(), e.span())))?;
    unique("queue", file.queues.iter().map(|q| (q.get_ref().name.as_str(), q.span())))?;
    let producers = file.producers.iter().map(|p| (p.get_ref().name.as_str(), p.span()));
    let consumers = file.consumers.iter().map(|c| (c.get_ref().name.as_str(), c.span()));
    let broker = [(BROKER, 0..0), (OPERATOR, 0..0), (ALL, 0..0)];
    unique("producer or consumer", broker.into_iter().chain(producers).chain(consumers))?;
    check_seats(file)
}

/// Clients are called by name, too; and what a connection is like is said once.
fn check_seats(file: &File) -> Result<(), Mistake> {
    let mut seen: Vec<Seat<'_>> = Vec::new();
    for (seat, span) in file.seats() {
        if seat.client.is_empty() && !seat.connection.is_empty() {
            let message = "it says which of a client's connections it uses; use client = \"…\", too";
            return Err(Mistake::in_field(span, "connection", message));
        }
        if file.actors().chain([BROKER, OPERATOR, ALL]).any(|actor| actor == seat.client) {
            let message = format!("there is another producer or consumer called {:?}", seat.client);
            return Err(Mistake::in_field(span, "client", &message));
        }
        if let Some(other) = seen.iter().find(|other| other.shares_connection(seat))
            && other.latency != seat.latency
        {
            let message = format!("it shares its connection with {:?}, which says another", other.actor);
            return Err(Mistake::in_field(span, "latency", &message));
        }
        seen.push(seat);
    }
    Ok(())
}

fn unique<'a>(kind: &str, names: impl Iterator<Item = (&'a str, Range<usize>)>) -> Result<(), Mistake> {
    let mut seen = Vec::new();
    for (name, span) in names {
        if name.is_empty() {
            return Err(Mistake::in_field(span, "name", &format!("a {kind} needs a name that is not empty")));
        }
        if seen.contains(&name) {
            return Err(Mistake::in_field(span, "name", &format!("there is another {kind} called {name:?}")));
        }
        seen.push(name);
    }
    Ok(())
}

/// Whatever is referred to is there.
fn check_references(file: &File) -> Result<(), Mistake> {
    let names = Names {
        exchanges: (file.exchanges.iter().map(|exchange| exchange.get_ref().name.as_str()))
            .chain(PREDECLARED)
            .collect(),
        queues: file.queues().collect(),
    };
    check_topology(file, &names)?;
    check_actors(file, &names)
}

/// The exchanges that every virtual host has.
const PREDECLARED: [&str; 5] = ["amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic"];

/// What is declared.
struct Names<'a> {
    exchanges: Vec<&'a str>,
    queues: Vec<&'a str>,
}

impl Names<'_> {
    fn exchange(&self, field: &str, name: &str, section: Range<usize>) -> Result<(), Mistake> {
        known(field, "exchange", name, &self.exchanges, section)
    }

    fn queue(&self, field: &str, name: &str, section: Range<usize>) -> Result<(), Mistake> {
        known(field, "queue", name, &self.queues, section)
    }
}

fn check_topology(file: &File, names: &Names<'_>) -> Result<(), Mistake> {
    for binding in &file.bindings {
        names.exchange("exchange", &binding.get_ref().exchange, binding.span())?;
        match (&binding.get_ref().queue, &binding.get_ref().to_exchange) {
            (Some(queue), None) => names.queue("queue", queue, binding.span())?,
            (None, Some(exchange)) => names.exchange("to_exchange", exchange, binding.span())?,
            _ => {
                let message = "a [[binding]] needs either \"queue\" or \"to_exchange\", where it leads";
                return Err(Mistake::in_section(binding.span(), message.into()));
            }
        }
    }
    let asked = (file.exchanges.iter().map(|exchange| (&exchange.get_ref().arguments, exchange.span())))
        .chain(file.queues.iter().map(|queue| (&queue.get_ref().arguments, queue.span())))
        .chain(file.declarations().map(|(declaration, section)| (&declaration.arguments, section)));
    for (declaration, section) in file.declarations() {
        names.queue("declares", &declaration.queue, section)?;
    }
    for (arguments, section) in asked {
        let named = ["alternate-exchange", "x-dead-letter-exchange"].map(|argument| arguments.get(argument));
        let named = named.into_iter().flatten().filter_map(FieldValue::as_text);
        for exchange in named.filter(|exchange| !exchange.is_empty()) {
            names.exchange("arguments", exchange, section.clone())?;
        }
    }
    Ok(())
}

fn check_actors(file: &File, names: &Names<'_>) -> Result<(), Mistake> {
    for producer in &file.producers {
        let exchange = &producer.get_ref().exchange;
        if !exchange.is_empty() {
            names.exchange("exchange", exchange, producer.span())?;
        }
        if let Some(queue) = producer.get_ref().reply_to.as_ref().filter(|queue| *queue != DIRECT_REPLY_TO) {
            names.queue("reply_to", queue, producer.span())?;
        }
    }
    for consumer in &file.consumers {
        names.queue("queue", &consumer.get_ref().queue, consumer.span())?;
        if let Some(give_up) = &consumer.get_ref().give_up {
            names.queue("give_up", &give_up.to, consumer.span())?;
        }
    }
    Ok(())
}

fn faults(file: &File) -> Result<Vec<Fault>, Mistake> {
    let actors: Vec<&str> = file.actors().chain([BROKER]).collect();
    let clients = file.seats().map(|(seat, _)| seat.client).filter(|client| !client.is_empty());
    let clients: Vec<&str> = actors.iter().copied().chain(clients).collect();
    let queues: Vec<&str> = file.queues().collect();
    let checked = file.faults.iter().map(|entry| {
        let fault = entry.get_ref().clone().fault();
        let fault = fault.map_err(|(field, message)| Mistake::in_field(entry.span(), field, &message))?;
        let field = fault.what.word();
        let (kind, names) = if fault.what.is_the_clients() {
            ("producer, consumer or client", &clients)
        } else {
            ("producer or consumer", &actors)
        };
        known(field, kind, fault.what.whom(), names, entry.span())?;
        if let Mishap::DeleteQueue { queue } | Mishap::PurgeQueue { queue } = &fault.what {
            known(field, "queue", queue, &queues, entry.span())?;
        }
        if let Mishap::Policy { pattern, definition } = &fault.what {
            let policy = queue_policy(pattern, definition.clone());
            policy.map_err(|message| Mistake::in_field(entry.span(), field, &message))?;
        }
        Ok(fault)
    });
    checked.collect()
}

fn lesson_plan(file: &mut File) -> Result<Option<LessonPlan>, Mistake> {
    let Some(lesson) = file.lesson.take() else { return Ok(None) };
    let there = lesson::There {
        actors: file.actors().collect(),
        queues: file.queues().collect(),
        things: file.things(),
        end: file.until,
    };
    let section = lesson.span();
    lesson.into_inner().plan(section, &there).map(Some)
}

/// Whether `name` is one of `names`, or which one was probably meant.
pub(super) fn known(
    field: &str,
    kind: &str,
    name: &str,
    names: &[&str],
    section: Range<usize>,
) -> Result<(), Mistake> {
    if names.contains(&name) {
        return Ok(());
    }
    let message = format!("there is no {kind} called {name:?}");
    Err(Mistake::in_field(section, field, &message).with_choice(name, names))
}

/// Values that would make a world without end, or without sense.
fn check_values(file: &File) -> Result<(), Mistake> {
    for queue in file.queues.iter().filter(|queue| queue.get_ref().exclusive) {
        let name = &queue.get_ref().name;
        let takers: Vec<Seat<'_>> =
            file.seats().map(|(seat, _)| seat).filter(|seat| seat.takes_from == Some(name)).collect();
        let is_one =
            takers.first().is_some_and(|first| takers.iter().all(|seat| seat.shares_connection(*first)));
        if !is_one {
            let message = "an exclusive queue belongs to one connection: \
                           let one actor take from it, or several on one connection";
            return Err(Mistake::in_field(queue.span(), "exclusive", message));
        }
    }
    file.producers.iter().try_for_each(check_producer)?;
    file.consumers.iter().try_for_each(check_consumer)
}

/// Code is a program of its own, and no longer than a person reads.
fn check_code(code: Option<&str>, client: &str, section: Range<usize>) -> Result<(), Mistake> {
    let wrong = |message: &str| Err(Mistake::in_field(section.clone(), "code", message));
    match code {
        None => Ok(()),
        Some(_) if !client.is_empty() => {
            wrong("a program with code is a client of its own; leave client out")
        }
        Some(code) if code.len() > LONGEST_CODE => wrong("the code is longer than 64 KB"),
        Some(code) if code.contains('\0') => wrong("there is a character in the code that ends it: U+0000"),
        Some(_) => Ok(()),
    }
}

fn check_producer(producer: &Spanned<Producer>) -> Result<(), Mistake> {
    let wrong = |field, message| Err(Mistake::in_field(producer.span(), field, message));
    let plan = producer.get_ref();
    check_code(plan.code.as_deref(), &plan.client, producer.span())?;
    if plan.interval.may_be_nothing() && plan.count > plan.burst {
        return wrong("interval", "the interval between messages must be longer than nothing");
    }
    if !plan.timeout.is_zero() && plan.reply_to.is_none() {
        return wrong("timeout", "it waits for no answer; use reply_to");
    }
    if plan.burst == 0 {
        return wrong("burst", "a burst has at least one message");
    }
    if plan.republishes && !plan.confirms {
        let message = "without confirms it never knows what to send again; use confirms = true";
        return wrong("republishes", message);
    }
    if plan.confirms && plan.transaction > 0 {
        return wrong("transaction", "a channel has either confirms or transactions");
    }
    if plan.confirms && plan.reply_to.is_some() {
        return wrong("reply_to", "here a producer waits either for confirms or for answers");
    }
    if plan.window > 0 && !plan.confirms && plan.reply_to.is_none() {
        let message = "window counts messages without confirm or answer; use confirms = true or reply_to";
        return wrong("window", message);
    }
    if plan.rolls_back != Frequency::Never && plan.transaction == 0 {
        return wrong(
            "rolls_back",
            "there is nothing to roll back without transactions; use transaction = 5",
        );
    }
    Ok(())
}

fn check_consumer(consumer: &Spanned<Consumer>) -> Result<(), Mistake> {
    let wrong = |field, message| Err(Mistake::in_field(consumer.span(), field, message));
    let plan = consumer.get_ref();
    check_code(plan.code.as_deref(), &plan.client, consumer.span())?;
    if plan.prefetch > 0 && plan.ack == AckMode::Auto {
        let message = "prefetch counts unacked messages, and with ack = \"auto\" there are none; \
                       use ack = \"after-work\", or leave it out";
        return wrong("prefetch", message);
    }
    if plan.ack_every == 0 {
        return wrong("ack_every", "it acks after at least one message");
    }
    if (plan.ack_every > 1 || !plan.ack_delay.is_zero()) && plan.ack != AckMode::AfterWork {
        let field = if plan.ack_every > 1 { "ack_every" } else { "ack_delay" };
        return wrong(field, "it says how to ack after work, so it needs ack = \"after-work\"");
    }
    let rejects =
        matches!(plan.on_failure, OnFailure::Reject | OnFailure::Nack) && plan.ack == AckMode::AfterWork;
    if plan.give_up.is_some() && !rejects {
        let message = "give_up counts how often x-death says that the message was rejected, so it needs \
                       ack = \"after-work\" and on_failure = \"reject\"";
        return wrong("give_up", message);
    }
    Ok(())
}
