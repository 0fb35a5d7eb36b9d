//! What the clients know, over all the server's lives.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// The numbers of Python's clients begin here.
const PYTHON_FIRST: u64 = 1 << 32;

#[derive(Default)]
pub(crate) struct Known {
    latest: AtomicU64,
    /// How many Python clients there have been.
    python_clients: AtomicU64,
    numbers: Mutex<Numbers>,
}

#[derive(Default)]
struct Numbers {
    confirmed: BTreeSet<u64>,
    /// Acked, though that may not have arrived.
    settled: BTreeSet<u64>,
    /// Delivered without the redelivered flag.
    fresh: BTreeSet<u64>,
    again_without_saying_so: Vec<u64>,
}

impl Known {
    /// The next so many numbers that nobody has used.
    pub(crate) fn next(&self, count: u64) -> std::ops::Range<u64> {
        let first = self.latest.fetch_add(count, Relaxed);
        first..first + count
    }

    /// The first one of numbers for a client in Python, which counts on by itself.
    pub(crate) fn first_for_python(&self) -> u64 {
        (self.python_clients.fetch_add(1, Relaxed) + 1) * PYTHON_FIRST
    }

    pub(crate) fn confirmed(&self, number: u64) {
        self.numbers.lock().expect("no panic").confirmed.insert(number);
    }

    pub(crate) fn delivered(&self, number: u64, redelivered: bool) {
        let mut numbers = self.numbers.lock().expect("no panic");
        if !redelivered && !numbers.fresh.insert(number) {
            numbers.again_without_saying_so.push(number);
        }
    }

    pub(crate) fn settled(&self, number: u64) {
        self.numbers.lock().expect("no panic").settled.insert(number);
    }

    /// A line of `pika_soak.py`.
    pub(crate) fn hear(&self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: &str| word.parse::<u64>().expect("a number");
        match words[..] {
            ["confirmed", one] => self.confirmed(number(one)),
            ["delivered", one, redelivered] => self.delivered(number(one), redelivered == "1"),
            ["acked", one] => self.settled(number(one)),
            // The end of what a killed process has said.
            _ => {}
        }
    }

    pub(crate) fn report(&self) -> String {
        let numbers = self.numbers.lock().expect("no panic");
        format!(
            "{} confirmed ({} with pika), {} acked, {} delivered for the first time",
            numbers.confirmed.len(),
            numbers.with_python(),
            numbers.settled.len(),
            numbers.fresh.len()
        )
    }

    /// `left`: what queues have at the end.
    pub(crate) fn check(&self, left: &BTreeSet<u64>) {
        let numbers = self.numbers.lock().expect("no panic");
        let lost: Vec<&u64> = numbers
            .confirmed
            .iter()
            .filter(|one| !numbers.settled.contains(one) && !left.contains(one))
            .collect();
        assert!(lost.is_empty(), "confirmed, not settled, and gone: {lost:?}");
        assert_eq!(
            numbers.again_without_saying_so, [0_u64; 0],
            "delivered twice without the redelivered flag"
        );
        let (confirmed, settled) = (numbers.confirmed.len(), numbers.settled.len());
        assert!(confirmed > 500 && settled > 250, "{confirmed} confirmed and {settled} settled is no load");
        assert!(numbers.with_python() > 50, "{} were confirmed with pika", numbers.with_python());
    }
}

impl Numbers {
    /// How many have been confirmed that a Python client has published.
    fn with_python(&self) -> usize {
        self.confirmed.range(PYTHON_FIRST..).count()
    }
}
