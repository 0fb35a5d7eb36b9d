//! `[[fault]]` as it is written.

use std::time::Duration;

use serde::{Serialize, Serializer};
use warren_core::wire::FieldTable;

use super::{
    ClockJump, Fault, Mishap, SettleBy, Unsynced,
    fault::{ALL, BROKER},
};
use crate::{
    document::{Field, Fields, Record, Value, words},
    network::Direction,
};

/// One of the fields up to `purge`, and what goes with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    at: Duration,
    crash: Option<String>,
    revive: Option<String>,
    stop: Option<String>,
    cut: Option<String>,
    close: Option<String>,
    silence: Option<String>,
    partition: Option<String>,
    slow: Option<String>,
    tire: Option<String>,
    pause: Option<String>,
    settle: Option<String>,
    clock: Option<ClockJump>,
    disk: Option<DiskMishap>,
    memory: Option<MemoryMishap>,
    policy: Option<PolicyEntry>,
    delete: Option<String>,
    purge: Option<String>,
    unsynced: Unsynced,
    way: Option<Direction>,
    frames: u32,
    torn: bool,
    lasts: Option<Duration>,
    latency: Option<Duration>,
    bandwidth: u64,
    times: Option<u32>,
    message: Option<u64>,
    how: SettleBy,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum DiskMishap {
    Slow,
    Full,
    Failing,
    Flip,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum MemoryMishap {
    Low,
}

words! { DiskMishap: Slow = "slow", Full = "full", Failing = "failing", Flip = "flip" }
words! { MemoryMishap: Low = "low" }

#[derive(Clone, PartialEq, Eq, Debug)]
struct PolicyEntry {
    pattern: String,
    definition: FieldTable,
}

impl Record for Entry {
    fn plain() -> Self {
        Entry::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("at", &mut self.at);
        fields.optional("crash", &mut self.crash);
        fields.optional("revive", &mut self.revive);
        fields.optional("stop", &mut self.stop);
        fields.optional("cut", &mut self.cut);
        fields.optional("close", &mut self.close);
        fields.optional("silence", &mut self.silence);
        fields.optional("partition", &mut self.partition);
        fields.optional("slow", &mut self.slow);
        fields.optional("tire", &mut self.tire);
        fields.optional("pause", &mut self.pause);
        fields.optional("settle", &mut self.settle);
        fields.optional("clock", &mut self.clock);
        fields.optional("disk", &mut self.disk);
        fields.optional("memory", &mut self.memory);
        fields.optional("policy", &mut self.policy);
        fields.optional("delete", &mut self.delete);
        fields.optional("purge", &mut self.purge);
        fields.optional("unsynced", &mut self.unsynced);
        fields.optional("way", &mut self.way);
        fields.optional("frames", &mut self.frames);
        fields.optional("torn", &mut self.torn);
        fields.optional("lasts", &mut self.lasts);
        fields.optional("latency", &mut self.latency);
        fields.optional("bandwidth", &mut self.bandwidth);
        fields.optional("times", &mut self.times);
        fields.optional("message", &mut self.message);
        fields.optional("how", &mut self.how);
    }
}

impl Record for PolicyEntry {
    fn plain() -> Self {
        PolicyEntry { pattern: String::new(), definition: FieldTable::default() }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("pattern", &mut self.pattern);
        fields.needed("definition", &mut self.definition);
    }
}

impl Entry {
    /// What the entry means; the fields that contradict or miss one another, and why.
    pub(super) fn fault(self) -> Result<Fault, (&'static str, String)> {
        let named = [
            ("crash", self.crash.is_some()),
            ("revive", self.revive.is_some()),
            ("stop", self.stop.is_some()),
            ("cut", self.cut.is_some()),
            ("close", self.close.is_some()),
            ("silence", self.silence.is_some()),
            ("partition", self.partition.is_some()),
            ("slow", self.slow.is_some()),
            ("tire", self.tire.is_some()),
            ("pause", self.pause.is_some()),
            ("settle", self.settle.is_some()),
            ("clock", self.clock.is_some()),
            ("disk", self.disk.is_some()),
            ("memory", self.memory.is_some()),
            ("policy", self.policy.is_some()),
            ("delete", self.delete.is_some()),
            ("purge", self.purge.is_some()),
        ];
        let mut set = named.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name);
        let Some(first) = set.next() else {
            let all: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
            return Err(("at", format!("a [[fault]] needs one of {}", all.join(", "))));
        };
        if let Some(second) = set.next() {
            return Err((second, format!("a [[fault]] is one thing, and this one has {first:?}, too")));
        }
        let at = self.at;
        self.mishap().map(|what| Fault { at, what })
    }

    fn mishap(self) -> Result<Mishap, (&'static str, String)> {
        let lasts = || self.lasts.ok_or(("lasts", "this fault needs \"lasts\": how long it does".to_owned()));
        let times =
            || self.times.ok_or(("times", "this fault needs \"times\": how many times as long".into()));
        Ok(match self {
            Entry { crash: Some(name), unsynced, .. } if name == BROKER => Mishap::CrashBroker { unsynced },
            Entry { crash: Some(actor), .. } => Mishap::Crash { actor },
            Entry { revive: Some(name), .. } if name == BROKER => Mishap::StartBroker,
            Entry { revive: Some(name), .. } if name == ALL => Mishap::Heal,
            Entry { revive: Some(actor), .. } => Mishap::Revive { actor },
            Entry { stop: Some(name), .. } if name == BROKER => Mishap::StopBroker,
            Entry { stop: Some(_), .. } => {
                return Err(("stop", "only the \"broker\" can be stopped in order; use crash".into()));
            }
            Entry { cut: Some(ref actor), way, frames, torn, .. } => {
                if way.is_none() && (torn || frames > 0) {
                    let message = "\"frames\" and \"torn\" count frames in one direction; \
                                   add way = \"to-broker\" or way = \"to-client\"";
                    return Err(("cut", message.into()));
                }
                Mishap::Cut { actor: actor.clone(), way, frames, torn }
            }
            Entry { close: Some(actor), .. } => Mishap::Close { actor },
            Entry { silence: Some(actor), .. } => Mishap::Silence { actor },
            Entry { partition: Some(ref actor), way, .. } => {
                Mishap::Partition { actor: actor.clone(), way, lasts: lasts()? }
            }
            Entry { slow: Some(ref actor), latency, bandwidth, .. } => {
                let latency = latency.unwrap_or_default();
                Mishap::Slow { actor: actor.clone(), latency, bandwidth, lasts: lasts()? }
            }
            Entry { tire: Some(ref actor), .. } => {
                Mishap::Tire { actor: actor.clone(), times: times()?, lasts: lasts()? }
            }
            Entry { pause: Some(actor), .. } => Mishap::Pause { actor },
            Entry { settle: Some(actor), message: Some(message), how, .. } => {
                Mishap::Settle { actor, message, how }
            }
            Entry { settle: Some(_), .. } => {
                return Err((
                    "message",
                    "this fault needs \"message\": the number of the one to settle".into(),
                ));
            }
            Entry { clock: Some(by), .. } => Mishap::ClockJump { by },
            Entry { disk: Some(DiskMishap::Slow), .. } => {
                Mishap::SlowDisk { times: times()?, lasts: lasts()? }
            }
            Entry { disk: Some(DiskMishap::Full), .. } => Mishap::FullDisk { lasts: lasts()? },
            Entry { disk: Some(DiskMishap::Failing), .. } => Mishap::FailingWrite,
            Entry { disk: Some(DiskMishap::Flip), .. } => Mishap::FlippedBit,
            Entry { memory: Some(MemoryMishap::Low), .. } => Mishap::LowMemory { lasts: lasts()? },
            Entry { policy: Some(PolicyEntry { pattern, definition }), .. } => {
                Mishap::Policy { pattern, definition }
            }
            Entry { delete: Some(queue), .. } => Mishap::DeleteQueue { queue },
            Entry { purge: Some(queue), .. } => Mishap::PurgeQueue { queue },
            Entry { .. } => return Err(("at", "a [[fault]] needs to say what goes wrong".into())),
        })
    }
}

