//! `topic`: the binding key is a mask over dot-separated words, `*` one word, `#` zero or more (AMQP 0-9-1,
//! section 3.1.3.3). An empty word counts as a word; an empty key has none (RabbitMQ).
//!
//! The masks stand in a trie by their words, so that bindings that do not match cost nothing.

use super::{
    Binding, Routable,
    bindings::{add, take},
};
use crate::{
    explain::Mismatch,
    ordered::{OrdMap, OrdSet},
};

#[derive(Clone, Default)]
pub(super) struct Topic {
    root: Node,
    latest_node: u64,
}

/// The masks that begin with the same words.
#[derive(Clone, Default)]
struct Node {
    id: u64,
    words: OrdMap<Box<str>, Node>,
    star: Option<Box<Node>>,
    hash: Option<Box<Node>>,
    /// Those whose mask ends here.
    bindings: Vec<Binding>,
}

impl Topic {
    pub(super) fn bind(&mut self, binding: Binding) -> bool {
        let latest = &mut self.latest_node;
        let mut new_node = || {
            *latest += 1;
            Node { id: *latest, ..Node::default() }
        };
        let mut node = &mut self.root;
        for word in words(&binding.routing_key) {
            node = match word {
                "*" => node.star.get_or_insert_with(|| Box::new(new_node())),
                "#" => node.hash.get_or_insert_with(|| Box::new(new_node())),
                word => node.words.entry(word.into()).or_insert_with(&mut new_node),
            };
        }
        add(&mut node.bindings, binding)
    }

    pub(super) fn unbind(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        let mut gone = Vec::new();
        self.root.unbind(&goes, &mut gone);
        gone
    }

    pub(super) fn is_empty(&self) -> bool {
        self.root.is_empty()
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        let mut all = Vec::new();
        self.root.collect(&mut all);
        all.into_iter()
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) {
        for key in message.keys() {
            let ends = self.matching(key);
            ends.iter()
                .flat_map(|node| &node.bindings)
                .filter(|binding| {
                    !planted!(message, HashNeedsWord) || binding.routing_key.strip_suffix(".#") != Some(key)
                })
                .for_each(&mut found);
            if planted!(message, StarTakesMany) {
                let begins = |mask: &str| mask.strip_suffix('*').is_some_and(|start| key.starts_with(start));
                let more = self.bindings().filter(|binding| begins(&binding.routing_key));
                more.for_each(&mut found);
            }
        }
    }

    /// The nodes whose masks match the key, each once. A key is read word by word with all the nodes that it can have
    /// reached, so the cost is at most words × nodes reached, however often masks say `#`.
    fn matching(&self, key: &str) -> Vec<&Node> {
        let mut open = Open::default();
        let mut reached = vec![&self.root];
        open.enter_hash_of(&self.root);
        for word in words(key) {
            let next = reached.iter().chain(&open.nodes).flat_map(|node| node.after(word));
            reached = next.collect();
            reached.iter().for_each(|node| open.enter_hash_of(node));
        }
        reached.extend(open.nodes);
        reached
    }
}

/// The `#` nodes that a key has reached. It does not leave them, because they take every word.
#[derive(Default)]
struct Open<'a> {
    nodes: Vec<&'a Node>,
    ids: OrdSet<u64>,
}

impl<'a> Open<'a> {
    /// `#` takes no word as well, so whoever reaches `node` reaches the `#` behind it.
    fn enter_hash_of(&mut self, node: &'a Node) {
        let mut node = node;
        while let Some(hash) = &node.hash {
            if self.ids.insert(hash.id) {
                self.nodes.push(hash);
            }
            node = hash;
        }
    }
}

impl Node {
    fn after(&self, word: &str) -> impl Iterator<Item = &Node> {
        self.words.get(word).into_iter().chain(self.star.as_deref())
    }

    /// Takes out bindings, and the nodes that nothing needs any more.
    fn unbind(&mut self, goes: &impl Fn(&Binding) -> bool, gone: &mut Vec<Binding>) {
        gone.extend(take(&mut self.bindings, goes));
        self.words.retain(|_, node| {
            node.unbind(goes, gone);
            !node.is_empty()
        });
        for side in [&mut self.star, &mut self.hash] {
            if let Some(node) = side {
                node.unbind(goes, gone);
            }
            side.take_if(|node| node.is_empty());
        }
    }

    fn is_empty(&self) -> bool {
        self.bindings.is_empty() && self.words.is_empty() && self.star.is_none() && self.hash.is_none()
    }

    fn collect<'a>(&'a self, all: &mut Vec<&'a Binding>) {
        all.extend(&self.bindings);
        let sides = self.star.as_deref().into_iter().chain(self.hash.as_deref());
        self.words.values().chain(sides).for_each(|node| node.collect(all));
    }
}

fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split('.').skip(usize::from(key.is_empty()))
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
