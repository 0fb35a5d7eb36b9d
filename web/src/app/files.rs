//! Links and files, as the page opens and makes them.

use gloo::events::EventListener;
use warren_sim::{Moment, Text, definitions_of_scenario};
use web_sys::{File, FileReader};
use yew::{Callback, html::Scope};

use super::{
    App, Given, Menu, Message,
    address::{Address, not_opened},
    course::Course,
    input,
    kept::{Kept, Work},
};
use crate::{
    components::{FileWish, Link, Notice},
    files,
    i18n::{Lang, say},
    player::{Player, Source, StepKind},
    scene::Layout,
    stage,
};

/// Files larger than this are no topologies, in bytes.
const LARGEST: f64 = 8.0 * 1024.0 * 1024.0;

/// What was on the stage before something else was opened there.
pub(super) struct Earlier {
    player: Player,
    course: Course,
    work: Work,
    address: Address,
}

impl App {
    /// Puts something on the stage. What the visitor has made and had there is kept, and one step back leads to it.
    pub(super) fn show(&mut self, mut player: Player) {
        player.playing &= !stage::wants_stillness();
        self.opening = None;
        let is_work = self.is_own_work();
        if is_work {
            self.store();
        }
        let begun = Course { has_begun: player.playing, ..Course::BEGINNING };
        let (course, work) = (std::mem::replace(&mut self.course, begun), std::mem::take(&mut self.work));
        let player = self.player.borrow_mut().open(player);
        self.earlier = None;
        self.given = Given::NOTHING;
        self.follow_source();
        // What was looked for there is not here.
        (self.log_filter, self.sum) = ((StepKind::Anything, String::new()), None);
        if is_work {
            self.offered = work.entry();
        }
        // In another lesson one expects to undo what one has done there, and nothing else.
        let is_meant = {
            let shown = self.player.borrow();
            shown.source == Source::Own || shown.source == player.source
        };
        if is_work && is_meant {
            self.earlier = Some(Earlier { player, course, work, address: self.address.clone() });
        }
    }

    /// Takes an edit back; before the first of them, that this was opened at all.
    pub(super) fn undo(&mut self) {
        let mut player = self.player.borrow_mut();
        if player.can_undo() {
            player.undo();
            drop(player);
            return self.keep();
        }
        // What was undone here could not be had back from there.
        if player.can_redo() {
            return;
        }
        if let Some(earlier) = self.earlier.take() {
            player.open(earlier.player);
            drop(player);
            (self.course, self.work, self.offered) = (earlier.course, earlier.work, None);
            self.follow_source();
            self.arrive(earlier.address);
        }
    }

    pub(super) fn redo(&mut self) {
        let mut player = self.player.borrow_mut();
        if player.can_redo() {
            player.redo();
            drop(player);
            self.keep();
        }
    }

    /// Whether one step back does anything.
    pub(super) fn can_undo(&self, player: &Player) -> bool {
        player.can_undo() || (self.earlier.is_some() && !player.can_redo())
    }

    pub(super) fn file(&mut self, wish: &FileWish) {
        self.menu = None;
        self.notice = None;
        match wish {
            FileWish::New => self.visit(Address::New),
            FileWish::Share => self.share(),
            FileWish::Class => self.is_class_link_open = true,
            FileWish::Save => {
                let toml = self.moment().scenario.to_toml();
                files::save("scenario.toml", "application/toml", &toml);
            }
            FileWish::Svg => files::save("topology.svg", "image/svg+xml", &self.drawing()),
            FileWish::Png(scale) => files::save_png("topology.png", &self.drawing(), *scale),
            FileWish::Snapshot => self.snapshot(),
            FileWish::Film => self.record(),
            FileWish::Definitions => {
                let definitions = definitions_of_scenario(self.player.borrow().scenario());
                files::save("definitions.json", "application/json", &definitions);
            }
            FileWish::Continue(key) => self.go_on(key),
            FileWish::Rename(key, name) => {
                self.menu = Some(Menu::File);
                self.rename(key, name);
            }
            FileWish::Remove(key) => {
                self.menu = Some(Menu::File);
                self.shelf.remove(key);
                self.offered.take_if(|(offered, _)| offered == key);
            }
            FileWish::PutBack => {
                self.menu = Some(Menu::File);
                self.shelf.put_back();
            }
        }
    }

    /// Opens the text of a file.
    pub(super) fn open_text(&mut self, name: &str, text: &str) {
        self.menu = None;
        match files::open(self.lang, name, text) {
            Ok(opened) => {
                self.open_moment(&opened.moment);
                self.arrive(Address::Link(opened.moment.to_fragment()));
                self.notice = opened.notice.map(Notice::Done);
            }
            Err(why) => self.notice = Some(Notice::Refused(why)),
        }
    }

    /// Keeps what is on the stage, if the visitor has made something of it. Its address is its name from then on.
    pub(super) fn keep(&mut self) {
        self.store();
        self.follow_name();
    }

    /// The same for what goes from the stage, and takes its address along.
    fn store(&mut self) {
        if !self.is_own_work() {
            return;
        }
        let player = self.player.borrow();
        let title = self.lang.pick(&player.scenario().title);
        let wanted = match player.source {
            Source::Lesson(_) => say!(self.lang, "{title} (edited)", title),
            Source::Own => title.to_owned(),
        };
        drop(player);
        let fragment = self.moment().to_fragment();
        self.shelf.keep(&mut self.work, &wanted, fragment);
    }

