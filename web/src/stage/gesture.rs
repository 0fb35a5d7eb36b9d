//! What a hand does on the stage: it clicks, moves things, connects them, picks several, and moves the whole picture.

use std::rc::Rc;

use super::hit::{self, Hit};
use crate::{
    editor::Edit,
    player::Player,
    scene::{Box2, Camera, Layout, Node, Place, Point},
};
use warren_core::ordered::{OrdMap, OrdSet};

/// A hand on the stage: one pointer, or two fingers.
#[derive(Default)]
pub(crate) struct Hand {
    pointers: OrdMap<i32, Point>,
    /// Whether the last pointer that came down is a finger.
    is_finger: bool,
    deed: Deed,
}

/// What it is about to do.
#[derive(Default)]
pub(crate) enum Deed {
    #[default]
    Nothing,
    /// It has come down, and may yet click.
    Press { on: Option<Hit>, from: Pointer },
    /// It moves things, from the layout as it was.
    Carry { from: Point, to: Point, places: OrdSet<Place>, layout: Rc<Layout> },
    /// It draws a way from a thing to wherever it is.
    Connect { from: Place, to: Point },
    /// It picks what is inside.
    Frame { from: Point, to: Point },
    /// It moves the picture. A finger does so where not all of the picture is seen.
    Pan { last: Point },
    /// A finger scrolls the page.
    Scroll { last: Point },
    /// Two fingers make the picture larger or smaller.
    Pinch { apart: f64, middle: Point },
}

/// What comes of it.
pub(crate) enum Outcome {
    Nothing,
    /// A click, perhaps one that adds to what is picked.
    Click(Option<Hit>, bool),
    Edit(Edit),
    /// These are picked.
    Pick(OrdSet<Place>),
    /// The page is to scroll by so many CSS pixels.
    Scroll(f64),
}

/// A hand that trembles still clicks, in CSS pixels; a finger is wider.
const STILL: f64 = 5.0;
const STILL_FINGER: f64 = 10.0;
/// A finger that stays so long on a thing holds it, in ms: it moves the thing, or picks it besides what is picked, as Shift
/// does. One that moves earlier scrolls.
const LONG_MS: f64 = 450.0;

impl Hand {
    /// What it does at the moment.
    pub(crate) const fn deed(&self) -> &Deed {
        &self.deed
    }

    /// Whether it does nothing.
    pub(crate) const fn is_free(&self) -> bool {
        matches!(self.deed, Deed::Nothing | Deed::Press { .. })
    }

    /// The thing that a finger has come to hold by staying on it, and may now move. `now_ms` is the time of a frame, which
    /// has the same beginning as that of events.
    pub(crate) fn held(&self, now_ms: f64) -> Option<&Place> {
        match &self.deed {
            Deed::Press { on: Some(Hit::Place(place)), from } if from.is_long_before(now_ms) => Some(place),
            _ => None,
        }
    }

    /// Whether a finger is on the stage: the browser is then to show no menu of its own.
    pub(crate) fn is_touched(&self) -> bool {
        self.is_finger && !self.pointers.is_empty()
    }

    /// A pointer comes down. `several` is for picking more than one thing.
    pub(crate) fn down(&mut self, player: &Player, layout: &Layout, pointer: Pointer) {
        self.pointers.insert(pointer.id, pointer.at);
        self.is_finger = pointer.is_finger;
        if let Some((apart, middle)) = self.two_fingers() {
            self.deed = Deed::Pinch { apart, middle };
            return;
        }
        let at = pointer.at;
        self.deed = match hit::handle_at(player, layout, at) {
            Some(from) => Deed::Connect { from, to: at },
            None => Deed::Press { on: hit::hit(player, layout, at), from: pointer },
        };
    }

    /// It moves.
    pub(crate) fn moved(&mut self, player: &mut Player, layout: &Rc<Layout>, pointer: Pointer) -> Outcome {
        if self.pointers.insert(pointer.id, pointer.at).is_none() {
            self.pointers.remove(&pointer.id);
            return Outcome::Nothing;
        }
        let two_fingers = self.two_fingers();
        match &mut self.deed {
            Deed::Press { from, .. } if from.at.distance(pointer.at) < from.still() => {}
            Deed::Press { on, from } => {
                let Pointer { at, is_finger, several, .. } = &*from;
                let may_carry = !*is_finger || from.is_long_before(pointer.at_ms);
                self.deed = match (on, *is_finger && is_all_seen(layout), *several) {
                    (Some(Hit::Place(place)), ..) if may_carry => {
                        let is_picked = player.is_picked(place);
                        let places = if is_picked {
                            player.selection.places.clone()
                        } else {
                            OrdSet::from([place.clone()])
                        };
                        Deed::Carry { from: *at, to: pointer.at, places, layout: layout.clone() }
                    }
                    (_, _, true) => Deed::Frame { from: *at, to: pointer.at },
                    (_, true, _) => Deed::Scroll { last: pointer.at },
                    _ => Deed::Pan { last: pointer.at },
                };
            }
            Deed::Carry { to, .. } | Deed::Connect { to, .. } | Deed::Frame { to, .. } => *to = pointer.at,
            Deed::Pan { last } => {
                player.camera = player.camera.shifted(pointer.at.minus(*last));
                *last = pointer.at;
            }
            Deed::Scroll { last } => {
                // The page moves under the finger, so the finger stays where it is on the stage.
                let by = last.y - pointer.at.y;
                *last = Point { y: pointer.at.y + by, ..pointer.at };
                return Outcome::Scroll(by);
            }
            Deed::Pinch { apart, middle } => {
                if let Some((now_apart, now_middle)) = two_fingers {
                    let camera = player.camera.shifted(now_middle.minus(*middle));
                    player.camera = camera.zoomed(now_apart / apart.max(1.0), now_middle);
                    (*apart, *middle) = (now_apart, now_middle);
                }
            }
            Deed::Nothing => {}
        }
        Outcome::Nothing
    }

