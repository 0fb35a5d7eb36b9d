//! Folding: where there are too many queues to tell them apart, those of an exchange stand on the stage as one thing, and
//! so do their consumers.

use warren_core::ordered::OrdMap;
use warren_sim::{ActorId, Scenario, Seat, warren_core::Name};

use super::{
    columns::{Columns, Standing},
    order::homes,
};
use crate::scene::Place;

/// Where there are more queues or consumers than this, exchanges are folded that nobody has unfolded …
const MANY: usize = 40;
/// … if they lead to so many queues.
const WORTH: usize = 4;

/// Which exchanges the visitor has folded with their queues (`true`), and which unfolded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Folding {
    choices: OrdMap<Name, bool>,
}

impl Folding {
    /// Folds an exchange, or unfolds it.
    pub(crate) fn choose(&mut self, exchange: Name, is_folded: bool) {
        self.choices.insert(exchange, is_folded);
    }
}

/// An exchange that is folded: what is not on the stage because of that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fold {
    /// Empty for the default exchange.
    pub(crate) exchange: Name,
    pub(crate) queues: Vec<Name>,
    pub(crate) consumers: Vec<ActorId>,
}

/// All that is folded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Folds {
    folds: Vec<Fold>,
    /// What stands for a thing that is folded.
    stands_for: OrdMap<Place, Place>,
}

impl Folds {
    pub(super) fn of(scenario: &Scenario, folding: &Folding) -> Folds {
        let mut by_exchange: OrdMap<&str, Vec<&str>> = OrdMap::new();
        for (queue, exchange) in homes(scenario) {
            by_exchange.entry(exchange).or_default().push(queue);
        }
        let many = scenario.queues.len().max(scenario.consumers.len()) > MANY;
        let is_folded = |exchange: &str, queues: &[&str]| {
            let chosen = folding.choices.get(&Name::from(exchange)).copied();
            chosen.unwrap_or(many && queues.len() >= WORTH && !is_placed(scenario, queues))
        };
        let folded = by_exchange.into_iter().filter(|(exchange, queues)| is_folded(exchange, queues));
        let mut all = Folds::default();
        for (exchange, queues) in folded {
            let consumers = consumers_of(scenario, &queues);
            let queues = queues.into_iter().map(Name::from).collect();
            all.add(Fold { exchange: exchange.into(), queues, consumers });
        }
        all
    }

    fn add(&mut self, fold: Fold) {
        let (queues, consumers) =
            (Place::Queues(fold.exchange.clone()), Place::Consumers(fold.exchange.clone()));
        let folded = fold.queues.iter().map(|queue| (Place::Queue(queue.clone()), &queues));
        let folded = folded.chain(fold.consumers.iter().map(|id| (Place::Consumer(*id), &consumers)));
        self.stands_for.extend(folded.map(|(place, shown)| (place, shown.clone())));
        self.folds.push(fold);
    }

    /// The fold of an exchange.
    pub(crate) fn of_exchange(&self, exchange: &Name) -> Option<&Fold> {
        self.folds.iter().find(|fold| fold.exchange == *exchange)
    }

    /// Whether an exchange is folded; `None` for one that leads to too few queues for that.
    pub(crate) fn of_foldable(&self, scenario: &Scenario, exchange: &Name) -> Option<bool> {
        let queues = homes(scenario).filter(|(_, home)| *home == exchange.as_str()).count();
        (queues >= WORTH).then(|| self.of_exchange(exchange).is_some())
    }

    /// What is seen of a thing: itself, or what stands for it.
    pub(crate) fn shown<'a>(&'a self, place: &'a Place) -> &'a Place {
        self.stands_for.get(place).unwrap_or(place)
    }

    fn is_empty(&self) -> bool {
        self.folds.is_empty()
    }

