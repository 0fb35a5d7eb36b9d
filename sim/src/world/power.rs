//! The broker's own life: its disk, its crash, and its start with what it finds.

use std::{collections::BTreeSet, time::Duration};

use warren_core::{Broker, Config, ConnectionId, DiskAction, Fact, Input, Instant, MessageId, Name};

use super::{Task, World};
use crate::{
    Disk, Survival,
    happening::{Happening, LossReason},
    network::Packet,
    scenario::{DiskPlan, Unsynced},
};

/// Whether the broker lives, and what is on its disk.
pub(super) struct Power {
    pub(super) is_up: bool,
    /// How often it has crashed: what was asked of the disk in an earlier life is not done.
    life: u32,
    /// Connections up to this one were cut by a crash.
    cut_up_to: ConnectionId,
    station: Option<Station>,
    /// What the broker has of each message: copies in queues, ready or with a consumer.
    copies: BTreeSet<(MessageId, Name)>,
    /// What it has written down.
    recorded: BTreeSet<MessageId>,
}

struct Station {
    disk: Disk,
    plan: DiskPlan,
    /// When it has done all that it was asked to do.
    free_at: Instant,
}

impl Power {
    pub(super) fn new(plan: Option<DiskPlan>) -> Power {
        let station = plan.map(|plan| Station { disk: Disk::default(), plan, free_at: Instant::ZERO });
        Power {
            is_up: true,
            life: 0,
            cut_up_to: ConnectionId(0),
            station,
            copies: BTreeSet::new(),
            recorded: BTreeSet::new(),
        }
    }

    /// Follows what the broker has of each message.
    pub(super) fn follow(&mut self, fact: &Fact) {
        match fact {
            Fact::Enqueued { message, queue } | Fact::Recovered { message, queue } => {
                self.copies.insert((*message, queue.clone()));
            }
            Fact::Acked { message, queue, .. }
            | Fact::Dropped { message, queue, .. }
            | Fact::DeadLettered { message, queue, .. }
            | Fact::Delivered { message, queue, no_ack: true, .. }
            | Fact::Got { message, queue, no_ack: true, .. } => {
                self.copies.remove(&(*message, queue.clone()));
            }
            Fact::Recorded { message, .. } => {
                self.recorded.insert(*message);
            }
            _ => {}
        }
    }

    /// Whether a packet is of a connection that the broker knows nothing of any more.
    pub(super) fn is_cut(&self, connection: ConnectionId) -> bool {
        connection <= self.cut_up_to
    }
}

impl World {
    /// The broker, with what it finds on its disk.
    pub(super) fn boot(&mut self) {
        let now = self.broker_now();
        let recovered = self.power.station.as_ref().map(|station| station.disk.recover(now));
        self.broker = match recovered {
            Some(Ok(recovered)) => Broker::from_journal(self.config.clone(), recovered, now),
            // What a crash of this world leaves is never damaged.
            Some(Err(_)) | None => Broker::new(self.config.clone()),
        };
        self.power.is_up = true;
        self.drain();
    }

    /// The process ends: streams are cut, and what is in memory is gone.
    pub(super) fn crash_broker(&mut self, unsynced: Unsynced) {
        if !self.power.is_up {
            return;
        }
        self.record(Happening::BrokerCrashed { unsynced_kept: unsynced == Unsynced::Kept });
        self.broker = Broker::new(Config::default());
        let power = &mut self.power;
        power.is_up = false;
        power.life += 1;
        power.cut_up_to = self.owners.last_key_value().map_or(ConnectionId(0), |(last, _)| *last);
        if let Some(station) = &mut power.station {
            let survival = match unsynced {
                Unsynced::Lost => Survival::Nothing,
                Unsynced::Kept => Survival::Everything,
            };
            station.disk = station.disk.after_crash(survival);
            station.free_at = self.now;
        }
        let connections: Vec<ConnectionId> =
            self.actors.iter().filter_map(|actor| Some(actor.line.as_ref()?.connection)).collect();
        for connection in connections {
            self.send_to_client(connection, Packet::Cut);
        }
    }

    /// It starts again. Only now is it known what the crash has taken.
    pub(super) fn start_broker(&mut self) {
        if self.power.is_up {
            return;
        }
        self.record(Happening::BrokerStarted);
        let before = std::mem::take(&mut self.power.copies);
        self.boot();
        for (message, queue) in before {
            if !self.power.copies.contains(&(message, queue.clone())) {
                let written = self.power.recorded.contains(&message);
                let reason = if written { LossReason::NotSynced } else { LossReason::InMemory };
                self.lose(message, Some(queue), reason);
            }
        }
    }

    /// The broker wants something of its disk, which takes its time, one thing after the other.
    pub(super) fn ask_disk(&mut self, op: u64, action: DiskAction) {
        let Some(station) = &mut self.power.station else { return };
        let takes = match action {
            DiskAction::Write { .. } => station.plan.write,
            DiskAction::Sync { .. } => station.plan.sync,
            DiskAction::Create { .. } | DiskAction::Read { .. } | DiskAction::Delete { .. } => Duration::ZERO,
        };
        station.free_at = station.free_at.max(self.now) + takes;
        self.agenda.add(station.free_at, Task::Disk { life: self.power.life, op, action });
    }

    /// The disk has done it, unless the broker that wanted it is gone.
    pub(super) fn disk_is_done(&mut self, life: u32, op: u64, action: &DiskAction) {
        if life != self.power.life {
            return;
        }
        if let Some(station) = &mut self.power.station {
            let result = station.disk.carry_out(action);
            self.feed(Input::Disk { op, result });
        }
    }
}
