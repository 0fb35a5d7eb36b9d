//! The ordered maps and sets beside the standard library's: whatever is done to both, they hold the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
use warren_core::ordered::{RowMap, RowSet};

#[derive(Clone, Debug)]
enum Deed {
    Insert(u16),
    /// A row of ascending keys, as ids are.
    Fill(u16, u16),
    Add(u16),
    Remove(u16),
    PopFirst(u16),
    PopLast,
    SplitOff(u16),
    Extract(u16),
}

fn deed() -> impl Strategy<Value = Deed> {
    let key = 0u16..400;
    prop_oneof![
        4 => key.clone().prop_map(Deed::Insert),
        1 => (key.clone(), 0u16..200).prop_map(|(from, count)| Deed::Fill(from, count)),
        1 => key.clone().prop_map(Deed::Add),
        4 => key.clone().prop_map(Deed::Remove),
        1 => (0u16..80).prop_map(Deed::PopFirst),
        1 => Just(Deed::PopLast),
        1 => key.prop_map(Deed::SplitOff),
        1 => (2u16..7).prop_map(Deed::Extract),
    ]
}

fn pairs(map: &RowMap<u16, u32>) -> Vec<(u16, u32)> {
    map.iter().map(|(key, value)| (*key, *value)).collect()
}

proptest! {
    #[test]
    fn a_map_is_what_the_standard_librarys_is(
        deeds in prop::collection::vec(deed(), 1..120),
        bounds in (any::<Bound<u8>>(), any::<Bound<u8>>()),
    ) {
        let (mut ours, mut theirs) = (RowMap::new(), BTreeMap::new());
        for (number, deed) in (0u32..).zip(deeds) {
            match deed {
                Deed::Insert(key) => prop_assert_eq!(ours.insert(key, number), theirs.insert(key, number)),
                Deed::Fill(from, count) => {
                    ours.extend((from..from + count).map(|key| (key, number)));
                    theirs.extend((from..from + count).map(|key| (key, number)));
                }
                Deed::Add(key) => {
                    *ours.entry(key).or_default() += number;
                    *theirs.entry(key).or_default() += number;
                    prop_assert_eq!(ours.get(&key), theirs.get(&key));
                }
                Deed::Remove(key) => prop_assert_eq!(ours.remove(&key), theirs.remove(&key)),
                Deed::PopFirst(count) => {
                    for _ in 0..count {
                        prop_assert_eq!(ours.pop_first(), theirs.pop_first());
                    }
                }
                Deed::PopLast => prop_assert_eq!(ours.pop_last(), theirs.pop_last()),
                Deed::SplitOff(key) => {
                    let (our_rest, their_rest) = (ours.split_off(&key), theirs.split_off(&key));
                    prop_assert_eq!(pairs(&our_rest), their_rest.clone().into_iter().collect::<Vec<_>>());
                    ours.extend(our_rest.into_iter().map(|(key, value)| (key / 2, value)));
                    theirs.extend(their_rest.into_iter().map(|(key, value)| (key / 2, value)));
                }
                Deed::Extract(divisor) => {
                    let gone = ours.extract_if(.., |key, _| key % divisor == 0).collect::<Vec<_>>();
                    let expected: Vec<_> = theirs.extract_if(.., |key, _| key % divisor == 0).collect();
                    prop_assert_eq!(gone, expected);
                }
            }
            prop_assert_eq!(pairs(&ours), theirs.clone().into_iter().collect::<Vec<_>>());
            prop_assert_eq!(ours.len(), theirs.len());
            prop_assert_eq!(ours.is_empty(), theirs.is_empty());
            prop_assert_eq!(ours.first_key_value(), theirs.first_key_value());
            prop_assert_eq!(ours.last_key_value(), theirs.last_key_value());
        }
        let backwards: Vec<_> = ours.iter().rev().collect();
        prop_assert_eq!(backwards, theirs.iter().rev().collect::<Vec<_>>());
        let bounds = (bounds.0.map(u16::from), bounds.1.map(u16::from));
        if is_a_range(&bounds) {
            let range: Vec<_> = ours.range(bounds).collect();
            prop_assert_eq!(range, theirs.range(bounds).collect::<Vec<_>>());
            prop_assert_eq!(ours.range(bounds).next_back(), theirs.range(bounds).next_back());
        }
        for key in 0..450 {
            prop_assert_eq!(ours.get(&key), theirs.get(&key));
            prop_assert_eq!(ours.contains_key(&key), theirs.contains_key(&key));
        }
        // The same things in rows of other lengths are the same.
        prop_assert_eq!(&theirs.iter().rev().map(|(key, value)| (*key, *value)).collect::<RowMap<_, _>>(), &ours);
        for (number, value) in (0u32..).zip(ours.values_mut()) {
            *value = number;
        }
        prop_assert_eq!(ours.into_values().collect::<Vec<_>>(), (0..theirs.len() as u32).collect::<Vec<_>>());
    }

    #[test]
    fn a_set_is_what_the_standard_librarys_is(deeds in prop::collection::vec((any::<bool>(), 0u16..300), 1..600)) {
        let (mut ours, mut theirs) = (RowSet::new(), BTreeSet::new());
        for (is_put, element) in deeds {
            if is_put {
                prop_assert_eq!(ours.insert(element), theirs.insert(element));
            } else {
                prop_assert_eq!(ours.remove(&element), theirs.remove(&element));
            }
            prop_assert_eq!(ours.contains(&element), theirs.contains(&element));
            prop_assert_eq!(ours.range(element..).next(), theirs.range(element..).next());
        }
        ours.retain(|element| element % 3 != 0);
        theirs.retain(|element| element % 3 != 0);
        prop_assert_eq!((ours.first(), ours.last(), ours.len()), (theirs.first(), theirs.last(), theirs.len()));
        prop_assert_eq!(ours.pop_first(), theirs.pop_first());
        prop_assert_eq!(ours.into_iter().collect::<Vec<_>>(), theirs.into_iter().collect::<Vec<_>>());
    }
}

/// The standard library panics where a range ends before it begins; ours is empty then.
fn is_a_range(bounds: &(Bound<u16>, Bound<u16>)) -> bool {
    match bounds {
        (Bound::Excluded(from), Bound::Excluded(to)) => from < to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => {
            from <= to
        }
        _ => true,
    }
}
