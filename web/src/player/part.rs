//! A part of a run that is played by itself and then stops: what a step of a lesson is about.

use warren_sim::warren_core::Instant;

use super::{Player, next_epoch};

impl Player {
    /// Sets the clock to `from`, in the future in which nothing was done by hand, and plays until `until`.
    pub(crate) fn play_part(&mut self, from: Instant, until: Instant) {
        self.enter_given();
        self.seek(from);
        self.play_until(until);
    }

    /// Plays on until `until`, and stops there.
    pub(crate) fn play_until(&mut self, until: Instant) {
        self.playing = self.world().now() < until;
        self.stop = Some(until).filter(|_| self.playing);
    }

    /// The same for who wants nothing to move: the clock shows the end of the part at once.
    pub(crate) fn jump_to_part(&mut self, until: Instant) {
        self.enter_given();
        self.jump_to(until);
    }

    /// Plays on, as far as it goes.
    pub(crate) const fn play_freely(&mut self) {
        (self.playing, self.stop) = (true, None);
    }

    /// Sets the clock, and stops it.
    pub(crate) fn jump_to(&mut self, at: Instant) {
        self.playing = false;
        self.seek(at);
    }

    /// Whether it is playing a part, and will stop by itself.
    pub(crate) const fn is_playing_part(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether the clock stands, and the world has come to where it stands.
    pub(crate) const fn is_at_rest(&self) -> bool {
        !self.playing && self.heading.is_none()
    }

    /// Goes over to the future in which nothing was done by hand. What was done by hand stays among the futures.
    fn enter_given(&mut self) {
        (self.heading, self.other_future) = (None, None);
        let given = self.history.branches().iter().position(|branch| branch.deeds.is_empty());
        match given.and_then(|branch| u32::try_from(branch).ok()) {
            Some(branch) => self.history.enter(branch),
            None => {
                self.history.begin_again();
                self.epoch = next_epoch();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use warren_sim::{Mishap, warren_core::Instant};

    use crate::player::Player;

    fn at(ms: u64) -> Instant {
        Instant::from_micros(ms * 1_000)
    }

    #[test]
    fn a_part_stops_at_its_end_and_whoever_plays_on_goes_on() {
        let mut player = Player::new("work-queue");
        player.play_part(at(2_000), at(2_500));
        assert_eq!((player.world().now(), player.playing), (at(2_000), true));
        player.advance(400.0);
        assert!(player.playing && player.is_playing_part());
        player.advance(400.0);
        assert_eq!((player.world().now(), player.playing), (at(2_500), false));
        player.playing = true;
        player.advance(400.0);
        assert_eq!((player.world().now(), player.playing), (at(2_900), true));
    }

    /// A task can be finished: with little time left, an act makes more, to a whole second.
    #[test]
    fn an_act_has_time_left_to_show_what_comes_of_it() {
        let mut player = Player::new("work-queue");
        let crash = || Mishap::Crash { actor: "worker-1".into() };
        let end = player.end();
        player.seek(at(2_000));
        player.act(crash());
        assert_eq!(player.end(), end, "there is enough");
        let late = at(14_500);
        player.seek(late);
        player.act(crash());
        assert_eq!(player.end(), at(34_000));
    }

    #[test]
    fn a_clock_that_is_set_by_hand_forgets_the_part() {
        let mut player = Player::new("work-queue");
        player.play_part(at(2_000), at(2_500));
        player.seek(at(1_800));
        player.playing = true;
        player.advance(1_000.0);
        assert_eq!((player.world().now(), player.playing), (at(2_800), true));
    }

    #[test]
    fn a_part_is_played_as_the_lesson_gives_it_and_what_was_done_stays_a_future() {
        let mut player = Player::new("crash-with-ack");
        player.seek(at(4_000));
        player.act(Mishap::Crash { actor: "worker-2".into() });
        player.advance(300.0);
        let done = player.branches().len();
        player.play_part(at(6_300), at(6_780));
        player.advance(4_000.0);
        assert_eq!(player.world().now(), at(6_780));
        let worker = |name: &str| player.world().actors().into_iter().find(|actor| actor.name == name);
        let is_down = |name| worker(name).is_some_and(|actor| crate::player::is_down(&actor));
        assert_eq!((is_down("worker-1"), is_down("worker-2")), (true, false));
        assert!(
            player.branches().len() >= done
                && player.branches().iter().any(|branch| !branch.deeds.is_empty())
        );
    }
}
