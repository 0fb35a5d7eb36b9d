//! A set in order.

use std::{borrow::Borrow, fmt, ops::RangeBounds};

use super::{
    iter::{IntoIter, Iter},
    rows::Rows,
};

/// What `BTreeSet` is, and as much of how it is used as is needed.
#[derive(Clone)]
pub struct RowSet<T>(Rows<T>);

impl<T> RowSet<T> {
    /// An empty one.
    pub const fn new() -> RowSet<T> {
        RowSet(Rows::new())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = RowSet::new();
    }

    /// All, in order.
    pub fn iter(&self) -> Iter<'_, T> {
        self.0.iter()
    }

    /// The smallest.
    pub fn first(&self) -> Option<&T> {
        self.0.first()
    }

    /// The greatest.
    pub fn last(&self) -> Option<&T> {
        self.0.last()
    }

    /// Takes out the smallest.
    pub fn pop_first(&mut self) -> Option<T> {
        (!self.is_empty()).then(|| self.0.remove(self.0.start()))
    }
}

impl<T: Ord> RowSet<T> {
    /// Puts it in, and says whether it was not there.
    pub fn insert(&mut self, element: T) -> bool {
        let place = self.0.find(&element);
        if let Err(place) = place {
            self.0.insert(place, element);
        }
        place.is_err()
    }

    /// Whether it is there.
    pub fn contains<Q: Ord + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.find(element).is_ok()
    }

    /// Takes it out, and says whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        let place = self.0.find(element);
        if let Ok(place) = place {
            self.0.remove(place);
        }
        place.is_ok()
    }

    /// What is in a range, in order.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> Iter<'_, T>
    where
        T: Borrow<Q>,
    {
        let (from, to) = self.0.bounds(&range);
        self.0.between(from, to)
    }

    /// Removes those of which it is not true.
    pub fn retain(&mut self, mut stays: impl FnMut(&T) -> bool) {
        for element in std::mem::take(self) {
            if stays(&element) {
                self.0.push(element);
            }
        }
    }
}

impl<T> Default for RowSet<T> {
    fn default() -> RowSet<T> {
        RowSet::new()
    }
}

impl<T: PartialEq> PartialEq for RowSet<T> {
    fn eq(&self, other: &RowSet<T>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for RowSet<T> {}

impl<T: fmt::Debug> fmt::Debug for RowSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Ord> Extend<T> for RowSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        for element in elements {
            self.insert(element);
        }
    }
}

impl<T: Ord> FromIterator<T> for RowSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> RowSet<T> {
        let mut set = RowSet::new();
        set.extend(elements);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for RowSet<T> {
    fn from(elements: [T; N]) -> RowSet<T> {
        elements.into_iter().collect()
    }
}

impl<T> IntoIterator for RowSet<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a RowSet<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
