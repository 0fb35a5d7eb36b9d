//! The broker: the frame around exchanges, queues and the disk, and the sockets that clients are plugged into.

use warren_core::Release;
use warren_sim::{ActorId, Scenario, Seat};

use super::{Box2, Node, Sizes, folding::Folds};
use crate::scene::{Place, Point};

/// The frame.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Broker {
    pub(crate) area: Box2,
    /// The switch in its head.
    pub(crate) power: Box2,
    /// The RabbitMQ that it behaves like, if that was chosen.
    pub(crate) compat: Option<Release>,
}

/// A frame around little or nothing is so large inside, in pixels of the layout.
const LEAST: (f64, f64) = (150.0, 70.0);
/// The switch.
const SWITCH: (f64, f64) = (40.0, 20.0);
/// Sockets are so far apart, and so far from the frame's corners.
const APART: f64 = 20.0;
const CORNER: f64 = 22.0;

impl Broker {
    /// Around these things; where there are none, to the right of the clients.
    pub(super) fn around(nodes: &[Node], sizes: &Sizes, scenario: &Scenario) -> Broker {
        let areas = |is_inside: bool| {
            let wanted = move |node: &&Node| is_inside == is_inside_broker(&node.place);
            nodes.iter().filter(wanted).map(|node| node.area).reduce(|a, b| a.joined(&b))
        };
        let inside = areas(true).unwrap_or_else(|| {
            let beside = areas(false).unwrap_or_default();
            let left = beside.left + beside.width + sizes.cable + sizes.inset;
            Box2 { left, top: beside.centre().y - LEAST.1 / 2.0, width: LEAST.0, height: LEAST.1 }
        });
        let inside = inside.at_least(LEAST.0, LEAST.1);
        let disk = if scenario.disk.is_some() { 3.0 * sizes.shelf + sizes.inset } else { 0.0 };
        let area = Box2 {
            left: inside.left - sizes.inset,
            top: inside.top - sizes.inset - sizes.head,
            width: inside.width + 2.0 * sizes.inset,
            height: inside.height + 2.0 * sizes.inset + sizes.head + disk,
        };
        let power = Box2 {
            left: area.right() - SWITCH.0 - 12.0,
            top: area.top + (sizes.head - SWITCH.1) / 2.0,
            width: SWITCH.0,
            height: SWITCH.1,
        };
        Broker { area, power, compat: scenario.broker.compat }
    }

    /// Where the disk is: at its foot.
    pub(super) fn disk(&self, sizes: &Sizes) -> Box2 {
        let height = 3.0 * sizes.shelf;
        Box2 {
            left: self.area.left + sizes.inset,
            top: self.area.bottom() - sizes.inset / 2.0 - height,
            width: self.area.width - 2.0 * sizes.inset,
            height,
        }
    }

    /// The side of the frame that a thing is on, if it is outside.
    fn side_of(&self, thing: &Box2) -> Option<Side> {
        let (area, at) = (&self.area, thing.centre());
        let beyond = [
            (Side::Left, area.left - at.x),
            (Side::Right, at.x - area.right()),
            (Side::Top, area.top - at.y),
            (Side::Bottom, at.y - area.bottom()),
        ];
        let farthest = beyond.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        farthest.filter(|(_, beyond)| *beyond > 0.0).map(|(side, _)| side)
    }

    /// Where the edge is that far along.
    fn on_edge(&self, side: Side, along: f64) -> Point {
        let area = &self.area;
        match side {
            Side::Left => Point { x: area.left, y: along },
            Side::Right => Point { x: area.right(), y: along },
            Side::Top => Point { x: along, y: area.top },
            Side::Bottom => Point { x: along, y: area.bottom() },
        }
    }

    fn edge(&self, side: Side, sizes: &Sizes) -> (f64, f64) {
        let area = &self.area;
        match side {
            Side::Left | Side::Right => (area.top + sizes.head + 10.0, area.bottom() - CORNER),
            Side::Top | Side::Bottom => (area.left + CORNER, area.right() - CORNER),
        }
    }
}

/// Whether something is a part of the broker.
pub(super) const fn is_inside_broker(place: &Place) -> bool {
    matches!(place, Place::Exchange(_) | Place::Queue(_) | Place::Queues(_))
}

/// A side of the frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

impl Side {
    pub(super) const fn is_upright(self) -> bool {
        matches!(self, Side::Top | Side::Bottom)
    }
}

/// Where a connection is plugged into the broker.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Socket {
    pub(crate) side: Side,
    pub(crate) at: Point,
    /// Everyone who uses the connection.
    pub(crate) actors: Vec<ActorId>,
}

/// One for each connection of a client outside of the frame.
pub(super) fn sockets(
    scenario: &Scenario,
    folds: &Folds,
    nodes: &[Node],
    broker: &Broker,
    sizes: &Sizes,
) -> Vec<Socket> {
    let seats: Vec<Seat<'_>> = scenario.seats().collect();
    let seat = |id: ActorId| seats.get(id.0 as usize).copied();
    let mut sockets: Vec<(Socket, f64)> = Vec::new();
    for node in nodes {
        let actors = folds.actors(&node.place);
        let Some(id) = actors.first().copied() else { continue };
        let Some(side) = broker.side_of(&node.area) else { continue };
        let along = if side.is_upright() { node.area.centre().x } else { node.area.centre().y };
        let shares = |other: &ActorId| matches!((seat(id), seat(*other)), (Some(one), Some(other)) if one.shares_connection(other));
        let known =
            sockets.iter_mut().find(|(known, _)| known.side == side && known.actors.iter().any(shares));
        match known {
            Some((known, sum)) => {
                known.actors.push(id);
                *sum += along;
            }
            None => {
                let sum = along * actors.len() as f64;
                sockets.push((Socket { side, at: Point::default(), actors }, sum));
            }
        }
    }
    for side in [Side::Left, Side::Right, Side::Top, Side::Bottom] {
        spread(sockets.iter_mut().filter(|(socket, _)| socket.side == side).collect(), side, broker, sizes);
    }
    sockets.into_iter().map(|(socket, _)| socket).collect()
}

/// Puts the sockets of a side as near to their clients as the frame lets them be, and none on another.
fn spread(mut sockets: Vec<&mut (Socket, f64)>, side: Side, broker: &Broker, sizes: &Sizes) {
    let (start, end) = broker.edge(side, sizes);
    let wanted =
        |(socket, sum): &(Socket, f64)| (sum / socket.actors.len() as f64).clamp(start, end.max(start));
    sockets.sort_by(|one, other| wanted(one).total_cmp(&wanted(other)));
    let apart = APART.min((end - start).max(0.0) / sockets.len().max(1) as f64);
    let wishes: Vec<(f64, f64)> = sockets.iter().map(|socket| (wanted(socket), apart)).collect();
    let places = super::column::settled(&wishes, 0.0, (start - apart / 2.0, end + apart / 2.0));
    for (socket, start) in sockets.into_iter().zip(places) {
        socket.0.at = broker.on_edge(side, start + apart / 2.0);
    }
}
