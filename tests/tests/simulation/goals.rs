//! The goals of the lessons: none is reached by looking on, each by what its task says.

use std::time::Duration;

use warren_sim::{
    ActorId, GoalWatch, Happening, History, LossReason, Mishap, Scenario, SettleBy, Spectator, World,
    WorldEvent, lessons,
    protocols::Version,
    warren_core::{
        Broker, Config, ConnectionId, Event, Fact, Input, Instant, Now, Output, Peer, wire::PROTOCOL_HEADER,
    },
};

/// What a visitor does by hand.
enum Hand {
    /// Something befalls somebody, at a moment in ms.
    At(u64, Mishap),
    /// The first text of the file like this becomes another.
    Edit(&'static str, &'static str),
    /// Something is added to the file.
    Add(&'static str),
}

use Hand::{Add, At, Edit};

fn crash(actor: &str) -> Mishap {
    Mishap::Crash { actor: actor.into() }
}

fn revive(actor: &str) -> Mishap {
    Mishap::Revive { actor: actor.into() }
}

/// What each task asks for, done.
fn solution(lesson: &str) -> Vec<Hand> {
    match lesson {
        "hello" => vec![At(3_000, crash("consumer")), At(8_000, revive("consumer"))],
        "work-queue" => {
            vec![Add("[[consumer]]\nname = \"worker-4\"\nqueue = \"tasks\"\nack = \"after-work\"\n")]
        }
        "crash-without-ack" => {
            let edit = || Edit("ack = \"auto\"", "ack = \"after-work\"");
            vec![edit(), edit()]
        }
        "crash-with-ack" => vec![At(7_500, crash("worker-2")), At(9_000, revive("worker-1"))],
        "forgotten-ack" => {
            let how = SettleBy::Ack;
            vec![At(7_000, Mishap::Settle { actor: "worker-1".into(), message: 2, how })]
        }
        "durable" => vec![
            Edit("body = \"transient {n}\"", "body = \"transient {n}\"\npersistent = true"),
            Edit("write = \"300ms\"\nsync = \"900ms\"", "write = \"50ms\"\nsync = \"50ms\""),
        ],
        "confirms" => vec![Edit("transaction = 1", "transaction = 10")],
        "unfair-dispatch" => {
            let edit = |name| Edit(name, "name = \"worker-1\"\nprefetch = 1");
            let other = Edit("name = \"worker-2\"", "name = \"worker-2\"\nprefetch = 1");
            vec![edit("name = \"worker-1\""), other]
        }
        "fair-dispatch" => vec![At(5_000, crash("worker-1")), At(6_000, revive("worker-1"))],
        "fanout" => {
            vec![Add("[[queue]]\nname = \"queue\"\n[[binding]]\nexchange = \"news\"\nqueue = \"queue\"\n")]
        }
        "direct" => {
            vec![Add("[[binding]]\nexchange = \"logs\"\nqueue = \"everything\"\nrouting_key = \"debug\"\n")]
        }
        "topic" => vec![Edit("routing_key = \"#\"", "routing_key = \"app.user.*\"")],
        "headers" => vec![Edit("x-match = \"all\"", "x-match = \"any\"")],
        "expired" => vec![
            Add(
                "[[consumer]]\nname = \"worker-2\"\nqueue = \"quotes\"\nack = \"after-work\"\nprefetch = 1\nwork = \"2s\"\n",
            ),
            Add(
                "[[consumer]]\nname = \"worker-3\"\nqueue = \"quotes\"\nack = \"after-work\"\nprefetch = 1\nwork = \"2s\"\n",
            ),
        ],
        "redeclare" => vec![Edit(
            "declares = { queue = \"tasks\", durable = true, arguments = { x-message-ttl = 60000 } }\n",
            "",
        )],
        "retry" => vec![Edit("x-message-ttl = 4000", "x-message-ttl = 1000")],
        "rpc" => vec![Add(
            "[[consumer]]\nname = \"server-3\"\nqueue = \"questions\"\nack = \"after-work\"\nprefetch = 1\nwork = \"500ms\"\nreply = \"{body} 9.99\"\n",
        )],
        "priorities" => vec![Edit("prefetch = 1\n", "")],
        "protocols" => vec![Edit(
            "routing_key = \"order.new\"\nbody",
            "routing_key = \"nobody\"\nmandatory = true\nbody",
        )],
        "single-active" => vec![At(14_800, crash("worker-2"))],
        _ => Vec::new(),
    }
}

/// The end of a lesson that has this done to it, with who has watched.
fn done(lesson: &lessons::Lesson, hands: &[Hand]) -> History<GoalWatch> {
    let mut file = lesson.toml.to_owned();
    for hand in hands {
        match hand {
            Edit(from, to) => {
                assert!(file.contains(from), "{}: {from}", lesson.id);
                file = file.replacen(from, to, 1);
            }
            Add(section) => file = format!("{file}\n{section}"),
            At(..) => {}
        }
    }
    let scenario = Scenario::parse(lesson.id, &file).expect("a good file");
    let mut history = History::new(&scenario, 1, GoalWatch::new(&scenario));
    for hand in hands {
        if let At(ms, mishap) = hand {
            history.advance(Instant::ZERO + Duration::from_millis(*ms));
            history.act(mishap.clone());
        }
    }
    history.advance(Instant::ZERO + scenario.until);
    history
}

#[test]
fn no_goal_is_reached_by_looking_on() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        for seed in [1, 2] {
            let mut world = World::new(&scenario, seed);
            let mut watch = GoalWatch::new(&scenario);
            // For longer than the lesson, in case that somebody plays on.
            while world.now() < Instant::ZERO + scenario.until * 2 && world.step() {
                for event in world.take_events() {
                    watch.see(&event);
                    assert!(!watch.is_reached(), "{} at {}", lesson.id, event.at);
                }
            }
        }
    }
}

