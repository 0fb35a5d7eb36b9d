//! A sequence in rows, none of which is long, so that putting in and taking out moves few elements.

use std::{
    borrow::Borrow,
    ops::{Bound, RangeBounds},
};

use super::iter::{Flat, IntoIter, Iter, IterMut};

/// The most that is in a row.
const WIDTH: usize = 16;

/// No row is empty but the only one: what comes and goes, one at a time, needs no new memory each time.
#[derive(Clone, Debug)]
pub(super) struct Rows<T>(Vec<Vec<T>>);

/// Where an element is, or where it would be. Two `Rows` to which the same was done have the same places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    // tidy: allow(usize) A place is found and used at once, and never kept.
    row: usize,
    // tidy: allow(usize) As above.
    column: usize,
}

impl<T> Rows<T> {
    pub(super) const fn new() -> Rows<T> {
        Rows(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.first().is_none_or(Vec::is_empty)
    }

    pub(super) fn get(&self, place: Place) -> Option<&T> {
        self.0.get(place.row)?.get(place.column)
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        self.0.get_mut(place.row)?.get_mut(place.column)
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.0.first()?.first()
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.0.last()?.last()
    }

    /// Puts it in front of what is at a place, and says where it is now.
    pub(super) fn insert(&mut self, mut place: Place, element: T) -> Place {
        let count = self.0.len();
        match self.0.get_mut(place.row) {
            Some(row) if row.len() < WIDTH => row.insert(place.column, element),
            // The end of the last row: what comes in order fills rows.
            Some(_) if place.column == WIDTH && place.row + 1 == count => {
                place = Place { row: count, column: 0 };
                let mut row = Vec::with_capacity(WIDTH);
                row.push(element);
                self.0.push(row);
            }
            Some(row) => {
                let mut rest = row.split_off(WIDTH / 2);
                if place.column > WIDTH / 2 {
                    place.column -= WIDTH / 2;
                    rest.insert(place.column, element);
                    place.row += 1;
                    self.0.insert(place.row, rest);
                } else {
                    row.insert(place.column, element);
                    self.0.insert(place.row + 1, rest);
                }
            }
            None => self.0.push(vec![element]),
        }
        place
    }

    /// Puts it behind all.
    pub(super) fn push(&mut self, element: T) {
        self.insert(self.end(), element);
    }

    /// Takes out what is at a place, where something is.
    pub(super) fn remove(&mut self, place: Place) -> T {
        let row = &mut self.0[place.row];
        let element = row.remove(place.column);
        let left = row.len();
        if left == 0 {
            if self.0.len() > 1 {
                self.0.remove(place.row);
            }
        } else if left < WIDTH / 4
            && let Some(next) = self.0.get(place.row + 1)
            && left + next.len() <= WIDTH / 2
        {
            let mut next = self.0.remove(place.row + 1);
            self.0[place.row].append(&mut next);
        }
        element
    }

    /// Takes out what is at a place and after it.
    pub(super) fn split_off(&mut self, place: Place) -> Rows<T> {
        let mut rest = self.0.split_off(place.row.min(self.0.len()));
        if place.column > 0
            && let Some(row) = rest.first_mut()
        {
            let behind = row.split_off(place.column);
            let before = std::mem::replace(row, behind);
            self.0.push(before);
        }
        rest.retain(|row| !row.is_empty());
        Rows(rest)
    }

    pub(super) fn start(&self) -> Place {
        Place { row: 0, column: 0 }
    }

    /// Where something greater than all would be.
    pub(super) fn end(&self) -> Place {
        Place { row: self.0.len().saturating_sub(1), column: self.0.last().map_or(0, Vec::len) }
    }

    /// Where the last element is, where something is.
    pub(super) fn back(&self) -> Place {
        let end = self.end();
        Place { column: end.column - 1, ..end }
    }

    pub(super) fn iter(&self) -> Iter<'_, T> {
        Flat::new([].iter(), self.0.iter(), [].iter())
    }

    pub(super) fn iter_mut(&mut self) -> IterMut<'_, T> {
        Flat::new([].iter_mut(), self.0.iter_mut(), [].iter_mut())
    }

    pub(super) fn into_iter(self) -> IntoIter<T> {
        Flat::new(Vec::new().into_iter(), self.0.into_iter(), Vec::new().into_iter())
    }

    /// What is from one place to before another; nothing, if they are the wrong way round.
    pub(super) fn between(&self, from: Place, to: Place) -> Iter<'_, T> {
        let row = |row: usize| self.0.get(row).map_or(&[][..], Vec::as_slice);
        if from.row >= to.row {
            let until = if from.row == to.row { to.column } else { 0 };
            let only = row(from.row).get(from.column..until).unwrap_or_default();
            return Flat::new(only.iter(), [].iter(), [].iter());
        }
        let front = row(from.row).get(from.column..).unwrap_or_default();
        let back = row(to.row).get(..to.column).unwrap_or_default();
        Flat::new(front.iter(), self.0[from.row + 1..to.row].iter(), back.iter())
    }

    /// Where it is, or in front of what it would be if it were here.
    pub(super) fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        T: Borrow<Q>,
    {
        // What is greater than all goes to the end of the last row, and not into a new one.
        let before = &self.0[..self.0.len().saturating_sub(1)];
        let row = before.partition_point(|row| row.last().is_some_and(|last| last.borrow() < key));
        let here = self.0.get(row).map_or(&[][..], Vec::as_slice);
        match here.binary_search_by(|element| element.borrow().cmp(key)) {
            Ok(column) => Ok(Place { row, column }),
            Err(column) => Err(Place { row, column }),
        }
    }

    /// From where to before where a range is.
    pub(super) fn bounds<Q: Ord + ?Sized>(&self, range: &impl RangeBounds<Q>) -> (Place, Place)
    where
        T: Borrow<Q>,
    {
        let after = |key| match self.find(key) {
            Ok(place) => Place { column: place.column + 1, ..place },
            Err(place) => place,
        };
        let from = match range.start_bound() {
            Bound::Unbounded => self.start(),
            Bound::Included(key) => self.find(key).unwrap_or_else(|place| place),
            Bound::Excluded(key) => after(key),
        };
        let to = match range.end_bound() {
            Bound::Unbounded => self.end(),
            Bound::Included(key) => after(key),
            Bound::Excluded(key) => self.find(key).unwrap_or_else(|place| place),
        };
        (from, to)
    }
}
