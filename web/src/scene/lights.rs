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

#[cfg(test)]
mod tests {
    use warren_core::ordered::OrdSet;
    use warren_sim::{History, Scenario, lessons, warren_core::Instant};

    use crate::{player::Picture, scene::Layout};

    /// Which links of a scenario were lit, by their bindings, and at how many moments none was.
    fn lit(scenario: &Scenario) -> (OrdSet<Option<usize>>, u32) {
        let layout = Layout::new(scenario, 1000.0, 400.0);
        let mut history = History::tapped(scenario, 1, Picture::of(scenario));
        let (mut lit, mut dark) = (OrdSet::new(), 0);
        for tick in 0..400 {
            let now = Instant::from_micros(tick * 50_000);
            history.advance(now);
            let at_once = history.spectator().motion.lit(&layout, now);
            dark += u32::from(at_once.is_empty());
            lit.extend(at_once.iter().map(|link| layout.links[*link].binding));
        }
        (lit, dark)
    }

    /// A link glows only while a message that its binding matched goes along it.
    #[test]
    fn bindings_that_match_light_up() {
        let lesson = lessons::find("direct").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let (lit, dark) = lit(&scenario);
        assert!(lit.iter().copied().eq((0..scenario.bindings.len()).map(Some)), "{lit:?}");
        assert!(dark > 200, "mostly nothing is being routed: {dark}");
    }

    /// Every kind of binding is known again when the broker names it: by key, by arguments, to queues and exchanges.
    #[test]
    fn of_bindings_with_the_same_ends_only_those_that_match_light_up() {
        let scenario = Scenario::parse(
            "twins.toml",
            r##"
            title = { en = "Twins", ru = "Близнецы" }
            summary = { en = "Twins", ru = "Близнецы" }
            until = "5s"
            [[exchange]]
            name = "in"
            type = "topic"
            [[exchange]]
            name = "out"
            type = "headers"
            [[queue]]
            name = "q"
            [[binding]]
            exchange = "in"
            queue = "q"
            routing_key = "a.*"
            [[binding]]
            exchange = "in"
            queue = "q"
            routing_key = "b.*"
            [[binding]]
            exchange = "in"
            to_exchange = "out"
            routing_key = "#.z"
            [[binding]]
            exchange = "in"
            to_exchange = "out"
            routing_key = "b.#"
            [[binding]]
            exchange = "out"
            queue = "q"
            arguments = { x-match = "all", kind = "x", size = 3 }
            [[binding]]
            exchange = "out"
            queue = "q"
            arguments = { x-match = "all", kind = "y", size = 3 }
            [[producer]]
            name = "p"
            exchange = "in"
            routing_key = "a.z"
            headers = { kind = "x", size = 3 }
            interval = "1s"
            count = 3
            "##,
        );
        let (lit, _) = lit(&scenario.expect("a good file"));
        assert_eq!(lit, [Some(0), Some(2), Some(4)].into());
    }

    /// The way to an alternate exchange has no binding.
    #[test]
    fn the_way_to_an_alternate_exchange_lights_up() {
        let lesson = lessons::find("headers").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        assert!(lit(&scenario).0.contains(&None));
    }
}
