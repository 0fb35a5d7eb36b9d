//! The bindings of an exchange: all of them by what they are, and arranged so that its type finds those that match.

use std::{ops::Bound, sync::Arc};

use super::{
    Binding, Properties, Routable, consistent_hash::ConsistentHash, direct::Direct, headers,
    modulus_hash::ModulusHash, random, topic::Topic,
};
use crate::{
    Behaviours, Name, Random,
    event::{Destination, ExchangeKind},
    ordered::{OrdMap, sort_by},
};

/// Bindings by age, the oldest first. Each has a number that no other binding of its exchange ever has.
pub(super) type ByAge = OrdMap<u64, Arc<Binding>>;

/// Adding, finding and removing a binding take logarithmic time however many there are, and removing all that lead to
/// one destination takes no longer than there are of these: one client's bindings must not slow down all others.
#[derive(Clone)]
pub(super) struct Bindings {
    /// Every binding, with its number.
    known: OrdMap<Identity, (u64, Arc<Binding>)>,
    /// The latest number given out.
    latest: u64,
    arranged: Arranged,
}

/// What makes a binding the same as another. Ordered by destination first, so that those with one destination stand
/// together.
type Identity = (Destination, Name, Vec<u8>);

/// The same bindings as the exchange's type wants to find them.
#[derive(Clone)]
enum Arranged {
    Direct(Direct),
    Topic(Topic),
    ConsistentHash(ConsistentHash),
    ModulusHash(ModulusHash),
    /// All take every message.
    Fanout(ByAge),
    /// Each is compared with the message's headers.
    Headers(ByAge),
    /// One is drawn. By age, in one piece: it is drawn by its index.
    Random(Vec<(u64, Arc<Binding>)>),
}

impl Bindings {
    /// For the type by whose rule messages are routed.
    pub(super) fn new(rule: ExchangeKind, properties: &Properties, compat: Behaviours) -> Self {
        let arranged = match rule {
            ExchangeKind::Direct | ExchangeKind::DelayedMessage => Arranged::Direct(Direct::default()),
            ExchangeKind::Topic => Arranged::Topic(Topic::default()),
            ExchangeKind::ConsistentHash => Arranged::ConsistentHash(ConsistentHash::new(properties)),
            ExchangeKind::Fanout | ExchangeKind::RecentHistory => Arranged::Fanout(ByAge::new()),
            ExchangeKind::Headers => Arranged::Headers(ByAge::new()),
            ExchangeKind::ModulusHash => Arranged::ModulusHash(ModulusHash::new(compat)),
            ExchangeKind::Random | ExchangeKind::LocalRandom => Arranged::Random(Vec::new()),
        };
        Bindings { known: OrdMap::new(), latest: 0, arranged }
    }

    /// `false` if it was there.
    pub(super) fn add(&mut self, binding: Binding) -> bool {
        let identity = identity(&binding);
        if self.known.contains_key(&identity) {
            return false;
        }
        self.latest += 1;
        let (age, binding) = (self.latest, Arc::new(binding));
        self.known.insert(identity, (age, binding.clone()));
        self.arranged.add(age, binding);
        true
    }

    pub(super) fn contains(&self, binding: &Binding) -> bool {
        self.known.contains_key(&identity(binding))
    }

    /// `false` if it was not there.
    pub(super) fn remove(&mut self, binding: &Binding) -> bool {
        let Some((age, binding)) = self.known.remove(&identity(binding)) else { return false };
        self.arranged.remove(age, &binding);
        true
    }

    /// Those that lead to one destination.
    pub(super) fn to(&self, destination: &Destination) -> impl Iterator<Item = &(u64, Arc<Binding>)> {
        let from = (destination.clone(), Name::default(), Vec::new());
        let all = self.known.range(from..);
        all.take_while(move |(identity, _)| identity.0 == *destination).map(|(_, known)| known)
    }

    /// Removes some of those that lead to one destination, and returns them, the oldest first. The others are to follow: no
    /// message need be routed by them any more.
    pub(super) fn remove_to(&mut self, destination: &Destination, most: usize) -> Vec<Arc<Binding>> {
        let mut there: Vec<_> = self.to(destination).take(most).cloned().collect();
        sort_by(&mut there, |one, other| one.0.cmp(&other.0));
        for (_, binding) in &there {
            self.known.remove(&identity(binding));
        }
        self.arranged.remove_to(destination, &there);
        there.into_iter().map(|(_, binding)| binding).collect()
    }

    /// Takes one out of an exchange that is gone, whichever; it routes nothing any more.
    pub(super) fn take_next(&mut self) -> Option<Arc<Binding>> {
        let (_, (age, binding)) = self.known.pop_first()?;
        self.arranged.forget_one(age, &binding);
        Some(binding)
    }

