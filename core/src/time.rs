//! Time as the core knows it: two numbers that the host hands in with every input.

use std::{fmt, ops::Add, time::Duration};

/// A moment on a clock that never goes back, in µs since the host's own start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Instant(u64);

impl Instant {
    /// The host's start.
    pub const ZERO: Instant = Instant(0);

    /// The moment `us` µs after the host's start.
    #[must_use]
    pub const fn from_micros(us: u64) -> Self {
        Instant(us)
    }

    /// µs since the host's start.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to here; zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Instant(self.0.saturating_add(us))
    }
}

impl fmt::Display for Instant {
    /// Seconds with a millisecond fraction: `12.345`; the µs follow only if there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, us) = (self.0 / 1_000_000, self.0 % 1_000_000);
        if us.is_multiple_of(1_000) {
            write!(f, "{seconds}.{:03}", us / 1_000)
        } else {
            write!(f, "{seconds}.{us:06}")
        }
    }
}

/// A calendar time, in ms since 1970-01-01T00:00:00Z. It may jump; nothing is scheduled by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WallTime(i64);

impl WallTime {
    /// The calendar time `ms` ms after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        WallTime(ms)
    }

    /// ms since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

/// What the host's two clocks show when it hands in an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// The clock that schedules.
    pub instant: Instant,
    /// The clock that stamps.
    pub wall: WallTime,
}

impl Now {
    /// The moment so many ms from now.
    pub(crate) fn after_ms(self, ms: u64) -> Instant {
        self.instant + Duration::from_millis(ms)
    }

    /// The calendar time of a moment that is not over, in ms since 1970.
    pub(crate) fn wall_ms(self, at: Instant) -> u64 {
        let now_ms = u64::try_from(self.wall.as_millis()).unwrap_or_default();
        let wait_ms = at.since(self.instant).as_millis();
        now_ms.saturating_add(u64::try_from(wait_ms).unwrap_or(u64::MAX))
    }
}
