//! The world in an engineer's own tests: a topology, a workload, faults, and what is to hold.

use std::time::Duration;

use warren_sim::{
    AckMode, Binding, Consumer, DiskPlan, Ending, Exchange, ExchangeType, Fault, Lapse, Mishap, NetworkPlan,
    Producer, Queue, Reconnect, Scenario, Trial, Unsynced, check::Property, swarm, warren_core::Bug,
};

/// Orders are published with confirms to a durable queue, and worked on with acks.
fn orders() -> Scenario {
    let reconnect = Some(Reconnect { after: Duration::from_millis(100), up_to: Duration::from_secs(2) });
    Scenario {
        until: Duration::from_secs(10),
        network: NetworkPlan { latency: Duration::from_millis(5), ..NetworkPlan::default() },
        disk: Some(DiskPlan { write: Duration::from_millis(1), sync: Duration::from_millis(5) }),
        exchanges: vec![Exchange { durable: true, ..Exchange::new("shop", ExchangeType::Topic) }],
        queues: vec![Queue { durable: true, ..Queue::new("orders") }],
        bindings: vec![Binding::new("shop", "orders", "order.#")],
        producers: vec![Producer {
            exchange: "shop".into(),
            routing_key: vec!["order.new".into(), "order.changed.address".into()],
            interval: Lapse::About(Duration::from_millis(50)),
            persistent: true,
            confirms: true,
            window: 5,
            republishes: true,
            reconnect,
            ..Producer::new("website", "", 100)
        }],
        consumers: vec![Consumer {
            prefetch: 10,
            work: Some(Lapse::Between(Duration::from_millis(10), Duration::from_millis(80))),
            reconnect,
            ..Consumer::new("warehouse", "orders")
        }],
        ..Scenario::new("orders")
    }
}

#[test]
fn a_careful_topology_loses_nothing_whatever_crashes() {
    let orders = orders();
    orders.check().expect("every name that is used exists");
    for seed in 0..50 {
        let mut swarmed = swarm(&orders, seed);
        // An operator who deletes, purges or limits a queue means it, and a bit that flips takes a person to look.
        swarmed.faults.retain(|fault| !matches!(fault.what.word(), "delete" | "purge" | "policy" | "disk"));
        let outcome =
            Trial::new(&swarmed, seed).wishing(&[Property::NothingLost]).run(Ending::Healed, |_| {});
        assert_eq!(outcome.violation(), None, "seed {seed}");
    }
}

#[test]
fn a_careless_consumer_loses_what_it_held() {
    let mut careless = orders();
    careless.consumers[0].ack = AckMode::Auto;
    careless.consumers[0].prefetch = 0;
    careless
        .faults
        .push(Fault { at: Duration::from_secs(3), what: Mishap::Crash { actor: "warehouse".into() } });
    let outcome = Trial::new(&careless, 1).wishing(&[Property::NothingLost]).run(Ending::AsItIs, |_| {});
    assert!(outcome.breaks(Property::NothingLost));
}

#[test]
fn a_power_cut_takes_nothing_that_was_confirmed() {
    let mut cut = orders();
    cut.consumers[0].work = Some(Lapse::Fixed(Duration::from_millis(150)));
    for second in 1..9 {
        let at = Duration::from_secs(second);
        cut.faults.push(Fault { at, what: Mishap::CrashBroker { unsynced: Unsynced::Torn } });
        cut.faults.push(Fault { at: at + Duration::from_millis(300), what: Mishap::StartBroker });
    }
    let outcome = Trial::new(&cut, 1).run(Ending::Healed, |_| {});
    assert_eq!(outcome.violation(), None);
    assert!(
        outcome.exercised.contains_key(&Property::ConfirmedKept),
        "{:?} {:?}",
        outcome.exercised,
        outcome.faults
    );
    assert!(outcome.ledger.confirmed >= 100);
}

#[test]
fn every_example_of_the_guide_is_a_scenario_that_plays() {
    let guide = include_str!("../../../docs/SCENARIOS.md");
    let examples: Vec<_> =
        guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let scenario = Scenario::parse("SCENARIOS.md", example).expect("a good file");
        let outcome = Trial::new(&scenario, 1).wishing(&[Property::NothingLost]).run(Ending::Healed, |_| {});
        assert_eq!(outcome.violation(), None);
        assert!(outcome.ledger.processed > 0);
    }
}

