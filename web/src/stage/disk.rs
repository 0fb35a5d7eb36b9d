//! The disk, at the foot of the broker: what is only in memory, what is in the cache of the operating system, and what is
//! on the disk for good.

use super::{brush::Brush, paint, rest};
use crate::{
    i18n::say,
    player::Player,
    scene::{Box2, Node, Point},
};

pub(super) fn draw(brush: &Brush, player: &Player, node: &Node) {
    let (context, theme, lang) = (&brush.context, brush.theme, brush.lang);
    let is_up = player.world().broker_is_up();
    let faint = if is_up { &theme.faint } else { &theme.on_dark };
    let shine = if is_up { &theme.accent } else { &theme.glow };
    let names = [(lang.say("memory"), faint), (lang.say("OS cache"), faint), (lang.say("disk"), shine)];
    let area = node.area;
    let size = brush.readable(11.5, 8.5);
    for (index, (name, colour)) in names.into_iter().enumerate() {
        let bottom = area.top + (index as f64 + 1.0) * brush.sizes.shelf - 1.0;
        let at = Point { x: area.left + 2.0, y: bottom - 9.0 };
        let write = if index == 2 { paint::bold } else { paint::text };
        write(context, name, at, size, colour, "left");
        let (from, to) =
            (Point { x: area.left + rest::SHELF_NAMES, y: bottom }, Point { x: area.right(), y: bottom });
        match index {
            0 => paint::set_dash(context, 1.5, 3.0),
            1 => paint::set_dash(context, 7.0, 3.0),
            _ => {}
        }
        let (stroke, width) = if index == 2 { (shine, 3.0) } else { (&theme.edge, 1.25) };
        paint::line(context, from, to, stroke, width);
        paint::set_dash(context, 0.0, 0.0);
    }
    counts(brush, player, area);
}

/// How many there are on each shelf; after a power cut, how many it took.
fn counts(brush: &Brush, player: &Player, area: Box2) {
    let (context, theme, lang) = (&brush.context, brush.theme, brush.lang);
    let motion = player.motion();
    let size = brush.readable(11.0, 8.5);
    let at = |index: usize| Point {
        x: area.right() - 2.0,
        y: area.top + (index as f64 + 1.0) * brush.sizes.shelf - 13.0,
    };
    if player.world().broker_is_up() {
        // The number of those that have ever come to it.
        let words = say!(lang, "{count} in all", count = motion.disk().synced());
        paint::bold(context, &words, at(2), size, &theme.accent, "right");
        return;
    }
    let taken = motion.disk().taken();
    for (index, lost) in [taken.0, taken.1].into_iter().enumerate() {
        if !lost.is_empty() {
            let words = say!(lang, "{count} lost", count = lost.len());
            paint::pill(context, &words, at(index), "right", (size, &theme.alarm, &theme.alarm_ground));
        }
    }
    let kept = motion.disk().kept().len();
    let words = say!(lang, "{count} kept", count = kept);
    paint::bold(context, &words, at(2), size, &theme.glow, "right");
}
