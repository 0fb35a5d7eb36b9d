//! What the visitor has picked: a message, things on the stage, or a binding.

use warren_core::ordered::OrdSet;
use warren_sim::{ActorId, Scenario, Spot, warren_core::MessageId};

use crate::{editor::Edit, scene::Place};

/// What is picked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) message: Option<MessageId>,
    pub(crate) places: OrdSet<Place>,
    /// Which of the scenario's bindings.
    pub(crate) binding: Option<usize>,
}

impl Selection {
    pub(crate) fn message(message: MessageId) -> Selection {
        Selection { message: Some(message), ..Selection::default() }
    }

    pub(crate) fn binding(binding: usize) -> Selection {
        Selection { binding: Some(binding), ..Selection::default() }
    }

    pub(crate) fn place(place: Place) -> Selection {
        Selection { places: OrdSet::from([place]), ..Selection::default() }
    }

    /// What the lint has found something at, if it is on the stage.
    pub(crate) fn spot(spot: &Spot, scenario: &Scenario) -> Option<Selection> {
        let actor = |name: &String| {
            let index = scenario.actor_names().position(|actor| actor == name)?;
            u32::try_from(index).ok().map(ActorId)
        };
        let place = match spot {
            Spot::Producer(name) => Place::Producer(actor(name)?),
            Spot::Consumer(name) => Place::Consumer(actor(name)?),
            Spot::Exchange(name) => Place::Exchange(name.as_str().into()),
            Spot::Queue(name) => Place::Queue(name.as_str().into()),
            Spot::Disk => Place::Disk,
            Spot::Binding(place) => return usize::try_from(*place).ok().map(Selection::binding),
        };
        place.is_in(scenario).then(|| Selection::place(place))
    }

    /// Picks a place too, or lets go of it.
    pub(crate) fn toggle(&mut self, place: Place) {
        (self.message, self.binding) = (None, None);
        if !self.places.remove(&place) {
            self.places.insert(place);
        }
    }

    /// The place, if it is one and only one.
    pub(crate) fn only_place(&self) -> Option<&Place> {
        if self.places.len() == 1 { self.places.first() } else { None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Selection::default()
    }

    /// What is new is picked; what an edit has moved in the lists is not mistaken for something else.
    pub(crate) fn after(&mut self, edit: &Edit, scenario: &Scenario) {
        match edit {
            Edit::Add { kind, .. } => *self = kind.latest(scenario).map(Selection::place).unwrap_or_default(),
            Edit::Connect(..) => {}
            Edit::Rename(place, name) => *self = Selection::place(place.renamed(name)),
            Edit::Duplicate(places) => {
                *self = Selection { places: copies(places, scenario), ..Selection::default() }
            }
            Edit::Remove(_) | Edit::RemoveBinding(_) => *self = Selection::default(),
            Edit::Set { .. } | Edit::Code { .. } | Edit::RemoveFault(_) | Edit::Move(_) | Edit::Arrange => {}
        }
    }

    /// Lets go of what is not there any more.
    pub(crate) fn forget_missing(&mut self, scenario: &Scenario) {
        self.places.retain(|place| place.is_in(scenario));
        self.binding = self.binding.filter(|binding| *binding < scenario.bindings.len());
    }
}

/// The copies of these places: of each kind the last ones. What may follow a copy is to happen to it.
fn copies(places: &OrdSet<Place>, scenario: &Scenario) -> OrdSet<Place> {
    let count = |is_kind: fn(&Place) -> bool| places.iter().filter(|place| is_kind(place)).count();
    let (producers, all) = (scenario.producers.len(), scenario.producers.len() + scenario.consumers.len());
    let id = |index: usize| ActorId(u32::try_from(index).unwrap_or(u32::MAX));
    let senders = count(|place| matches!(place, Place::Producer(_)));
    let receivers = count(|place| matches!(place, Place::Consumer(_)));
    let exchanges = count(|place| matches!(place, Place::Exchange(name) if !name.is_empty()));
    let queues = count(|place| matches!(place, Place::Queue(_)));
    let exchanges = scenario.exchanges.iter().rev().take(exchanges);
    let queues = scenario.queues.iter().rev().take(queues);
    (producers.saturating_sub(senders)..producers)
        .map(|index| Place::Producer(id(index)))
        .chain((all.saturating_sub(receivers)..all).map(|index| Place::Consumer(id(index))))
        .chain(exchanges.map(|exchange| Place::Exchange(exchange.name.as_str().into())))
        .chain(queues.map(|queue| Place::Queue(queue.name.as_str().into())))
        .collect()
}
