//! What holds wherever things stand: whatever comes with Warren is laid out on a wide, a low and a narrow stage.

use warren_sim::{Scenario, gallery, lessons, outages};

use super::{Box2, Density, Layout, Node, broker::is_inside_broker};
use crate::scene::{Place, Point};

/// In CSS pixels.
const SIZES: [(f64, f64); 3] = [(1_015.0, 500.0), (700.0, 300.0), (360.0, 480.0)];

fn layouts() -> Vec<(String, Layout)> {
    let all = lessons::all().iter().chain(gallery::all()).chain(outages::all());
    let on_all = |lesson: &lessons::Lesson| {
        let (id, scenario) = (lesson.id, parse(lesson));
        let of = move |(width, height)| {
            let wanted = Layout::wanted_height(&scenario, &super::Folding::default(), width).max(height);
            [height, wanted]
                .map(|height| (format!("{id} on {width} x {height}"), Layout::new(&scenario, width, height)))
        };
        SIZES.into_iter().flat_map(of)
    };
    all.flat_map(on_all).collect()
}

fn parse(lesson: &lessons::Lesson) -> Scenario {
    Scenario::parse(lesson.id, lesson.toml).expect("a good file")
}

fn is_client(node: &Node) -> bool {
    matches!(node.place, Place::Producer(_) | Place::Consumer(_))
}

#[test]
fn nothing_lies_on_anything_else() {
    for (what, layout) in layouts() {
        for (index, node) in layout.nodes.iter().enumerate() {
            let others = layout.nodes[index + 1..].iter();
            let below: Vec<&str> = others
                .filter(|other| other.area.grown(-0.5).touches(&node.area.grown(-0.5)))
                .map(|other| other.name.as_str())
                .collect();
            assert!(below.is_empty(), "{what}: {} lies on {below:?}", node.name);
        }
    }
}

/// As the tools of whatever is picked are.
#[test]
fn a_panel_beside_a_thing_is_inside_and_covers_nothing_where_there_is_room() {
    for (what, layout) in layouts() {
        let panel = Point { x: layout.size.x.min(320.0), y: 48.0 };
        let stage = Box2 { left: 0.0, top: 0.0, width: layout.size.x, height: layout.size.y };
        let has_room = ["hello on 1015", "crash-with-ack on 1015", "durable on 1015"];
        let has_room = has_room.iter().any(|roomy| what.starts_with(roomy));
        for node in &layout.nodes {
            let at = layout.beside(&node.place, panel).expect("it stands there");
            let area = Box2 { left: at.x, top: at.y, width: panel.x, height: panel.y };
            assert_eq!(stage.joined(&area), stage, "{what}: beside {}", node.name);
            let (corner, zoom) = (layout.inward(at), layout.zoom);
            let (width, height) = (panel.x / zoom, panel.y / zoom);
            let seen = Box2 { left: corner.x, top: corner.y, width, height }.grown(-0.5);
            let under = layout.nodes.iter().filter(|other| other.area.touches(&seen));
            let names: Vec<&str> = under.map(|other| other.name.as_str()).collect();
            assert!(
                !has_room || names.is_empty(),
                "{what}: {names:?} are covered by the panel of {}",
                node.name
            );
        }
    }
}

#[test]
fn the_broker_is_around_its_own_and_clients_are_plugged_in_from_outside() {
    for (what, layout) in layouts() {
        let frame = layout.broker.area;
        for node in &layout.nodes {
            let is_inside = frame.contains(node.area.centre());
            let belongs = is_inside_broker(&node.place) || node.place == Place::Disk;
            assert_eq!(is_inside, belongs, "{what}: {}", node.name);
            assert!(belongs || !frame.touches(&node.area), "{what}: {} cuts the frame", node.name);
        }
        let clients = layout.nodes.iter().filter(|node| is_client(node)).count();
        let cables = layout.links.iter().filter(|link| link.cable.is_some());
        assert!(cables.clone().count() >= clients.min(1), "{what}");
        for link in cables {
            let socket = link.cable_from_broker().expect("it is a cable")[0];
            let is_on_edge = frame.grown(0.5).contains(socket) && !frame.grown(-0.5).contains(socket);
            assert!(is_on_edge, "{what}: {:?}", link.ends);
        }
    }
}

