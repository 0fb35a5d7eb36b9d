//! In which order things stand in their columns, so that few ways cross: queues beside the exchange that leads to them,
//! clients beside what they are connected with.

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{
    Scenario, Seat,
    warren_core::{Name, ordered::sort_by},
};

use super::columns::{Columns, Standing};
use crate::scene::Place;

/// Where the middle of a thing is, across its column.
pub(super) type Middles = OrdMap<Place, f64>;

/// Which things each thing is to stand beside.
pub(super) struct Neighbours<'a> {
    scenario: &'a Scenario,
}

impl<'a> Neighbours<'a> {
    pub(super) const fn of(scenario: &'a Scenario) -> Neighbours<'a> {
        Neighbours { scenario }
    }

    /// Queues in the order of the exchanges that they are the queues of; of the same one as in the scenario. With it comes
    /// which exchange that is.
    pub(super) fn queues(&self, columns: &Columns) -> Vec<(Standing, usize)> {
        let homes: OrdMap<&str, &str> = homes(self.scenario).collect();
        let exchange = |wanted: &str| {
            let place = Place::Exchange(wanted.into());
            columns.exchanges.iter().position(|(place_, ..)| *place_ == place)
        };
        let home = |place: &Place| match place {
            Place::Queue(queue) => homes.get(queue.as_str()).and_then(|home| exchange(home)),
            Place::Queues(home) => exchange(home),
            _ => None,
        };
        let with_home = |standing: &Standing| (standing.clone(), home(&standing.0).unwrap_or(usize::MAX));
        let mut queues: Vec<(Standing, usize)> = columns.queues.iter().map(with_home).collect();
        sort_by(&mut queues, |one, other| one.1.cmp(&other.1));
        queues
    }

    /// Whether somebody sends to it by its name.
    fn is_sent_to(&self, queue: &str) -> bool {
        sent_to_by_name(self.scenario).any(|key| key == queue)
    }

    /// Where an exchange wants to be: in the middle of what it leads to.
    pub(super) fn exchange(&self, exchange: &Place, middles: &Middles) -> Option<f64> {
        let Place::Exchange(name) = exchange else { return None };
        if name.as_str().is_empty() {
            let queues = self.scenario.queues.iter().filter(|queue| self.is_sent_to(&queue.name));
            return mean(queues.map(|queue| Place::Queue(queue.name.as_str().into())), middles);
        }
        let bindings = || self.scenario.bindings.iter().filter(|binding| binding.exchange == name.as_str());
        let queues = bindings().filter_map(|binding| binding.queue.as_deref());
        let exchanges = bindings().filter_map(|binding| binding.to_exchange.as_deref());
        let queues = queues.map(|queue| Place::Queue(queue.into()));
        mean(queues, middles).or_else(|| mean(exchanges.map(|name| Place::Exchange(name.into())), middles))
    }

    /// Clients from top to bottom as what they are connected with; who belongs together stays together.
    pub(super) fn clients(&self, clients: &[Standing], middles: &Middles) -> Vec<(Standing, f64)> {
        let seats: Vec<Seat<'_>> = self.scenario.seats().collect();
        let seat = |standing: &Standing| match standing.0 {
            Place::Producer(id) | Place::Consumer(id) => seats.get(id.0 as usize).copied(),
            _ => None,
        };
        let wish = |standing: &Standing| self.client(&standing.0, middles);
        let mut placed: Vec<(Standing, f64, f64)> = Vec::new();
        for standing in clients {
            let own = wish(standing).unwrap_or_default();
            let mates = clients.iter().filter(|other| match (seat(standing), seat(other)) {
                (Some(one), Some(other)) => one.shares_client(other),
                _ => false,
            });
            let all: Vec<f64> = mates.filter_map(wish).collect();
            let together = if all.is_empty() { own } else { all.iter().sum::<f64>() / all.len() as f64 };
            placed.push((standing.clone(), own, together));
        }
        sort_by(&mut placed, |one, other| one.2.total_cmp(&other.2));
        placed.into_iter().map(|(standing, own, _)| (standing, own)).collect()
    }

    fn client(&self, client: &Place, middles: &Middles) -> Option<f64> {
        let producers = self.scenario.producers.len();
        match client {
            Place::Producer(id) => {
                let producer = self.scenario.producers.get(id.0 as usize)?;
                middles.get(&Place::Exchange(Name::from(producer.exchange.as_str()))).copied()
            }
            Place::Consumer(id) => {
                let consumer = self.scenario.consumers.get((id.0 as usize).checked_sub(producers)?)?;
                middles.get(&Place::Queue(Name::from(consumer.queue.as_str()))).copied()
            }
            Place::Consumers(exchange) => middles.get(&Place::Queues(exchange.clone())).copied(),
            _ => None,
        }
    }
}

/// Each queue that an exchange leads to, with the first one that does. The default exchange leads to those that somebody
/// sends to by their names.
pub(super) fn homes(scenario: &Scenario) -> impl Iterator<Item = (&str, &str)> {
    let named =
        scenario.exchanges.iter().enumerate().map(|(place, exchange)| (exchange.name.as_str(), place));
    let places: OrdMap<&str, usize> = named.collect();
    let mut homes: OrdMap<&str, usize> = OrdMap::new();
    for binding in &scenario.bindings {
        if let (Some(queue), Some(place)) = (&binding.queue, places.get(binding.exchange.as_str())) {
            let home = homes.entry(queue.as_str()).or_insert(*place);
            *home = (*home).min(*place);
        }
    }
    let by_name: OrdSet<&str> = sent_to_by_name(scenario).collect();
    scenario.queues.iter().filter_map(move |queue| {
        let queue = queue.name.as_str();
        let home = homes.get(queue).map(|place| scenario.exchanges[*place].name.as_str());
        Some((queue, home.or_else(|| by_name.contains(queue).then_some(""))?))
    })
}

/// The names that clients send to through the default exchange: producers, and consumers that put messages aside.
pub(super) fn sent_to_by_name(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let direct = scenario.producers.iter().filter(|producer| producer.exchange.is_empty());
    let put_aside = scenario.consumers.iter().filter_map(|consumer| consumer.give_up.as_ref());
    let keys = direct.flat_map(|producer| &producer.routing_key).map(String::as_str);
    keys.chain(put_aside.map(|give_up| give_up.to.as_str()))
}

fn mean(places: impl Iterator<Item = Place>, middles: &Middles) -> Option<f64> {
    let known: Vec<f64> = places.filter_map(|place| middles.get(&place).copied()).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}
