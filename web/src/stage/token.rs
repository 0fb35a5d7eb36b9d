//! A message: a disc with its number, and marks in places of their own, so that they add up. A foot: persistent, and how
//! safe it is. A rim that becomes shorter: its time to live. A notch and "↻": delivered again. A dagger: a dead letter. A
//! tick: its publisher has been told.

use std::f64::consts::TAU;

use warren_sim::warren_core::{Instant, MessageId, Name};

use super::{brush::Brush, paint};
use crate::{
    player::Player,
    scene::{Box2, Label, Point, Safety},
};

/// What is to be seen of a message.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) at: Point,
    pub(super) label: Label,
    /// Only remembered here: it is on its way, or somewhere else.
    pub(super) is_hollow: bool,
    /// How often it has been delivered, if it is more than once; otherwise 0.
    pub(super) deliveries: u32,
    pub(super) safety: Safety,
    /// How often a queue has given it up.
    pub(super) deaths: u32,
    pub(super) is_confirmed: bool,
    /// How much of its time to live is left, from 1 to 0, if it has one.
    pub(super) left: Option<f64>,
    /// In pixels of the layout.
    pub(super) radius: f64,
}

/// Smaller discs have no tags.
const TAGS_FROM: f64 = 9.0;
const SMALLEST_NUMBER: f64 = 7.0;
/// A time to live is a rim of so many ticks.
const TICKS: f64 = 24.0;

impl Token {
    /// Without any mark.
    pub(super) const fn plain(at: Point, label: Label, radius: f64) -> Token {
        Token {
            at,
            label,
            is_hollow: false,
            deliveries: 0,
            safety: Safety::Transient,
            deaths: 0,
            is_confirmed: false,
            left: None,
            radius,
        }
    }

    /// With what is known of a message, of a copy in or from this queue.
    pub(super) fn of(
        player: &Player,
        message: MessageId,
        queue: Option<&Name>,
        (at, radius): (Point, f64),
    ) -> Token {
        let motion = player.motion();
        let about = motion.about(message);
        Token {
            deliveries: queue.map_or(0, |queue| motion.deliveries(queue, message)),
            safety: motion.safety(message),
            deaths: about.deaths,
            is_confirmed: about.confirmed,
            ..Token::plain(at, motion.label(message), radius)
        }
    }

    /// The same, with what is left of its time in a queue that it expires in then.
    pub(super) fn until(self, player: &Player, message: MessageId, expires_at: Option<Instant>) -> Token {
        let left = expires_at.map(|expires_at| {
            let since = player.motion().about(message).enqueued_at;
            let all = expires_at.since(since).as_secs_f64().max(1e-6);
            (expires_at.since(player.world().now()).as_secs_f64() / all).min(1.0)
        });
        Token { left, ..self }
    }

    pub(super) fn draw(&self, brush: &Brush) {
        let (context, theme) = (&brush.context, brush.theme);
        let colour = theme.message(self.label.colour);
        self.foot(brush);
        if self.is_hollow {
            paint::disc(context, self.at, self.radius, &theme.card);
            paint::ring(context, self.at, self.radius - 1.0, 1.0, colour, 2.0);
        } else {
            paint::disc(context, self.at, self.radius, colour);
        }
        if let Some(left) = self.left {
            // Of ticks like a clock's: a consumer at work has a whole ring.
            let width = (self.radius * 0.25).max(1.5);
            let tick = TAU * (self.radius + width) / TICKS;
            paint::set_dash(context, 0.45 * tick, 0.55 * tick);
            paint::ring(context, self.at, self.radius + width, left, &theme.wait, width);
            paint::set_dash(context, 0.0, 0.0);
        }
        self.number(brush, if self.is_hollow { colour } else { &theme.on_message });
        if self.radius >= TAGS_FROM && brush.is_legible {
            if self.deliveries > 1 {
                self.again(brush);
            }
            if self.is_confirmed {
                self.tick(brush);
            }
            if self.deaths > 0 {
                self.dead_letter(brush);
            }
        } else if self.deliveries > 1 {
            let notch = Point { x: self.at.x + 0.7 * self.radius, y: self.at.y - 0.7 * self.radius };
            paint::disc(context, notch, 0.4 * self.radius, &theme.ink);
        }
    }

    /// What is left of a message that is gone: a dashed ring.
    pub(super) fn draw_lost(&self, brush: &Brush) {
        let (context, theme) = (&brush.context, brush.theme);
        paint::disc(context, self.at, self.radius, &theme.card);
        paint::set_dash(context, 3.0, 3.0);
        paint::ring(context, self.at, self.radius - 1.0, 1.0, &theme.alarm, 2.0);
        paint::set_dash(context, 0.0, 0.0);
        self.number(brush, &theme.alarm);
    }

