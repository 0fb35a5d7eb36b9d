//! What each thing that happens to the page does.

use std::time::Duration;

use warren_programs::Language;
use warren_sim::warren_core::Instant;
use web_sys::HtmlCanvasElement;

use super::{App, Message, Zoom, address::Address, input};
use crate::{
    components::{Notice, Tab, Wish, badges_as_text},
    editor::{Edit, Kind},
    player::{Player, Selection},
    scene::{Camera, Layout, Place, Point},
    stage::{Hit, Outcome},
};

/// One press on a button makes the picture so many times as large.
const ZOOM_STEP: f64 = 1.25;

impl App {
    /// Whether the page looks different now.
    pub(super) fn update(&mut self, message: Message) -> bool {
        if message.takes_over() {
            self.leave_opening();
        }
        // On the wire is what is picked.
        if !message.only_picks() || self.tab == Tab::Wire {
            self.panels.take();
        }
        match message {
            Message::Tick => {
                self.follow_lesson();
                self.follow_film();
            }
            Message::Language(lang) => {
                lang.remember();
                self.lang = lang;
            }
            Message::Menu(menu) => {
                self.menu = menu;
                self.shelf.refresh();
            }
            Message::Help(is_open) => self.is_help_open = is_open,
            Message::CloseClassLink => self.is_class_link_open = false,
            Message::Mode(mode) => self.choose_mode(mode),
            Message::Open(lesson) => {
                self.menu = None;
                self.visit(Address::Lesson(lesson));
            }
            Message::Lesson(wish) => self.lesson(wish),
            Message::Clock(wish) => self.player.borrow_mut().wish(wish),
            Message::Seek(at) => self.player.borrow_mut().scrub(at),
            Message::StepKind(kind) => self.player.borrow_mut().step_kind = kind,
            Message::Down(event) => return self.down(&event),
            Message::Move(event) => return self.moved(&event),
            Message::Up(event) => return self.up(&event),
            Message::Cancel(event) => self.hand.borrow_mut().cancel(event.pointer_id()),
            Message::Drop(event) => return self.dropped(&event),
            Message::Put(kind, event) => return self.put(kind, &event),
            Message::StageKey(event) => return self.stage_key(&event),
            Message::Key(event) => return self.key(&event),
            Message::Zoom(zoom) => self.zoom(zoom),
            Message::Find((text, is_next)) => {
                self.found = (!text.trim().is_empty()).then(|| self.player.borrow_mut().find(&text, is_next));
            }
            Message::Select(selection) => {
                let mut player = self.player.borrow_mut();
                player.selection = selection;
                player.unfold_picked();
            }
            Message::Fold((exchange, is_folded)) => self.player.borrow_mut().fold(exchange, is_folded),
            Message::Act(mishap) => {
                self.player.borrow_mut().act(mishap);
                self.keep();
            }
            Message::Toggle(place) => {
                self.player.borrow_mut().toggle_place(&place);
                self.keep();
            }
            Message::Edit(edit) => self.edit(&edit),
            Message::Undo => self.undo(),
            Message::Redo => self.redo(),
            Message::Compare(is_wanted) => {
                self.player.borrow_mut().compare(is_wanted);
                if is_wanted {
                    super::focus::show_soon(".rival");
                }
            }
            Message::LookAtFuture(branch) => self.player.borrow_mut().look_at_future(branch),
            Message::Branch(branch) => self.player.borrow_mut().enter(branch),
            Message::File(wish) => self.file(&wish),
            Message::FileChosen(_) => return false,
            Message::FileText(name, text) => self.open_text(&name, &text),
            Message::Hash(fragment) => self.follow(&fragment),
            Message::Leave => {
                self.keep();
                return false;
            }
            Message::Dismiss => self.offered = None,
            Message::CloseNotice => self.notice = None,
            Message::Refused(why) => self.notice = Some(Notice::Refused(why)),
            Message::Tab(tab) => self.tab = tab,
            Message::Look(look) => self.player.borrow_mut().look = look,
            Message::CodeLanguage(language) => self.code.0 = language,
            Message::CodeActor(actor) => self.code.1 = actor,
            Message::ReadCode(actor) => {
                (self.tab, self.code) = (Tab::Code, (Language::JavaScript, actor));
            }
            Message::RunCode(actor, code) => self.run_code(&actor, code),
            Message::RemoveCode(actor) => self.edit(&Edit::Code { actor, code: None }),
            Message::Interpreter(outcome) => self.interpreter_is_there(outcome),
            Message::Sum(sum) => self.sum = if self.sum == sum { None } else { sum },
            Message::LogKind(kind) => self.log_filter.0 = kind,
            Message::LogText(text) => self.log_filter.1 = text,
        }
        true
    }

