//! A film that the browser records while it is played.

use std::{cell::RefCell, rc::Rc};

use gloo::{
    events::EventListener,
    render::{AnimationFrame, request_animation_frame},
};
use wasm_bindgen::JsCast;
use web_sys::{BlobEvent, HtmlCanvasElement, MediaRecorder, MediaRecorderOptions};

use crate::files::{
    download::offer,
    ground::{copy_of, paint_on},
};

/// Frames in a second.
const RATE: f64 = 30.0;
/// Bits in a second: lines and letters stay sharp.
const BITS: u32 = 6_000_000;
/// What browsers write, the best first, and how such files are called.
const KINDS: [(&str, &str); 3] =
    [("video/webm;codecs=vp9", "webm"), ("video/webm", "webm"), ("video/mp4", "mp4")];

/// A film that is being recorded. When it is dropped, nothing is saved.
pub(crate) struct Video {
    recorder: MediaRecorder,
    extension: &'static str,
    _frames: Frames,
}

/// What copies the stage, frame by frame.
type Frames = Rc<RefCell<Option<AnimationFrame>>>;

impl Video {
    /// Begins to record a canvas. `None` where the browser cannot.
    pub(super) fn of(stage: &HtmlCanvasElement) -> Option<Video> {
        let knows = js_sys::Reflect::has(&gloo::utils::window(), &"MediaRecorder".into());
        if !knows.unwrap_or(false) {
            return None;
        }
        let (kind, extension) = KINDS.into_iter().find(|(kind, _)| MediaRecorder::is_type_supported(kind))?;
        // The stage itself has no ground, and films have no transparency.
        let copy = copy_of(stage)?;
        let stream = copy.capture_stream_with_frame_request_rate(RATE).ok()?;
        let options = MediaRecorderOptions::new();
        options.set_mime_type(kind);
        options.set_video_bits_per_second(BITS);
        let recorder =
            MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options).ok()?;
        recorder.start().ok()?;
        let frames = Frames::default();
        follow(&frames, stage.clone(), copy);
        Some(Video { recorder, extension, _frames: frames })
    }

    /// Ends it, and offers it as a file.
    pub(super) fn save(self) {
        let name = format!("warren.{}", self.extension);
        EventListener::once(&self.recorder, "dataavailable", move |event| {
            if let Some(data) = event.dyn_ref::<BlobEvent>().and_then(BlobEvent::data) {
                offer(&name, &data);
            }
        })
        .forget();
        // One that has ended by itself gives what it has.
        let _ = self.recorder.stop();
    }
}

impl Drop for Video {
    fn drop(&mut self) {
        // The next frame holds the loop, and the loop the next frame.
        self._frames.replace(None);
    }
}

fn follow(frames: &Frames, stage: HtmlCanvasElement, copy: HtmlCanvasElement) {
    let next = frames.clone();
    let frame = request_animation_frame(move |_| {
        // A canvas that cannot be drawn on leaves the picture as it was.
        let _ = paint_on(&copy, &stage);
        follow(&next, stage, copy);
    });
    frames.replace(Some(frame));
}
