//! Long names that begin alike: what they share says nothing where there is no room for all of it.

use warren_core::ordered::OrdMap;

/// Fewer names than this are told apart by their ends.
const MANY: usize = 4;
/// Shorter beginnings are not worth a sign that something is missing.
const WORTH: usize = 4;

/// What stands between the words of a name.
const SEPARATORS: [char; 6] = ['.', '-', '_', ':', '/', ' '];

/// How many bytes at the beginning of each name most of the names have, too: whole words, and never the whole name.
pub(super) fn shared_beginnings(names: &[&str]) -> Vec<usize> {
    let mut counts: OrdMap<&str, usize> = OrdMap::new();
    for name in names {
        for end in ends_of_words(name) {
            *counts.entry(&name[..end]).or_default() += 1;
        }
    }
    let is_common = |beginning: &str| {
        names.len() >= MANY && counts.get(beginning).is_some_and(|count| 2 * count > names.len())
    };
    let shared = |name: &&str| {
        let common = ends_of_words(name).filter(|end| *end >= WORTH && is_common(&name[..*end]));
        common.last().unwrap_or_default()
    };
    names.iter().map(shared).collect()
}

/// Where words end, with what stands behind them; not the last.
fn ends_of_words(name: &str) -> impl Iterator<Item = usize> {
    let ends = name.match_indices(SEPARATORS).map(|(at, separator)| at + separator.len());
    ends.filter(|end| *end < name.len())
}

#[cfg(test)]
mod tests {
    use super::shared_beginnings;

    fn rest(names: &[&'static str]) -> Vec<&'static str> {
        names.iter().zip(shared_beginnings(names)).map(|(name, shared)| &name[shared..]).collect()
    }

    #[test]
    fn names_are_told_apart_by_what_they_do_not_share() {
        let names = ["orders.customer-1.eu", "orders.customer-2.eu", "orders.customer-2.us", "audit"];
        assert_eq!(rest(&names), ["1.eu", "2.eu", "2.us", "audit"]);
        // Only "orders." is what most of them have.
        let names = ["orders.new", "orders.paid.eu", "orders.paid.us", "mail"];
        assert_eq!(rest(&names), ["new", "paid.eu", "paid.us", "mail"]);
    }

    #[test]
    fn few_names_short_beginnings_and_whole_names_stay() {
        assert_eq!(rest(&["orders.a", "orders.b", "orders.c"]), ["orders.a", "orders.b", "orders.c"]);
        assert_eq!(rest(&["q-1", "q-2", "q-3", "q-4"]), ["q-1", "q-2", "q-3", "q-4"]);
        assert_eq!(rest(&["work-", "work-", "work-", "work-"]), ["work-", "work-", "work-", "work-"]);
        assert_eq!(
            rest(&["заказы.новые", "заказы.старые", "заказы.x", "заказы.y"]),
            ["новые", "старые", "x", "y"]
        );
    }
}
