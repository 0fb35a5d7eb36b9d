//! `topic`: binding keys are masks of words with dots between, where `*` is one word, `#` zero or more (AMQP 0-9-1,
//! section 3.1.3.3). An empty word counts as a word; an empty key has none (RabbitMQ).
//!
//! The masks stand in a trie by their words, so that bindings that do not match cost nothing. A routing key is matched by
//! one walk that visits every node at most once, with the set of all positions in the key at which the node can be
//! reached: however often masks say `#` and `*`, the cost is at most the number of nodes, not that number times words.

use std::sync::Arc;

use super::{Binding, Routable, bindings::ByAge};
use crate::{
    explain::Mismatch,
    ordered::{OrdMap, sort_by},
};

#[derive(Clone, Default)]
pub(super) struct Topic {
    root: Node,
}

/// The masks that begin with the same words.
#[derive(Clone, Default)]
struct Node {
    words: OrdMap<Box<str>, Node>,
    star: Option<Box<Node>>,
    hash: Option<Box<Node>>,
    /// Those whose mask ends here.
    bindings: ByAge,
}

impl Topic {
    pub(super) fn add(&mut self, age: u64, binding: Arc<Binding>) {
        let mut node = &mut self.root;
        for word in ordered_words(&binding.routing_key) {
            node = match word {
                "*" => node.star.get_or_insert_default(),
                "#" => node.hash.get_or_insert_default(),
                word => node.words.entry(word.into()).or_default(),
            };
        }
        node.bindings.insert(age, binding);
    }

    pub(super) fn remove(&mut self, age: u64, binding: &Binding) {
        self.root.remove(age, &ordered_words(&binding.routing_key));
    }

    /// Returns how many nodes were visited.
    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) -> u64 {
        let mut steps = 0;
        for key in message.keys() {
            let words: Vec<&str> = words(key).collect();
            // A short key's positions fit into one machine word, and those of any key into five (a short string has 255
            // bytes, so 256 words at most).
            let (ends, visited) = if words.len() < 64 {
                Walk::<1>::over(&self.root, &words)
            } else {
                Walk::<5>::over(&self.root, &words)
            };
            steps += visited;
            ends.into_iter()
                .flat_map(ByAge::values)
                .filter(|binding| {
                    !planted!(message, HashNeedsWord) || binding.routing_key.strip_suffix(".#") != Some(key)
                })
                .for_each(|binding| found(binding));
            if planted!(message, StarTakesMany) {
                let begins = |mask: &str| mask.strip_suffix('*').is_some_and(|start| key.starts_with(start));
                let mut all = Vec::new();
                self.root.collect(&mut all);
                let more = all.into_iter().filter(|binding| begins(&binding.routing_key));
                more.for_each(&mut found);
            }
        }
        steps
    }
}

