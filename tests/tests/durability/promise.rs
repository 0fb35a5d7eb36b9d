//! What a broker that starts again has promised.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::{
    Config, Recovered, SyncPolicy,
    wire::{FieldTable, FieldValue, Method},
};
use warren_sim::Disk;

use crate::{
    rig::{Heard, Rig},
    workload::{Id, Knowledge, QUEUES, consume, number},
};

/// What is found in each queue, in the order of delivery.
pub(crate) type Contents = BTreeMap<&'static str, Vec<(Id, bool)>>;

/// Starts a broker with what was recovered, and checks every promise that its setting makes.
pub(crate) fn check(
    disk: Disk,
    recovered: Recovered,
    config: &Config,
    known: &Knowledge,
) -> Result<Contents, String> {
    let closed = recovered.report.closed;
    let mut rig = Rig::with(config.clone(), disk, recovered);
    let client = rig.connect(1);
    let mut contents = Contents::new();
    for queue in QUEUES {
        contents.insert(queue, drain(&mut rig, client, queue, config.sync != SyncPolicy::Always)?);
    }
    if config.sync == SyncPolicy::Always {
        nothing_is_lost(&contents, known)?;
        queues_are_there(&mut rig, client, known)?;
    }
    nothing_is_made_up(&contents, known, closed)?;
    order_is_kept(&contents, known)?;
    history_has_no_holes(&contents, known)?;
    transactions_are_whole(&contents, known)?;
    Ok(contents)
}

fn drain(
    rig: &mut Rig,
    client: usize,
    queue: &'static str,
    may_be_gone: bool,
) -> Result<Vec<(Id, bool)>, String> {
    if queue == "s" {
        return read_stream(rig, client);
    }
    // Before a queue's messages are read, the disk may have others of many small segments to move.
    const OPERATIONS: usize = 1_000;
    let mut found = Vec::new();
    loop {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue, no_ack: true });
        let heard = (0..OPERATIONS).find_map(|_| {
            let heard = rig.hear(client);
            if heard.is_none() && !rig.work() {
                rig.wait(10);
            }
            heard
        });
        match heard {
            Some(Heard::Got { redelivered, body, .. }) => found.push((number(&body), redelivered)),
            Some(Heard::Empty) => return Ok(found),
            // Its declaration was lost, too.
            Some(Heard::Closed(text)) if may_be_gone && text.starts_with("NOT_FOUND") => {
                rig.say(client, 1, &Method::ChannelCloseOk {});
                rig.say(client, 1, &Method::ChannelOpen { out_of_band: "" });
                while rig.hear(client).is_some() {}
                return Ok(found);
            }
            other => return Err(format!("basic.get of {queue}: {other:?}, {:?}", rig.halted)),
        }
    }
}

/// Reads all of it.
fn read_stream(rig: &mut Rig, client: usize) -> Result<Vec<(Id, bool)>, String> {
    rig.say(client, 1, &Method::BasicQos { prefetch_size: 0, prefetch_count: u16::MAX, global: false });
    let start = FieldTable::from([("x-stream-offset", FieldValue::LongStr(b"first"[..].into()))]);
    rig.say(client, 1, &consume("s", start));
    let mut found = Vec::new();
    loop {
        match rig.hear_in_time(client) {
            Some(Heard::Delivered { redelivered, body, .. }) => found.push((number(&body), redelivered)),
            Some(Heard::Ok(_)) => {}
            Some(Heard::Closed(text)) if text.starts_with("NOT_FOUND") => {
                rig.say(client, 1, &Method::ChannelCloseOk {});
                rig.say(client, 1, &Method::ChannelOpen { out_of_band: "" });
                return Ok(found);
            }
            Some(other) => return Err(format!("reading a stream: {other:?}")),
            None => break,
        }
    }
    let ready =
        rig.broker.view().queues().iter().find(|queue| queue.name == "s").map_or(0, |queue| queue.ready);
    rig.say(client, 1, &Method::BasicCancel { consumer_tag: "c", nowait: true });
    match rig.halted.clone() {
        None if found.len() as u64 == ready => Ok(found),
        halted => Err(format!("{} of {ready} messages of a stream came, {halted:?}", found.len())),
    }
}

