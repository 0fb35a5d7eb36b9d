//! The broker's own life: its disk, its crash, and its start with what it finds.

use std::time::Duration;

use warren_core::{
    Broker, Command, Config, ConnectionId, DiskAction, DiskResult, Fact, Input, Instant, MessageId, Name,
    Output, Random, SegmentId,
    journal::DiskFailure,
    ordered::{OrdMap, OrdSet},
};

use super::{Task, World};
use crate::{
    Disk, Survival,
    happening::{Happening, LossReason},
    network::Packet,
    scenario::{DiskPlan, Mishap, Unsynced},
};

/// Whether the broker lives, and what is on its disk.
#[derive(Clone)]
pub(super) struct Power {
    pub(super) is_up: bool,
    /// It has been asked to stop, and writes down the last of everything.
    pub(super) is_stopping: bool,
    /// How often it has crashed: what was asked of the disk in an earlier life is not done.
    life: u32,
    /// Operations that the disk has done.
    pub(super) disk_operations: u64,
    /// Connections up to this one were cut by a crash.
    cut_up_to: ConnectionId,
    station: Option<Station>,
    /// What the broker has of each message; while it is down, what it is going to find on its disk.
    copies: Copies,
    /// What it has written down.
    recorded: OrdSet<MessageId>,
}

/// What a broker has of each message.
#[derive(Clone, Default)]
struct Copies {
    /// In queues, ready or with a consumer.
    in_queues: OrdSet<(MessageId, Name)>,
    /// What exchanges hold back, as it was when somebody looked last.
    held_back: OrdSet<MessageId>,
}

#[derive(Clone)]
struct Station {
    disk: Disk,
    plan: DiskPlan,
    /// When it has done all that it was asked to do.
    free_at: Instant,
    /// How many times as long it takes, and until when.
    slow: (u32, Instant),
    /// The next write fails.
    fails: bool,
}

impl Power {
    pub(super) fn new(plan: Option<DiskPlan>) -> Power {
        let station = plan.map(|plan| Station {
            disk: Disk::default(),
            plan,
            free_at: Instant::ZERO,
            slow: (1, Instant::ZERO),
            fails: false,
        });
        Power {
            is_up: true,
            is_stopping: false,
            life: 0,
            disk_operations: 0,
            cut_up_to: ConnectionId(0),
            station,
            copies: Copies::default(),
            recorded: OrdSet::new(),
        }
    }

    /// Follows what the broker has of each message.
    pub(super) fn follow(&mut self, fact: &Fact) {
        self.copies.follow(fact);
        if let Fact::Recorded { message, .. } = fact {
            self.recorded.insert(*message);
        }
    }

    /// Whether a packet is of a connection that the broker knows nothing of any more.
    pub(super) fn is_cut(&self, connection: ConnectionId) -> bool {
        connection <= self.cut_up_to
    }
}

impl Copies {
    fn follow(&mut self, fact: &Fact) {
        match fact {
            Fact::Enqueued { message, queue }
            | Fact::Recovered { message, queue }
            | Fact::DeadLetterWaits { message, queue } => {
                self.in_queues.insert((*message, queue.clone()));
            }
            Fact::Acked { message, queue, .. }
            | Fact::Dropped { message, queue, .. }
            | Fact::DeadLettered { message, queue, .. }
            | Fact::DeadLetterTaken { message, queue }
            | Fact::DeadLetterDropped { message, queue }
            | Fact::Delivered { message, queue, no_ack: true, .. }
            | Fact::Got { message, queue, no_ack: true, .. } => {
                self.in_queues.remove(&(*message, queue.clone()));
            }
            _ => {}
        }
    }

    fn look_at_exchanges(&mut self, broker: &Broker) {
        self.held_back = broker.view().held_back("/").map(|(message, _)| message).collect();
    }
}

