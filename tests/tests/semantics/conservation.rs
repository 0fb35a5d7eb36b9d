//! No message is lost, doubled or out of place, whatever consumers do: arbitrary work on one queue beside a model
//! that only remembers who has what.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};
use warren_core::Config;

use warren_talk::{Bytes, CoreHost, Player};

/// What a channel does next. The numbers pick one of what there is.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Publish,
    Get,
    Consume,
    Cancel(u8),
    Qos { prefetch_count: u8, global: bool },
    Ack { pick: usize, multiple: bool },
    Nack { pick: usize, multiple: bool, requeue: bool },
    Recover,
    CloseChannel,
    LoseConnection,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        8 => Just(Deed::Publish),
        2 => Just(Deed::Get),
        2 => Just(Deed::Consume),
        1 => (0_u8..4).prop_map(Deed::Cancel),
        1 => (0_u8..4, any::<bool>()).prop_map(|(prefetch_count, global)| Deed::Qos { prefetch_count, global }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(pick, multiple)| Deed::Ack { pick, multiple }),
        2 => (any::<usize>(), any::<bool>(), any::<bool>())
            .prop_map(|(pick, multiple, requeue)| Deed::Nack { pick, multiple, requeue }),
        1 => Just(Deed::Recover),
        1 => Just(Deed::CloseChannel),
        1 => Just(Deed::LoseConnection),
    ]
}

struct Model {
    player: Player<CoreHost>,
    /// Which connection stands at each of two places; a lost one is replaced.
    connections: [u32; 2],
    consumers: u32,
    published: u32,
    /// By channel (`c0:1`) and delivery tag.
    unacked: BTreeMap<String, BTreeMap<u64, u32>>,
    delivered: BTreeSet<u32>,
    settled: BTreeSet<u32>,
}

impl Model {
    fn new() -> Self {
        let mut player = Player::new(CoreHost::new(Config::default(), Bytes::Together));
        player.play("-> 1 queue.declare queue=q").expect("the line says something");
        Model {
            player,
            connections: [0, 1],
            consumers: 0,
            published: 0,
            unacked: BTreeMap::new(),
            delivered: BTreeSet::new(),
            settled: BTreeSet::new(),
        }
    }

    fn play(&mut self, line: &str) -> Vec<String> {
        self.player.play(line).expect("the line says something")
    }

    fn act(&mut self, deed: Deed, place: usize, number: u16) {
        let connection = format!("c{}", self.connections[place]);
        let channel = format!("{connection}:{number}");
        match deed {
            Deed::Publish => {
                self.published += 1;
                let body = self.published;
                self.say(&channel, &format!("basic.publish routing_key=q body={body}"));
            }
            Deed::Get => self.say(&channel, "basic.get queue=q"),
            Deed::Consume => {
                self.consumers += 1;
                let tag = self.consumers % 4;
                self.say(&channel, &format!("basic.cancel consumer_tag={tag}"));
                self.say(&channel, &format!("basic.consume queue=q consumer_tag={tag}"));
            }
            Deed::Cancel(tag) => self.say(&channel, &format!("basic.cancel consumer_tag={tag}")),
            Deed::Qos { prefetch_count, global } => {
                let global = if global { " global" } else { "" };
                self.say(&channel, &format!("basic.qos prefetch_count={prefetch_count}{global}"));
            }
            Deed::Ack { pick, multiple } => self.settle(&channel, "basic.ack", pick, multiple, false),
            Deed::Nack { pick, multiple, requeue } => {
                self.settle(&channel, "basic.nack", pick, multiple, requeue);
            }
            Deed::Recover => {
                self.unacked.remove(&channel);
                self.say(&channel, "basic.recover requeue");
            }
            Deed::CloseChannel => {
                self.unacked.remove(&channel);
                self.say(&channel, "channel.close reply_code=200");
                self.say(&channel, "channel.open");
            }
            Deed::LoseConnection => {
                self.unacked.retain(|channel, _| !channel.starts_with(&format!("{connection}:")));
                self.say(&format!("{connection}:"), "lost");
                self.connections[place] = self.connections.iter().max().map_or(0, |latest| latest + 1);
            }
        }
    }

    fn settle(&mut self, channel: &str, method: &str, pick: usize, multiple: bool, requeue: bool) {
        let Some(held) = self.unacked.get_mut(channel).filter(|held| !held.is_empty()) else { return };
        let tag = *held.keys().nth(pick % held.len()).expect("it is below the length");
        let gone: Vec<u32> = held
            .extract_if(.., |&other, _| if multiple { other <= tag } else { other == tag })
            .map(|(_, body)| body)
            .collect();
        if !requeue {
            self.settled.extend(gone);
        }
        let flags = [if multiple { " multiple" } else { "" }, if requeue { " requeue" } else { "" }].concat();
        self.say(channel, &format!("{method} delivery_tag={tag}{flags}"));
    }

    fn say(&mut self, address: &str, what: &str) {
        for answer in self.play(&format!("-> {address} {what}")) {
            assert!(!answer.contains("close 4") && !answer.contains("close 5"), "{what}: {answer}");
            if answer.contains(" basic.deliver ") || answer.contains(" basic.get-ok ") {
                self.take(&answer);
            }
        }
    }

    /// A message comes: nobody has it, and it is marked if anybody ever had.
    fn take(&mut self, answer: &str) {
        let words: Vec<&str> = answer.split(' ').collect();
        let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)).expect("the field");
        let body: u32 = value("body=").parse().expect("a number");
        let tag: u64 = value("delivery_tag=").parse().expect("a number");
        assert!(!self.settled.contains(&body), "settled already: {answer}");
        assert!(
            !self.unacked.values().any(|held| held.values().any(|&other| other == body)),
            "doubled: {answer}"
        );
        assert_eq!(words.contains(&"redelivered"), !self.delivered.insert(body), "{answer}");
        self.unacked.entry(words[1].to_owned()).or_default().insert(tag, body);
    }

    /// Everybody leaves: what is in the queue now is what was published and not settled, in its old order.
    fn assert_kept(mut self) {
        for connection in self.connections {
            self.play(&format!("-> c{connection}: lost"));
        }
        let mut kept: Vec<u32> = Vec::new();
        while let [answer] = self.play("-> 1 basic.get queue=q no_ack").as_slice()
            && let Some((_, body)) = answer.split_once("body=")
        {
            kept.push(body.parse().expect("a number"));
        }
        let expected: Vec<u32> = (1..=self.published).filter(|body| !self.settled.contains(body)).collect();
        assert_eq!(kept, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_in_one_place(deeds in vec((deed(), 0_usize..2, 1_u16..3), 1..80)) {
        let mut model = Model::new();
        for (deed, place, number) in deeds {
            model.act(deed, place, number);
        }
        model.assert_kept();
    }
}