    /// Everything that is folded, with what stands for it.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Place, &Place)> {
        self.stands_for.iter()
    }

    /// Whose connections come together at a thing: an actor's own, or those of consumers that are folded.
    pub(super) fn actors(&self, place: &Place) -> Vec<ActorId> {
        match place {
            Place::Producer(id) | Place::Consumer(id) => vec![*id],
            Place::Consumers(exchange) => {
                self.of_exchange(exchange).map(|fold| fold.consumers.clone()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// How many things a place stands for, if it stands for others.
    pub(super) fn count(&self, place: &Place) -> Option<usize> {
        match place {
            Place::Queues(exchange) => self.of_exchange(exchange).map(|fold| fold.queues.len()),
            Place::Consumers(exchange) => self.of_exchange(exchange).map(|fold| fold.consumers.len()),
            _ => None,
        }
    }

    /// The columns as they are seen.
    pub(super) fn fold(&self, columns: Columns) -> Columns {
        if self.is_empty() {
            return columns;
        }
        let queues = self.fold_column(columns.queues);
        let receivers = self.fold_column(columns.receivers);
        Columns { queues, receivers, ..columns }
    }

    /// What is folded stands where the first of it stood.
    fn fold_column(&self, column: Vec<Standing>) -> Vec<Standing> {
        let mut seen: Vec<Standing> = Vec::new();
        for standing in column {
            let (Place::Queues(exchange) | Place::Consumers(exchange)) = self.shown(&standing.0) else {
                seen.push(standing);
                continue;
            };
            let place = self.shown(&standing.0).clone();
            if seen.iter().any(|(seen, ..)| *seen == place) {
                continue;
            }
            let name = if exchange.is_empty() { "default" } else { exchange.as_str() };
            seen.push((place, name.to_owned(), String::new()));
        }
        seen
    }
}

/// Whether somebody has put one of these queues where it is: it is to be seen.
fn is_placed(scenario: &Scenario, queues: &[&str]) -> bool {
    let key = |queue: &str| Place::Queue(queue.into()).key(scenario);
    let is_placed = |queue: &&str| key(queue).is_some_and(|key| scenario.positions.contains_key(&key));
    !scenario.positions.is_empty() && queues.iter().any(is_placed)
}

/// The consumers of these queues; not those that are a part of a larger client, which stays together.
fn consumers_of(scenario: &Scenario, queues: &[&str]) -> Vec<ActorId> {
    let queues: OrdMap<&str, ()> = queues.iter().map(|queue| (*queue, ())).collect();
    let first = scenario.producers.len();
    let seats: Vec<Seat<'_>> = scenario.seats().collect();
    let consumers = scenario.consumers.iter().enumerate().filter(|(index, consumer)| {
        let is_alone = seats.get(first + index).is_none_or(|seat| seat.client.is_empty());
        is_alone && queues.contains_key(consumer.queue.as_str())
    });
    let id = |index: usize| ActorId(u32::try_from(first + index).unwrap_or(u32::MAX));
    consumers.map(|(index, _)| id(index)).collect()
}

#[cfg(test)]
mod tests {
    use warren_sim::{Binding, Consumer, Exchange, ExchangeType, Producer, Queue, Scenario};

    use super::{super::Layout, Folding};
    use crate::scene::Place;

    /// So many exchanges with so many queues each, of which each has a consumer, and a dead-letter queue that all share.
    fn scenario(exchanges: usize, queues: usize) -> Scenario {
        let mut scenario = Scenario::new("large");
        for exchange in (0..exchanges).map(|number| format!("e{number}")) {
            scenario.exchanges.push(Exchange::new(&exchange, ExchangeType::Direct));
            for queue in (0..queues).map(|number| format!("{exchange}.q{number}")) {
                scenario.queues.push(Queue::new(&queue));
                scenario.bindings.push(Binding::new(&exchange, &queue, "key"));
                scenario.consumers.push(Consumer::new(&format!("c-{queue}"), &queue));
            }
        }
        scenario.queues.push(Queue::new("alone"));
        let producer = Producer { exchange: "e0".into(), ..Producer::new("shop", "key", 9) };
        scenario.producers.push(producer);
        scenario
    }

    fn places(layout: &Layout, wanted: fn(&Place) -> bool) -> Vec<String> {
        let nodes = layout.nodes.iter().filter(|node| wanted(&node.place));
        let said =
            |name: &str, badges: Vec<String>| format!("{name} {}", badges.join(" ")).trim_end().to_owned();
        nodes
            .map(|node| said(&node.name, node.badges.iter().map(crate::scene::Badge::text).collect()))
            .collect()
    }

    fn in_broker(layout: &Layout) -> Vec<String> {
        places(layout, |place| matches!(place, Place::Queue(_) | Place::Queues(_)))
    }

    #[test]
    fn two_hundred_queues_are_seen_as_the_exchanges_that_they_belong_to() {
        let layout = Layout::new(&scenario(4, 50), 1_000.0, 600.0);
        assert_eq!(in_broker(&layout), ["e0 ×50", "e1 ×50", "e2 ×50", "e3 ×50", "alone"]);
        let consumers = places(&layout, |place| matches!(place, Place::Consumer(_) | Place::Consumers(_)));
        assert_eq!(consumers, ["e0 ×50", "e1 ×50", "e2 ×50", "e3 ×50"]);
    }

    #[test]
    fn what_everybody_can_see_is_not_folded_until_somebody_folds_it() {
        let (scenario, mut folding) = (scenario(2, 5), Folding::default());
        let seen = |folding: &Folding| in_broker(&Layout::folded(&scenario, folding, 1_000.0, 600.0)).len();
        assert_eq!(seen(&folding), 11);
        folding.choose("e1".into(), true);
        assert_eq!(seen(&folding), 7);
        folding.choose("e1".into(), false);
        assert_eq!(seen(&folding), 11);
    }

    #[test]
    fn what_is_folded_is_where_stands_what_stands_for_it() {
        let scenario = scenario(4, 50);
        let layout = Layout::new(&scenario, 1_000.0, 600.0);
        let (queue, exchange) = (Place::Queue("e2.q7".into()), Place::Exchange("e2".into()));
        assert_eq!(layout.centre(&queue), layout.centre(&Place::Queues("e2".into())));
        assert!(
            layout.path(&(exchange, queue), crate::scene::QueueRow::Ready).is_some(),
            "messages find their way"
        );
        // 50 bindings that lie on one another are none that can be picked.
        assert!(layout.links.iter().all(|link| link.binding.is_none()));
        assert!(layout.links.iter().filter(|link| link.cable.is_some()).count() > 200);
    }

    #[test]
    fn a_queue_that_somebody_has_put_somewhere_is_seen() {
        let mut scenario = scenario(4, 50);
        scenario.positions.insert("queue e3.q1".into(), (300, 200));
        let layout = Layout::new(&scenario, 1_000.0, 600.0);
        assert_eq!(in_broker(&layout).len(), 3 + 50 + 1);
    }
}
