//! Conversations made up from a seed: what clients might say, sensible or not. Played with two brokers they find
//! differences that nobody has thought of.
//!
//! A live broker is many processes, so a conversation keeps away from what it may answer in either order: a channel
//! consumes from one queue only, and nothing depends on how long a step takes. Quorum queues and streams are left out,
//! because RabbitMQ 3.10 and 4.x differ in every delivery of theirs.

mod words;

use std::collections::BTreeMap;

use warren_core::{Config, Random};

use crate::{Bytes, Conversation, CoreHost, Player, Step};
use words::Words;

/// Connections and channels, as lines name them.
const PLACES: [&str; 4] = ["1", "2", "b:1", "b:2"];

impl Conversation {
    /// The conversation of a seed. Its names begin with the seed, so that many can be played at once.
    #[must_use]
    pub fn generated(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let steps = 8 + random.below(32);
        let words = Words::new(seed, &mut random);
        let player = Player::new(CoreHost::new(Config::default(), Bytes::Together));
        let mut generator = Generator { random, words, player, places: BTreeMap::new(), steps: Vec::new() };
        for declaration in generator.words.beginning(&mut generator.random) {
            generator.say(format!("-> 1 {declaration}"));
        }
        for _ in 0..steps {
            generator.step();
        }
        Conversation {
            about: vec![format!("Generated from seed {seed}.")],
            steps: generator.steps,
            ..Conversation::default()
        }
    }
}

/// It plays with the core what it makes up, to know which channels are open and which deliveries there are to ack.
struct Generator {
    random: Random,
    words: Words,
    player: Player<CoreHost>,
    places: BTreeMap<&'static str, Place>,
    steps: Vec<Step>,
}

/// What a client knows of a channel.
#[derive(Clone, Default)]
struct Place {
    state: State,
    /// The last delivery tag.
    deliveries: u64,
    /// The queue it consumes from.
    queue: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The broker has closed the channel.
    Refused,
    /// The client has closed the channel.
    Closed,
    /// The connection is over.
    Gone,
}

impl Generator {
    fn step(&mut self) {
        let at = PLACES[self.random.below(4) as usize];
        let place = self.places.entry(at).or_default().clone();
        match place.state {
            State::Gone => {}
            State::Refused | State::Closed => {
                self.places.insert(at, Place::default());
                if place.state == State::Refused {
                    self.say(format!("-> {at} channel.close-ok"));
                }
                self.say(format!("-> {at} channel.open"));
            }
            State::Open if at.starts_with("b:") && self.random.below(60) == 0 => {
                self.say("-> b: lost".into());
                self.end("b:");
            }
            State::Open => {
                let what = self.words.action(&mut self.random, &place.queue, place.deliveries);
                if let Some(queue) = what.consumes {
                    self.places.entry(at).or_default().queue = Some(queue);
                }
                self.say(format!("-> {at} {}", what.said));
            }
        }
    }

    fn say(&mut self, said: String) {
        let heard = self.player.play(&said).unwrap_or_default();
        for line in &heard {
            self.note(line);
        }
        let line = self.steps.len() as u32 + 1;
        self.steps.push(Step { line, said, answers: heard, ..Step::default() });
    }

    /// `<- b:1 basic.deliver … delivery_tag=3 …`
    fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let connection = if words.get(1).is_some_and(|at| at.starts_with("b:")) { "b:" } else { "" };
        let Some(method) = words.get(2) else { return };
        if *method == "connection.close" {
            return self.end(connection);
        }
        let Some(at) = PLACES.into_iter().find(|at| words.get(1) == Some(at)) else { return };
        let place = self.places.entry(at).or_default();
        match *method {
            "channel.close" => place.state = State::Refused,
            "channel.close-ok" => *place = Place { state: State::Closed, ..Place::default() },
            _ => {
                let tag = words.iter().find_map(|word| word.strip_prefix("delivery_tag=")?.parse().ok());
                place.deliveries = tag.unwrap_or(place.deliveries);
            }
        }
    }

    fn end(&mut self, connection: &str) {
        for at in PLACES.into_iter().filter(|at| at.starts_with("b:") == (connection == "b:")) {
            self.places.entry(at).or_default().state = State::Gone;
        }
    }
}