    /// Four corners around it: its story is told.
    pub(super) fn frame(&self, brush: &Brush) {
        let context = &brush.context;
        let (reach, arm) = (self.radius + 5.0, 0.55 * self.radius);
        for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
            let corner = Point { x: self.at.x + x * reach, y: self.at.y + y * reach };
            let along = Point { x: corner.x - x * arm, y: corner.y };
            let down = Point { x: corner.x, y: corner.y - y * arm };
            paint::polyline(context, [along, corner, down]);
            paint::stroked(context, &brush.theme.ink, 2.0);
        }
    }

    fn number(&self, brush: &Brush, colour: &str) {
        if self.radius < SMALLEST_NUMBER || !brush.is_legible {
            return;
        }
        let digits = self.label.number.to_string();
        // Of more than three the last two.
        let shown = if digits.len() > 3 { format!("…{}", &digits[digits.len() - 2..]) } else { digits };
        let size = self.radius * if shown.chars().count() > 2 { 0.78 } else { 0.95 };
        paint::bold(&brush.context, &shown, self.at, size, colour, "center");
    }

    /// Dark: it is in memory. Open: in the cache of the operating system. Bright: on the disk.
    fn foot(&self, brush: &Brush) {
        let (context, theme) = (&brush.context, brush.theme);
        let width = self.radius * 1.2;
        let top = self.at.y + self.radius + 1.0;
        let area = Box2 { left: self.at.x - width / 2.0, top, width, height: 3.0 };
        match self.safety {
            Safety::Transient => {}
            Safety::InMemory => paint::chip(context, area, &theme.ink),
            Safety::Synced => paint::chip(context, area, &theme.accent),
            Safety::Written => {
                paint::rounded(context, area, 1.5);
                paint::filled(context, &theme.card, &theme.wait, 1.2);
            }
        }
    }

    fn again(&self, brush: &Brush) {
        let (context, theme) = (&brush.context, brush.theme);
        let at = Point { x: self.at.x + self.radius * 0.85, y: self.at.y - self.radius * 0.8 };
        // As the header x-delivery-count has it: how often it came back.
        let returns = self.deliveries - 1;
        let words = if returns == 1 { "↻".to_owned() } else { format!("↻{returns}") };
        paint::pill(context, &words, at, "center", (self.tag_size(), &theme.card, &theme.ink));
    }

    const fn tag_size(&self) -> f64 {
        (self.radius * 0.76).max(8.0)
    }

    fn tick(&self, brush: &Brush) {
        let (context, theme) = (&brush.context, brush.theme);
        let at = Point { x: self.at.x - self.radius * 0.8, y: self.at.y - self.radius * 0.75 };
        paint::disc(context, at, self.radius * 0.42, &theme.card);
        paint::ring(context, at, self.radius * 0.42, 1.0, &theme.accent, 1.2);
        paint::bold(context, "✓", at, self.radius * 0.6, &theme.accent, "center");
    }

    fn dead_letter(&self, brush: &Brush) {
        let (context, theme) = (&brush.context, brush.theme);
        let at = Point { x: self.at.x - self.radius * 0.75, y: self.at.y + self.radius * 0.8 };
        let words = if self.deaths == 1 { "†".to_owned() } else { format!("†{}", self.deaths) };
        paint::pill(context, &words, at, "center", (self.tag_size(), &theme.card, &theme.ink));
    }
}

/// What a message was, as it falls: grains that part, `gone` from 0 to 1.
pub(super) fn draw_ash(brush: &Brush, token: &Token, gone: f64) {
    const GRAINS: u32 = 22;
    let context = &brush.context;
    let before = context.global_alpha();
    context.set_global_alpha(before * (1.0 - gone));
    context.set_fill_style_str(brush.theme.message(token.label.colour));
    for grain in 0..GRAINS {
        let turn = f64::from(grain) * 0.618 * TAU;
        let away = token.radius * (0.25 + 0.75 * (f64::from(grain * 7 % GRAINS) / f64::from(GRAINS)));
        let spread = 1.0 + 0.9 * gone;
        let fall = gone * gone * (26.0 + f64::from(grain % 5) * 7.0);
        let size = (token.radius / 5.0) * (1.0 - 0.5 * gone);
        let x = token.at.x + turn.cos() * away * spread;
        let y = token.at.y + turn.sin() * away * spread + fall;
        context.fill_rect(x - size / 2.0, y - size / 2.0, size, size);
    }
    context.set_global_alpha(before);
}
