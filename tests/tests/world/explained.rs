//! Why a message went where it went: what is said of bindings, beside where messages really go.

use std::collections::BTreeSet;

use warren_sim::{
    Chapter, Happening, History, Spectator, WorldEvent, generate, swarm,
    warren_core::{
        Event, Fact, Instant, MessageId, Name,
        event::{Destination, ExchangeKind},
        explain::{Asked, Mismatch, Routing, Tried},
    },
};

#[derive(Clone)]
struct Nobody;

impl Spectator for Nobody {
    fn see(&mut self, _: &WorldEvent) {}
}

const fn fact(chapter: &Chapter) -> Option<&Fact> {
    match &chapter.event.what {
        Happening::Broker(Event { fact, .. }) => Some(fact),
        _ => None,
    }
}

/// The queues that the bindings which matched lead to, through as many exchanges as it takes.
fn reached(routing: &Routing) -> BTreeSet<Name> {
    let mut expected: BTreeSet<&str> = BTreeSet::from([&*routing.exchange]);
    let mut queues = BTreeSet::new();
    for asked in &routing.asked {
        assert!(expected.contains(&*asked.exchange), "nothing leads to {:?}: {routing:?}", asked.exchange);
        for tried in asked.tried.iter().filter(|tried| tried.matched()) {
            match &tried.destination {
                Destination::Queue(queue) => {
                    queues.insert(queue.clone());
                }
                Destination::Exchange(exchange) => {
                    expected.insert(exchange);
                }
            }
        }
        expected.extend(asked.alternate.as_deref());
    }
    let asked: BTreeSet<&str> = routing.asked.iter().map(|asked| &*asked.exchange).collect();
    assert!(routing.asked.is_empty() || asked == expected, "somebody was not asked: {routing:?}");
    queues
}

/// Whether a mask takes a key, the slow and simple way.
fn takes(mask: &[&str], key: &[&str]) -> bool {
    match (mask.split_first(), key.split_first()) {
        (None, None) => true,
        (Some((&"#", mask)), _) => {
            takes(mask, key) || key.split_first().is_some_and(|(_, key)| takes(&[&["#"], mask].concat(), key))
        }
        (Some((&"*", mask)), Some((_, key))) => takes(mask, key),
        (Some((wanted, mask)), Some((word, key))) => wanted == word && takes(mask, key),
        _ => false,
    }
}

fn words(key: &str) -> Vec<&str> {
    key.split('.').skip(usize::from(key.is_empty())).collect()
}

/// What is said of a mask is true.
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn check_mask(tried: &Tried, key: &str) {
    let (mask, key) = (words(&tried.binding_key), words(key));
    assert_eq!(tried.matched(), takes(&mask, &key), "{tried:?} {key:?}");
    match &tried.mismatch {
        None | Some(Mismatch::Mask) => {}
        Some(Mismatch::Words { needs, has, or_more }) => {
            assert_eq!(key.len() as u64, *has);
            assert_eq!(mask.contains(&"#"), *or_more);
            assert!(if *or_more { has < needs } else { has != needs }, "{tried:?}");
        }
        Some(Mismatch::Word { at, wants, has }) => {
            let word = usize::try_from(at - 1).unwrap_or(usize::MAX);
            assert!(key[word] == has && mask.contains(&wants.as_str()) && wants != has, "{tried:?} {key:?}");
        }
        other => panic!("that is nothing to say of a mask: {other:?}"),
    }
}

fn check(asked: &Asked, kinds: &mut BTreeSet<ExchangeKind>) {
    kinds.insert(asked.kind);
    let [key] = &asked.keys[..] else { return };
    for tried in &asked.tried {
        match asked.kind {
            // Of the default exchange it is told whether there is such a queue.
            ExchangeKind::Direct if asked.exchange.is_empty() => assert_eq!(tried.binding_key, *key),
            ExchangeKind::Direct => assert_eq!(tried.matched(), tried.binding_key == *key),
            ExchangeKind::Topic => check_mask(tried, key),
            ExchangeKind::Fanout => assert!(tried.matched()),
            _ => {}
        }
    }
}

/// Made-up topologies under made-up faults: where the bindings that matched lead, there each message went.
#[test]
fn what_matched_is_where_messages_go() {
    let mut kinds = BTreeSet::new();
    let (mut published, mut buried, mut unroutable) = (0, 0, 0);
    for seed in 0..30 {
        let scenario = swarm(&generate(seed), seed);
        let mut history = History::new(&scenario, seed, Nobody);
        history.advance(Instant::ZERO + scenario.until);
        let messages: BTreeSet<MessageId> =
            history.past().filter_map(|entry| entry.event.what.message()).collect();
        for message in messages.into_iter().take(25) {
            let story = history.explained_story(message);
            for (index, chapter) in story.iter().enumerate() {
                match fact(chapter) {
                    Some(Fact::Published { .. }) => published += 1,
                    Some(Fact::DeadLettered { .. }) if chapter.routing.is_some() => buried += 1,
                    _ => continue,
                }
                let Some(routing) = &chapter.routing else { continue };
                routing.asked.iter().for_each(|asked| check(asked, &mut kinds));
                if routing.asked.iter().any(|asked| asked.delay_ms.is_some()) {
                    continue;
                }
                let then = story[index + 1..].iter().take_while(|then| then.event.at == chapter.event.at);
                let mut facts = then.filter_map(fact);
                let mut expected = reached(routing);
                let outcome = facts.find(|fact| {
                    if let Fact::DeadLetterCycle { queues, is_gone, .. } = fact {
                        expected.retain(|queue| !queues.contains(queue));
                        return *is_gone;
                    }
                    matches!(fact, Fact::Routed { .. } | Fact::Unroutable { .. })
                });
                match outcome {
                    Some(Fact::Routed { queues, .. }) => {
                        let queues: BTreeSet<Name> = queues.iter().cloned().collect();
                        assert_eq!(queues, expected, "seed {seed}: {story:?}");
                    }
                    Some(Fact::Unroutable { .. } | Fact::DeadLetterCycle { .. }) => {
                        unroutable += 1;
                        assert_eq!(expected, BTreeSet::new(), "seed {seed}: {story:?}");
                    }
                    // In a transaction, or in a broker that has crashed.
                    _ => {}
                }
            }
        }
    }
    assert!(published > 300 && buried > 5 && unroutable > 5, "{published} {buried} {unroutable}");
    assert!(kinds.len() >= 4, "{kinds:?}");
}

#[test]
fn the_past_is_explained_with_the_bindings_of_then() {
    let lesson = warren_sim::lessons::find("topic").expect("a lesson");
    let scenario = warren_sim::Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let mut history = History::new(&scenario, 1, Nobody);
    history.advance(Instant::ZERO + scenario.until);
    let story = history.explained_story(MessageId(1));
    let routing = story.iter().find_map(|chapter| chapter.routing.as_ref()).expect("it was routed");
    let said: Vec<String> = routing.asked[0]
        .tried
        .iter()
        .map(|tried| format!("{} {:?}: {:?}", tried.binding_key, tried.destination, tried.mismatch))
        .collect();
    insta::assert_snapshot!(format!("{:?}\n{}", routing.asked[0].keys, said.join("\n")), @r#"
    ["app.notification.sms.sent"]
    app.notification.sms.* Queue("sms"): None
    app.notification.# Queue("notifications"): None
    # Queue("audit"): None
    "#);
}