    fn edit(&mut self, edit: &Edit) {
        let mut player = self.player.borrow_mut();
        player.edit(edit);
        self.notice = player.complaint.clone().map(Notice::Refused);
        drop(player);
        self.panels.take();
        self.keep();
    }

    pub(super) fn canvas(&self) -> Option<HtmlCanvasElement> {
        self.canvas.cast()
    }

    fn down(&mut self, event: &web_sys::PointerEvent) -> bool {
        let Some(canvas) = self.canvas() else { return false };
        // A pointer that is gone already needs not be held.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        let player = self.player.borrow();
        let layout = crate::stage::layout_on(&canvas, &player);
        self.hand.borrow_mut().down(&player, &layout, input::pointer(event, &canvas));
        false
    }

    fn moved(&mut self, event: &web_sys::PointerEvent) -> bool {
        let Some(canvas) = self.canvas() else { return false };
        let mut player = self.player.borrow_mut();
        let layout = crate::stage::layout_on(&canvas, &player);
        let outcome = self.hand.borrow_mut().moved(&mut player, &layout, input::pointer(event, &canvas));
        self.say_what_is_meant(&canvas, &layout, input::point(event, &canvas));
        if let (Outcome::Scroll(by), Some(window)) = (outcome, web_sys::window()) {
            window.scroll_by_with_x_and_y(0.0, by);
        }
        false
    }

    /// Who points at a thing is told what its badges mean.
    fn say_what_is_meant(&self, canvas: &HtmlCanvasElement, layout: &Layout, at: Point) {
        let badges = layout.node_at(layout.inward(at)).map_or(&[][..], |node| &node.badges);
        let title = badges_as_text(self.lang, badges);
        if canvas.title() != title {
            canvas.set_title(&title);
        }
    }

    fn up(&mut self, event: &web_sys::PointerEvent) -> bool {
        let Some(canvas) = self.canvas() else { return false };
        let outcome = {
            let mut player = self.player.borrow_mut();
            let layout = crate::stage::layout_on(&canvas, &player);
            self.hand.borrow_mut().up(&mut player, &layout, input::pointer(event, &canvas))
        };
        match outcome {
            Outcome::Nothing | Outcome::Scroll(_) => return false,
            // On the first visit there is one thing to do on the stage.
            Outcome::Click(hit, _) if self.opening.is_some() => return self.clicked_in_opening(hit),
            _ if self.opening.is_some() => return false,
            Outcome::Click(hit, several) => self.clicked(hit, several),
            Outcome::Edit(edit) => self.edit(&edit),
            Outcome::Pick(places) => {
                self.player.borrow_mut().selection = Selection { places, ..Selection::default() };
            }
        }
        true
    }

    fn clicked(&mut self, hit: Option<Hit>, several: bool) {
        self.notice = None;
        self.menu = None;
        let mut player = self.player.borrow_mut();
        match hit {
            Some(Hit::Place(place)) if several => player.selection.toggle(place),
            // A second click on what is folded unfolds it.
            Some(Hit::Place(Place::Queues(exchange) | Place::Consumers(exchange)))
                if player.selection.only_place().is_some_and(|picked| picked.folds(&exchange)) =>
            {
                player.fold(exchange, false);
            }
            Some(Hit::Place(place)) => player.selection = Selection::place(place),
            Some(Hit::Message(message)) => player.selection = Selection::message(message),
            Some(Hit::Power) => player.toggle_broker(),
            Some(Hit::Binding(binding)) => player.selection = Selection::binding(binding),
            None => player.selection = Selection::default(),
        }
    }

    /// Something from the palette is let go of above the stage.
    fn dropped(&mut self, event: &web_sys::DragEvent) -> bool {
        event.prevent_default();
        input::dragged_kind(event).is_some_and(|kind| self.put(kind, event))
    }

    /// Something from the palette is put where the hand lets go of it, if that is on the stage.
    fn put(&mut self, kind: Kind, event: &web_sys::MouseEvent) -> bool {
        let Some(canvas) = self.canvas() else { return false };
        let at = input::point(event, &canvas);
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        if !(0.0..=width).contains(&at.x) || !(0.0..=height).contains(&at.y) {
            return false;
        }
        let player = self.player.clone();
        let layout = crate::stage::layout_on(&canvas, &player.borrow());
        let edits = {
            let player = player.borrow();
            let at = layout.inward(at);
            // Otherwise everything else would move to make room.
            let keep = layout.positions(player.scenario());
            [Edit::Move(keep), Edit::Add { kind, at: Some((at.x as i32 - 70, at.y as i32 - 30)) }]
        };
        for edit in &edits {
            self.edit(edit);
        }
        // The whole has other bounds now, and the thing is to be where it was put.
        let positions = player.borrow().scenario().positions.clone();
        crate::stage::keep_picture(&mut player.borrow_mut(), &layout, &positions);
        true
    }

