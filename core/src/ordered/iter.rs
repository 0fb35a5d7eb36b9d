//! All elements of some rows, from both ends.

use std::slice;

/// Of rows with something on each side of them: the rest of a row that was begun.
#[derive(Clone, Debug)]
pub struct Flat<R, E> {
    front: E,
    rows: R,
    back: E,
}

/// References to all, or to a range.
pub type Iter<'a, T> = Flat<slice::Iter<'a, Vec<T>>, slice::Iter<'a, T>>;
/// References that allow to change them.
pub type IterMut<'a, T> = Flat<slice::IterMut<'a, Vec<T>>, slice::IterMut<'a, T>>;
/// The elements themselves.
pub type IntoIter<T> = Flat<std::vec::IntoIter<Vec<T>>, std::vec::IntoIter<T>>;

impl<R, E> Flat<R, E> {
    pub(super) const fn new(front: E, rows: R, back: E) -> Flat<R, E> {
        Flat { front, rows, back }
    }
}

impl<R: Iterator, E: Iterator> Iterator for Flat<R, E>
where
    R::Item: IntoIterator<IntoIter = E, Item = E::Item>,
{
    type Item = E::Item;

    fn next(&mut self) -> Option<E::Item> {
        loop {
            if let Some(element) = self.front.next() {
                return Some(element);
            }
            match self.rows.next() {
                Some(row) => self.front = row.into_iter(),
                None => return self.back.next(),
            }
        }
    }
}

impl<R: DoubleEndedIterator, E: DoubleEndedIterator> DoubleEndedIterator for Flat<R, E>
where
    R::Item: IntoIterator<IntoIter = E, Item = E::Item>,
{
    fn next_back(&mut self) -> Option<E::Item> {
        loop {
            if let Some(element) = self.back.next_back() {
                return Some(element);
            }
            match self.rows.next_back() {
                Some(row) => self.back = row.into_iter(),
                None => return self.front.next_back(),
            }
        }
    }
}

/// What is with which key: two that are in step.
#[derive(Clone, Debug)]
pub struct Pairs<K, V> {
    pub(super) keys: K,
    pub(super) values: V,
}

impl<K: Iterator, V: Iterator> Iterator for Pairs<K, V> {
    type Item = (K::Item, V::Item);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.keys.next()?, self.values.next()?))
    }
}

impl<K: DoubleEndedIterator, V: DoubleEndedIterator> DoubleEndedIterator for Pairs<K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some((self.keys.next_back()?, self.values.next_back()?))
    }
}
