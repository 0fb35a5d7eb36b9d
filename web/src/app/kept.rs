//! The visitor's own topologies, kept by name in this browser. What is on the stage is kept with every change, so that
//! nothing that is opened in its place can take it away.

use serde::{Deserialize, Serialize};
use warren_sim::Moment;

use crate::{i18n::Lang, storage};

/// What the keys of kept topologies begin with. Each has a key of its own: two windows do not overwrite each other's.
const PREFIX: &str = "warren-topology-";
/// Where earlier versions of the page kept the last topology, and only that: the text of a link.
const AUTOSAVE: &str = "warren-autosave";

/// A topology that is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    /// As a link carries it: the scenario, its seed, and the moment.
    pub(super) fragment: String,
    /// When it was changed last, in ms since 1970.
    changed_ms: f64,
}

/// As what the topology on the stage is kept, once it is.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Work {
    key: Option<String>,
    name: String,
    /// When this page has changed it last: if another window has since, it is kept as another one from then on.
    changed_ms: f64,
}

/// All that is kept.
#[derive(Default)]
pub(super) struct Shelf {
    /// Keys and names, the latest first, as they were when somebody looked.
    names: Vec<(String, String)>,
    /// What the browser did not take: it is here until the page is closed.
    unstored: Vec<(String, Kept)>,
    /// What was removed last.
    removed: Option<(String, Kept)>,
}

impl Work {
    pub(super) const fn is_kept(&self) -> bool {
        self.key.is_some()
    }

    /// It is called so from now on.
    pub(super) fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// The name that it is kept by; empty if it is not.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its key and its name, if it is kept.
    pub(super) fn entry(&self) -> Option<(String, String)> {
        Some((self.key.clone()?, self.name.clone()))
    }
}

impl Shelf {
    /// What there is from earlier visits.
    pub(super) fn open(lang: Lang) -> Shelf {
        let mut shelf = Shelf::default();
        shelf.take_autosave(lang);
        shelf.refresh();
        shelf
    }

    /// Keys and names, the latest first.
    pub(super) fn names(&self) -> &[(String, String)] {
        &self.names
    }

    /// The name of what was removed last.
    pub(super) fn removed(&self) -> Option<&str> {
        self.removed.as_ref().map(|(_, kept)| &*kept.name)
    }

    /// Whether all of it will be there at the next visit.
    pub(super) fn is_stored(&self) -> bool {
        self.unstored.is_empty()
    }

    /// Looks again: another window may have changed something.
    pub(super) fn refresh(&mut self) {
        let stored = storage::keys(PREFIX).into_iter().filter_map(|key| {
            let kept = storage::read::<Kept>(&key)?;
            Some((key, kept))
        });
        let mut all: Vec<(String, Kept)> = stored.chain(self.unstored.iter().cloned()).collect();
        all.sort_by(|(_, one), (_, other)| other.changed_ms.total_cmp(&one.changed_ms));
        self.names = all.into_iter().map(|(key, kept)| (key, kept.name)).collect();
    }

    /// Keeps what is on the stage, under its name or, the first time, under the one that is wanted.
    pub(super) fn keep(&mut self, work: &mut Work, wanted: &str, fragment: String) {
        let known = work.key.as_deref().and_then(|key| self.find(key));
        if known.is_none_or(|known| known.changed_ms > work.changed_ms) {
            let now_ms = js_sys::Date::now() as u64;
            let is_free = |key: &String| self.find(key).is_none();
            work.key = (now_ms..).map(|number| format!("{PREFIX}{number}")).find(is_free);
            work.name = self.free_name(wanted);
        }
        let Some(key) = work.key.clone() else { return };
        work.changed_ms = js_sys::Date::now();
        self.put(key, Kept { name: work.name.clone(), fragment, changed_ms: work.changed_ms });
        self.refresh();
    }

    /// What is kept under a key, and how to go on with it.
    pub(super) fn take(&self, key: &str) -> Option<(Work, Kept)> {
        let kept = self.find(key)?;
        let (name, changed_ms) = (kept.name.clone(), kept.changed_ms);
        Some((Work { key: Some(key.to_owned()), name, changed_ms }, kept))
    }

    /// The key of the one with this name; of several, which two windows may make, the one that was changed last.
    pub(super) fn key_of(&self, name: &str) -> Option<String> {
        self.names.iter().find(|(_, taken)| taken == name).map(|(key, _)| key.clone())
    }

    /// Gives one another name, unless that is empty or another one bears it.
    pub(super) fn rename(&mut self, key: &str, name: &str) {
        let is_free = self.names.iter().all(|(other, taken)| other == key || taken != name);
        let found = self.find(key).filter(|_| is_free && !name.is_empty());
        if let Some(kept) = found {
            self.put(key.to_owned(), Kept { name: name.to_owned(), ..kept });
            self.refresh();
        }
    }

    /// Removes one. The last that was removed can be put back.
    pub(super) fn remove(&mut self, key: &str) {
        if let Some(kept) = self.find(key) {
            self.removed = Some((key.to_owned(), kept));
        }
        self.unstored.retain(|(unstored, _)| unstored != key);
        storage::remove(key);
        self.refresh();
    }

    pub(super) fn put_back(&mut self) {
        if let Some((key, kept)) = self.removed.take() {
            self.put(key, kept);
            self.refresh();
        }
    }

    /// A name that nothing bears yet: the wanted one, or with the next number.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted} {number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        let is_free = |name: &String| self.names.iter().all(|(_, taken)| taken != name);
        names.find(is_free).unwrap_or_else(|| wanted.to_owned())
    }

    fn find(&self, key: &str) -> Option<Kept> {
        let unstored =
            self.unstored.iter().find(|(unstored, _)| unstored == key).map(|(_, kept)| kept.clone());
        unstored.or_else(|| storage::read(key))
    }

    fn put(&mut self, key: String, kept: Kept) {
        self.unstored.retain(|(unstored, _)| *unstored != key);
        if !storage::write(&key, &kept) {
            self.unstored.push((key, kept));
        }
    }

    /// What an earlier version of the page has kept becomes one of many.
    fn take_autosave(&mut self, lang: Lang) {
        let Some(fragment) = storage::read::<String>(AUTOSAVE) else { return };
        let Some(Ok(moment)) = Moment::from_fragment(&fragment) else { return };
        self.refresh();
        self.keep(&mut Work::default(), lang.pick(&moment.scenario.title), fragment);
        if self.is_stored() {
            storage::remove(AUTOSAVE);
        }
    }
}