    /// It goes up.
    pub(crate) fn up(&mut self, player: &mut Player, layout: &Layout, pointer: Pointer) -> Outcome {
        self.pointers.remove(&pointer.id);
        match std::mem::take(&mut self.deed) {
            Deed::Press { on, from } => {
                Outcome::Click(on, from.several || from.is_long_before(pointer.at_ms))
            }
            Deed::Carry { from, to, places, layout } => {
                let carried = carried(player, &layout, &places, from, to);
                keep_picture(player, &layout, &carried);
                Outcome::Edit(Edit::Move(carried))
            }
            Deed::Connect { from, .. } => match layout.node_at(layout.inward(pointer.at)) {
                Some(node) if node.place != from => Outcome::Edit(Edit::Connect(from, node.place.clone())),
                _ => Outcome::Nothing,
            },
            Deed::Frame { from, to } => {
                let frame = frame(layout.inward(from), layout.inward(to));
                let inside = layout.nodes.iter().filter(|node| frame.touches(&node.area));
                Outcome::Pick(inside.map(|node| node.place.clone()).collect())
            }
            _ => Outcome::Nothing,
        }
    }

    /// The browser takes the pointer for something else.
    pub(crate) fn cancel(&mut self, id: i32) {
        self.pointers.remove(&id);
        self.deed = Deed::Nothing;
    }

    /// The layout as it looks while things are carried.
    pub(crate) fn layout(&self, player: &Player, layout: Rc<Layout>) -> Rc<Layout> {
        match &self.deed {
            Deed::Carry { from, to, places, layout: start } => {
                let by = start.inward(*to).minus(start.inward(*from));
                Rc::new(start.with_moved(player.scenario(), places, by))
            }
            _ => layout,
        }
    }

    fn two_fingers(&self) -> Option<(f64, Point)> {
        let mut points = self.pointers.values();
        let (a, b) = (points.next()?, points.next()?);
        Some((a.distance(*b), a.towards(*b, 0.5)))
    }
}

/// A pointer at a moment.
#[derive(Clone, Copy)]
pub(crate) struct Pointer {
    pub(crate) id: i32,
    /// In CSS pixels of the canvas.
    pub(crate) at: Point,
    pub(crate) is_finger: bool,
    /// With Shift.
    pub(crate) several: bool,
    pub(crate) at_ms: f64,
}

impl Pointer {
    const fn still(&self) -> f64 {
        if self.is_finger { STILL_FINGER } else { STILL }
    }

    /// Whether a finger that came down then and has stayed holds what it is on.
    fn is_long_before(&self, now_ms: f64) -> bool {
        self.is_finger && now_ms - self.at_ms >= LONG_MS
    }
}

/// Whether everything is inside of the canvas.
fn is_all_seen(layout: &Layout) -> bool {
    let (start, end) = (layout.inward(Point::default()), layout.inward(layout.size));
    layout.nodes.iter().all(|Node { area, .. }| {
        let (right, below) = (area.left + area.width, area.top + area.height);
        area.left >= start.x && area.top >= start.y && right <= end.x && below <= end.y
    })
}

/// The rectangle between two corners.
pub(crate) fn frame(a: Point, b: Point) -> Box2 {
    Box2 { left: a.x.min(b.x), top: a.y.min(b.y), width: (a.x - b.x).abs(), height: (a.y - b.y).abs() }
}

fn carried(
    player: &Player,
    layout: &Layout,
    places: &OrdSet<Place>,
    from: Point,
    to: Point,
) -> OrdMap<String, (i32, i32)> {
    let by = layout.inward(to).minus(layout.inward(from));
    layout.with_moved(player.scenario(), places, by).positions(player.scenario())
}

/// What is carried stays under the hand, although the whole has other bounds now.
pub(crate) fn keep_picture(player: &mut Player, before: &Layout, positions: &OrdMap<String, (i32, i32)>) {
    let mut scenario = player.scenario().clone();
    scenario.positions.clone_from(positions);
    let after = Layout::folded(&scenario, &player.folding, before.size.x, before.size.y);
    let zoom = before.zoom / after.zoom;
    let offset =
        Point { x: before.origin.x - after.origin.x * zoom, y: before.origin.y - after.origin.y * zoom };
    player.camera = Camera { zoom, offset };
}