/// As in a file, but for the time.
impl Serialize for Mishap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = Entry::from(&Fault { at: Duration::ZERO, what: self.clone() }).write();
        entry.as_mut().and_then(Value::as_table_mut).and_then(|table| table.remove("at"));
        entry.serialize(serializer)
    }
}

impl From<&Fault> for Entry {
    fn from(fault: &Fault) -> Entry {
        let mut entry = Entry { at: fault.at, ..Entry::default() };
        entry.say(&fault.what);
        entry
    }
}

impl Entry {
    fn say(&mut self, what: &Mishap) {
        let name = |name: &str| Some(name.to_owned());
        match what {
            Mishap::Crash { actor } => self.crash = name(actor),
            Mishap::Revive { actor } => self.revive = name(actor),
            Mishap::CrashBroker { unsynced } => (self.crash, self.unsynced) = (name(BROKER), *unsynced),
            Mishap::StopBroker => self.stop = name(BROKER),
            Mishap::StartBroker => self.revive = name(BROKER),
            Mishap::Heal => self.revive = name(ALL),
            Mishap::Cut { actor, way, frames, torn } => {
                (self.cut, self.way, self.frames, self.torn) = (name(actor), *way, *frames, *torn);
            }
            Mishap::Close { actor } => self.close = name(actor),
            Mishap::Silence { actor } => self.silence = name(actor),
            Mishap::Partition { actor, way, lasts } => {
                (self.partition, self.way, self.lasts) = (name(actor), *way, Some(*lasts));
            }
            Mishap::Slow { actor, latency, bandwidth, lasts } => {
                (self.slow, self.lasts) = (name(actor), Some(*lasts));
                (self.latency, self.bandwidth) = (Some(*latency), *bandwidth);
            }
            Mishap::Tire { actor, times, lasts } => {
                (self.tire, self.times, self.lasts) = (name(actor), Some(*times), Some(*lasts));
            }
            Mishap::Pause { actor } => self.pause = name(actor),
            Mishap::Settle { actor, message, how } => {
                (self.settle, self.message, self.how) = (name(actor), Some(*message), *how);
            }
            Mishap::ClockJump { by } => self.clock = Some(*by),
            Mishap::SlowDisk { times, lasts } => {
                (self.disk, self.times, self.lasts) = (Some(DiskMishap::Slow), Some(*times), Some(*lasts));
            }
            Mishap::FullDisk { lasts } => (self.disk, self.lasts) = (Some(DiskMishap::Full), Some(*lasts)),
            Mishap::FailingWrite => self.disk = Some(DiskMishap::Failing),
            Mishap::FlippedBit => self.disk = Some(DiskMishap::Flip),
            Mishap::LowMemory { lasts } => {
                (self.memory, self.lasts) = (Some(MemoryMishap::Low), Some(*lasts));
            }
            Mishap::Policy { pattern, definition } => {
                self.policy = Some(PolicyEntry { pattern: pattern.clone(), definition: definition.clone() });
            }
            Mishap::DeleteQueue { queue } => self.delete = name(queue),
            Mishap::PurgeQueue { queue } => self.purge = name(queue),
        }
    }
}