    /// What a link to this moment carries. A topology with a name of its own is called by it wherever it goes.
    fn moment(&self) -> Moment {
        let player = self.player.borrow();
        let mut scenario = player.scenario().clone();
        if let (Source::Own, Some((_, name))) = (&player.source, self.work.entry()) {
            scenario.title = Text::new(name);
        }
        Moment { scenario, seed: player.history().seed(), at: player.world().now() }
    }

    /// Where this is found, for whoever is to have a link to it.
    pub(super) fn link_to_this(&self) -> Link {
        let player = self.player.borrow();
        let lesson = match player.source {
            Source::Lesson(id) if !player.is_edited() => Some(Address::Lesson(id)),
            _ => None,
        };
        drop(player);
        let location = gloo::utils::window().location();
        let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
        Link {
            page: part(location.origin()) + &part(location.pathname()),
            fragment: lesson.as_ref().map_or_else(|| self.moment().to_fragment(), Address::to_fragment),
            is_lesson: lesson.is_some(),
        }
    }

    /// In a frame of another page nothing is the visitor's own.
    fn is_own_work(&self) -> bool {
        let player = self.player.borrow();
        !self.is_embedded && (self.work.is_kept() || player.can_undo() || player.can_redo())
    }

    /// Goes on with something that is kept, as the visitor has asked.
    fn go_on(&mut self, key: &str) {
        match self.resume(key) {
            Ok(()) => self.arrive(Address::Topology(self.work.name().to_owned())),
            Err(why) => self.notice = Some(Notice::Refused(why)),
        }
    }

    /// Puts on the stage what is kept under a key.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn resume(&mut self, key: &str) -> Result<(), String> {
        // Another window may have removed it.
        let Some((work, Kept { fragment, .. })) = self.shelf.take(key) else { return Ok(()) };
        match Moment::from_fragment(&fragment) {
            Some(Ok(moment)) => {
                self.open_moment(&moment);
                self.work = work;
                self.offered.take_if(|(offered, _)| offered == key);
                Ok(())
            }
            Some(Err(why)) => Err(not_opened(self.lang, &why)),
            None => Err(not_opened(self.lang, Moment::DAMAGED)),
        }
    }

    pub(super) fn open_moment(&mut self, moment: &Moment) {
        let mut player = Player::of(&moment.scenario, moment.seed, Source::Own);
        if moment.at > player.world().now() {
            player.seek(moment.at);
            player.playing = false;
        }
        self.show(player);
        self.notice = None;
    }

    /// Gives a kept topology another name, which is that of its scenario, too.
    fn rename(&mut self, key: &str, name: &str) {
        self.shelf.rename(key, name);
        if let Some((offered, called)) = &mut self.offered
            && offered == key
        {
            name.clone_into(called);
        }
        let is_on_stage = self.work.entry().is_some_and(|(current, _)| current == key);
        if is_on_stage {
            self.work.rename(name);
            self.keep();
        }
    }

    fn share(&mut self) {
        let fragment = self.moment().to_fragment();
        // The address is changed, so that it can be copied by hand, too.
        self.readdress(Address::Link(fragment));
        files::copy(&gloo::utils::window().location().href().unwrap_or_default());
        let said = self.lang.say(
            "The link is in the address bar and on the clipboard. It carries everything; nothing was sent anywhere.");
        self.notice = Some(Notice::Done(said.to_owned()));
    }

    fn drawing(&self) -> String {
        const WIDTH: f64 = 1_100.0;
        let player = self.player.borrow();
        let (scenario, folding) = (player.scenario(), &player.folding);
        let height = Layout::wanted_height(scenario, folding, WIDTH);
        files::svg(&Layout::folded(scenario, folding, WIDTH, height))
    }

    /// The stage as it looks now, with its messages.
    fn snapshot(&self) {
        if let Some(canvas) = self.canvas() {
            files::save_stage("stage.png", &canvas);
        }
    }
}

/// Reads a file of the visitor's; what is in it comes as a message.
pub(super) fn read(lang: Lang, file: &File, link: &Scope<App>) {
    let name = file.name();
    if file.size() > LARGEST {
        let text = say!(lang, "{name}: this file is too large for a topology", name);
        return link.send_message(Message::Refused(text));
    }
    let Ok(reader) = FileReader::new() else { return };
    let (link, result) = (link.clone(), reader.clone());
    EventListener::once(&reader, "load", move |_| {
        let text = result.result().ok().and_then(|text| text.as_string()).unwrap_or_default();
        link.send_message(Message::FileText(name, text));
    })
    .forget();
    // A file that is gone gives no text.
    let _ = reader.read_as_text(file);
}

/// Hears of links that are followed within the page.
pub(super) fn listen(on_hash: Callback<String>) {
    let listener = EventListener::new(&gloo::utils::window(), "hashchange", move |_| {
        input::leave_control();
        on_hash.emit(hash());
    });
    listener.forget();
}

/// Hears that the page is left: what was last done is kept then, too.
pub(super) fn listen_for_leaving(on_leave: Callback<()>) {
    EventListener::new(&gloo::utils::window(), "pagehide", move |_| on_leave.emit(())).forget();
}

/// What stands behind the `#` of the address.
pub(super) fn hash() -> String {
    gloo::utils::window().location().hash().unwrap_or_default()
}
