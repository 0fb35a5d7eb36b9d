//! Another future, looked at from this one.

use warren_sim::warren_core::Instant;

use super::Player;

/// A copy of another future, at the same moment as this one.
pub(super) struct OtherFuture {
    branch: u32,
    player: Box<Player>,
}

impl Player {
    /// Looks at another future at this moment; `None` ends it.
    pub(crate) fn look_at_future(&mut self, branch: Option<u32>) {
        let other = branch.filter(|branch| *branch != self.history.current());
        self.other_future = other.and_then(|branch| {
            let mut player = Player::with(self.history.copy_of(branch)?, self.source.clone());
            player.playing = false;
            Some(OtherFuture { branch, player: Box::new(player) })
        });
        self.lead_other_future();
    }

    /// The future that is looked at: which one, and what it is like.
    pub(crate) fn other_future(&self) -> Option<(u32, &Player)> {
        self.other_future.as_ref().map(|other| (other.branch, &*other.player))
    }

    /// The same, to be painted.
    pub(crate) fn other_future_mut(&mut self) -> Option<&mut Player> {
        let camera = self.camera;
        self.other_future.as_mut().map(|other| {
            other.player.camera = camera;
            &mut *other.player
        })
    }

    /// It shows the same moment.
    pub(super) fn lead_other_future(&mut self) {
        let now = self.world().now();
        if let Some(other) = &mut self.other_future {
            other.player.seek(now);
        }
    }

    /// Goes over to another future, at the same moment, or as far as that one has been played.
    pub(crate) fn enter(&mut self, branch: u32) {
        self.other_future = None;
        self.playing = false;
        let now = self.aim();
        self.history.enter(branch);
        self.seek(now.min(self.history.played_to()));
    }

    /// Where another future differs from this one: the sum that tells most of it, there and here.
    pub(crate) fn difference(&self, lang: crate::i18n::Lang) -> Option<(&'static str, u64, u64)> {
        let (_, other) = self.other_future()?;
        let (there, here) = (other.sums(lang), self.sums(lang));
        let count = |sums: &[(&'static str, &'static str, u64)], id| {
            sums.iter().find(|(sum, ..)| *sum == id).map(|(_, name, count)| (*name, *count))
        };
        TELLING.into_iter().find_map(|id| {
            let ((name, there), (_, here)) = (count(&there, id)?, count(&here, id)?);
            (there != here).then_some((name, there, here))
        })
    }

    /// The moment that the other future shows.
    pub(crate) fn moment_there(&self) -> Option<Instant> {
        self.other_future().map(|(_, other)| other.world().now())
    }
}

/// The sums by which futures are compared: what matters most comes first.
const TELLING: [&str; 8] =
    ["lost", "duplicated", "acked", "redelivered", "unacked", "ready", "delivered", "published"];
