//! A set of behaviours: what the parts of the broker ask.

use super::{Behaviour, Release};

/// A set of [`Behaviour`]s.
///
/// ```
/// use warren_core::{Behaviour, Behaviours, Release};
///
/// let newest = Release::V4_3.behaviours();
/// let without_limit = newest.without(Behaviour::DeliveryLimit20);
/// assert!(newest.has(Behaviour::DeliveryLimit20) && !without_limit.has(Behaviour::DeliveryLimit20));
/// assert_eq!(Behaviours::NONE.with(Behaviour::DeliveryLimit20), newest.differing_from(without_limit));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Behaviours(u64);

// Each behaviour has a bit, by its place in `Behaviour::ALL`.
const _: () = assert!(Behaviour::ALL.len() <= 64);

impl Behaviours {
    /// None of them.
    pub const NONE: Behaviours = Behaviours(0);

    /// Those that RabbitMQ has had since `release` or longer.
    pub(super) const fn of(release: Release) -> Behaviours {
        let (mut bits, mut place) = (0, 0);
        while place < Behaviour::ALL.len() {
            let behaviour = Behaviour::ALL[place];
            if behaviour.since() as u8 <= release as u8 {
                bits |= behaviour.bit();
            }
            place += 1;
        }
        Behaviours(bits)
    }

    /// Whether this behaviour is one of them.
    #[must_use]
    pub const fn has(self, behaviour: Behaviour) -> bool {
        self.0 & behaviour.bit() != 0
    }

    /// These and `behaviour`.
    #[must_use]
    pub const fn with(self, behaviour: Behaviour) -> Behaviours {
        Behaviours(self.0 | behaviour.bit())
    }

    /// These but `behaviour`.
    #[must_use]
    pub const fn without(self, behaviour: Behaviour) -> Behaviours {
        Behaviours(self.0 & !behaviour.bit())
    }

    /// Those that are in one of the two sets and not in the other.
    #[must_use]
    pub const fn differing_from(self, other: Behaviours) -> Behaviours {
        Behaviours(self.0 ^ other.0)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All that are in the set, in the order of their names.
    pub fn iter(self) -> impl Iterator<Item = Behaviour> {
        Behaviour::ALL.iter().copied().filter(move |behaviour| self.has(*behaviour))
    }
}

impl FromIterator<Behaviour> for Behaviours {
    fn from_iter<T: IntoIterator<Item = Behaviour>>(behaviours: T) -> Self {
        behaviours.into_iter().fold(Behaviours::NONE, Behaviours::with)
    }
}

impl Behaviour {
    const fn bit(self) -> u64 {
        1 << self as u8
    }
}