    fn zoom(&mut self, zoom: Zoom) {
        let Some(canvas) = self.canvas() else { return };
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        let middle = Point { x: width / 2.0, y: height / 2.0 };
        let mut player = self.player.borrow_mut();
        player.camera = match zoom {
            Zoom::In => player.camera.zoomed(ZOOM_STEP, middle),
            Zoom::Out => player.camera.zoomed(1.0 / ZOOM_STEP, middle),
            Zoom::Fit => Camera::default(),
        };
    }

    fn stage_key(&mut self, event: &web_sys::KeyboardEvent) -> bool {
        const NUDGE: f64 = 12.0;
        if self.opening.is_some() {
            return false;
        }
        let nudged = match event.key().as_str() {
            "ArrowLeft" => Some((-NUDGE, 0.0)),
            "ArrowRight" => Some((NUDGE, 0.0)),
            "ArrowUp" => Some((0.0, -NUDGE)),
            "ArrowDown" => Some((0.0, NUDGE)),
            _ => None,
        };
        let is_picked = !self.player.borrow().selection.places.is_empty();
        if let (Some((x, y)), true) = (nudged, is_picked) {
            event.prevent_default();
            event.stop_propagation();
            self.nudge(Point { x, y });
            return true;
        }
        match event.key().as_str() {
            "+" | "=" => self.zoom(Zoom::In),
            "-" => self.zoom(Zoom::Out),
            "0" => self.zoom(Zoom::Fit),
            "n" => self.player.borrow_mut().select_next(),
            "Delete" | "Backspace" => self.remove_picked(),
            "Enter" => super::focus::go_to_properties(),
            _ => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    fn nudge(&mut self, by: Point) {
        let Some(canvas) = self.canvas() else { return };
        let edit = {
            let player = self.player.borrow();
            let layout = crate::stage::layout_on(&canvas, &player);
            let moved = layout.with_moved(player.scenario(), &player.selection.places, by);
            Edit::Move(moved.positions(player.scenario()))
        };
        self.edit(&edit);
    }

    fn remove_picked(&mut self) {
        let selection = self.player.borrow().selection.clone();
        if let Some(binding) = selection.binding {
            self.edit(&Edit::RemoveBinding(binding));
        } else if !selection.places.is_empty() {
            self.edit(&Edit::Remove(selection.places));
        }
    }

    /// Keys that work wherever no text is being written.
    fn key(&mut self, event: &web_sys::KeyboardEvent) -> bool {
        if input::is_writing(event) {
            return false;
        }
        if event.key() == "Escape" {
            if self.menu.take().is_some() {
                return true;
            }
            (self.is_help_open, self.notice) = (false, None);
            self.player.borrow_mut().selection = Selection::default();
            return true;
        }
        if event.ctrl_key() || event.meta_key() {
            return self.undo_key(event);
        }
        if event.alt_key() || input::is_on_control(event) {
            return false;
        }
        if ["ArrowRight", "ArrowLeft", "r", "c"].contains(&&*event.key())
            || (event.key() == " " && !input::is_on_button(event))
        {
            self.leave_opening();
        }
        let mut player = self.player.borrow_mut();
        match event.key().as_str() {
            " " if !input::is_on_button(event) => player.wish(Wish::PlayOrPause),
            "ArrowRight" => player.wish(Wish::Step),
            "ArrowLeft" => player.wish(Wish::StepBack),
            "r" => player.wish(Wish::Restart),
            "c" => {
                player.toggle_picked();
                drop(player);
                self.keep();
            }
            "?" => self.is_help_open = true,
            _ => return false,
        }
        event.prevent_default();
        true
    }

    /// Ctrl Z and, for what was undone, Ctrl Shift Z or Ctrl Y.
    fn undo_key(&mut self, event: &web_sys::KeyboardEvent) -> bool {
        let key = event.key().to_ascii_lowercase();
        match (key.as_str(), event.shift_key()) {
            ("z", false) => self.undo(),
            ("z", true) | ("y", false) => self.redo(),
            _ => return false,
        }
        event.prevent_default();
        true
    }
}

impl Player {
    /// What the visitor wants of the clock.
    pub(super) fn wish(&mut self, wish: Wish) {
        match wish {
            Wish::PlayOrPause if self.is_over() => self.restart(),
            Wish::PlayOrPause => self.playing = !self.playing,
            Wish::Step => self.step(),
            Wish::StepBack => self.step_back(),
            Wish::Restart => self.restart(),
            Wish::Speed(speed) => self.set_speed(speed),
        }
    }

    /// The clock is dragged to a moment.
    fn scrub(&mut self, at: Instant) {
        self.playing = false;
        self.seek(at.min(self.end().max(self.world().now()) + Duration::from_secs(1)));
    }
}
