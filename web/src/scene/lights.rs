//! Which bindings have just taken a message, as the core has told it.

use std::time::Duration;

use warren_core::ordered::OrdMap;
use warren_sim::warren_core::{Instant, Name, event::Destination, explain::Passage, wire::FieldTable};

/// How a step of a message's way is known: from an exchange to a queue or exchange, by a binding with a key and arguments,
/// or without one to an alternate exchange.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Step {
    pub(super) ends: (Name, Destination),
    pub(super) binding: Option<(Name, FieldTable)>,
}

/// What shines, by its ends: few bindings have the same.
#[derive(Clone, Default)]
pub(super) struct Lights {
    ways: OrdMap<(Name, Destination), Vec<Light>>,
}

#[derive(Clone)]
struct Light {
    binding: Option<(Name, FieldTable)>,
    /// From when to when, in order. What is yet to come back as a dead letter lights it later.
    times: Vec<(Instant, Instant)>,
}

impl Lights {
    /// From this moment on for so long.
    pub(super) fn light(&mut self, passage: &Passage, at: Instant, how_long: Duration) {
        let ends = (passage.exchange.clone(), passage.destination.clone());
        let lights = self.ways.entry(ends).or_default();
        let known = lights.iter().position(|light| light.binding == passage.binding);
        let index = known.unwrap_or_else(|| {
            lights.push(Light { binding: passage.binding.clone(), times: Vec::new() });
            lights.len() - 1
        });
        lights[index].shine(at, at + how_long);
    }

    /// Whether this shines.
    pub(super) fn shines(&self, step: &Step, now: Instant) -> bool {
        let lights = self.ways.get(&step.ends).into_iter().flatten();
        let mut its = lights.filter(|light| light.binding == step.binding);
        its.any(|light| light.times.iter().any(|(from, to)| *from <= now && now < *to))
    }

    /// Forgets what is over.
    pub(super) fn forget(&mut self, now: Instant) {
        self.ways.retain(|_, lights| {
            lights.retain_mut(|light| {
                light.times.retain(|(_, to)| *to > now);
                !light.times.is_empty()
            });
            !lights.is_empty()
        });
    }
}

impl Light {
    fn shine(&mut self, from: Instant, to: Instant) {
        let joined = self.times.iter_mut().find(|(start, end)| from <= *end && *start <= to);
        match joined {
            Some((start, end)) => (*start, *end) = ((*start).min(from), (*end).max(to)),
            None => self.times.push((from, to)),
        }
    }
}
