//! A limit for records of the same kind, so that no client fills the disk by way of the log.

use std::{
    collections::HashMap,
    fmt::Debug,
    mem,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tracing::{
    Event, Level, Subscriber,
    callsite::Identifier,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer};

/// Lines of one kind that are written in a second; the others are counted.
const LINES_PER_SECOND: u32 = 20;
const SECOND: Duration = Duration::from_secs(1);
/// Records that tell of the log itself and are not limited.
pub(super) const ABOUT_THE_LOG: &str = "warren::log";

/// What has been written lately. Records are of the same kind if the same place in the program makes them.
#[derive(Default)]
pub(super) struct Limit {
    kinds: Mutex<HashMap<Identifier, Kind>>,
}

struct Kind {
    second_began: Instant,
    lines: u32,
    /// Records that were left out and not told of yet.
    more: u64,
    /// The first of them.
    example: String,
    level: Level,
}

/// Asks the limit before a record is formatted.
pub(super) struct LimitLayer(pub(super) Arc<Limit>);

impl<S: Subscriber> Layer<S> for LimitLayer {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        event.metadata().target() == ABOUT_THE_LOG || self.0.lets_through(event)
    }
}

impl Limit {
    fn lets_through(&self, event: &Event<'_>) -> bool {
        let Ok(mut kinds) = self.kinds.lock() else { return true };
        let now = Instant::now();
        let kind = kinds.entry(event.metadata().callsite()).or_insert_with(|| Kind {
            second_began: now,
            lines: 0,
            more: 0,
            example: String::new(),
            level: *event.metadata().level(),
        });
        if now.duration_since(kind.second_began) >= SECOND {
            kind.second_began = now;
            kind.lines = 0;
        }
        kind.lines += 1;
        if kind.lines <= LINES_PER_SECOND {
            return true;
        }
        if kind.more == 0 {
            kind.example.clear();
            event.record(&mut Message(&mut kind.example));
        }
        kind.more += 1;
        false
    }

    /// Says how many records were left out since the last call. To be called once a second.
    pub(super) fn tell(&self) {
        for (more, example, level) in self.take_left_out() {
            let count = grouped(more);
            match level {
                Level::ERROR => tracing::error!(target: ABOUT_THE_LOG, "… and {count} more like: {example}"),
                Level::WARN => tracing::warn!(target: ABOUT_THE_LOG, "… and {count} more like: {example}"),
                _ => tracing::info!(target: ABOUT_THE_LOG, "… and {count} more like: {example}"),
            }
        }
    }

    fn take_left_out(&self) -> Vec<(u64, String, Level)> {
        let Ok(mut kinds) = self.kinds.lock() else { return Vec::new() };
        let with_more = kinds.values_mut().filter(|kind| kind.more > 0);
        with_more.map(|kind| (mem::take(&mut kind.more), mem::take(&mut kind.example), kind.level)).collect()
    }
}

/// Copies the text of a record.
struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

/// `4,211`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 4211, 1_000_000].map(grouped), ["0", "999", "4,211", "1,000,000"]);
    }
}
