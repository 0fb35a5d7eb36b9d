//! The stage: a canvas outside the virtual DOM, drawn once per animation frame.

mod brush;
mod clients;
mod draw;
mod gesture;
mod hit;
mod layer;
mod marks;
mod nodes;
mod paint;
mod picture;
mod rest;
mod streams;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::{
    events::{EventListener, EventListenerOptions},
    render::{AnimationFrame, request_animation_frame},
};
use web_sys::HtmlCanvasElement;

pub(crate) use gesture::{Hand, Outcome, Pointer, keep_picture};
pub(crate) use hit::{Hit, handle};

use crate::{
    player::{Player, Selection},
    scene::{Camera, Layout},
};
use picture::{Moment, Picture};

/// The page and the loop share one player.
pub(crate) type Shared = Rc<RefCell<Player>>;
/// And the hand of the visitor.
pub(crate) type SharedHand = Rc<RefCell<Hand>>;

/// A browser that was in the background must not catch up on all of it, in ms.
const LONGEST_FRAME_MS: f64 = 100.0;
/// This part of the time from frame to frame the world may play, between so many ms: what is left is for the picture, and
/// for the visitor's hand.
const WORLD_PART: f64 = 0.4;
const LEAST_WORLD_MS: f64 = 6.0;
const MOST_WORLD_MS: f64 = 12.0;
/// How often the rest of the page is told, in ms.
const TELL_EVERY_MS: f64 = 100.0;
/// The same while so much happens that nobody reads it as it comes: so many steps of the world since the last time.
const TELL_BUSY_EVERY_MS: f64 = 400.0;
const BUSY_STEPS: u64 = 500;
/// How often the picture changes for who wants nothing to move, in ms.
const STILL_MS: f64 = 250.0;

/// For so many frames in a row the picture waits for a hand: it comes down, goes up, and a key may follow.
const MOST_WAITS: u32 = 3;

/// When the first message has been drawn on its way.
const FIRST_MESSAGE: &str = "first-message";

/// The loop. It ends when this is dropped.
pub(crate) struct Stage {
    _frame: Rc<RefCell<Option<AnimationFrame>>>,
    _hands: [EventListener; HANDS.len()],
}

/// What a hand does that it waits for an answer to.
const HANDS: [&str; 4] = ["pointerdown", "pointerup", "keydown", "input"];

/// Remembers, before anybody answers, that a hand has done this.
fn listen(kind: &'static str, is_heard: Rc<Cell<bool>>) -> EventListener {
    let options = EventListenerOptions::run_in_capture_phase();
    EventListener::new_with_options(&gloo::utils::window(), kind, options, move |_| is_heard.set(true))
}

struct Loop {
    player: Shared,
    hand: SharedHand,
    picture: Picture,
    /// Where the rival is drawn, while there is one.
    rival: Box<dyn Fn() -> Option<HtmlCanvasElement>>,
    rival_picture: Option<Picture>,
    tell: Box<dyn Fn()>,
    last_ms: Option<f64>,
    told_ms: f64,
    /// How far the world was then, in steps.
    told_steps: u64,
    /// When the picture was painted, and for what wish of the visitor's.
    painted_ms: f64,
    painted_for: Option<(Camera, Selection, bool)>,
    has_moved: bool,
    hand_is_heard: Rc<Cell<bool>>,
    /// For so many frames the picture has waited.
    waited: u32,
    frame: Rc<RefCell<Option<AnimationFrame>>>,
}

impl Stage {
    /// Plays and draws on `canvas`; `tell` is called a few times per second so that the rest can follow.
    pub(crate) fn start(
        player: Shared,
        hand: SharedHand,
        canvas: HtmlCanvasElement,
        rival: impl Fn() -> Option<HtmlCanvasElement> + 'static,
        tell: impl Fn() + 'static,
    ) -> Stage {
        let frame = Rc::new(RefCell::new(None));
        let state = Loop {
            player,
            hand,
            picture: Picture::on(canvas),
            rival: Box::new(rival),
            rival_picture: None,
            tell: Box::new(tell),
            last_ms: None,
            told_ms: 0.0,
            told_steps: 0,
            painted_ms: 0.0,
            painted_for: None,
            has_moved: false,
            hand_is_heard: Rc::default(),
            waited: 0,
            frame: frame.clone(),
        };
        let _hands = HANDS.map(|kind| listen(kind, state.hand_is_heard.clone()));
        next_frame(state);
        Stage { _frame: frame, _hands }
    }
}