#[test]
fn all_of_it_is_on_the_stage_that_it_wants() {
    for (what, layout) in layouts() {
        let stage = Box2 { left: 0.0, top: 0.0, width: layout.size.x, height: layout.size.y };
        for area in layout.nodes.iter().map(|node| node.area).chain([layout.broker.area]) {
            let corners = [(area.left, area.top), (area.right(), area.bottom())];
            for (x, y) in corners {
                let seen = layout.outward(Point { x, y });
                assert!(stage.grown(1.0).contains(seen), "{what}: {area:?}");
            }
        }
    }
}

/// With few things there is room for messages that can be read; with many, each is a line.
#[test]
fn the_more_there_is_the_less_room_each_thing_has() {
    let of = |queues: usize| {
        let queues = (0..queues).map(|number| warren_sim::Queue::new(&format!("q{number}"))).collect();
        Layout::new(&Scenario { queues, ..Scenario::new("many") }, 1_000.0, 600.0).sizes.density
    };
    assert_eq!([of(1), of(5), of(25)], [Density::Roomy, Density::Usual, Density::Rows]);
}

/// Where a thing is moved, it stays under the hand, and nothing else moves.
#[test]
fn moving_one_thing_moves_no_other() {
    for (what, layout) in layouts() {
        let id = what.split(' ').next().unwrap_or_default();
        let mut scenario = parse(lessons::find_any(id).expect("it is there"));
        let Some(moved) = layout.nodes.iter().find(|node| is_client(node)) else { continue };
        let by = Point { x: 7.0, y: 5.0 };
        scenario.positions =
            layout.with_moved(&scenario, &[moved.place.clone()].into(), by).positions(&scenario);
        let after = Layout::new(&scenario, layout.size.x, layout.size.y);
        let shift = |node: &Node| {
            let (before, after) = (node.area.centre(), after.centre(&node.place).expect("it is there"));
            after.minus(before)
        };
        let still = layout.nodes.iter().filter(|node| node.place != moved.place && node.place != Place::Disk);
        for node in still {
            let gone = shift(node);
            assert!(gone.x.abs() <= 1.0 && gone.y.abs() <= 1.0, "{what}: {} {gone:?}", node.name);
        }
        let gone = shift(moved).minus(by);
        assert!(gone.x.abs() <= 1.0 && gone.y.abs() <= 1.0, "{what}: {gone:?}");
    }
}

/// Who puts messages aside sends them through the default exchange: it is seen, below those that are declared.
#[test]
fn where_messages_are_put_aside_a_way_leads() {
    let scenario = parse(lessons::find("retry").expect("a lesson"));
    let layout = Layout::new(&scenario, 1_000.0, 600.0);
    let (default, parked) = (Place::Exchange("".into()), Place::Queue("parked".into()));
    assert!(layout.links.iter().any(|link| link.ends == (default.clone(), parked.clone())));
    let lowest = |kind: fn(&Place) -> bool| {
        let of_kind = layout.nodes.iter().filter(|node| kind(&node.place));
        of_kind.max_by(|one, other| one.area.top.total_cmp(&other.area.top)).expect("one").place.clone()
    };
    assert_eq!(lowest(|place| matches!(place, Place::Exchange(_))), default);
    assert_eq!(lowest(|place| matches!(place, Place::Queue(_))), parked);
    let names: Vec<_> = layout.links.iter().filter_map(|link| Some(link.name_of_aside()?.0)).collect();
    assert_eq!(names, ["DLX", "DLX"]);
}

/// Messages come and go all the time: what an exchange is called can be read.
#[test]
fn what_comes_to_an_exchange_leaves_its_name_free() {
    for (what, layout) in layouts() {
        for node in layout.nodes.iter().filter(|node| matches!(node.place, Place::Exchange(_))) {
            let waiting = layout.waiting_at(&node.place).expect("it is there");
            let comes = layout.links.iter().filter(|link| link.ends.1 == node.place);
            let paths = comes.filter_map(|link| layout.path(&link.ends, super::QueueRow::Ready));
            for at in paths.map(|path| path.at(1.0)).chain([waiting]) {
                assert!(at.x - layout.sizes.radius > node.area.centre().x, "{what}: {}", node.name);
            }
        }
    }
}

/// Whoever begins with nothing sees the broker, whole.
#[test]
fn a_broker_with_nothing_in_it_is_seen() {
    for (width, height) in [(860.0, 360.0), (360.0, 380.0)] {
        let layout = Layout::new(&Scenario::new("empty"), width, height);
        let stage = Box2 { left: 0.0, top: 0.0, width, height };
        let area = layout.broker.area;
        for (x, y) in [(area.left, area.top), (area.right(), area.bottom())] {
            let seen = layout.outward(Point { x, y });
            assert!(stage.contains(seen), "{width}: {seen:?}");
        }
    }
}
