//! Where messages are inside of things: where they come to rest, and where they set out from.

use super::{Box2, Density, Node, Sizes};
use crate::scene::{Place, Point};

/// What is written beside messages takes so much room.
const COUNTS: f64 = 62.0;

/// The rows of messages in a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum QueueRow {
    Ready,
    Unacked,
}

impl Sizes {
    /// How high in a queue the middle of a row is. A queue that is a line has one for both.
    pub(crate) fn row_y(&self, queue: Box2, row: QueueRow) -> f64 {
        if self.density == Density::Rows {
            return queue.centre().y;
        }
        let height = (queue.height - self.title) / 2.0;
        let middle = match row {
            QueueRow::Ready => 0.5,
            QueueRow::Unacked => 1.5,
        };
        queue.top + self.title + middle * height - 1.0
    }

    /// The head of a row, where consumers take from it.
    pub(crate) fn head_x(&self, queue: Box2) -> f64 {
        let numbers = if self.density == Density::Rows { 78.0 } else { self.radius + 7.0 };
        queue.right() - numbers
    }

    /// The other end of a row: what is written is on the left of it.
    pub(crate) fn end_x(&self, queue: Box2) -> f64 {
        let words =
            if self.density == Density::Rows { queue.width * 0.5 } else { COUNTS.min(queue.width * 0.42) };
        queue.left + words
    }

    /// Where in a queue a message lies of which so many are ahead in its row; those without room lie at the end.
    pub(crate) fn in_row(&self, queue: Box2, row: QueueRow, ahead: usize) -> Point {
        let x = (self.head_x(queue) - ahead as f64 * self.step).max(self.end_x(queue));
        Point { x, y: self.row_y(queue, row) }
    }

    /// The middle of a client between its name and its foot.
    pub(crate) fn body_y(&self, client: Box2) -> f64 {
        f64::midpoint(client.top + self.title, client.bottom() - self.foot)
    }

    /// Where a consumer works, and how large the ring around it is, in pixels of the layout.
    pub(crate) fn desk(&self, consumer: Box2) -> (Point, f64) {
        if self.density == Density::Rows {
            return (Point { x: consumer.right() - 14.0, y: consumer.centre().y }, 8.0);
        }
        let radius = self.radius + 5.0;
        (Point { x: consumer.left + radius + 9.0, y: self.body_y(consumer) }, radius)
    }

    /// Where a message sets out from that leaves a thing; a queue from this row.
    pub(super) fn exit(&self, node: &Node, row: QueueRow) -> Point {
        match node.place {
            Place::Queue(_) => Point { x: self.head_x(node.area), y: self.row_y(node.area, row) },
            Place::Consumer(_) => self.desk(node.area).0,
            // Its name is to be read while messages come and go.
            Place::Exchange(_) => Point { x: node.area.right() - self.radius - 3.0, y: node.area.centre().y },
            _ => node.area.centre(),
        }
    }

    /// Where one ends its way that comes to it.
    pub(super) fn entrance(&self, node: &Node, row: QueueRow) -> Point {
        match (&node.place, row) {
            // Behind those that are there.
            (Place::Queue(_), QueueRow::Ready) => {
                Point { x: node.area.centre().x, y: self.row_y(node.area, row) }
            }
            _ => self.exit(node, row),
        }
    }
}
