//! Actors with code of their own, in a world whose host plays it. The host here has no JavaScript: what its programs do
//! is written down in this file, and they say how often they were begun.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use warren_sim::{
    Happening, History, Mishap, Scenario, Spectator, Status, World, WorldEvent,
    script::{
        Call, Command, Heard, Incoming, Interpreter, Mistake, Publication, Reply, Request, Run, Runs, Script,
        Settlement,
    },
    warren_core::{Instant, Random, wire::FieldTable},
};

thread_local! {
    static BEGUN: Cell<u32> = const { Cell::new(0) };
}

/// A program, by the first word of its code.
struct Program {
    random: Random,
    /// What it has been told so far.
    told: u32,
}

impl Run for Program {
    fn begin(script: &Script) -> Program {
        BEGUN.set(BEGUN.get() + 1);
        Program { random: Random::new(script.seed), told: 0 }
    }

    fn call(&mut self, script: &Script, call: &Call) -> Reply {
        self.told += 1;
        let (commands, mistake) = match (&call.what, &*script.code) {
            (Heard::Start, _) => (vec![Command::Connect], None),
            (Heard::Opened, "sender") => (vec![declare(), Command::Ask(Request::Confirms)], None),
            (Heard::Answered(_), "sender") if self.told == 4 => (vec![publication(1)], None),
            (Heard::Confirmed { number: 5, .. }, "sender") => (vec![Command::Close], None),
            (Heard::Confirmed { number, .. }, "sender") => (vec![publication(number + 1)], None),
            (Heard::Opened, code) => (vec![consume(code == "forgetful")], None),
            (Heard::Delivered(message), "fragile") if message.body.ends_with(b"3") => {
                (Vec::new(), Some(Mistake { message: "ReferenceError: x".into(), line: Some(7) }))
            }
            (Heard::Delivered(message), "hasty") => (vec![ack(message.delivery_tag); 2], None),
            (Heard::Delivered(message), "restless") => (vec![timer(message, 1)], None),
            (Heard::Timer(_), "restless") => (vec![timer(&Incoming::default(), 1)], None),
            (Heard::Delivered(message), _) => {
                let ms = self.random.below(400);
                (vec![print(&format!("{} of {}", self.told, message.delivery_tag)), timer(message, ms)], None)
            }
            (Heard::Timer(tag), "forgetful") => (vec![Command::Done { tag: (*tag).into() }], None),
            (Heard::Timer(tag), _) => (vec![ack((*tag).into())], None),
            (Heard::Closed { reason }, _) => (vec![print(reason)], None),
            _ => (Vec::new(), None),
        };
        Reply { commands, mistake }
    }
}

fn declare() -> Command {
    let (name, arguments) = ("tasks".to_owned(), FieldTable::default());
    Command::Ask(Request::Queue { name, passive: false, durable: false, exclusive: false, arguments })
}

fn consume(no_ack: bool) -> Command {
    let (queue, tag) = ("tasks".to_owned(), "coder".to_owned());
    Command::Ask(Request::Consume { queue, tag, no_ack, arguments: FieldTable::default() })
}

fn publication(number: u64) -> Command {
    let routing_key = "tasks".to_owned();
    let body = format!("by code {number}");
    Command::Publish(Box::new(Publication { routing_key, body, ..Publication::default() }))
}

fn timer(message: &Incoming, ms: u64) -> Command {
    let timer = u32::try_from(message.delivery_tag).unwrap_or(u32::MAX);
    Command::SetTimer { timer, after: Duration::from_millis(ms) }
}

fn ack(tag: u64) -> Command {
    Command::Settle { tag, multiple: false, how: Settlement::Ack }
}

fn print(text: &str) -> Command {
    Command::Print { text: text.into(), is_error: false, line: None }
}

#[derive(Default)]
struct Host {
    runs: RefCell<Runs<Program>>,
}

impl Interpreter for Host {
    fn plays(&self, code: &str) -> bool {
        code != "unread"
    }

    fn answer(&self, script: &Script) -> Reply {
        self.runs.borrow_mut().answer(script)
    }
}

#[derive(Clone)]
struct Nobody;
impl Spectator for Nobody {
    fn see(&mut self, _: &WorldEvent) {}
}

/// A producer of ten messages, a consumer with this code, and what else there is.
fn scenario(code: &str, rest: &str) -> Scenario {
    let text = format!(
        r#"
        until = "20s"
        [title]
        en = "a"
        ru = "b"
        [summary]
        en = "a"
        ru = "b"
        [network]
        latency = "5ms"
        [[queue]]
        name = "tasks"
        [[producer]]
        name = "website"
        routing_key = "tasks"
        count = 10
        interval = "~200ms"
        [[consumer]]
        name = "coder"
        queue = "tasks"
        ack = "after-work"
        start = "100ms"
        code = "{code}"
        {rest}
        "#
    );
    Scenario::parse("scripts.toml", &text).expect("a good file")
}

fn world(scenario: &Scenario, seed: u64) -> World {
    World::new(scenario, seed).playing(Rc::new(Host::default()))
}

