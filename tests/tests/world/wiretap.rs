//! The tap on the wires: whole frames, at the right time, and nothing else changes.

use std::time::Duration;

use warren_sim::{
    Consumer, Direction, Fault, History, Lapse, Mishap, Producer, Queue, Scenario, Signal, Spectator, Taped,
    World, WorldEvent, lessons,
    warren_core::{
        Instant,
        wire::{Damage, describe},
    },
};

/// Every frame of a world, an end of a stream as `|`.
fn frames(world: &World, way: Direction) -> Vec<String> {
    let taped = world.tapes().flat_map(|(_, tape)| tape.iter()).filter(|taped| taped.way == way);
    let said = taped.flat_map(|taped| match taped.what {
        Signal::Cut => vec!["|".to_owned()],
        _ => taped.frames().map(|frame| describe(frame).name.to_owned()).collect(),
    });
    said.collect()
}

#[test]
fn every_lesson_is_whole_frames_and_goes_as_it_would_untapped() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let (mut tapped, mut free) = (World::new(&scenario, 1).tapped(), World::new(&scenario, 1));
        let end = Instant::ZERO + scenario.until;
        tapped.run_until(end);
        free.run_until(end);
        assert_eq!(tapped.take_events(), free.take_events(), "{}", lesson.id);
        assert_eq!(free.tapes().count(), 0, "nobody taps this one");
        assert!(tapped.tapes().count() > 0);
        for (_, tape) in tapped.tapes() {
            for taped in tape.iter() {
                assert!(taped.arrives_at.is_none_or(|arrives| arrives >= taped.left_at));
                for frame in taped.frames() {
                    let described = describe(frame);
                    assert_eq!((described.damage, described.length), (None, frame.len()), "{}", lesson.id);
                }
            }
            let lengths = tape.iter().flat_map(Taped::frames).map(<[u8]>::len).sum::<usize>();
            let bytes = tape.iter().map(|taped| match &taped.what {
                Signal::Bytes(bytes) => bytes.len(),
                Signal::Open | Signal::Cut => 0,
            });
            assert_eq!(lengths, bytes.sum::<usize>(), "no byte is left out");
        }
    }
}

#[test]
fn a_conversation_reads_as_it_was_led() {
    let scenario = Scenario {
        queues: vec![Queue::new("hello")],
        producers: vec![Producer::new("sender", "hello", 1)],
        ..Scenario::new("one message")
    };
    let mut world = World::new(&scenario, 1).tapped();
    world.run_until(Instant::ZERO + Duration::from_secs(3));
    insta::assert_snapshot!(frames(&world, Direction::ToBroker).join(" "), @"
    protocol header connection.start-ok connection.tune-ok connection.open channel.open queue.declare basic.publish content header content body
    ");
    insta::assert_snapshot!(frames(&world, Direction::ToClient).join(" "), @"
    connection.start connection.tune connection.open-ok channel.open-ok queue.declare-ok
    ");
}

#[test]
fn half_a_frame_is_seen_as_half_a_frame_and_then_the_end() {
    let what = Mishap::Cut { actor: "reader".into(), way: Some(Direction::ToClient), frames: 1, torn: true };
    let scenario = Scenario {
        queues: vec![Queue::new("hello")],
        producers: vec![Producer::new("sender", "hello", 9)],
        consumers: vec![Consumer::new("reader", "hello")],
        faults: vec![Fault { at: Duration::from_secs(1), what }],
        ..Scenario::new("torn")
    };
    let mut world = World::new(&scenario, 1).tapped();
    world.run_until(Instant::ZERO + Duration::from_secs(9));
    let reader = world.actors().into_iter().find(|actor| actor.name == "reader").expect("it is there").id;
    let (_, tape) = world.tapes().find(|(_, tape)| tape.owner() == reader).expect("it was connected");
    let to_client: Vec<&Taped> = tape.iter().filter(|taped| taped.way == Direction::ToClient).collect();
    let [.., last, end] = &to_client[..] else { panic!("nothing went over the wire") };
    let last = describe(last.frames().last().expect("a frame"));
    assert!(matches!(last.damage, Some(Damage::Incomplete { has, needs }) if has < needs), "{last:?}");
    assert_eq!(end.what, Signal::Cut);
}

#[derive(Clone)]
struct Nobody;

impl Spectator for Nobody {
    fn see(&mut self, _: &WorldEvent) {}
}

#[test]
fn the_tape_is_rewound_with_the_world() {
    let lesson = lessons::find("crash-with-ack").expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    let mut history = History::tapped(&scenario, 1, Nobody);
    let at = |ms| Instant::ZERO + Duration::from_millis(ms);
    let tapes = |history: &History<Nobody>| {
        let tapes = history.world().tapes().map(|(id, tape)| (id, tape.iter().cloned().collect::<Vec<_>>()));
        tapes.collect::<Vec<_>>()
    };
    history.advance(at(4_321));
    let first = tapes(&history);
    history.advance(at(12_000));
    assert!(
        tapes(&history).iter().flat_map(|(_, tape)| tape).count()
            > first.iter().flat_map(|(_, tape)| tape).count()
    );
    history.seek(at(4_321));
    assert_eq!(tapes(&history), first);
}

#[test]
fn a_tape_forgets_the_oldest() {
    let scenario = Scenario {
        queues: vec![Queue::new("hello")],
        producers: vec![Producer {
            interval: Lapse::Fixed(Duration::from_millis(1)),
            ..Producer::new("sender", "hello", 4_000)
        }],
        ..Scenario::new("many")
    };
    let mut world = World::new(&scenario, 1).tapped();
    world.run_until(Instant::ZERO + Duration::from_secs(20));
    let (_, tape) = world.tapes().next().expect("a connection");
    let numbers: Vec<u64> = tape.iter().map(|taped| taped.number).collect();
    assert!(numbers[0] > 0 && numbers.len() < 4_000, "{} to {:?}", numbers[0], numbers.last());
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "without a gap");
}
