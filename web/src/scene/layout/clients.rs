//! The clients of several actors: a frame around those that share a connection, and one around those that share a
//! client with more than one.

use warren_sim::{Scenario, Seat};

use super::{Box2, Node};
use crate::scene::Place;

/// A frame around actors that belong together.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ClientFrame {
    pub(crate) name: String,
    pub(crate) area: Box2,
    /// It is one of several connections of a client, which has a frame of its own.
    pub(crate) is_inner: bool,
}

/// The room between a frame and what is in it; less of it where things stand side by side on a narrow screen.
const PADDING: f64 = 9.0;
const NARROW_PADDING: f64 = 3.5;
/// So much larger is the frame around several connections.
const OUTER: f64 = 2.2;
/// How far frames and their names stand out of what is in them at most.
pub(super) const EDGE: f64 = OUTER * PADDING + 9.0;

pub(super) fn frames(scenario: &Scenario, nodes: &[Node], upright: bool) -> Vec<ClientFrame> {
    let inner = if upright { NARROW_PADDING } else { PADDING };
    let seats: Vec<Seat<'_>> = scenario.seats().filter(|seat| !seat.client.is_empty()).collect();
    let mut frames = Vec::new();
    for (index, seat) in seats.iter().enumerate() {
        let before = &seats[..index];
        let mates = || seats.iter().filter(|other| other.shares_client(*seat));
        let is_single = mates().all(|other| other.shares_connection(*seat));
        if !before.iter().any(|other| other.shares_client(*seat)) {
            let padding = if is_single { inner } else { OUTER * inner };
            let area = around(scenario, nodes, mates(), padding);
            frames.extend(area.map(|area| ClientFrame { name: seat.client.into(), area, is_inner: false }));
        }
        if !is_single && !before.iter().any(|other| other.shares_connection(*seat)) {
            let there = mates().filter(|other| other.shares_connection(*seat));
            let area = around(scenario, nodes, there, inner);
            let name = seat.connection.to_owned();
            frames.extend(area.map(|area| ClientFrame { name, area, is_inner: true }));
        }
    }
    frames
}

fn around<'a>(
    scenario: &Scenario,
    nodes: &[Node],
    seats: impl Iterator<Item = &'a Seat<'a>>,
    padding: f64,
) -> Option<Box2> {
    let is_actor = |node: &&Node| matches!(node.place, Place::Producer(_) | Place::Consumer(_));
    let areas = seats.filter_map(|seat| {
        let node = nodes.iter().filter(is_actor).find(|node| node.place.name(scenario) == seat.actor)?;
        Some(node.area)
    });
    let all = areas.reduce(|a, b| a.joined(&b))?;
    Some(Box2 {
        left: all.left - padding,
        top: all.top - padding,
        width: all.width + 2.0 * padding,
        height: all.height + 2.0 * padding,
    })
}