impl World {
    /// The broker, with what it finds on its disk.
    pub(super) fn boot(&mut self) {
        let now = self.broker_now();
        let recovered = self.power.station.as_ref().map(|station| station.disk.recover(now));
        self.broker = match recovered {
            Some(Ok(recovered)) => Broker::from_journal(self.config.clone(), recovered, now),
            Some(Err(damage)) => {
                return self.record(Happening::BrokerRefused { damage: damage.to_string() });
            }
            None => Broker::new(self.config.clone()),
        };
        if self.wiretap.is_some() {
            self.broker.watch_passages();
        }
        self.power.is_up = true;
        self.drain();
    }

    /// The process ends: streams are cut, and what is in memory is gone.
    pub(super) fn crash_broker(&mut self, unsynced: Unsynced) {
        if self.power.is_up {
            self.end_broker(Happening::BrokerCrashed { unsynced }, unsynced);
        }
    }

    /// Clients are told, then the last of everything is written down.
    pub(super) fn stop_broker(&mut self) {
        if !self.power.is_up || self.power.is_stopping {
            return;
        }
        // It takes a while: until its last word is on the disk.
        self.record(Happening::Mishap(Mishap::StopBroker));
        self.feed(Input::Admin(Command::Shutdown { reason: "the broker stops".into() }));
        self.feed(Input::Admin(Command::Stop));
        self.power.is_stopping = self.power.is_up;
    }

    pub(super) fn end_broker(&mut self, how: Happening, unsynced: Unsynced) {
        self.power.copies.look_at_exchanges(&self.broker);
        self.record(how);
        self.broker = Broker::new(Config::default());
        let power = &mut self.power;
        (power.is_up, power.is_stopping) = (false, false);
        power.life += 1;
        power.cut_up_to = self.opened.last_key_value().map_or(ConnectionId(0), |(last, _)| *last);
        if let Some(station) = &mut power.station {
            station.disk = station.disk.after_crash(survival(unsynced, &station.disk, &mut self.random));
            station.free_at = self.now;
        }
        // The crash takes what is not on the disk, however late the broker starts again.
        if let Some(found) = self.on_disk() {
            let before = std::mem::replace(&mut self.power.copies, found);
            self.lose_what_is_gone(&before);
        }
        let connections: Vec<ConnectionId> =
            self.connections.iter().filter_map(|connection| Some(connection.line.as_ref()?.id)).collect();
        for connection in connections {
            self.send_to_client(connection, Packet::Cut);
        }
    }

    /// What a broker would find on the disk if it started now; `None` if it would not start.
    fn on_disk(&self) -> Option<Copies> {
        let mut found = Copies::default();
        let Some(station) = &self.power.station else { return Some(found) };
        let now = self.broker_now();
        let mut broker = Broker::from_journal(self.config.clone(), station.disk.recover(now).ok()?, now);
        while let Some(output) = broker.poll_output() {
            if let Output::Event(event) = output {
                found.follow(&event.fact);
            }
        }
        found.look_at_exchanges(&broker);
        Some(found)
    }

    /// It starts again. Its disk may have been damaged since it ended.
    pub(super) fn start_broker(&mut self) {
        if self.power.is_up {
            return;
        }
        self.record(Happening::BrokerStarted);
        let before = std::mem::take(&mut self.power.copies);
        self.boot();
        if !self.power.is_up {
            // A person has to look at the disk before anything is known to be lost.
            self.power.copies = before;
            return;
        }
        self.power.copies.look_at_exchanges(&self.broker);
        self.lose_what_is_gone(&before);
    }

    /// What there was before and is not any more is lost.
    fn lose_what_is_gone(&mut self, before: &Copies) {
        let has = &self.power.copies;
        let gone = before.in_queues.iter().filter(|copy| !has.in_queues.contains(copy)).cloned();
        let gone = gone.map(|(message, queue)| (message, Some(queue)));
        let gone = gone.chain(before.held_back.iter().map(|message| (*message, None)));
        // What had gone on may be held back again, or be where it came from, because the disk had not heard of it.
        let gone = gone.filter(|(message, _)| !has.held_back.contains(message));
        let mut went_back: OrdMap<MessageId, usize> = OrdMap::new();
        for (message, _) in has.in_queues.iter().filter(|copy| !before.in_queues.contains(copy)) {
            *went_back.entry(*message).or_default() += 1;
        }
        let gone = gone.filter(|(message, _)| match went_back.get_mut(message) {
            Some(copies) if *copies > 0 => {
                *copies -= 1;
                false
            }
            _ => true,
        });
        for (message, queue) in gone.collect::<Vec<_>>() {
            let written = self.power.recorded.contains(&message);
            let reason = if written { LossReason::NotSynced } else { LossReason::InMemory };
            self.lose(message, queue, reason);
        }
    }

