//! What is lost: it is seen for a while where it was, and falls to ash.

use warren_core::ordered::OrdMap;
use warren_sim::{
    ActorId,
    warren_core::{Instant, MessageId, Name},
};

use super::{Dot, DotKind, Label, Layout, Place, Point};

/// How long something lost is seen, in µs.
const FADE_US: u64 = 1_400_000;
/// So many are kept without a look at whether they are over.
const FEW: usize = 64;
/// So many fall side by side.
const BESIDE: usize = 5;

/// Where something is lost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spot {
    At(Place),
    /// At the broker's end of a client's cable.
    Socket(ActorId),
}

#[derive(Clone)]
pub(super) struct Loss {
    pub(super) spot: Spot,
    pub(super) from: Instant,
    pub(super) message: Option<MessageId>,
    pub(super) label: Label,
}

/// What was lost a short while ago.
#[derive(Clone, Default)]
pub(super) struct Losses(Vec<Loss>);

impl Losses {
    pub(super) fn add(&mut self, loss: Loss) {
        if self.0.len() >= FEW {
            self.forget(loss.from);
        }
        self.0.push(loss);
    }

    /// Forgets what is not seen any more.
    pub(super) fn forget(&mut self, now: Instant) {
        self.0.retain(|loss| now.since(loss.from).as_micros() < u128::from(FADE_US));
    }

    /// Where messages are lost, and the numbers of those that are.
    pub(super) fn lost_at(&self, layout: &Layout, now: Instant) -> Vec<(Point, Vec<u64>)> {
        let mut at_spot: OrdMap<&Spot, Vec<&Loss>> = OrdMap::new();
        for loss in self.0.iter().filter(|loss| loss.from <= now) {
            at_spot.entry(&loss.spot).or_default().push(loss);
        }
        let below = |losses: Vec<&Loss>| {
            let (all, first) = (losses.len(), losses.first()?);
            let at = |place| first.dot(layout, now, place).map(|dot| dot.at);
            let middle = at(0)?.towards(at(all.min(BESIDE) - 1)?, 0.5);
            let lower = at(all.div_ceil(BESIDE) * BESIDE)?;
            Some((Point { y: lower.y, ..middle }, losses.iter().map(|loss| loss.label.number).collect()))
        };
        at_spot.into_values().filter_map(below).collect()
    }

    pub(super) fn dots(&self, layout: &Layout, now: Instant) -> Vec<Dot> {
        let mut at_spot: OrdMap<Spot, usize> = OrdMap::new();
        let dots = self.0.iter().filter_map(|loss| {
            let place = at_spot.entry(loss.spot.clone()).or_default();
            *place += 1;
            loss.dot(layout, now, *place - 1)
        });
        dots.collect()
    }
}

impl Loss {
    /// `place` is which of those it is that are lost there: they fall side by side.
    fn dot(&self, layout: &Layout, now: Instant, place: usize) -> Option<Dot> {
        let part = now.since(self.from).as_micros() as f64 / FADE_US as f64;
        let centre = match &self.spot {
            Spot::At(place) => layout.centre(place)?,
            Spot::Socket(actor) => layout.socket(*actor)?,
        };
        let apart = 2.2 * layout.sizes.radius;
        let (column, row) = (place % BESIDE, place / BESIDE);
        let x = centre.x + (column as f64 - (BESIDE - 1) as f64 / 2.0) * apart;
        Some(Dot {
            at: Point { x, y: centre.y + (row as f64 + 0.6) * apart },
            kind: DotKind::Lost,
            message: self.message,
            label: self.label,
            opacity: (1.0 - part).max(0.0),
            routing_key: Name::default(),
            persistent: false,
            from: None,
        })
    }
}
