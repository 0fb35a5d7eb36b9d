//! `topic`: the binding key is a mask over dot-separated words, `*` one word, `#` zero or more (AMQP 0-9-1,
//! section 3.1.3.3). An empty word counts as a word; an empty key has none (RabbitMQ).

use super::{Binding, Routable, add, take};
use crate::event::Destination;

#[derive(Default)]
pub(super) struct Topic {
    list: Vec<Binding>,
}

impl Topic {
    pub(super) fn bind(&mut self, binding: Binding) -> bool {
        add(&mut self.list, binding)
    }

    pub(super) fn unbind(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        take(&mut self.list, &goes)
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.list.iter()
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, found: impl FnMut(&'a Destination)) {
        let keys: Vec<Vec<&str>> = message.keys().map(|key| words(key).collect()).collect();
        let matching =
            self.list.iter().filter(|binding| keys.iter().any(|key| matches(&binding.routing_key, key)));
        matching.map(|binding| &binding.destination).for_each(found);
    }
}

fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split('.').skip(usize::from(key.is_empty()))
}

/// Whether `mask` matches `key`. At a mismatch the latest `#` takes one word more: like a glob with `*`, and as
/// there the latest is the only one worth trying again, so the cost is at most words × words.
fn matches(mask: &str, key: &[&str]) -> bool {
    let mask: Vec<&str> = words(mask).collect();
    let (mut m, mut k) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while k < key.len() {
        match mask.get(m) {
            Some(&"#") => {
                retry = Some((m, k));
                m += 1;
            }
            Some(&word) if word == "*" || word == key[k] => {
                m += 1;
                k += 1;
            }
            _ => {
                let Some((hash, taken)) = retry else { return false };
                retry = Some((hash, taken + 1));
                (m, k) = (hash + 1, taken + 1);
            }
        }
    }
    mask[m..].iter().all(|&word| word == "#")
}

#[cfg(test)]
mod tests {
    use super::{matches, words};

    #[test]
    fn masks() {
        let table = [
            ("a.b.c", "a.b.c", true),
            ("a.b.c", "a.b", false),
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.c", false),
            ("a.*", "a.", true),
            ("*", "", false),
            ("", "", true),
            ("", "a", false),
            ("#", "", true),
            ("#", "a.b.c", true),
            ("a.#", "a", true),
            ("a.#.d", "a.b.c.d", true),
            ("a.#.d", "a.d", true),
            ("a.#.d", "a.d.x", false),
            ("#.b.#.b", "b.x.b", true),
            ("#.b.#.b", "b", false),
            ("#.*", "a", true),
            ("#.*", "", false),
            ("*.#", "a.b", true),
            ("a.#.#", "a", true),
            ("#.x.*.z", "x.x.y.z", true),
            ("app.notification.sms.*", "app.notification.sms.sent", true),
            ("app.notification.sms.*", "app.notification.sms", false),
            ("app.notification.sms.*", "app.notification.sms.a.b", false),
        ];
        for (mask, key, expected) in table {
            let key_words: Vec<&str> = words(key).collect();
            assert_eq!(matches(mask, &key_words), expected, "mask {mask:?}, key {key:?}");
        }
    }
}
