//! A map in the order of its keys.

use std::{
    borrow::Borrow,
    fmt,
    ops::{RangeBounds, RangeFull},
};

use super::{
    iter::{IntoIter, Iter, IterMut, Pairs},
    rows::{Place, Rows},
};

/// What `BTreeMap` is, and as much of how it is used as is needed.
#[derive(Clone)]
pub struct RowMap<K, V> {
    keys: Rows<K>,
    /// Each at the place of its key.
    values: Rows<V>,
}

impl<K, V> RowMap<K, V> {
    /// An empty one.
    pub const fn new() -> RowMap<K, V> {
        RowMap { keys: Rows::new(), values: Rows::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = RowMap::new();
    }

    /// All, in order.
    pub fn iter(&self) -> Pairs<Iter<'_, K>, Iter<'_, V>> {
        Pairs { keys: self.keys.iter(), values: self.values.iter() }
    }

    /// All, in order, with values that can be changed.
    pub fn iter_mut(&mut self) -> Pairs<Iter<'_, K>, IterMut<'_, V>> {
        Pairs { keys: self.keys.iter(), values: self.values.iter_mut() }
    }

    /// The keys, in order.
    pub fn keys(&self) -> Iter<'_, K> {
        self.keys.iter()
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> Iter<'_, V> {
        self.values.iter()
    }

    /// The values, in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> IterMut<'_, V> {
        self.values.iter_mut()
    }

    /// The values themselves, in the order of their keys.
    pub fn into_values(self) -> IntoIter<V> {
        self.values.into_iter()
    }

    /// What has the smallest key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        Some((self.keys.first()?, self.values.first()?))
    }

    /// What has the greatest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        Some((self.keys.last()?, self.values.last()?))
    }

    /// Takes out what has the smallest key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.take(self.keys.start()))
    }

    /// Takes out what has the greatest key.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.take(self.keys.back()))
    }

    fn take(&mut self, place: Place) -> (K, V) {
        (self.keys.remove(place), self.values.remove(place))
    }
}

impl<K: Ord, V> RowMap<K, V> {
    /// Puts a value at a key, and gives back what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.keys.find(&key) {
            Ok(place) => self.values.get_mut(place).map(|old| std::mem::replace(old, value)),
            Err(place) => {
                self.keys.insert(place, key);
                self.values.insert(place, value);
                None
            }
        }
    }

    /// What is at a key, to be put there if nothing is.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let place = self.keys.find(&key);
        Entry { map: self, key, place }
    }

    /// What is at a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.values.get(self.keys.find(key).ok()?)
    }

    /// What is at a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.values.get_mut(self.keys.find(key).ok()?)
    }

    /// Whether something is at a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.keys.find(key).is_ok()
    }

    /// Takes out what is at a key.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.keys.find(key).ok()?;
        Some(self.take(place).1)
    }

    /// What is at the keys of a range, in order.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> Pairs<Iter<'_, K>, Iter<'_, V>>
    where
        K: Borrow<Q>,
    {
        let (from, to) = self.keys.bounds(&range);
        Pairs { keys: self.keys.between(from, to), values: self.values.between(from, to) }
    }

    /// Takes out what is at a key and the greater ones.
    #[must_use]
    pub fn split_off<Q: Ord + ?Sized>(&mut self, key: &Q) -> RowMap<K, V>
    where
        K: Borrow<Q>,
    {
        let place = self.keys.find(key).unwrap_or_else(|place| place);
        RowMap { keys: self.keys.split_off(place), values: self.values.split_off(place) }
    }

    /// Removes those of which it is not true.
    pub fn retain(&mut self, mut stays: impl FnMut(&K, &mut V) -> bool) {
        self.part(|key, value| !stays(key, value));
    }

    /// Takes out those of which it is true, all at once.
    pub fn extract_if(
        &mut self,
        _all: RangeFull,
        goes: impl FnMut(&K, &mut V) -> bool,
    ) -> Pairs<IntoIter<K>, IntoIter<V>> {
        self.part(goes).into_iter()
    }

    fn part(&mut self, mut goes: impl FnMut(&K, &mut V) -> bool) -> RowMap<K, V> {
        let mut gone = RowMap::new();
        for (key, mut value) in std::mem::take(self) {
            let to = if goes(&key, &mut value) { &mut gone } else { &mut *self };
            to.keys.push(key);
            to.values.push(value);
        }
        gone
    }
}

/// A key, and whether something is there.
pub struct Entry<'a, K, V> {
    map: &'a mut RowMap<K, V>,
    key: K,
    place: Result<Place, Place>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// What is there, or this.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// What is there, or what is made now.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        let place = self.place.unwrap_or_else(|place| {
            self.map.keys.insert(place, self.key);
            self.map.values.insert(place, make())
        });
        #[expect(clippy::expect_used, reason = "that is where it was found or put")]
        self.map.values.get_mut(place).expect("a value at the place of its key")
    }

    /// What is there, or what its type begins with.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K, V> Default for RowMap<K, V> {
    fn default() -> RowMap<K, V> {
        RowMap::new()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for RowMap<K, V> {
    fn eq(&self, other: &RowMap<K, V>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for RowMap<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for RowMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V> Extend<(K, V)> for RowMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for RowMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> RowMap<K, V> {
        let mut map = RowMap::new();
        map.extend(pairs);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for RowMap<K, V> {
    fn from(pairs: [(K, V); N]) -> RowMap<K, V> {
        pairs.into_iter().collect()
    }
}

impl<K, V> IntoIterator for RowMap<K, V> {
    type Item = (K, V);
    type IntoIter = Pairs<IntoIter<K>, IntoIter<V>>;

    fn into_iter(self) -> Self::IntoIter {
        Pairs { keys: self.keys.into_iter(), values: self.values.into_iter() }
    }
}

impl<'a, K, V> IntoIterator for &'a RowMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Pairs<Iter<'a, K>, Iter<'a, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut RowMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = Pairs<Iter<'a, K>, IterMut<'a, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(feature = "serde")]
impl<K: serde::Serialize, V: serde::Serialize> serde::Serialize for RowMap<K, V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}
