//! Messages at rest, where they are: held back by exchanges, ready and unacked in queues, waiting in consumers, on the way
//! to the disk and on it.

use warren_sim::{
    ActorKind, ActorView,
    warren_core::{Instant, MessageId, Name},
};

use crate::{
    player::Player,
    scene::{Box2, Density, Layout, Node, Place, Point, QueueRow, Sizes},
};

/// A message at rest.
pub(super) struct Rest {
    pub(super) at: Point,
    pub(super) message: MessageId,
    /// The queue that it is in, or was delivered from.
    pub(super) queue: Option<Name>,
    /// It is somewhere else too: only remembered here until its ack comes.
    pub(super) is_hollow: bool,
    /// When it expires in its queue, if it does.
    pub(super) expires_at: Option<Instant>,
    /// In pixels of the layout.
    pub(super) radius: f64,
}

/// Messages beside each other.
#[derive(Default)]
pub(super) struct Row {
    pub(super) rests: Vec<Rest>,
    /// How many there are.
    pub(super) count: u64,
    /// How many more than have room, and where to say so.
    pub(super) more: Option<(Point, u64)>,
}

pub(super) const VHOST: &str = "/";
/// On the disk messages are no larger than this, in pixels of the layout.
const SMALL: f64 = 9.0;
pub(super) const SHELF_NAMES: f64 = 76.0;

/// Every message that does not move.
pub(super) fn resting(player: &Player, layout: &Layout) -> Vec<Rest> {
    let rows = |node: &Node| {
        let actor = match node.place {
            Place::Consumer(id) => player.actor(id),
            _ => None,
        };
        rows(player, layout.sizes, node, actor.as_ref())
    };
    layout.nodes.iter().flat_map(rows).flat_map(|row| row.rests).collect()
}

/// Those on one thing; `actor` is who it is, if it is one.
pub(super) fn rows(player: &Player, sizes: &Sizes, node: &Node, actor: Option<&ActorView>) -> Vec<Row> {
    match &node.place {
        Place::Queue(queue) => in_queue(player, sizes, node.area, queue),
        Place::Consumer(_) => at_consumer(sizes, node.area, actor),
        Place::Disk => on_disk(player, sizes, node.area),
        Place::Exchange(exchange) => {
            let view = player.world().broker();
            let held = || view.held_back(VHOST).filter(|(_, by)| *by == exchange);
            let strip = Strip { y: node.area.bottom() + 2.0, ..Strip::across(node.area, sizes) };
            vec![strip.row(held().map(|(message, _)| message), held().count() as u64, (false, None))]
        }
        Place::Producer(_) | Place::Queues(_) | Place::Consumers(_) => Vec::new(),
    }
}

/// What is ready, and what is unacked: two rows, of which the second is empty where a queue is a line. What is on its way to
/// the queue is in neither yet, although the broker may have delivered it already.
fn in_queue(player: &Player, sizes: &Sizes, area: Box2, queue: &Name) -> Vec<Row> {
    let (view, motion) = (player.world().broker(), player.motion());
    let Some((ready, unacked)) = view.queue_counts(VHOST, queue) else { return Vec::new() };
    let strips = strips(sizes, area);
    let mut ids = view.ready_ids(VHOST, queue, strips[0].places() as u32);
    let moving = motion.on_the_way_to(queue, &ids);
    ids.retain(|message| !moving.contains(message));
    let here = ready - moving.len() as u64;
    let mut ready = strips[0].row(ids.into_iter(), here, (false, Some(queue)));
    for (message, at) in view.expiries(VHOST, queue, strips[0].places() as u32) {
        let rest = ready.rests.iter_mut().find(|rest| rest.message == message);
        rest.into_iter().for_each(|rest| rest.expires_at = Some(at));
    }
    if sizes.density == Density::Rows {
        return vec![ready, Row { count: unacked, ..Row::default() }];
    }
    let coming = motion.unacked_on_the_way_to(queue);
    let unacked = unacked.saturating_sub(coming.len() as u64);
    let ids = motion.unacked(queue).filter(|message| !coming.contains(message));
    vec![ready, strips[1].row(ids, unacked, (true, Some(queue)))]
}

