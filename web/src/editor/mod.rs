//! Changing a scenario: every edit gives another scenario, or says why it cannot.

mod connect;
mod fields;
mod things;
mod value;

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::Scenario;

use crate::scene::Place;
pub(crate) use fields::{Field, FieldKind, Item};
pub(crate) use things::Kind;
pub(crate) use value::texts_of;

/// Something that a visitor does to the topology.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Edit {
    /// Something new, at a place of the layout or wherever there is room.
    Add {
        kind: Kind,
        at: Option<(i32, i32)>,
    },
    Remove(OrdSet<Place>),
    RemoveBinding(usize),
    RemoveFault(usize),
    Duplicate(OrdSet<Place>),
    Rename(Place, String),
    /// A field of the file gets another value, as a person types it; nothing for its default.
    Set {
        item: Item,
        field: &'static str,
        value: String,
    },
    /// An actor plays code of its own, or none any more.
    Code {
        actor: String,
        code: Option<String>,
    },
    /// A way from one to the other: a binding, where a producer sends, where a consumer takes from.
    Connect(Place, Place),
    /// Where things stand from now on.
    Move(OrdMap<String, (i32, i32)>),
    /// Everything finds its place by itself again.
    Arrange,
}

/// The scenario after an edit.
///
/// # Errors
/// Why it cannot be, as one who reads the file would say.
pub(crate) fn apply(scenario: &Scenario, edit: &Edit) -> Result<Scenario, String> {
    let mut changed = scenario.clone();
    match edit {
        Edit::Add { kind, at } => things::add(&mut changed, *kind, *at),
        Edit::Remove(places) => things::remove(&mut changed, places),
        Edit::RemoveBinding(index) => {
            if *index < changed.bindings.len() {
                changed.bindings.remove(*index);
            }
        }
        Edit::RemoveFault(index) => {
            if *index < changed.faults.len() {
                changed.faults.remove(*index);
            }
        }
        Edit::Duplicate(places) => things::duplicate(&mut changed, places),
        Edit::Rename(place, name) => things::rename(&mut changed, place, name)?,
        Edit::Set { item, field, value } => return value::set(scenario, *item, field, value),
        Edit::Code { actor, code } => set_code(&mut changed, actor, code.clone()),
        Edit::Connect(from, to) => connect::connect(&mut changed, from, to)?,
        Edit::Move(positions) => changed.positions.extend(positions.clone()),
        Edit::Arrange => changed.positions.clear(),
    }
    // As whoever opens the file will see it.
    Scenario::parse("scenario", &changed.to_toml()).map_err(|error| error.message)
}

fn set_code(scenario: &mut Scenario, actor: &str, code: Option<String>) {
    let producer = scenario.producers.iter_mut().find(|plan| plan.name == actor).map(|plan| &mut plan.code);
    let consumer = scenario.consumers.iter_mut().find(|plan| plan.name == actor).map(|plan| &mut plan.code);
    if let Some(place) = producer.or(consumer) {
        *place = code;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_core::ordered::OrdSet;
    use warren_sim::{Fault, Mishap, Scenario};

    use super::{Edit, Kind, apply};
    use crate::scene::Place;

    /// A client was gone, a fault still called it, and the edit was refused for that.
    #[test]
    fn with_its_last_actor_a_client_goes_and_what_befalls_it() {
        let add = Edit::Add { kind: Kind::Client, at: None };
        let mut scenario = apply(&Scenario::new("empty"), &add).expect("a client");
        let client = scenario.producers[0].client.clone();
        let crash = Mishap::Crash { actor: client.clone() };
        scenario.faults.push(Fault { at: Duration::from_secs(1), what: crash });
        let remove = |scenario: &Scenario, place: Place| {
            apply(scenario, &Edit::Remove(OrdSet::from([place]))).expect("nothing is wrong with it")
        };
        let one = remove(&scenario, Place::Producer(warren_sim::ActorId(0)));
        assert_eq!((one.consumers[0].client.clone(), one.faults.len()), (client, 1));
        let none = remove(&one, Place::Consumer(warren_sim::ActorId(0)));
        assert_eq!(none.faults, []);
    }
}
