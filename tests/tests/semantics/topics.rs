//! Topic exchanges beside a matcher that compares one mask with one key and knows no trie.

use proptest::{collection::vec, prelude::*, sample::select};
use warren_core::Config;
use warren_talk::{Bytes, CoreHost, Player};

/// `*` is one word, `#` is zero or more.
fn matches(mask: &[&str], key: &[&str]) -> bool {
    match (mask, key) {
        ([], []) => true,
        (["#", mask @ ..], _) => (0..=key.len()).any(|taken| matches(mask, &key[taken..])),
        (["*", mask @ ..], [_, key @ ..]) => matches(mask, key),
        ([word, mask @ ..], [same, key @ ..]) if word == same => matches(mask, key),
        _ => false,
    }
}

/// An empty key has no words; an empty word between dots is one.
fn words(key: &str) -> Vec<&str> {
    if key.is_empty() { Vec::new() } else { key.split('.').collect() }
}

fn key(alphabet: &'static [&'static str]) -> impl Strategy<Value = String> {
    vec(select(alphabet), 0..6).prop_map(|words| words.join("."))
}

/// Mostly of the same word, so that long masks match now and then.
fn long_key(
    alphabet: &'static [&'static str],
    words: std::ops::Range<usize>,
) -> impl Strategy<Value = String> {
    (vec(0..20_usize, words), select(alphabet)).prop_map(move |(picks, usual)| {
        let word = |pick: usize| alphabet.get(pick).copied().unwrap_or(usual);
        picks.into_iter().map(word).collect::<Vec<_>>().join(".")
    })
}

struct Exchange(Player<CoreHost>);

impl Exchange {
    fn new() -> Self {
        let mut exchange = Exchange(Player::new(CoreHost::new(Config::default(), Bytes::Together)));
        exchange.say("exchange.declare exchange=x kind=topic");
        exchange
    }

    fn say(&mut self, what: &str) -> Vec<String> {
        self.0.play(&format!("-> 1 {what}")).expect("the line says something")
    }

    fn bind(&mut self, queue: usize, mask: &str) {
        self.say(&format!("queue.declare queue=q{queue}"));
        self.say(&format!("queue.bind queue=q{queue} exchange=x routing_key='{mask}'"));
    }

    fn unbind(&mut self, queue: usize, mask: &str) {
        self.say(&format!("queue.unbind queue=q{queue} exchange=x routing_key='{mask}'"));
    }

    /// Which of the queues take a message with this key.
    fn takers(&mut self, queues: usize, key: &str) -> Vec<usize> {
        self.say(&format!("basic.publish exchange=x routing_key='{key}'"));
        let get = |queue: &usize| self.say(&format!("basic.get queue=q{queue} no_ack"))[0].contains("get-ok");
        (0..queues).filter(get).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_goes_where_masks_say(
        masks in vec(key(&["a", "b", "", "*", "#"]), 1..12),
        unbound in vec(any::<bool>(), 12),
        keys in vec(key(&["a", "b", "c", "", "*", "#"]), 1..8),
    ) {
        let mut exchange = Exchange::new();
        masks.iter().enumerate().for_each(|(queue, mask)| exchange.bind(queue, mask));
        let gone = masks.iter().enumerate().filter(|(queue, _)| unbound[*queue]);
        gone.for_each(|(queue, mask)| exchange.unbind(queue, mask));
        for key in &keys {
            let expected: Vec<usize> = (0..masks.len())
                .filter(|&queue| !unbound[queue] && matches(&words(&masks[queue]), &words(key)))
                .collect();
            prop_assert_eq!(exchange.takers(masks.len(), key), expected, "masks {:?}, key {:?}", masks, key);
        }
    }

    /// A key may have as many words as fit into 255 bytes, and a mask as many wildcards.
    #[test]
    fn a_long_key_goes_where_masks_say(
        masks in vec((long_key(&["a", "b", "*"], 0..100), key(&["a", "b", "*", "#"])), 1..8),
        keys in vec(long_key(&["a", "b"], 50..126), 1..6),
    ) {
        let mut exchange = Exchange::new();
        let masks: Vec<String> = masks
            .into_iter()
            .map(|(start, end)| format!("{start}.#.{end}"))
            .map(|mask| mask.trim_matches('.').to_owned())
            .collect();
        masks.iter().enumerate().for_each(|(queue, mask)| exchange.bind(queue, mask));
        for key in &keys {
            let expected: Vec<usize> =
                (0..masks.len()).filter(|&queue| matches(&words(&masks[queue]), &words(key))).collect();
            prop_assert_eq!(exchange.takers(masks.len(), key), expected, "masks {:?}, key {:?}", masks, key);
        }
    }
}
