//! What a rule says: what changes for something in the file, what comes of it, and what to do.

use warren_core::{Behaviour, Release};

use super::survey::{Spot, Survey};

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Effect {
    /// Something is refused that was taken, or messages are lost that were kept.
    Breaks,
    /// It works, and otherwise than before.
    Changes,
}

impl Effect {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Effect::Breaks => "breaks",
            Effect::Changes => "changes",
        }
    }
}

/// How it is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proof {
    /// Conversations show the behaviour, with the answers of each release.
    Shown(Behaviour),
    /// The first of Warren's releases for which it holds, and where it was read or asked.
    Known(Release, &'static str),
}

impl Proof {
    /// The first of Warren's releases for which it holds.
    pub(super) const fn since(self) -> Release {
        match self {
            Proof::Shown(behaviour) => behaviour.since(),
            Proof::Known(release, _) => release,
        }
    }
}

/// A rule.
pub(super) struct Rule {
    /// In kebab case; for [`Proof::Shown`] the behaviour's.
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    pub(super) proof: Proof,
    /// What is so now, and was otherwise.
    pub(super) change: &'static str,
    /// What comes of it.
    pub(super) consequence: &'static str,
    pub(super) advice: &'static str,
    /// What in the file it is about.
    pub(super) spots: fn(&Survey) -> Vec<Spot>,
}

impl Rule {
    /// Whether it is between these releases that it changes.
    pub(super) fn is_between(&self, from: Release, to: Release) -> bool {
        is_between(self.proof.since(), from, to)
    }
}

pub(super) fn is_between(since: Release, from: Release, to: Release) -> bool {
    from < since && since <= to
}