impl Node {
    /// Takes a binding out, and the nodes on its way that nothing needs any more.
    fn remove(&mut self, age: u64, words: &[&str]) {
        let Some((word, rest)) = words.split_first() else {
            self.bindings.remove(&age);
            return;
        };
        match *word {
            "*" => remove_from(&mut self.star, age, rest),
            "#" => remove_from(&mut self.hash, age, rest),
            word => {
                let Some(node) = self.words.get_mut(word) else { return };
                node.remove(age, rest);
                if node.is_empty() {
                    self.words.remove(word);
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.bindings.is_empty() && self.words.is_empty() && self.star.is_none() && self.hash.is_none()
    }

    fn collect<'a>(&'a self, all: &mut Vec<&'a Binding>) {
        all.extend(self.bindings.values().map(|binding| &**binding));
        let sides = self.star.as_deref().into_iter().chain(self.hash.as_deref());
        self.words.values().chain(sides).for_each(|node| node.collect(all));
    }
}

fn remove_from(side: &mut Option<Box<Node>>, age: u64, words: &[&str]) {
    if let Some(node) = side {
        node.remove(age, words);
    }
    side.take_if(|node| node.is_empty());
}

/// A key being matched.
struct Walk<'k, 'a, const W: usize> {
    words: &'k [&'k str],
    /// Each different word of the key, in order, with its positions; made when it is needed.
    different: Vec<(&'k str, Positions<W>)>,
    /// Bindings of the nodes where the key ends.
    ends: Vec<&'a ByAge>,
    /// The same of nodes behind a `#`, which takes all that is left of the key.
    open_ends: Vec<&'a ByAge>,
    /// Nodes visited so far.
    visited: u64,
}

impl<'k, 'a, const W: usize> Walk<'k, 'a, W> {
    /// The bindings whose masks match these words, and how many nodes were visited.
    fn over(root: &'a Node, words: &'k [&'k str]) -> (Vec<&'a ByAge>, u64) {
        let (different, ends, open_ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut walk: Self = Walk { words, different, ends, open_ends, visited: 0 };
        walk.visit(root, Positions::at(0));
        walk.ends.append(&mut walk.open_ends);
        (walk.ends, walk.visited)
    }

    /// `here`: how many words of the key may have been read on the way to this node.
    fn visit(&mut self, node: &'a Node, here: Positions<W>) {
        self.visited += 1;
        if here.contains(self.words.len()) && !node.bindings.is_empty() {
            self.ends.push(&node.bindings);
        }
        if let Some(hash) = &node.hash
            && !hash.bindings.is_empty()
        {
            self.open_ends.push(&hash.bindings);
        }
        if !node.words.is_empty() {
            self.visit_words(node, here);
        }
        if let Some(star) = &node.star {
            let next = here.next(self.words.len());
            if !next.is_empty() {
                self.visit(star, next);
            }
        }
        // Behind a `#` stands a word, never a `*` or another `#`: see `ordered_words`.
        if let Some(hash) = &node.hash
            && !hash.words.is_empty()
        {
            self.visited += 1;
            self.visit_words(hash, here.and_all_after(self.words.len()));
        }
    }

    fn visit_words(&mut self, node: &'a Node, here: Positions<W>) {
        if let Some(position) = here.only() {
            let child = self.words.get(position).and_then(|word| node.words.get(*word));
            if let Some(child) = child {
                self.visit(child, Positions::at(position + 1));
            }
            return;
        }
        if self.different.is_empty() {
            self.different = different(self.words);
        }
        // Asks for each word that the key has or for each that the node has, whichever are fewer.
        if self.different.len() < node.words.len() {
            for index in 0..self.different.len() {
                let (word, positions) = self.different[index];
                if let Some(child) = node.words.get(word) {
                    self.visit_reached(child, here.both(positions));
                }
            }
        } else {
            for (word, child) in &node.words {
                let found = self.different.binary_search_by(|(known, _)| (*known).cmp(word));
                if let Ok(index) = found {
                    self.visit_reached(child, here.both(self.different[index].1));
                }
            }
        }
    }

    fn visit_reached(&mut self, child: &'a Node, before: Positions<W>) {
        if !before.is_empty() {
            self.visit(child, before.next(self.words.len()));
        }
    }
}

fn different<'k, const W: usize>(words: &[&'k str]) -> Vec<(&'k str, Positions<W>)> {
    let mut order: Vec<(&str, usize)> = words.iter().enumerate().map(|(at, word)| (*word, at)).collect();
    sort_by(&mut order, Ord::cmp);
    let mut different: Vec<(&str, Positions<W>)> = Vec::new();
    for (word, at) in order {
        match different.last_mut() {
            Some((known, positions)) if *known == word => positions.add(at),
            _ => different.push((word, Positions::at(at))),
        }
    }
    different
}

/// A set of positions in a key, between 0 and the number of its words: one bit each.
#[derive(Clone, Copy)]
struct Positions<const W: usize>([u64; W]);

impl<const W: usize> Positions<W> {
    fn at(position: usize) -> Self {
        let mut positions = Positions([0; W]);
        positions.add(position);
        positions
    }

    fn add(&mut self, position: usize) {
        if let Some(part) = self.0.get_mut(position / 64) {
            *part |= 1 << (position % 64);
        }
    }

    fn contains(self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|part| part >> (position % 64) & 1 == 1)
    }

    fn is_empty(self) -> bool {
        self.0.iter().all(|part| *part == 0)
    }

    /// The position, if it is one alone.
    fn only(self) -> Option<usize> {
        let mut set = self.0.iter().enumerate().filter(|(_, part)| **part != 0);
        let (index, part) = set.next()?;
        (part.is_power_of_two() && set.next().is_none()).then(|| index * 64 + part.trailing_zeros() as usize)
    }

    fn both(self, other: Self) -> Self {
        Positions(std::array::from_fn(|index| self.0[index] & other.0[index]))
    }

    /// Every position one further, as far as the key has so many words.
    fn next(self, words: usize) -> Self {
        let carry = |index: usize| if index == 0 { 0 } else { self.0[index - 1] >> 63 };
        Positions(std::array::from_fn(|index| self.0[index] << 1 | carry(index))).up_to(words)
    }

    /// The first position and every one behind it, as far as the key has so many words.
    fn and_all_after(self, words: usize) -> Self {
        let mut reached = false;
        let parts = std::array::from_fn(|index| {
            let part = self.0[index];
            let all = match (reached, part) {
                (true, _) => u64::MAX,
                (false, 0) => 0,
                (false, part) => u64::MAX << part.trailing_zeros(),
            };
            reached |= part != 0;
            all
        });
        Positions(parts).up_to(words)
    }

    fn up_to(self, words: usize) -> Self {
        Positions(std::array::from_fn(|index| match (words / 64).cmp(&index) {
            std::cmp::Ordering::Greater => self.0[index],
            std::cmp::Ordering::Equal => self.0[index] & (u64::MAX >> (63 - words % 64)),
            std::cmp::Ordering::Less => 0,
        }))
    }
}

fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split('.').skip(usize::from(key.is_empty()))
}