    /// The broker wants something of its disk, which takes its time, one thing after the other.
    pub(super) fn ask_disk(&mut self, op: u64, action: DiskAction) {
        let Some(station) = &mut self.power.station else { return };
        let takes = match action {
            // A few bytes that nobody waits for.
            DiskAction::Write { segment: SegmentId::BOUNDS, .. } => Duration::ZERO,
            DiskAction::Write { .. } => station.plan.write,
            DiskAction::Sync { .. } => station.plan.sync,
            DiskAction::Create { .. } | DiskAction::Read { .. } | DiskAction::Delete { .. } => Duration::ZERO,
        };
        let (times, until) = station.slow;
        let takes = if self.now < until { takes.saturating_mul(times) } else { takes };
        station.free_at = station.free_at.max(self.now) + takes;
        self.agenda.add(station.free_at, Task::Disk { life: self.power.life, op, action });
    }

    /// The disk has done it, unless the broker that wanted it is gone.
    pub(super) fn disk_is_done(&mut self, life: u32, op: u64, action: &DiskAction) {
        if life != self.power.life {
            return;
        }
        self.power.disk_operations += 1;
        if let Some(station) = &mut self.power.station {
            let is_write = matches!(action, DiskAction::Write { .. });
            let result = if is_write && std::mem::take(&mut station.fails) {
                let text = "Input/output error".to_owned();
                DiskResult::Failed(DiskFailure { full: false, text })
            } else {
                station.disk.carry_out(action)
            };
            self.feed(Input::Disk { op, result });
        }
    }

    /// Until then the disk takes so many times as long.
    pub(super) fn slow_disk(&mut self, times: u32, until: Instant) {
        if let Some(station) = &mut self.power.station {
            station.slow = (times, until);
        }
    }

    /// The disk takes nothing more, or all again.
    pub(super) fn fill_disk(&mut self, is_full: bool) {
        if let Some(station) = &mut self.power.station {
            let bytes = station.disk.bytes();
            station.disk.set_capacity(is_full.then_some(bytes));
        }
    }

    /// The next write fails.
    pub(super) fn fail_write(&mut self) {
        if let Some(station) = &mut self.power.station {
            station.fails = true;
        }
    }

    /// Some bit on the disk turns around.
    pub(super) fn flip_bit(&mut self) {
        let Some(station) = &mut self.power.station else { return };
        let bits = self.random.below(station.disk.bytes() * 8);
        let mut left = bits;
        for (segment, bytes) in station.disk.files() {
            if left < bytes * 8 {
                return station.disk.flip(segment, left);
            }
            left -= bytes * 8;
        }
    }

    /// Whatever befell the disk is over.
    pub(super) fn heal_disk(&mut self) {
        if let Some(station) = &mut self.power.station {
            station.disk.set_capacity(None);
            (station.slow, station.fails) = ((1, Instant::ZERO), false);
        }
    }
}

fn survival(unsynced: Unsynced, disk: &Disk, random: &mut Random) -> Survival {
    let writes = disk.unsynced();
    match unsynced {
        Unsynced::Lost => Survival::Nothing,
        Unsynced::Kept => Survival::Everything,
        Unsynced::Torn if writes.is_empty() => Survival::Nothing,
        Unsynced::Torn => {
            let torn = random.below(writes.len() as u64);
            let bytes = writes.get(torn as usize).copied().unwrap_or_default();
            Survival::Some { kept: random.next_u64(), torn, at: random.below(bytes + 1) }
        }
    }
}
