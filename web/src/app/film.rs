//! A film of the last seconds: they are played once more, and recorded on the way.

use std::time::Duration;

use warren_sim::warren_core::Instant;

use super::App;
use crate::{components::Notice, files};

/// So much of what has passed is in a film, by the world's clock.
const LASTS: Duration = Duration::from_secs(10);

/// What is being recorded.
pub(super) struct Recording {
    film: files::Film,
    /// The moment with which it ends.
    until: Instant,
    /// The topology that it is of.
    document: u32,
}

impl App {
    /// Goes back, and records from there to this moment.
    pub(super) fn record(&mut self) {
        let Some(film) = self.canvas().and_then(|canvas| files::Film::of(&canvas)) else {
            let text = self.lang.say("This browser cannot record films: take pictures instead");
            self.notice = Some(Notice::Refused(text.to_owned()));
            return;
        };
        let mut player = self.player.borrow_mut();
        let until = player.world().now();
        let from = until.since(Instant::ZERO).saturating_sub(LASTS);
        player.seek(Instant::ZERO + from);
        player.play_until(until);
        self.recording = Some(Recording { film, until, document: player.document });
    }

    /// The film ends where it was to end, or where the visitor does something else.
    pub(super) fn follow_film(&mut self) {
        let player = self.player.borrow();
        let is_over = |recording: &mut Recording| !player.playing || player.document != recording.document;
        if let Some(recording) = self.recording.take_if(is_over) {
            recording.film.save();
        }
    }

    /// How much of a film is still to be recorded.
    pub(super) fn is_recorded_for(&self, now: Instant) -> Option<Duration> {
        self.recording.as_ref().map(|recording| recording.until.since(now))
    }
}
