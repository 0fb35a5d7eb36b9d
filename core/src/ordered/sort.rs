//! Sorting of which little code is made.

use std::cmp::Ordering;

/// What `sort_by` does. On the page numbers are sorted, and then what they stand for is put in their order: so there is
/// one sort, and not one for every type.
pub fn sort_by<T>(list: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    if cfg!(target_family = "wasm") {
        by_numbers(list, &mut compare);
    } else {
        list.sort_by(compare);
    }
}

pub(super) fn by_numbers<T>(list: &mut [T], compare: &mut dyn FnMut(&T, &T) -> Ordering) {
    let order = order(list.len(), &mut |one, other| compare(&list[one], &list[other]));
    for at in 0..order.len() {
        // What belongs here may have been moved to where something before it belonged.
        let mut from = order[at];
        while from < at {
            from = order[from];
        }
        list.swap(at, from);
    }
}

fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&one, &other| compare(one, other));
    order
}

#[cfg(test)]
mod tests {
    use super::by_numbers;

    #[test]
    fn it_is_what_the_standard_librarys_is() {
        let mut state = 1u32;
        for count in 0..200 {
            let mut list: Vec<(u32, usize)> = (0..count)
                .map(|number| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 28, number)
                })
                .collect();
            let mut expected = list.clone();
            expected.sort_by_key(|(key, _)| *key);
            by_numbers(&mut list, &mut |one, other| one.0.cmp(&other.0));
            assert_eq!(list, expected, "equals stay in their order");
        }
    }
}
