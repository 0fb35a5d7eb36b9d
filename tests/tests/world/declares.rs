//! Actors that declare a queue in their own way: whoever comes first makes it, and the broker refuses who differs.

use warren_sim::{Happening, Scenario, World, lint, warren_core::Instant, warren_core::wire::FieldValue};

/// A producer that makes a queue as `first` says, and a consumer a second later that declares it as `second` says.
fn both(first: &str, second: &str) -> Scenario {
    let file = format!(
        "until = \"8s\"\ntitle = {{ en = \"a\", ru = \"b\" }}\nsummary = {{ en = \"a\", ru = \"b\" }}\n\
         [[queue]]\nname = \"q\"\n[[producer]]\nname = \"p\"\nrouting_key = \"q\"\ncount = 3\n{first}\n\
         [[consumer]]\nname = \"c\"\nqueue = \"q\"\nack = \"after-work\"\nstart = \"1s\"\n{second}\n"
    );
    Scenario::parse("both.toml", &file).expect("a good file")
}

/// Who was refused, and why.
fn refusals(scenario: &Scenario) -> Vec<(String, String)> {
    let mut world = World::new(scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    let events = world.take_events();
    let refused = events.into_iter().filter_map(|event| match event.what {
        Happening::Refused { actor, reason, .. } => {
            Some((scenario.actor_names().nth(actor.0 as usize)?.to_owned(), reason))
        }
        _ => None,
    });
    refused.collect()
}

#[test]
fn whoever_comes_second_is_told_the_cores_own_406() {
    let durable = "declares = { queue = \"q\", durable = true }";
    let limited = "declares = { queue = \"q\", arguments = { x-max-length = 5 } }";
    for (first, second, words) in [
        (
            "",
            durable,
            "inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but current is 'false'",
        ),
        (
            durable,
            "",
            "inequivalent arg 'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'",
        ),
        ("", limited, "inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received the value '5'"),
        (
            limited,
            "",
            "inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received none but current is the value '5'",
        ),
    ] {
        let refused = refusals(&both(first, second));
        let [(who, why)] = &refused[..] else { panic!("{first} {second}: {refused:?}") };
        assert_eq!(who, "c");
        assert!(why.contains("406 PRECONDITION_FAILED") && why.contains(words), "{why}");
    }
    assert_eq!(refusals(&both(limited, limited)), []);
}

#[test]
fn the_queue_is_made_as_the_first_says() {
    let scenario = both("declares = { queue = \"q\", arguments = { x-max-length = 1 } }", "");
    let mut world = World::new(&scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    assert_eq!(world.ledger().ready, 1, "three were sent, and one fits");
    let declared = scenario.queues_declared_by("p").next().expect("the queue");
    assert_eq!(declared.arguments.get("x-max-length"), Some(&FieldValue::I64(1)));
}

#[test]
fn the_lint_finds_it_before_anything_is_played() {
    // Whenever the client comes.
    let mut scenario = both("", "declares = { queue = \"q\", durable = true }");
    scenario.consumers[0].start = std::time::Duration::from_secs(5);
    let found = lint(&scenario);
    assert!(
        found.iter().any(|finding| finding.text.english().contains("inequivalent arg 'durable'")),
        "{found:?}"
    );
}

#[test]
fn it_is_written_as_it_is_read() {
    let scenario = both("", "declares = { queue = \"q\", durable = true, arguments = { x-max-length = 5 } }");
    assert_eq!(Scenario::parse("again", &scenario.to_toml()).as_ref(), Ok(&scenario));
    assert!(scenario.to_toml().contains("declares"));
}