/// All that happens in 20 s.
fn events(scenario: &Scenario, seed: u64) -> Vec<WorldEvent> {
    let mut world = world(scenario, seed);
    world.run_until(at(20_000));
    world.take_events()
}

/// What the actor with the code does and what befalls it, without what others do.
fn sentences(scenario: &Scenario, wanted: impl Fn(&Happening) -> bool) -> Vec<String> {
    let events = events(scenario, 1);
    let wanted = events.iter().filter(|event| wanted(&event.what));
    let told = wanted.filter_map(|event| warren_sim::report::sentence(scenario, &event.what));
    told.map(|(who, what)| format!("{who} {what}")).collect()
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

fn json(events: &[WorldEvent]) -> Vec<String> {
    events.iter().map(|event| serde_json::to_string(event).expect("JSON")).collect()
}

#[test]
fn a_program_receives_waits_and_acks_through_a_real_client() {
    let scenario = scenario("worker", "");
    let mut world = world(&scenario, 1);
    world.run_until(at(20_000));
    let ledger = world.ledger();
    assert_eq!((ledger.processed, ledger.acked, ledger.ready, ledger.unacked), (10, 10, 0, 0));
    let printed =
        world.take_events().into_iter().filter(|event| matches!(event.what, Happening::Printed { .. }));
    assert_eq!(printed.count(), 10);
}

#[test]
fn one_seed_has_one_future_and_another_has_another() {
    let scenario = scenario("worker", "");
    assert_eq!(json(&events(&scenario, 1)), json(&events(&scenario, 1)));
    assert_ne!(json(&events(&scenario, 1)), json(&events(&scenario, 2)));
}

#[test]
fn any_moment_is_the_same_when_it_is_come_back_to_and_programs_are_played_again_for_it() {
    let scenario =
        scenario("worker", "reconnect = { after = \"100ms\" }\n[[fault]]\nat = \"1s\"\ncut = \"coder\"");
    let mut history = History::playing(&scenario, 1, Nobody, Rc::new(Host::default()));
    let seen = |history: &History<Nobody>| {
        let past: Vec<_> = history.past().collect();
        format!("{:?} {:?} {past:?}", history.world().actors(), history.ledger())
    };
    let moments: Vec<u64> = (0..20).map(|n| n * 187).collect();
    let mut first = Vec::new();
    for ms in &moments {
        history.advance(at(*ms));
        first.push(seen(&history));
    }
    let begun = BEGUN.get();
    for n in 0..moments.len() {
        let index = n * 7 % moments.len();
        history.seek(at(moments[index]));
        assert_eq!(seen(&history), first[index], "at {} ms", moments[index]);
    }
    assert!(BEGUN.get() > begun, "runs that have gone on are begun again for the past");
}

#[test]
fn a_future_with_a_program_is_its_scenario_played_from_the_beginning() {
    let scenario = scenario("worker", "");
    let mut history = History::playing(&scenario, 1, Nobody, Rc::new(Host::default()));
    history.advance(at(5_000));
    history.seek(at(700));
    history.act(Mishap::Crash { actor: "coder".into() });
    history.advance(at(1_500));
    history.act(Mishap::Revive { actor: "coder".into() });
    history.advance(at(20_000));
    let lived: Vec<WorldEvent> = history.past().map(|entry| entry.event.clone()).collect();
    assert_eq!(json(&lived), json(&events(history.scenario(), 1)));
    let programs = lived.iter().filter(|event| matches!(event.what, Happening::Revived { .. })).count();
    assert_eq!((programs, history.ledger().acked), (1, 10));
}

#[test]
fn code_that_is_not_to_be_played_does_nothing() {
    for (code, interpreter) in [("unread", true), ("worker", false)] {
        let scenario = scenario(code, "");
        let mut world = World::new(&scenario, 1);
        if interpreter {
            world = world.playing(Rc::new(Host::default()));
        }
        world.run_until(at(20_000));
        let status = world.actors().into_iter().find(|actor| actor.name == "coder").map(|actor| actor.status);
        assert_eq!((status, world.ledger().delivered), (Some(Status::Waiting), 0), "{code}");
    }
}

#[test]
fn what_code_does_not_catch_crashes_its_client_and_names_the_line() {
    let scenario = scenario("fragile", "");
    let told = sentences(&scenario, |what| {
        matches!(what, Happening::CodeFailed { .. } | Happening::Crashed { .. } | Happening::Lost { .. })
    });
    assert_eq!(told, ["coder its code FAILS, at line 7: ReferenceError: x", "coder CRASHES"]);
}

#[test]
fn an_ack_of_what_is_acked_is_refused_by_the_broker_and_its_program_hears_why() {
    let scenario = scenario("hasty", "");
    let told = sentences(&scenario, |what| {
        matches!(what, Happening::Printed { .. } | Happening::Refused { .. } | Happening::AckSent { .. })
    });
    let reason = "406 PRECONDITION_FAILED - unknown delivery tag 1";
    let expected =
        ["coder acks message 1", &format!("coder prints {reason:?}"), &format!("coder is refused: {reason}")];
    assert_eq!(told, expected);
}

#[test]
fn without_acks_what_a_program_has_in_hand_is_lost_with_it() {
    let scenario = scenario("forgetful", "");
    let received = |event: &WorldEvent| matches!(event.what, Happening::Received { .. });
    let third = events(&scenario, 1).into_iter().filter(received).nth(2).expect("ten come").at;
    let mut world = world(&scenario, 1);
    world.run_until(third);
    let in_hand = world.ledger().delivered - world.ledger().processed;
    assert!(in_hand > 0 && world.broker().totals().unacked == 0, "{in_hand} in hand");
    world.befall(Mishap::Crash { actor: "coder".into() });
    assert_eq!(world.ledger().lost(), in_hand);
}

#[test]
fn a_program_that_is_cut_off_begins_again_from_its_first_line() {
    let rest = "reconnect = { after = \"100ms\" }\n[[fault]]\nat = \"1s\"\ncut = \"coder\"";
    let scenario = scenario("worker", rest);
    let told =
        sentences(&scenario, |what| matches!(what, Happening::Connecting { .. } | Happening::Printed { .. }));
    let connections = told.iter().filter(|line| *line == "coder connects").count();
    assert_eq!(connections, 2, "{told:#?}");
    // What it is told is counted from its beginning.
    let first = told.iter().filter(|line| line.ends_with("prints \"4 of 1\"")).count();
    assert_eq!(first, 2, "{told:#?}");
}

#[test]
fn a_producer_waits_for_confirms_and_comes_to_its_end() {
    let text = scenario("worker", "").to_toml().replace("count = 10", "count = 10\ncode = \"sender\"");
    let scenario = Scenario::parse("sender.toml", &text).expect("a good file");
    let mut world = world(&scenario, 1);
    world.run_until(at(20_000));
    let ledger = world.ledger();
    assert_eq!((ledger.sent, ledger.confirmed, ledger.processed), (5, 5, 5));
    assert_eq!(world.actors().first().map(|actor| actor.status), Some(Status::Finished));
    world.befall(Mishap::Revive { actor: "website".into() });
    world.run_until(at(30_000));
    assert_eq!(world.ledger().sent, 10, "revived, it begins again");
}

#[test]
fn a_program_that_never_rests_is_stopped_with_a_sentence() {
    let mut scenario = scenario("restless", "");
    scenario.until = Duration::from_secs(60);
    let mut world = world(&scenario, 1);
    world.run_until(at(60_000));
    let failed = world.take_events().into_iter().find_map(|event| match event.what {
        Happening::CodeFailed { message, .. } => Some(message),
        _ => None,
    });
    assert_eq!(failed.as_deref(), Some("the program was called 20000 times: here it can do no more"));
}

#[test]
fn code_is_written_and_read_as_it_is_and_is_a_client_of_its_own() {
    let code = "// \"\"\" and '''\nconst a = `\\n${1}`;\n\tя\n";
    let mut given = scenario("worker", "");
    given.consumers[0].code = Some(code.into());
    let text = given.to_toml();
    assert!(text.contains("code = \"\"\""), "a person can read it: {text}");
    assert_eq!(Scenario::parse("again.toml", &text).expect("a good file"), given);
    assert_eq!(given.programs().collect::<Vec<_>>(), [("coder", code)]);

    let wrong = |change: fn(&mut Scenario)| {
        let mut scenario = scenario("worker", "");
        change(&mut scenario);
        scenario.check().expect_err("it is wrong").message
    };
    let shared = wrong(|scenario| scenario.consumers[0].client = "shop".into());
    assert!(shared.contains("a client of its own"), "{shared}");
    let long = wrong(|scenario| scenario.consumers[0].code = Some("x".repeat(70_000)));
    assert!(long.contains("64 KB"), "{long}");
}

#[test]
fn a_fault_that_slows_a_consumer_slows_its_programs_timers() {
    let slow = "[[fault]]\nat = \"50ms\"\ntire = \"coder\"\ntimes = 20\nlasts = \"20s\"";
    let done_at = |rest| {
        let events = events(&scenario("worker", rest), 1);
        let first = events.into_iter().find(|event| matches!(event.what, Happening::WorkDone { .. }));
        first.expect("it acks").at
    };
    assert!(done_at(slow) > done_at("") + Duration::from_millis(100));
}

#[test]
fn a_program_that_stands_still_hears_no_timer() {
    let scenario = scenario("worker", "");
    let received = |event: &WorldEvent| matches!(event.what, Happening::Received { .. });
    let third = events(&scenario, 1).into_iter().filter(received).nth(2).expect("ten come").at;
    let mut world = world(&scenario, 1);
    world.run_until(third);
    world.befall(Mishap::Pause { actor: "coder".into() });
    world.run_until(third + Duration::from_millis(50));
    let acked = world.ledger().acked;
    world.run_until(at(20_000));
    assert!(acked < 10 && world.ledger().acked == acked, "{acked}");
    world.befall(Mishap::Revive { actor: "coder".into() });
    world.run_until(at(25_000));
    assert_eq!(world.ledger().acked, 10);
}
