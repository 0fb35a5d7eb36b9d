//! How large things are: the fewer there are, the more room each of them has.

use super::columns::Columns;
use crate::scene::Place;

/// How much a thing on the stage shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Density {
    /// Messages with their numbers and marks, in rows with words.
    Roomy,
    /// The same, smaller.
    Usual,
    /// A line for each thing.
    Rows,
}

/// Widths and heights, in pixels of the layout.
#[derive(PartialEq, Debug)]
pub(crate) struct Sizes {
    pub(crate) density: Density,
    /// The radius of a message.
    pub(crate) radius: f64,
    /// From one message at rest to the next.
    pub(crate) step: f64,
    /// The upper part of a thing, where its name is.
    pub(crate) title: f64,
    /// The lower part of a client, where it is written how it works.
    pub(crate) foot: f64,
    producer: (f64, f64),
    exchange: (f64, f64),
    queue: (f64, f64),
    consumer: (f64, f64),
    /// Between the things of a column, at least and at most.
    pub(super) gap: (f64, f64),
    /// From a client to the broker, at least.
    pub(super) cable: f64,
    /// Between exchanges and queues, at least.
    pub(super) between: f64,
    /// From the broker's frame to what is in it.
    pub(super) inset: f64,
    /// The upper part of the broker, where its name and its switch are.
    pub(crate) head: f64,
    /// One of the three shelves of the disk.
    pub(crate) shelf: f64,
}

const ROOMY: Sizes = Sizes {
    density: Density::Roomy,
    radius: 14.0,
    step: 33.0,
    title: 30.0,
    foot: 20.0,
    producer: (136.0, 86.0),
    exchange: (116.0, 58.0),
    queue: (226.0, 116.0),
    consumer: (172.0, 102.0),
    gap: (16.0, 64.0),
    cable: 76.0,
    between: 46.0,
    inset: 18.0,
    head: 36.0,
    shelf: 34.0,
};

const USUAL: Sizes = Sizes {
    density: Density::Usual,
    radius: 10.0,
    step: 23.0,
    title: 26.0,
    foot: 18.0,
    producer: (130.0, 68.0),
    exchange: (112.0, 48.0),
    queue: (178.0, 86.0),
    consumer: (150.0, 82.0),
    gap: (12.0, 48.0),
    cable: 64.0,
    between: 40.0,
    inset: 14.0,
    head: 32.0,
    shelf: 27.0,
};

const ROWS: Sizes = Sizes {
    density: Density::Rows,
    radius: 6.0,
    step: 12.0,
    title: 24.0,
    foot: 0.0,
    producer: (136.0, 24.0),
    exchange: (132.0, 28.0),
    queue: (270.0, 24.0),
    consumer: (150.0, 24.0),
    gap: (6.0, 12.0),
    cable: 56.0,
    between: 60.0,
    inset: 14.0,
    head: 30.0,
    shelf: 22.0,
};

/// So many things in a column, at most, have so much room.
const FEW: usize = 3;
const SEVERAL: usize = 7;

impl Sizes {
    pub(super) fn of(columns: &Columns, is_narrow: bool) -> &'static Sizes {
        match columns.tallest() {
            0..=FEW if !is_narrow => &ROOMY,
            ..=SEVERAL => &USUAL,
            _ => &ROWS,
        }
    }

    /// How wide and how high a thing is. The disk is as wide as its broker.
    pub(super) const fn of_place(&self, place: &Place) -> (f64, f64) {
        match place {
            Place::Producer(_) => self.producer,
            Place::Exchange(_) => self.exchange,
            Place::Queue(_) | Place::Queues(_) => self.queue,
            Place::Consumer(_) | Place::Consumers(_) => self.consumer,
            Place::Disk => (self.queue.0, 3.0 * self.shelf),
        }
    }
}