/// A mask's words, in each run of `*` and `#` the `*` first and one `#` at most. That matches the same keys (a run asks for
/// as many words as it has `*`, or more if it has a `#`), and masks that mean the same share their nodes.
fn ordered_words(mask: &str) -> Vec<&str> {
    let mut ordered: Vec<&str> = Vec::new();
    let mut open = false;
    for word in words(mask) {
        match word {
            "#" => open = true,
            "*" => ordered.push(word),
            word => {
                ordered.extend(open.then_some("#"));
                ordered.push(word);
                open = false;
            }
        }
    }
    ordered.extend(open.then_some("#"));
    ordered
}

/// Why a mask that a key did not match does not.
pub(super) fn mismatch(mask: &str, key: &str) -> Mismatch {
    let (mask, key): (Vec<&str>, Vec<&str>) = (words(mask).collect(), words(key).collect());
    let or_more = mask.contains(&"#");
    let needs = mask.iter().filter(|word| **word != "#").count();
    if key.len() < needs || (!or_more && key.len() > needs) {
        return Mismatch::Words { needs: needs as u64, has: key.len() as u64, or_more };
    }
    // Only before the first `#` and behind the last does a word of the mask have its place.
    let differs = |(wants, has): &(&&str, &&str)| **wants != "*" && wants != has;
    let has_place = |(wants, _): &(&&str, &&str)| **wants != "#";
    let first = mask.iter().zip(&key).take_while(has_place).enumerate().find(|(_, pair)| differs(pair));
    let last = mask.iter().rev().zip(key.iter().rev()).take_while(has_place).enumerate();
    let last = last.map(|(at, pair)| (key.len() - 1 - at, pair)).find(|(_, pair)| differs(pair));
    match first.or(last) {
        Some((at, (wants, has))) => {
            Mismatch::Word { at: at as u64 + 1, wants: (*wants).to_owned(), has: (*has).to_owned() }
        }
        None => Mismatch::Mask,
    }
}
