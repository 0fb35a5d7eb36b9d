//! Times that chance has a say in.

use std::{fmt, time::Duration};

use warren_core::Random;

use super::time;
use crate::document::{self, Error, Field, Node, Value};

/// How long something takes: `"300ms"`, between two times `"100ms..2s"`, or on average `"~300ms"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lapse {
    /// Always the same.
    Fixed(Duration),
    /// Anything from the first to the second, all of it equally likely.
    Between(Duration, Duration),
    /// So long on average, distributed exponentially: intervals like this make a Poisson process.
    About(Duration),
}

impl Lapse {
    /// One of them.
    pub(crate) fn draw(self, random: &mut Random) -> Duration {
        match self {
            Lapse::Fixed(time) => time,
            Lapse::Between(from, to) => {
                let span_us = whole_us(to.saturating_sub(from)).saturating_add(1);
                from + Duration::from_micros(random.below(span_us))
            }
            Lapse::About(mean) => {
                let us = (u128::from(whole_us(mean)) * u128::from(exponential(random))) >> 32;
                // At least a little, so that a world that waits for it moves on.
                Duration::from_micros(u64::try_from(us).unwrap_or(u64::MAX).max(1))
            }
        }
    }

    /// Whether it may take no time at all.
    pub(crate) const fn may_be_nothing(self) -> bool {
        match self {
            Lapse::Fixed(time) | Lapse::Between(time, _) | Lapse::About(time) => time.is_zero(),
        }
    }
}

/// From the exponential distribution with the mean 1, in 2⁻³²: von Neumann's way, which needs no logarithm. The
/// length of a falling run of random numbers is odd with just the probability that is wanted.
fn exponential(random: &mut Random) -> u64 {
    let mut whole = 0;
    loop {
        let first = random.next_u64() >> 32;
        let mut last = first;
        let mut run = 1;
        loop {
            let next = random.next_u64() >> 32;
            if next >= last {
                break;
            }
            last = next;
            run += 1;
        }
        if run % 2 == 1 {
            return (whole << 32) | first;
        }
        whole += 1;
    }
}

fn whole_us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn parse(text: &str) -> Option<Lapse> {
    if let Some(mean) = text.strip_prefix('~') {
        return time::parse(mean).map(Lapse::About);
    }
    match text.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (time::parse(from)?, time::parse(to)?);
            (from <= to).then_some(Lapse::Between(from, to))
        }
        None => time::parse(text).map(Lapse::Fixed),
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lapse::Fixed(time) => write!(f, "{}", time::show(*time)),
            Lapse::Between(from, to) => write!(f, "{}..{}", time::show(*from), time::show(*to)),
            Lapse::About(mean) => write!(f, "~{}", time::show(*mean)),
        }
    }
}

impl Field for Lapse {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::spelled(node, "a time such as \"300ms\", \"100ms..2s\" or \"~1s\"", parse)
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}