/// The strips of a queue: what is ready, and what is unacked. The head of the queue is on the right, where consumers are.
pub(super) fn strips(sizes: &Sizes, area: Box2) -> [Strip; 2] {
    [QueueRow::Ready, QueueRow::Unacked].map(|row| Strip {
        y: sizes.row_y(area, row),
        from: sizes.head_x(area),
        to: sizes.end_x(area),
        step: -sizes.step,
        radius: sizes.radius,
    })
}

fn at_consumer(sizes: &Sizes, area: Box2, actor: Option<&ActorView>) -> Vec<Row> {
    let Some(ActorKind::Consumer { buffered, working, queue, .. }) = actor.map(|actor| &actor.kind) else {
        return Vec::new();
    };
    let queue = Name::from(queue.as_str());
    let (at, radius) = sizes.desk(area);
    let is_line = sizes.density == Density::Rows;
    let working = working.map(|work| {
        let (message, queue) = (work.message, Some(queue.clone()));
        let radius = (radius - 5.0).max(sizes.radius.min(6.0));
        let rest = Rest { at, message, queue, is_hollow: false, expires_at: None, radius };
        Row { rests: vec![rest], count: 1, more: None }
    });
    let beside = Strip {
        y: at.y,
        from: at.x + radius + sizes.radius + 8.0,
        to: area.right() - sizes.radius - 5.0,
        step: sizes.step,
        radius: sizes.radius,
    };
    let waiting = beside.row(buffered.iter().copied(), buffered.len() as u64, (false, Some(&queue)));
    working.into_iter().chain((!is_line).then_some(waiting)).collect()
}

fn on_disk(player: &Player, sizes: &Sizes, area: Box2) -> Vec<Row> {
    let motion = player.motion();
    let (recorded, written) = motion.disk().unsynced();
    let kept = motion.disk().kept();
    let shelves = shelves(sizes, area);
    let counts = [recorded.len(), written.len(), kept.len()].map(|count| count as u64);
    vec![
        shelves[0].row(recorded.into_iter(), counts[0], (true, None)),
        shelves[1].row(written.into_iter(), counts[1], (false, None)),
        shelves[2].row(kept.iter().copied(), counts[2], (false, None)),
    ]
}

/// The shelves of the disk, from the top.
pub(super) fn shelves(sizes: &Sizes, area: Box2) -> [Strip; 3] {
    let radius = sizes.radius.min(SMALL);
    [0.0, 1.0, 2.0].map(|row| Strip {
        y: area.top + (row + 1.0) * sizes.shelf - radius - 4.0,
        from: area.left + SHELF_NAMES + radius,
        to: area.right() - 60.0,
        step: radius * 2.3,
        radius,
    })
}

/// Room for messages side by side.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) y: f64,
    from: f64,
    to: f64,
    step: f64,
    radius: f64,
}

impl Strip {
    fn across(area: Box2, sizes: &Sizes) -> Strip {
        let (radius, step) = (sizes.radius * 0.8, sizes.radius * 1.8);
        Strip { y: 0.0, from: area.left + radius + 6.0, to: area.right() - radius - 6.0, step, radius }
    }

    /// How many fit.
    fn places(&self) -> usize {
        (((self.to - self.from) / self.step).max(0.0) + 1.0) as usize
    }

    fn row(
        &self,
        messages: impl Iterator<Item = MessageId>,
        count: u64,
        (is_hollow, queue): (bool, Option<&Name>),
    ) -> Row {
        let at = |index: usize| Point { x: self.from + index as f64 * self.step, y: self.y };
        let room = self.places();
        let all_fit = count <= room as u64;
        // The number takes the room of one message, or of two where they are small.
        let number = if self.step.abs() > 30.0 { 1 } else { 2 };
        let shown = if all_fit { room } else { room.saturating_sub(number) };
        let rest = |(index, message)| Rest {
            at: at(index),
            message,
            queue: queue.cloned(),
            is_hollow,
            expires_at: None,
            radius: self.radius,
        };
        let rests: Vec<Rest> = messages.take(shown).enumerate().map(rest).collect();
        let hidden = count.saturating_sub(rests.len() as u64);
        let mut end = at(rests.len());
        end.x -= self.step.signum() * self.radius;
        Row { rests, count, more: (!all_fit && hidden > 0).then_some((end, hidden)) }
    }
}
