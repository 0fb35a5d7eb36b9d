//! Ordered maps and sets of which little code is made.
//!
//! A `BTreeMap` is six kilobytes of code for every pair of types, and a broker, its world and the page that
//! draws it have a hundred such pairs: they were a tenth of what a visitor downloads. These keep keys and values
//! in sorted rows of at most 64, beside one another, so that code is made for every type and not for every pair. For
//! as many elements as a broker has they are as fast.

mod iter;
mod map;
mod rows;
mod set;

pub use iter::{IntoIter, Iter, IterMut, Pairs};
pub use map::{Entry, OrdMap};
pub use set::OrdSet;