#[test]
fn every_goal_is_reached_by_what_its_task_says() {
    for lesson in lessons::all() {
        let history = done(lesson, &solution(lesson.id));
        let watch = history.spectator();
        assert!(watch.is_reached(), "{}: {:?}", lesson.id, watch.milestones(history.now()));
    }
}

#[test]
fn a_goal_says_what_is_still_missing() {
    let lesson = lessons::find("crash-with-ack").expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let mut history = History::new(&scenario, 1, GoalWatch::new(&scenario));
    let said = |history: &History<GoalWatch>| {
        let views = history.spectator().milestones(history.now());
        let said = views.iter().map(|view| {
            let sums = view.sums.iter().map(|(of, wanted, now)| format!("{} {now} of {wanted}", of.word()));
            let deeds = view.deeds.iter().map(|(deed, whom, done)| format!("{deed} {whom} {done}"));
            let said: Vec<String> = deeds.chain(sums).collect();
            format!("{}: {}", view.is_reached, said.join(", "))
        });
        said.collect::<Vec<_>>().join("\n")
    };
    history.advance(Instant::ZERO + Duration::from_secs(7));
    insta::assert_snapshot!(said(&history), @"
    false: crash worker-2 false, acked 3 of at most 11
    false: acked 3 of 12, lost 0 of 0
    ");
    history.act(crash("worker-2"));
    insta::assert_snapshot!(said(&history), @"
    true: crash worker-2 true, acked 3 of at most 11
    false: acked 3 of 12, lost 0 of 0
    ");
    history.act(revive("worker-2"));
    history.advance(Instant::ZERO + scenario.until);
    insta::assert_snapshot!(said(&history), @"
    true: crash worker-2 true, acked 12 of at most 11
    true: acked 12 of 12, lost 0 of 0
    ");
    // Who goes back has it to do again.
    history.seek(Instant::ZERO + Duration::from_secs(6));
    assert!(!history.spectator().is_reached());
}

/// Time passes although nothing happens: a visitor must not wait for the next event to hear that it is over.
#[test]
fn a_goal_is_late_when_the_clock_has_passed_its_time() {
    let (scenario, _, events) = untouched("unfair-dispatch");
    let mut watch = GoalWatch::new(&scenario);
    let by = Instant::ZERO + Duration::from_secs(20);
    events.iter().take_while(|event| event.at <= by).for_each(|event| watch.see(event));
    let is_late = |at| watch.milestones(at).iter().any(|view| view.is_late);
    assert!(!is_late(by));
    assert!(is_late(by + Duration::from_millis(1)));
}

/// What there is of a lesson when nobody interferes.
fn untouched(id: &str) -> (Scenario, World, Vec<WorldEvent>) {
    let lesson = lessons::find(id).expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let mut world = World::new(&scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    let events = world.take_events();
    (scenario, world, events)
}

/// Whether what a lesson calls the right answer is what happens.
fn comes_true(id: &str, answer: &str) -> bool {
    let (scenario, world, events) = untouched(id);
    let ledger = world.ledger();
    let name = |actor: ActorId| scenario.actor_names().nth(actor.0 as usize).unwrap_or_default();
    let dispatched = |events: &[WorldEvent]| -> Vec<(String, u64, bool)> {
        let sent = events.iter().filter_map(|event| match &event.what {
            Happening::Dispatched { actor, message, redelivered, .. } => {
                Some((name(*actor).to_owned(), message.0, *redelivered))
            }
            _ => None,
        });
        sent.collect()
    };
    let done: Vec<(&str, u64, Instant)> = (events.iter())
        .filter_map(|event| match &event.what {
            Happening::WorkDone { actor, message, .. } => Some((name(*actor), message.0, event.at)),
            _ => None,
        })
        .collect();
    let queues_of = |number: u64| {
        events.iter().find_map(|event| match &event.what {
            Happening::Broker(Event { fact: Fact::Routed { message, queues }, .. })
                if message.0 == number =>
            {
                Some(queues.iter().map(ToString::to_string).collect::<Vec<_>>())
            }
            _ => None,
        })
    };
    let processed = |who: &str| done.iter().filter(|(name, ..)| *name == who).count();
    match (id, answer) {
        ("hello", "None") => {
            let mut world = World::new(&scenario, 1);
            let end = Instant::ZERO + scenario.until;
            while let Some(next) = world.next_at().filter(|next| *next <= end) {
                world.run_until(next);
                assert_eq!(world.ledger().ready, 0, "at {next}");
            }
            true
        }
        ("work-queue", "Six each") => ["worker-1", "worker-2", "worker-3"].map(processed) == [6; 3],
        ("crash-without-ack", "They are lost") => ledger.lost() == 2,
        ("crash-with-ack", "worker-2 gets them") => {
            let again: Vec<_> = dispatched(&events).into_iter().filter(|sent| sent.2).collect();
            !again.is_empty() && again.iter().all(|sent| sent.0 == "worker-2") && ledger.acked == 12
        }
        ("forgotten-ack", "Four, and then no more") => {
            dispatched(&events).iter().filter(|sent| sent.0 == "worker-1").count() == 4
                && ledger.redelivered == 4
        }
        ("durable", "Those that were confirmed") => {
            let is_lost = |message| ledger.losses.iter().any(|loss| loss.message == message);
            let mut confirmed = events.iter().filter_map(|event| match event.what {
                Happening::Confirmed { message, .. } => Some(message),
                _ => None,
            });
            let not_synced = ledger.lost_by_reason().contains_key(&LossReason::NotSynced);
            ledger.confirmed > 0 && not_synced && confirmed.all(|message| !is_lost(message))
        }
        ("confirms", "confirms") => ledger
            .paces()
            .min_by_key(|(_, pace)| pace.total())
            .is_some_and(|(actor, _)| name(actor) == "confirms"),
        ("unfair-dispatch", "worker-1 has all the heavy ones, worker-2 is idle") => {
            done.iter().all(|(who, number, _)| (*who == "worker-1") == (number % 2 == 1))
        }
        ("fair-dispatch", "About 19 s") => done.last().is_some_and(|(.., at)| at.to_string() == "18.600"),
        ("fanout", "18: everyone gets all") => ledger.delivered == 18,
        ("direct", "Nowhere: they are lost") => ledger.lost() == 2 && ledger.unroutable == 2,
        ("topic", "All three") => queues_of(1).is_some_and(|queues| queues.len() == 3),
        ("headers", "To unsorted") => queues_of(3) == Some(vec!["unsorted".to_owned()]),
        ("expired", "About six") => processed("worker") == 6,
        ("redeclare", "It refuses, and closes worker-2's channel") => {
            let refused: Vec<(&str, &str)> = (events.iter())
                .filter_map(|event| match &event.what {
                    Happening::Refused { actor, reason, .. } => Some((name(*actor), reason.as_str())),
                    _ => None,
                })
                .collect();
            let words = "406 PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'tasks'";
            matches!(refused[..], [("worker-2", why)] if why.contains(words)) && processed("worker-1") == 10
        }
        ("protocols", "The broker answers with its own header and closes the connection") => {
            answers_with_its_own_header(Version::V0_10.header())
        }
        ("retry", "It is put aside after three failures") => {
            let parked = world.broker().queues().into_iter().find(|queue| &*queue.name == "parked");
            parked.is_some_and(|queue| queue.ready == 1) && processed("worker") == 7
        }
        ("rpc", "It gets the answer from server-2") => ledger.answered == 12 && ledger.redelivered == 1,
        ("priorities", "When the worker is free again") => done.get(1).is_some_and(|done| done.1 == 5),
        ("single-active", "worker-2, as long as it is there") => {
            let back = events.partition_point(|event| event.at <= Instant::ZERO + Duration::from_secs(13));
            let later = dispatched(&events[back..]);
            !later.is_empty() && later.iter().all(|sent| sent.0 == "worker-2")
        }
        _ => false,
    }
}

/// Whether the core, when a client begins like this, sends its own protocol header and hangs up.
fn answers_with_its_own_header(header: [u8; 8]) -> bool {
    let mut broker = Broker::new(Config::default());
    let (connection, peer) = (ConnectionId(1), Peer { address: String::new(), loopback: true });
    broker.handle(Now::default(), Input::Accepted { connection, peer });
    broker.handle(Now::default(), Input::Bytes { connection, bytes: &header });
    let outputs: Vec<Output> = std::iter::from_fn(|| broker.poll_output()).collect();
    let sends_its_own =
        |output: &Output| matches!(output, Output::Send { bytes, .. } if *bytes == PROTOCOL_HEADER);
    outputs.iter().any(sends_its_own) && outputs.iter().any(|output| matches!(output, Output::Close { .. }))
}

#[test]
fn what_each_lesson_calls_right_comes_true() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let plan = scenario.lesson.expect("every lesson has its part");
        let prediction = plan.prediction.expect("every lesson asks something");
        let answer = &prediction.choices[prediction.right as usize - 1];
        assert!(comes_true(lesson.id, &answer.en), "{}: {}", lesson.id, answer.en);
    }
}

#[test]
fn every_lesson_speaks_calmly_in_both_languages() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let plan = scenario.lesson.expect("every lesson has its part");
        assert!((2..=4).contains(&plan.steps.len()), "{}", lesson.id);
        let asked = plan.prediction.expect("every lesson asks something");
        let task = plan.task.expect("every lesson has something to do");
        let steps = || plan.steps.iter().map(|step| &step.text);
        let texts = steps().chain([&asked.question, &asked.because, &task]).chain(&asked.choices);
        for text in texts {
            let ru = text.of("ru").expect("Russian");
            assert!(!text.en.contains('!') && !ru.contains('!'), "{}: {}", lesson.id, text.en);
            assert!(text.en.len() <= 260 && ru.chars().count() <= 260, "{}: {}", lesson.id, text.en);
        }
        // What is no name and no number is said in Russian.
        let cyrillic = |text: &str| text.chars().any(|letter| ('а'..='я').contains(&letter));
        let sentences = steps().chain([&asked.question, &asked.because, &task]);
        for text in sentences {
            let ru = text.of("ru").expect("Russian");
            assert!(cyrillic(ru) && !cyrillic(&text.en), "{}: {ru}", lesson.id);
        }
    }
}