    pub(super) fn len(&self) -> u64 {
        self.known.len() as u64
    }

    /// Bindings in an order of their own, with their numbers: those behind one of them, or the first ones.
    pub(super) fn behind(&self, after: Option<&Binding>, most: usize) -> Vec<(u64, Arc<Binding>)> {
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(identity(after)));
        let found = self.known.range((from, Bound::Unbounded));
        found.take(most).map(|(_, known)| known.clone()).collect()
    }

    /// A binding's number; `None` if it is not there.
    pub(super) fn age_of(&self, binding: &Binding) -> Option<u64> {
        self.known.get(&identity(binding)).map(|(age, _)| *age)
    }

    /// Every binding, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Arc<Binding>> {
        by_age(self.known.values()).into_iter()
    }

    /// Calls `found` with every binding that matches. Returns how many were looked at, about.
    pub(super) fn route<'a>(
        &'a self,
        message: &Routable<'_>,
        random: &mut Random,
        mut found: impl FnMut(&'a Binding),
    ) -> u64 {
        let mut steps = 0;
        let mut found = |binding| {
            steps += 1;
            found(binding);
        };
        let looked_at = match &self.arranged {
            Arranged::Direct(direct) => direct.route(message, found),
            Arranged::Topic(topic) => topic.route(message, found),
            Arranged::ConsistentHash(ring) => ring.route(message, found),
            Arranged::ModulusHash(list) => list.route(message, found),
            Arranged::Headers(list) => headers::route(list, message, found),
            Arranged::Random(list) => random::route(list, random, found),
            // `fanout` (AMQP 0-9-1, section 3.1.3.2): every binding, whatever the routing key.
            Arranged::Fanout(list) => {
                let skipped = usize::from(planted!(message, FanoutSkipsLast) && list.len() > 1);
                list.values().take(list.len() - skipped).for_each(|binding| found(binding));
                0
            }
        };
        steps + looked_at
    }
}

impl Arranged {
    fn add(&mut self, age: u64, binding: Arc<Binding>) {
        match self {
            Arranged::Direct(direct) => direct.add(age, binding),
            Arranged::Topic(topic) => topic.add(age, binding),
            Arranged::ConsistentHash(ring) => ring.add(age, binding),
            Arranged::ModulusHash(list) => list.add(age, binding),
            Arranged::Fanout(list) | Arranged::Headers(list) => {
                list.insert(age, binding);
            }
            Arranged::Random(list) => list.push((age, binding)),
        }
    }

    /// Removes those that are `there`, or all that lead to this destination.
    fn remove_to(&mut self, destination: &Destination, there: &[(u64, Arc<Binding>)]) {
        let Some((oldest, _)) = there.first() else { return };
        match self {
            // One by one it would take the square of their number. So all of them go with the first ones.
            Arranged::Random(list) => {
                if list.binary_search_by_key(oldest, |(age, _)| *age).is_ok() {
                    list.retain(|(_, binding)| binding.destination != *destination);
                }
            }
            Arranged::ModulusHash(list) => list.remove_to(destination, there),
            other => there.iter().for_each(|(age, binding)| other.remove(*age, binding)),
        }
    }

    /// Frees the memory of one binding, whichever is quickest: the exchange is gone.
    fn forget_one(&mut self, age: u64, binding: &Binding) {
        match self {
            Arranged::Random(list) => drop(list.pop()),
            Arranged::ModulusHash(list) => list.forget_one(),
            other => other.remove(age, binding),
        }
    }

    fn remove(&mut self, age: u64, binding: &Binding) {
        match self {
            Arranged::Direct(direct) => direct.remove(age, binding),
            Arranged::Topic(topic) => topic.remove(age, binding),
            Arranged::ConsistentHash(ring) => ring.remove(binding),
            Arranged::ModulusHash(list) => list.remove(age, binding),
            Arranged::Fanout(list) | Arranged::Headers(list) => {
                list.remove(&age);
            }
            Arranged::Random(list) => {
                if let Ok(at) = list.binary_search_by_key(&age, |(age, _)| *age) {
                    list.remove(at);
                }
            }
        }
    }
}

fn identity(binding: &Binding) -> Identity {
    let mut arguments = Vec::new();
    if !binding.arguments.is_empty() {
        binding.arguments.encode(&mut arguments);
    }
    (binding.destination.clone(), binding.routing_key.clone(), arguments)
}

fn by_age<'a>(known: impl Iterator<Item = &'a (u64, Arc<Binding>)>) -> Vec<Arc<Binding>> {
    let mut known: Vec<_> = known.collect();
    sort_by(&mut known, |one, other| one.0.cmp(&other.0));
    known.into_iter().map(|(_, binding)| binding.clone()).collect()
}
