//! A film of the stage: what the browser records while it is played, or pictures one after another where it records nothing.

mod pictures;
mod video;

use web_sys::HtmlCanvasElement;

use pictures::Pictures;
use video::Video;

/// A film that is being recorded. When it is dropped, nothing is saved.
pub(crate) enum Film {
    /// As `WebM` or MP4.
    Video(Video),
    /// As PNG files in a ZIP archive, which any editor of films takes.
    Pictures(Pictures),
}

impl Film {
    /// Begins to record a canvas. `None` where the browser lets nobody draw.
    pub(crate) fn of(stage: &HtmlCanvasElement) -> Option<Film> {
        Video::of(stage).map(Film::Video).or_else(|| Pictures::of(stage).map(Film::Pictures))
    }

    /// Ends it, and offers it as a file.
    pub(crate) fn save(self) {
        match self {
            Film::Video(video) => video.save(),
            Film::Pictures(pictures) => pictures.save(),
        }
    }
}
