//! The stage: a canvas outside the virtual DOM, drawn once per animation frame, and less often while nothing happens.

mod badges;
mod broker;
mod brush;
mod cable;
mod clients;
mod disk;
mod draw;
mod fold;
mod gesture;
mod hit;
mod layer;
mod light;
mod machine;
mod marks;
mod nodes;
mod paint;
mod picture;
mod rest;
mod streams;
mod token;

use std::{
    cell::{Cell, RefCell},
    mem,
    rc::Rc,
};

use gloo::{
    events::{EventListener, EventListenerOptions},
    render::{AnimationFrame, request_animation_frame},
    timers::callback::Timeout,
};
use web_sys::HtmlCanvasElement;

use gesture::Deed;
pub(crate) use gesture::{Hand, Outcome, Pointer, keep_picture};
pub(crate) use hit::{Hit, handle};

use crate::{
    i18n::Lang,
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
/// While the clock stands still and no hand has done anything for so long, in ms, …
const REST_AFTER_MS: f64 = 1_000.0;
/// … frames are so far apart, in ms: the browser gets to what it does when there is time (a new version of the page), and a
/// phone's battery lasts.
const REST_MS: u32 = 100;
/// How often the picture changes for who wants nothing to move, in ms.
const STILL_MS: f64 = 250.0;

/// For so many frames in a row the picture waits for a hand: it comes down, goes up, and a key may follow.
const MOST_WAITS: u32 = 3;

/// When the first message has been drawn on its way.
const FIRST_MESSAGE: &str = "first-message";

/// The loop. It ends when this is dropped.
pub(crate) struct Stage {
    next: Rc<RefCell<Next>>,
    lang: Rc<Cell<Lang>>,
    _stirs: Vec<EventListener>,
}

/// What the loop waits for.
#[derive(Default)]
enum Next {
    #[default]
    Nothing,
    Frame {
        _requested: AnimationFrame,
    },
    /// A frame, after a rest.
    Rest {
        _until: Timeout,
    },
}

/// What a hand does that it waits for an answer to.
const HANDS: [&str; 4] = ["pointerdown", "pointerup", "keydown", "input"];
/// What else ends a rest.
const STIRS: [&str; 6] = ["pointermove", "keyup", "wheel", "resize", "scroll", "visibilitychange"];
/// What the visitor's system asks for, as media queries: a dark page, and little that moves.
const IS_DARK: &str = "(prefers-color-scheme: dark)";
const IS_STILL: &str = "(prefers-reduced-motion: reduce)";

/// Remembers, before anybody answers, that a hand has done this, and ends a rest.
fn listen(kind: &'static str, state: &Rc<RefCell<Loop>>) -> EventListener {
    let options = EventListenerOptions::run_in_capture_phase();
    let is_answered = HANDS.contains(&kind);
    let state = state.clone();
    EventListener::new_with_options(&gloo::utils::window(), kind, options, move |_| stir(&state, is_answered))
}

/// Ends a rest when what the visitor's system asks for changes.
fn listen_to_system(query: &str, state: &Rc<RefCell<Loop>>) -> Option<EventListener> {
    let asked = gloo::utils::window().match_media(query).ok().flatten()?;
    let state = state.clone();
    Some(EventListener::new(&asked, "change", move |_| stir(&state, false)))
}

/// Ends a rest: a hand has done something, or the picture has to change.
fn stir(state: &Rc<RefCell<Loop>>, by_hand: bool) {
    // An event that the loop causes itself, such as a scroll, finds it at work.
    let Ok(mut stirred) = state.try_borrow_mut() else { return };
    stirred.hand_is_heard |= by_hand;
    stirred.stirred_ms = now_ms();
    let rests = matches!(*stirred.next.borrow(), Next::Rest { .. });
    drop(stirred);
    if rests {
        request_frame(state);
    }
}

struct Loop {
    player: Shared,
    hand: SharedHand,
    lang: Rc<Cell<Lang>>,
    picture: Picture,
    /// Where the rival is drawn, while there is one.
    rival: Box<dyn Fn() -> Option<HtmlCanvasElement>>,
    rival_picture: Option<Picture>,
    /// What another future looks like, while one is looked at.
    other_picture: Option<Picture>,
    tell: Box<dyn Fn()>,
    last_ms: Option<f64>,
    told_ms: f64,
    /// How far the world was then, in steps.
    told_steps: u64,
    /// When the picture was painted, and for what wish of the visitor's.
    painted_ms: f64,
    painted_for: Option<(Camera, Selection, bool, Lang, Option<u32>)>,
    has_moved: bool,
    hand_is_heard: bool,
    /// For so many frames the picture has waited.
    waited: u32,
    /// When the world moved last, or a hand.
    stirred_ms: f64,
    next: Rc<RefCell<Next>>,
}

impl Stage {
    /// Plays and draws on `canvas`; `tell` is called a few times per second so that the rest can follow.
    pub(crate) fn start(
        (player, hand): (Shared, SharedHand),
        lang: Lang,
        canvas: HtmlCanvasElement,
        rival: impl Fn() -> Option<HtmlCanvasElement> + 'static,
        tell: impl Fn() + 'static,
    ) -> Stage {
        let next: Rc<RefCell<Next>> = Rc::default();
        let lang = Rc::new(Cell::new(lang));
        let state = Rc::new(RefCell::new(Loop {
            player,
            hand,
            lang: lang.clone(),
            picture: Picture::on(canvas),
            rival: Box::new(rival),
            rival_picture: None,
            other_picture: None,
            tell: Box::new(tell),
            last_ms: None,
            told_ms: 0.0,
            told_steps: 0,
            painted_ms: 0.0,
            painted_for: None,
            has_moved: false,
            hand_is_heard: false,
            waited: 0,
            stirred_ms: 0.0,
            next: next.clone(),
        }));
        let hands = HANDS.into_iter().chain(STIRS).map(|kind| listen(kind, &state));
        let system = [IS_DARK, IS_STILL].into_iter().filter_map(|query| listen_to_system(query, &state));
        let _stirs = hands.chain(system).collect();
        request_frame(&state);
        Stage { next, lang, _stirs }
    }

    /// From now on it says what it says in this language.
    pub(crate) fn speak(&self, lang: Lang) {
        self.lang.set(lang);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What is waited for holds the loop, and the loop what it waits for.
        self.next.replace(Next::Nothing);
    }
}

fn request_frame(state: &Rc<RefCell<Loop>>) {
    let next = state.borrow().next.clone();
    let state = state.clone();
    let _requested = request_animation_frame(move |at_ms| {
        let rests = {
            let mut state = state.borrow_mut();
            state.frame(at_ms);
            state.rests(at_ms)
        };
        if rests { rest(&state) } else { request_frame(&state) }
    });
    next.replace(Next::Frame { _requested });
}

fn rest(state: &Rc<RefCell<Loop>>) {
    let next = state.borrow().next.clone();
    let state = state.clone();
    let _until = Timeout::new(REST_MS, move || request_frame(&state));
    next.replace(Next::Rest { _until });
}

impl Loop {
    /// Where a hand has just done something, the frame is left to the page's answer, and the world goes on with the next
    /// one: to play it, to draw it and to put it on the screen takes most of a frame.
    fn frame(&mut self, at_ms: f64) {
        let elapsed_ms = at_ms - self.last_ms.unwrap_or(at_ms);
        self.last_ms = Some(at_ms);
        if mem::take(&mut self.hand_is_heard) && self.waited < MOST_WAITS {
            self.waited += 1;
            return;
        }
        self.waited = 0;
        let shared = self.player.clone();
        let mut player = shared.borrow_mut();
        let until = now_ms() + (elapsed_ms * WORLD_PART).clamp(LEAST_WORLD_MS, MOST_WORLD_MS);
        if player.moves() {
            self.stirred_ms = at_ms;
        }
        player.play(elapsed_ms.min(LONGEST_FRAME_MS), &mut || now_ms() < until);
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

    /// Whether nothing has happened for a while, so that the next picture may wait.
    fn rests(&self, at_ms: f64) -> bool {
        at_ms - self.stirred_ms >= REST_AFTER_MS && matches!(self.hand.borrow().deed(), Deed::Nothing)
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
        let (is_still, is_dark) = (wants_stillness(), prefers(IS_DARK));
        let elapsed_ms = at_ms - self.painted_ms;
        let other = player.other_future().map(|(branch, _)| branch);
        let wish = Some((player.camera, player.selection.clone(), is_dark, self.lang.get(), other));
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
        let moment = Moment { now_ms: at_ms, elapsed_ms, is_still, is_dark, lang: self.lang.get() };
        if let Some(other) = player.other_future_mut() {
            let picture = self.other_picture.get_or_insert_with(|| self.picture.another());
            picture.paint(other, &Hand::default(), moment);
            picture.veil();
        } else {
            self.other_picture = None;
            self.picture.paint(player, &hand, moment);
        }
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

/// Whether the visitor wants nothing to move that need not.
pub(crate) fn wants_stillness() -> bool {
    prefers(IS_STILL)
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