fn nothing_is_lost(contents: &Contents, known: &Knowledge) -> Result<(), String> {
    for id in &known.confirmed {
        for queue in known.published.get(id).into_iter().flatten() {
            let there = contents[queue].iter().any(|(found, _)| found == id);
            if !there && !known.settled.contains(&(queue, *id)) {
                return Err(format!("message {id} was confirmed, and is not in {queue} any more"));
            }
        }
    }
    Ok(())
}

fn nothing_is_made_up(contents: &Contents, known: &Knowledge, closed: bool) -> Result<(), String> {
    for (queue, found) in contents {
        let mut seen = BTreeSet::new();
        for (id, redelivered) in found {
            if !known.published.get(id).is_some_and(|queues| queues.contains(queue)) {
                return Err(format!("message {id} is in {queue}, and was never published to it"));
            }
            if !seen.insert(id) {
                return Err(format!("message {id} is in {queue} twice"));
            }
            // A stream delivers for the first time however often.
            if !redelivered && !closed && *queue != "s" {
                return Err(format!(
                    "message {id} may have been delivered from {queue}, and does not say so"
                ));
            }
        }
    }
    Ok(())
}

fn order_is_kept(contents: &Contents, known: &Knowledge) -> Result<(), String> {
    for (queue, found) in contents {
        let key = |id: &Id| match *queue {
            // The highest priority of this queue is 2.
            "p" => (2 - known.priorities[id].min(2), *id),
            // Quorum queues know all of them.
            "q" => (31 - known.priorities[id], *id),
            _ => (0, *id),
        };
        if !found.iter().map(|(id, _)| key(id)).is_sorted() {
            return Err(format!("the order in {queue} is another: {found:?}"));
        }
    }
    Ok(())
}

/// If a message is there, every earlier one has been.
fn history_has_no_holes(contents: &Contents, known: &Knowledge) -> Result<(), String> {
    let latest = contents.values().flatten().map(|&(id, _)| id).max().unwrap_or_default();
    for (id, queues) in known.published.range(..latest) {
        for queue in queues {
            let there = contents[queue].iter().any(|(found, _)| found == id);
            if !there && !known.settled.contains(&(queue, *id)) {
                return Err(format!("message {latest} is there, and message {id} is not in {queue}"));
            }
        }
    }
    Ok(())
}

fn transactions_are_whole(contents: &Contents, known: &Knowledge) -> Result<(), String> {
    for ids in &known.transactions {
        let places = ids.iter().flat_map(|id| known.published[id].iter().map(move |queue| (*queue, *id)));
        let open = places.filter(|place| !known.settled.contains(place));
        let there: BTreeSet<bool> =
            open.map(|(queue, id)| contents[queue].iter().any(|(found, _)| *found == id)).collect();
        if there.len() > 1 {
            return Err(format!("of the transaction with messages {ids:?} only a part is there"));
        }
    }
    Ok(())
}

fn queues_are_there(rig: &mut Rig, client: usize, known: &Knowledge) -> Result<(), String> {
    for name in known.declared.union(&known.gone) {
        let declare = Method::QueueDeclare {
            ticket: 0,
            queue: name,
            passive: true,
            durable: false,
            exclusive: false,
            auto_delete: false,
            nowait: false,
            arguments: FieldTable::default(),
        };
        rig.say(client, 1, &declare);
        let there = matches!(rig.hear(client), Some(Heard::DeclareOk { .. }));
        if !there {
            rig.say(client, 1, &Method::ChannelCloseOk {});
            rig.say(client, 1, &Method::ChannelOpen { out_of_band: "" });
            while rig.hear(client).is_some() {}
        }
        if there && known.gone.contains(name) {
            return Err(format!("queue {name} was deleted, and is there"));
        }
        if !there && known.declared.contains(name) && !known.deleted.contains(name) {
            return Err(format!("queue {name} was declared, and is not there"));
        }
    }
    Ok(())
}
