//! Conversations made up from a seed: what clients might say, sensible or not. Played with two brokers they find
//! differences that nobody has thought of.
//!
//! A live broker is many processes, so a conversation keeps away from what it may answer in either order: a channel
//! consumes from one queue only, and nothing depends on how long a step takes.

mod consume;
mod draw;
mod kind;
mod operator;
mod queues;
mod story;
mod words;

use std::collections::BTreeMap;

use warren_core::{Config, Random};

use crate::{Bytes, Conversation, CoreHost, Player, Step};
pub use kind::Kind;
use words::Words;

/// Connections and channels, as lines name them.
const PLACES: [&str; 4] = ["1", "2", "b:1", "b:2"];
/// After every step of a conversation about time: what expires at the same moment in virtual time would come in
/// an order of its own.
const SHORT_WAIT: &str = "wait 30ms";
/// Until all is over that was to expire, dead letters from queue to queue included: more than three times `SOON_MS`.
const LONG_WAIT: &str = "wait 7s";
/// How many steps there are before time passes.
const STEPS_BETWEEN_WAITS: u64 = 6;

impl Conversation {
    /// The conversation of a seed. Its names begin with the seed, so that many can be played at once.
    #[must_use]
    pub fn generated(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let kind = Kind::of(seed);
        let steps = 8 + random.below(if kind == Kind::Timing { 11 } else { 32 });
        let words = Words::new(seed, kind, &mut random);
        let player = Player::new(CoreHost::new(Config::default(), Bytes::Together));
        let mut generator =
            Generator { seed, kind, random, words, player, places: BTreeMap::new(), steps: Vec::new() };
        if kind == Kind::Users {
            let lines = operator::user(seed, &mut generator.random);
            lines.into_iter().for_each(|line| generator.say(line));
        }
        for declaration in generator.words.beginning(&mut generator.random) {
            generator.say(format!("-> 1 {declaration}"));
        }
        if kind == Kind::Transactions {
            for line in ["-> 1 tx.select", "-> b:1 tx.select"] {
                generator.say(line.into());
            }
        }
        for number in 1..=steps {
            generator.step();
            if kind == Kind::Timing {
                let is_long = number % STEPS_BETWEEN_WAITS == 0;
                generator.say(if is_long { LONG_WAIT } else { SHORT_WAIT }.into());
            }
        }
        Conversation {
            about: vec![format!("Generated from seed {seed} ({kind}).")],
            steps: generator.steps,
            ..Conversation::default()
        }
    }
}

/// It plays with the core what it makes up, to know which channels are open and which deliveries there are to ack.
struct Generator {
    seed: u64,
    kind: Kind,
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
        if self.kind == Kind::Policies && self.random.below(5) == 0 {
            let line = operator::policy(self.seed, &mut self.random);
            return self.say(line);
        }
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
                let story = self.words.story(&mut self.random);
                if !story.is_empty() {
                    return self.tell(at, story);
                }
                let what = self.words.action(&mut self.random, &place.queue, place.deliveries);
                if let Some(queue) = what.consumes {
                    self.places.entry(at).or_default().queue = Some(queue);
                }
                self.say(format!("-> {at} {}", what.said));
            }
        }
    }

    /// Says one thing after the other on a channel, as long as the broker does not close it.
    fn tell(&mut self, at: &'static str, story: Vec<String>) {
        for said in story {
            if self.places.get(at).is_some_and(|place| place.state != State::Open) {
                return;
            }
            match said.as_str() {
                story::PAUSE => self.say(LONG_WAIT.into()),
                said => {
                    let last = self.places.get(at).map_or(0, |place| place.deliveries);
                    self.say(format!("-> {at} {}", said.replace(story::LAST_TAG, &last.to_string())));
                }
            }
            if self.kind == Kind::Timing {
                self.say(SHORT_WAIT.into());
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
        if matches!(self.kind, Kind::Quorum | Kind::Streams | Kind::Replies) {
            self.confirm_closing();
        }
    }

    /// Of these queues, and of replies, a channel that the broker has closed consumes until the client confirms that.
    fn confirm_closing(&mut self) {
        let refused = |place: &Place| place.state == State::Refused;
        for at in PLACES {
            if self.places.get(at).is_some_and(refused) {
                self.places.insert(at, Place { state: State::Closed, ..Place::default() });
                self.say(format!("-> {at} channel.close-ok"));
            }
        }
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