#[test]
fn the_lesson_of_the_guide_belongs_to_its_first_example() {
    let guide = include_str!("../../../docs/SCENARIOS.md");
    let block =
        |opening: &str| guide.split_once(opening).and_then(|(_, rest)| Some(rest.split_once("```")?.0));
    let (_, teaching) = guide.split_once("## What it teaches").expect("it is there");
    let lesson = teaching.split_once("```text\n").and_then(|(_, rest)| Some(rest.split_once("```")?.0));
    let (example, lesson) = (block("```toml\n").expect("it is there"), lesson.expect("it is there"));
    let scenario = Scenario::parse("SCENARIOS.md", &format!("{example}\n{lesson}")).expect("a good file");
    let plan = scenario.lesson.expect("it is a lesson");
    assert_eq!((plan.steps.len(), plan.goal.len()), (1, 2));
}

#[test]
fn every_field_of_a_scenario_is_in_the_guide() {
    let guide = include_str!("../../../docs/SCENARIOS.md");
    for table in [
        "",
        "[network]",
        "[broker]",
        "[disk]",
        "[[exchange]]",
        "[[queue]]",
        "[[binding]]",
        "[[producer]]",
        "[[consumer]]",
        "[[fault]]",
        "[lesson]",
        "[lesson.prediction]",
        "[[lesson.goal]]",
        "[[lesson.goal]]\nledger = { no_such_sum = 1 }",
        "[[lesson.goal]]\nledger = { lost = 0 }\nhappened = { no_such_thing = \"\" }",
    ] {
        let wrong = format!("{table}\nno_such_field = 1\n");
        let error = Scenario::parse("wrong.toml", &wrong).expect_err("there is no such field");
        let (_, fields) = error.message.split_once("possible: ").expect("the fields there are");
        for field in fields.split(", ") {
            assert!(guide.contains(field), "{table} {field} is not in docs/SCENARIOS.md");
        }
    }
}

#[test]
fn a_name_that_does_not_exist_is_told() {
    let mut wrong = orders();
    wrong.consumers[0].queue = "order".into();
    let error = wrong.check().expect_err("there is no such queue");
    assert!(error.message.contains("did you mean \"orders\"?"), "{error}");
}

/// Exchanges that choose among their bindings: every message goes to one of the queues, by a hash always to the same.
#[test]
fn exchanges_that_choose_give_each_message_to_one_queue() {
    for kind in [
        ExchangeType::ConsistentHash,
        ExchangeType::ModulusHash,
        ExchangeType::Random,
        ExchangeType::LocalRandom,
    ] {
        let mut scenario = orders();
        scenario.exchanges[0].kind = kind;
        scenario.queues.push(Queue { durable: true, ..Queue::new("more-orders") });
        // A weight for consistent hashing; a local random exchange wants no key.
        let key = if kind == ExchangeType::LocalRandom { "" } else { "1" };
        scenario.bindings =
            vec![Binding::new("shop", "orders", key), Binding::new("shop", "more-orders", key)];
        scenario.producers[0].routing_key = (0..40).map(|customer| format!("customer.{customer}")).collect();
        scenario.check().expect("every name that is used exists");
        let outcome = Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {});
        assert_eq!(outcome.violation(), None, "{}", kind.as_str());
        let ledger = &outcome.ledger;
        assert_eq!((ledger.published, ledger.routed, ledger.unroutable), (100, 100, 0), "{}", kind.as_str());
        assert!((1..100).contains(&ledger.acked), "each queue has some: {} {}", kind.as_str(), ledger.acked);
        for seed in 0..20 {
            let outcome = Trial::new(&swarm(&scenario, seed), seed).run(Ending::Healed, |_| {});
            assert_eq!(outcome.violation(), None, "{} with seed {seed}", kind.as_str());
        }
    }
}

/// An exchange that chooses excuses only what goes through it: a wrong route elsewhere is still seen.
#[test]
fn exchanges_that_choose_excuse_no_others() {
    let mut scenario = orders();
    scenario.exchanges[0].kind = ExchangeType::Direct;
    scenario.exchanges.push(Exchange::new("any", ExchangeType::Random));
    scenario.queues.push(Queue { durable: true, ..Queue::new("changed") });
    scenario.bindings = vec![
        Binding::new("shop", "orders", "order.new"),
        Binding::new("shop", "changed", "order.changed.address"),
        Binding::new("any", "changed", ""),
    ];
    assert_eq!(Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {}).violation(), None);
    // With a bug that is planted every binding of a direct exchange matches.
    let outcome = Trial::planting(&scenario, 1, Bug::DirectIgnoresKey).run(Ending::AsItIs, |_| {});
    assert!(outcome.breaks(Property::RoutedRight), "{:?}", outcome.violation());
}
