//! Messages at rest, where they are: held back by exchanges, ready and unacked in queues, waiting in consumers, on the way
//! to the disk.

use warren_sim::{ActorKind, ActorView, warren_core::MessageId};

use crate::{
    player::Player,
    scene::{Box2, Layout, Node, Place, Point},
};

/// A message at rest.
pub(super) struct Rest {
    pub(super) at: Point,
    pub(super) message: MessageId,
    /// It is somewhere else too: only remembered here until its ack comes.
    pub(super) outline: bool,
}

/// Messages beside each other.
pub(super) struct Row {
    pub(super) rests: Vec<Rest>,
    /// How many more there are than have room, and where to say so.
    pub(super) more: Option<(Point, u64)>,
}

/// From one resting message to the next, in pixels of the layout.
const STEP: f64 = 20.0;
/// Where the only row is on a card that is too low for two, and the first and the second row otherwise, as parts of its
/// height.
const ROWS: [f64; 3] = [0.72, 0.59, 0.846];
/// What an exchange holds back is on its lower edge: inside there are its name and its type.
const EDGE: f64 = 1.15;
/// Lower cards have room for one row, in pixels of the layout.
pub(super) const LOW: f64 = 60.0;
pub(super) const VHOST: &str = "/";

/// Every message that does not move.
pub(super) fn resting(player: &Player, layout: &Layout) -> Vec<Rest> {
    let rows = |node: &Node| {
        let actor = match node.place {
            Place::Consumer(id) => player.actor(id),
            _ => None,
        };
        rows(player, node, actor.as_ref())
    };
    layout.nodes.iter().flat_map(rows).flat_map(|row| row.rests).collect()
}

/// Those on one thing; `actor` is who it is, if it is one.
pub(super) fn rows(player: &Player, node: &Node, actor: Option<&ActorView>) -> Vec<Row> {
    let (area, motion) = (node.area, player.motion());
    let is_low = area.height < LOW;
    let down = |row: usize| if is_low { ROWS[0] } else { ROWS[row] };
    let mut rows = Vec::new();
    match &node.place {
        Place::Queue(queue) => {
            let view = player.world().broker();
            let (ready, unacked) = view.queue_counts(VHOST, queue).unwrap_or_default();
            let mut ids = view.ready_ids(VHOST, queue, places(area) as u32);
            let moving = motion.on_the_way_to(queue, &ids);
            ids.retain(|message| !moving.contains(message));
            rows.push(row(area, down(1), ids.into_iter(), ready - moving.len() as u64, false));
            if !is_low || ready == 0 {
                rows.push(row(area, down(2), motion.unacked(queue), unacked, true));
            }
        }
        Place::Consumer(_) => {
            let Some(ActorKind::Consumer { buffered, working, .. }) = actor.map(|actor| &actor.kind) else {
                return rows;
            };
            if let Some(work) = working {
                let rest = Rest { at: desk(area), message: work.message, outline: false };
                rows.push(Row { rests: vec![rest], more: None });
            }
            let beside_desk = Box2 { left: area.left + 44.0, width: area.width - 44.0, ..area };
            let down = if is_low { ROWS[0] } else { 0.69 };
            let count = buffered.len() as u64;
            rows.push(row(beside_desk, down, buffered.iter().copied(), count, false));
        }
        Place::Disk => {
            let (recorded, written) = motion.unsynced();
            let counts = (recorded.len() as u64, written.len() as u64);
            rows.push(row(area, down(1), recorded.into_iter(), counts.0, true));
            rows.push(row(area, down(2), written.into_iter(), counts.1, false));
        }
        Place::Exchange(exchange) => {
            let view = player.world().broker();
            let held = || view.held_back(VHOST).filter(|(_, by)| *by == exchange);
            rows.push(row(area, EDGE, held().map(|(message, _)| message), held().count() as u64, false));
        }
        Place::Producer(_) => {}
    }
    rows
}

/// How many messages fit beside each other.
fn places(area: Box2) -> usize {
    ((area.width - 12.0) / STEP) as usize
}

fn row(area: Box2, down: f64, messages: impl Iterator<Item = MessageId>, count: u64, outline: bool) -> Row {
    let y = area.top + area.height * down;
    let at = |index: usize| Point { x: area.left + 18.0 + index as f64 * STEP, y };
    let room = places(area);
    let all_fit = count <= room as u64;
    // The number takes the room of two messages.
    let shown = if all_fit { room } else { room.saturating_sub(2) };
    let rest = |(index, message)| Rest { at: at(index), message, outline };
    let rests: Vec<Rest> = messages.take(shown).enumerate().map(rest).collect();
    let hidden = count.saturating_sub(rests.len() as u64);
    let end = Point { x: at(rests.len()).x - 8.0, y };
    let more = (!all_fit && hidden > 0).then_some((end, hidden));
    Row { rests, more }
}

/// Where a consumer works.
pub(super) fn desk(area: Box2) -> Point {
    let down = if area.height < LOW { ROWS[0] } else { 0.66 };
    Point { x: area.left + 25.0, y: area.top + area.height * down }
}

/// How large the ring around it is, in pixels of the layout.
pub(super) fn desk_radius(area: Box2) -> f64 {
    if area.height < LOW { 10.5 } else { 14.0 }
}