fn next_frame(mut state: Loop) {
    let frame = state.frame.clone();
    let requested = request_animation_frame(move |now_ms| {
        state.frame(now_ms);
        next_frame(state);
    });
    *frame.borrow_mut() = Some(requested);
}

impl Loop {
    /// Where a hand has just done something, the frame is left to the page's answer, and the world goes on with the next
    /// one: to play it, to draw it and to put it on the screen takes most of a frame.
    fn frame(&mut self, at_ms: f64) {
        let elapsed_ms = at_ms - self.last_ms.unwrap_or(at_ms);
        self.last_ms = Some(at_ms);
        if self.hand_is_heard.take() && self.waited < MOST_WAITS {
            self.waited += 1;
            return;
        }
        self.waited = 0;
        let shared = self.player.clone();
        let mut player = shared.borrow_mut();
        let until = now_ms() + (elapsed_ms * WORLD_PART).clamp(LEAST_WORLD_MS, MOST_WORLD_MS);
        player.play(elapsed_ms.min(LONGEST_FRAME_MS), || now_ms() < until);
        self.paint(&mut player, at_ms);
        self.mark_first_message(&player);
        let steps = player.world().steps();
        drop(player);
        let is_busy = steps.abs_diff(self.told_steps) > BUSY_STEPS;
        if at_ms - self.told_ms >= if is_busy { TELL_BUSY_EVERY_MS } else { TELL_EVERY_MS } {
            (self.told_ms, self.told_steps) = (at_ms, steps);
            (self.tell)();
        }
    }

    /// How long it takes until a visitor sees something move can be read off the browser's time line.
    fn mark_first_message(&mut self, player: &Player) {
        if self.has_moved {
            return;
        }
        let layout = player.latest_layout();
        if !player.flows.dots(player.motion(), &layout, player.world().now(), None).is_empty() {
            self.has_moved = true;
            mark(FIRST_MESSAGE);
        }
    }

    fn paint(&mut self, player: &mut Player, at_ms: f64) {
        let (is_still, is_dark) =
            (prefers("(prefers-reduced-motion: reduce)"), prefers("(prefers-color-scheme: dark)"));
        let elapsed_ms = at_ms - self.painted_ms;
        let wish = Some((player.camera, player.selection.clone(), is_dark));
        let hand = self.hand.borrow();
        if is_still
            && hand.is_free()
            && !hand.is_touched()
            && elapsed_ms < STILL_MS
            && self.painted_for == wish
        {
            return;
        }
        (self.painted_ms, self.painted_for) = (at_ms, wish);
        let moment = Moment { now_ms: at_ms, elapsed_ms, is_still, is_dark };
        self.picture.paint(player, &hand, moment);
        if let Some(rival) = &mut player.rival {
            let Some(canvas) = (self.rival)() else { return };
            let picture = match self.rival_picture.take() {
                Some(picture) if picture.is_on(&canvas) => picture,
                _ => Picture::on(canvas),
            };
            self.rival_picture.insert(picture).paint(rival, &Hand::default(), moment);
        }
    }
}

/// The layout on a canvas as it is.
pub(crate) fn layout_on(canvas: &HtmlCanvasElement, player: &Player) -> Rc<Layout> {
    player.layout(f64::from(canvas.client_width()), f64::from(canvas.client_height()))
}

/// Whether the visitor prefers what a media query asks for: little to move, or a dark page.
fn prefers(query: &str) -> bool {
    let query = |window: web_sys::Window| window.match_media(query).ok().flatten();
    web_sys::window().and_then(query).is_some_and(|query| query.matches())
}

/// The clock on the wall, from the opening of the page.
fn now_ms() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0.0, |performance| performance.now())
}

/// Leaves a mark on the browser's time line, for those who measure.
fn mark(name: &str) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        // A name that the browser keeps for itself is refused, and this is none.
        let _ = performance.mark(name);
    }
}
