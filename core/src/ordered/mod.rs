//! Maps and sets in order: the standard library's, and on the page others of which less code is made.
//!
//! Of a `BTreeMap` the compiler makes six kilobytes of code for every pair of types, and a broker, its world and the
//! page that draws it have a hundred such pairs: they were a tenth of what a visitor downloads. [`RowMap`] keeps keys
//! and values in sorted rows beside one another, so that there is code for every type and not for every pair. A server
//! has room for trees, which are a little faster. `core/tests/ordered.rs` holds that both are the same.

mod iter;
mod map;
mod rows;
mod set;
mod sort;

pub use iter::{IntoIter, Iter, IterMut, Pairs};
pub use map::{Entry, RowMap};
pub use set::RowSet;
pub use sort::sort_by;

/// A map in the order of its keys.
#[cfg(target_family = "wasm")]
pub type OrdMap<K, V> = RowMap<K, V>;
/// A set in order.
#[cfg(target_family = "wasm")]
pub type OrdSet<T> = RowSet<T>;

/// A map in the order of its keys.
#[cfg(not(target_family = "wasm"))]
pub type OrdMap<K, V> = std::collections::BTreeMap<K, V>;
/// A set in order.
#[cfg(not(target_family = "wasm"))]
pub type OrdSet<T> = std::collections::BTreeSet<T>;
