//! The clock: how the world follows the visitor's time, as far as there is time to play it.

use std::time::Duration;

use warren_sim::warren_core::Instant;

use super::Player;
use crate::scene::{Caption, Layout, Pace};

/// Steps of the world from one look at the clock on the wall to the next: well below a millisecond.
const STEPS_A_LOOK: u64 = 100;
/// Steps of the world that are made at once when the clock is set: a few frames' worth. What is left follows.
const STEPS_AT_ONCE: u64 = 4_000;

/// In slow motion the clock runs at this part of its speed, for so long by its own time.
const SLOW_MOTION: f64 = 0.2;
const SLOW_FOR: Duration = Duration::from_millis(700);
/// How long a caption is seen, by the clock at its usual speed.
const READ_FOR: Duration = Duration::from_secs(4);

impl Player {
    /// `real_ms` ms have passed for the visitor. The world follows as far as it comes while `is_time`.
    pub(crate) fn play(&mut self, real_ms: f64, mut is_time: &mut dyn FnMut() -> bool) {
        if let Some(at) = self.heading {
            if self.run_to(at, &mut is_time) {
                self.heading = None;
            }
            self.moved();
        } else if self.playing {
            self.play_on(real_ms, &mut is_time);
            self.moved();
        }
        if let Some(rival) = &mut self.rival {
            rival.play(0.0, is_time);
        }
        if let Some(other) = self.other_future_mut() {
            other.play(0.0, is_time);
        }
    }

    /// Whether the next frame moves the world, or one beside it.
    pub(crate) fn moves(&self) -> bool {
        let beside = self.rival.as_deref().into_iter().chain(self.other_future().map(|(_, other)| other));
        self.playing || self.heading.is_some() || beside.into_iter().any(Player::moves)
    }

    /// The same with all the time that it takes.
    #[cfg(test)]
    pub(crate) fn advance(&mut self, real_ms: f64) {
        self.play(real_ms, &mut || true);
    }

    fn play_on(&mut self, real_ms: f64, is_time: &mut impl FnMut() -> bool) {
        let slow = if self.is_in_slow_motion() { SLOW_MOTION } else { 1.0 };
        let real_ms = real_ms * slow;
        let virtual_us = real_ms * 1_000.0 * self.speed + self.remainder_us;
        let whole_us = virtual_us.floor();
        self.remainder_us = virtual_us - whole_us;
        let before = self.world().now();
        let end = self.end();
        let mut to = Instant::from_micros(before.as_micros() + whole_us as u64);
        // The lesson has shown what it shows, or a part of it; whoever plays on sees the rest.
        let stops = [Some(end), self.stop].into_iter().flatten().filter(|stop| before < *stop);
        let stop = stops.min().filter(|stop| to >= *stop);
        let ends = stop.is_some();
        to = stop.unwrap_or(to);
        if self.run_to(to, is_time) && ends {
            (self.playing, self.stop) = (false, None);
        }
        if real_ms > 0.0 && !ends {
            let passed_ms = self.world().now().since(before).as_secs_f64() * 1_000.0;
            self.pace += (passed_ms / real_ms - self.pace) * (real_ms / 500.0).min(1.0);
        }
    }

    /// Whether the clock runs at a fifth of its speed: right after a fault, where what matters takes a moment only. Nothing
    /// but the speed changes, and who has chosen to go faster is not held up.
    pub(crate) fn is_in_slow_motion(&self) -> bool {
        let since = self.history.spectator().captions.fault_at();
        let now = self.world().now();
        self.speed <= 1.0 && since.is_some_and(|since| since <= now && now < since + SLOW_FOR)
    }

    /// Without anybody who sends or receives there is nothing to play.
    pub(super) fn has_clients(&self) -> bool {
        self.scenario().actor_names().next().is_some()
    }

    /// What has just happened, as long as it takes to read it.
    pub(crate) fn caption(&self) -> Option<Caption> {
        let (since, caption) = self.history.spectator().captions.latest()?;
        let read_by = since + READ_FOR.mul_f64(self.speed.max(1.0));
        (self.world().now() < read_by).then_some(caption)
    }

    /// Whether the world has come there.
    pub(super) fn run_to(&mut self, to: Instant, is_time: &mut impl FnMut() -> bool) -> bool {
        loop {
            self.history.advance_some(to, STEPS_A_LOOK);
            let world = self.history.world();
            if world.now() >= to && world.next_at().is_none_or(|next| next > to) {
                return true;
            }
            if !is_time() {
                return false;
            }
        }
    }

    /// How fast the clock runs, when that is clearly less than the visitor wants: there is more to play than there is time.
    pub(crate) fn lagging_pace(&self) -> Option<f64> {
        (self.playing && self.pace < 0.8 * self.speed).then_some(self.pace)
    }

    /// Sets another speed.
    pub(crate) const fn set_speed(&mut self, speed: f64) {
        (self.speed, self.pace) = (speed, speed);
    }

    /// Has dots merge into streams, and streams flow.
    pub(crate) fn flow(&mut self, layout: &Layout, elapsed_ms: f64, is_still: bool) {
        let (now, motion) = (self.history.now(), &self.history.spectator().motion);
        let speed = if self.playing { self.speed.min(self.pace.max(0.01)) } else { 0.0 };
        self.flows.follow(motion, layout, now, Pace { elapsed_ms, speed, is_still });
    }

    /// Sets the clock.
    pub(crate) fn seek(&mut self, at: Instant) {
        self.history.go_back(at);
        (self.heading, self.stop) = (None, None);
        self.head_for(at);
        self.moved();
    }

    /// The world is played up to `at`: all of it now, if that is soon done.
    pub(super) fn head_for(&mut self, at: Instant) {
        let mut looks = STEPS_AT_ONCE / STEPS_A_LOOK;
        let there = self.run_to(at, &mut || {
            looks -= 1;
            looks > 0
        });
        self.heading = (!there).then_some(at);
    }
}

#[cfg(test)]
mod tests {
    use warren_sim::warren_core::Instant;

    use crate::player::Player;

    /// How far the world comes in 100 ms of the visitor's time, in ms, `after_ms` after worker-1 has crashed at 6.5 s.
    fn passes(after_ms: f64, speed: f64) -> f64 {
        let mut player = Player::new("crash-with-ack");
        player.seek(Instant::from_micros((6_500_000.0 + after_ms * 1_000.0) as u64));
        player.set_speed(speed);
        let before = player.world().now();
        player.advance(100.0);
        player.world().now().since(before).as_secs_f64() * 1_000.0
    }

    #[test]
    fn right_after_a_fault_the_clock_runs_at_a_fifth_of_its_speed() {
        assert_eq!([passes(-300.0, 1.0), passes(1.0, 1.0), passes(650.0, 1.0)], [100.0, 20.0, 20.0]);
        assert_eq!([passes(1.0, 0.5), passes(900.0, 1.0)], [10.0, 100.0]);
        // Who is in a hurry is not held up.
        assert_eq!(passes(1.0, 2.0), 200.0);
    }
}
