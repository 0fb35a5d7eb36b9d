//! The stage: a canvas outside the virtual DOM, drawn once per animation frame.

mod draw;
mod hit;
mod paint;

use std::{cell::RefCell, rc::Rc};

use gloo::render::{AnimationFrame, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

pub(crate) use hit::{Hit, hit};

use crate::{player::Player, scene::Layout};

/// The page and the loop share one player.
pub(crate) type Shared = Rc<RefCell<Player>>;

/// A browser that was in the background must not catch up on all of it, in ms.
const LONGEST_FRAME_MS: f64 = 100.0;
/// How often the rest of the page is told, in ms.
const TELL_EVERY_MS: f64 = 100.0;

/// The loop. It ends when this is dropped.
pub(crate) struct Stage {
    _frame: Rc<RefCell<Option<AnimationFrame>>>,
}

struct Loop {
    player: Shared,
    canvas: HtmlCanvasElement,
    tell: Box<dyn Fn()>,
    last_ms: Option<f64>,
    told_ms: f64,
    frame: Rc<RefCell<Option<AnimationFrame>>>,
}

impl Stage {
    /// Plays and draws on `canvas`; `tell` is called a few times per second so that the rest can follow.
    pub(crate) fn start(player: Shared, canvas: HtmlCanvasElement, tell: impl Fn() + 'static) -> Stage {
        let frame = Rc::new(RefCell::new(None));
        let state =
            Loop { player, canvas, tell: Box::new(tell), last_ms: None, told_ms: 0.0, frame: frame.clone() };
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
        self.draw();
        if now_ms - self.told_ms >= TELL_EVERY_MS {
            self.told_ms = now_ms;
            (self.tell)();
        }
    }

    fn draw(&self) -> Option<()> {
        let (width, height) = (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()));
        let context: CanvasRenderingContext2d = self.canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let scale = web_sys::window()?.device_pixel_ratio();
        let (pixels_x, pixels_y) = ((width * scale).round() as u32, (height * scale).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != (pixels_x, pixels_y) {
            self.canvas.set_width(pixels_x);
            self.canvas.set_height(pixels_y);
        }
        let player = self.player.borrow();
        let layout = Layout::new(&player.scenario, width, height);
        let scale = scale * layout.zoom;
        context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, width, height);
        draw::draw(&context, &paint::Theme::of(&self.canvas)?, &player, &layout);
        Some(())
    }
}
