//! The stage: a canvas outside the virtual DOM, drawn once per animation frame.

mod draw;
mod gesture;
mod hit;
mod marks;
mod paint;

use std::{cell::RefCell, rc::Rc};

use gloo::render::{AnimationFrame, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

pub(crate) use gesture::{Hand, Outcome, Pointer};
pub(crate) use hit::{Hit, handle};

use crate::{player::Player, scene::Layout};

/// The page and the loop share one player.
pub(crate) type Shared = Rc<RefCell<Player>>;
/// And the hand of the visitor.
pub(crate) type SharedHand = Rc<RefCell<Hand>>;

/// A browser that was in the background must not catch up on all of it, in ms.
const LONGEST_FRAME_MS: f64 = 100.0;
/// How often the rest of the page is told, in ms.
const TELL_EVERY_MS: f64 = 100.0;

/// When the first message has been drawn on its way.
const FIRST_MESSAGE: &str = "first-message";

/// The loop. It ends when this is dropped.
pub(crate) struct Stage {
    _frame: Rc<RefCell<Option<AnimationFrame>>>,
}

struct Loop {
    player: Shared,
    hand: SharedHand,
    canvas: HtmlCanvasElement,
    /// Where the rival is drawn, while there is one.
    rival: Box<dyn Fn() -> Option<HtmlCanvasElement>>,
    tell: Box<dyn Fn()>,
    last_ms: Option<f64>,
    told_ms: f64,
    has_moved: bool,
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
        let (rival, tell) = (Box::new(rival), Box::new(tell));
        let frame_of_loop = frame.clone();
        let state = Loop {
            player,
            hand,
            canvas,
            rival,
            tell,
            last_ms: None,
            told_ms: 0.0,
            has_moved: false,
            frame: frame_of_loop,
        };
        next_frame(state);
        Stage { _frame: frame }
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
    fn frame(&mut self, now_ms: f64) {
        let elapsed_ms = now_ms - self.last_ms.unwrap_or(now_ms);
        self.last_ms = Some(now_ms);
        self.player.borrow_mut().advance(elapsed_ms.min(LONGEST_FRAME_MS));
        let player = self.player.borrow();
        paint(&self.canvas, &player, &self.hand.borrow());
        if !self.has_moved
            && !player.motion().dots(&layout_on(&self.canvas, &player), player.world().now()).is_empty()
        {
            self.has_moved = true;
            mark(FIRST_MESSAGE);
        }
        if let (Some(rival), Some(canvas)) = (&player.rival, (self.rival)()) {
            paint(&canvas, rival, &Hand::default());
        }
        drop(player);
        if now_ms - self.told_ms >= TELL_EVERY_MS {
            self.told_ms = now_ms;
            (self.tell)();
        }
    }
}

/// The layout on a canvas as it is.
pub(crate) fn layout_on(canvas: &HtmlCanvasElement, player: &Player) -> Layout {
    player.layout(f64::from(canvas.client_width()), f64::from(canvas.client_height()))
}

/// Leaves a mark on the browser's time line, for those who measure.
fn mark(name: &str) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        // A name that the browser keeps for itself is refused, and this is none.
        let _ = performance.mark(name);
    }
}

fn paint(canvas: &HtmlCanvasElement, player: &Player, hand: &Hand) -> Option<()> {
    let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let scale = web_sys::window()?.device_pixel_ratio();
    let (pixels_x, pixels_y) = ((width * scale).round() as u32, (height * scale).round() as u32);
    if (canvas.width(), canvas.height()) != (pixels_x, pixels_y) {
        canvas.set_width(pixels_x);
        canvas.set_height(pixels_y);
    }
    let layout = hand.layout(player, layout_on(canvas, player));
    context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    let zoom = scale * layout.zoom;
    context.set_transform(zoom, 0.0, 0.0, zoom, layout.origin.x * scale, layout.origin.y * scale).ok()?;
    let theme = paint::Theme::of(canvas)?;
    draw::draw(&context, &theme, player, &layout);
    marks::draw(&context, &theme, player, &layout, hand);
    Some(())
}
