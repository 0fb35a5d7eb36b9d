//! What is lit up on the stage: the things that a step of a lesson names, or the one that the visitor is asked about.

use warren_sim::Scenario;

use super::{Box2, Layout, Place};

/// Something that can be lit up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Lit {
    Place(Place),
    /// The broker as a whole.
    Broker,
}

/// What is lit up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Light {
    pub(crate) things: Vec<Lit>,
    /// Whether everything else is dimmed.
    pub(crate) dims_the_rest: bool,
}

impl Lit {
    /// What a lesson calls by this name, in the words of `[positions]` or `broker`, if the scenario has it.
    pub(crate) fn called(thing: &str, scenario: &Scenario) -> Option<Lit> {
        let place = match thing.split_once(' ') {
            None if thing == "broker" => return Some(Lit::Broker),
            None if thing == "disk" => Place::Disk,
            Some(("exchange", name)) => Place::Exchange(name.into()),
            Some(("queue", name)) => Place::Queue(name.into()),
            Some((kind, name)) => Place::actor(scenario, kind, name)?,
            None => return None,
        };
        place.is_in(scenario).then_some(Lit::Place(place))
    }

    /// Where it stands.
    pub(crate) fn area(&self, layout: &Layout) -> Option<Box2> {
        match self {
            Lit::Place(place) => layout.node(place).map(|node| node.area),
            Lit::Broker => Some(layout.broker.area),
        }
    }
}

impl Place {
    /// The producer or the consumer that is called so.
    fn actor(scenario: &Scenario, kind: &str, name: &str) -> Option<Place> {
        let index = scenario.actor_names().position(|actor| actor == name)?;
        let actor = warren_sim::ActorId(u32::try_from(index).ok()?);
        match kind {
            "producer" => Some(Place::Producer(actor)),
            "consumer" => Some(Place::Consumer(actor)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use warren_sim::{Scenario, lessons, outages};

    use super::Lit;
    use crate::scene::Layout;

    #[test]
    fn whatever_a_step_names_stands_on_the_stage() {
        for lesson in lessons::all().iter().chain(outages::all()) {
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let layout = Layout::new(&scenario, 1000.0, 400.0);
            let steps = scenario.lesson.iter().flat_map(|lesson| &lesson.steps);
            for thing in steps.flat_map(|step| &step.light) {
                let area = Lit::called(thing, &scenario).and_then(|lit| lit.area(&layout));
                assert!(area.is_some(), "{}: {thing}", lesson.id);
            }
        }
    }
}
