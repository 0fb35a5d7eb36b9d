//! Links and files, as the page opens and makes them.

use gloo::events::EventListener;
use warren_sim::{Moment, Scenario, definitions_of_scenario};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Blob, File, FileReader};
use yew::{Callback, html::Scope};

use super::{
    App, Menu, Message,
    course::Course,
    input,
    kept::{Kept, Work},
};
use crate::{
    components::{FileWish, Notice},
    files,
    i18n::Lang,
    player::{Player, Source},
    scene::Layout,
};

/// Files larger than this are no topologies, in bytes.
const LARGEST: f64 = 8.0 * 1024.0 * 1024.0;

/// What was on the stage before something else was opened there.
pub(super) struct Earlier {
    player: Player,
    course: Course,
    work: Work,
}

impl App {
    /// Puts something on the stage. What the visitor has made and had there is kept, and one step back leads to it.
    pub(super) fn show(&mut self, player: Player) {
        let is_work = self.is_own_work();
        if is_work {
            self.keep();
        }
        let begun = Course { has_begun: player.playing, ..Course::BEGINNING };
        let (course, work) = (std::mem::replace(&mut self.course, begun), std::mem::take(&mut self.work));
        let player = self.player.borrow_mut().open(player);
        self.earlier = None;
        if is_work {
            self.offered = work.entry();
            self.earlier = Some(Earlier { player, course, work });
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
            (self.course, self.work, self.offered) = (earlier.course, earlier.work, None);
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
            FileWish::New => {
                let title = self.shelf.free_name(self.lang.say("My topology", "Моя топология"));
                self.show(Player::of(&Scenario::new(&title), 1, Source::Own));
            }
            FileWish::Share => self.share(),
            FileWish::Save => {
                let toml = self.player.borrow().scenario().to_toml();
                files::save("scenario.toml", "application/toml", &toml);
            }
            FileWish::Svg => files::save("topology.svg", "image/svg+xml", &self.drawing()),
            FileWish::Png => self.png(),
            FileWish::Definitions => {
                let definitions = definitions_of_scenario(self.player.borrow().scenario());
                files::save("definitions.json", "application/json", &definitions);
            }
            FileWish::Continue(key) => self.resume(key),
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

    /// Opens what a link carries: a topology, or the name of a lesson.
    pub(super) fn open_link(&mut self, fragment: &str) {
        match Moment::from_fragment(fragment) {
            Some(Ok(moment)) => self.open_moment(&moment),
            Some(Err(why)) => self.notice = Some(Notice::Refused(why)),
            None => {
                let id = fragment.trim_start_matches('#');
                if let Some(lesson) = warren_sim::lessons::find_any(id) {
                    self.open_lesson(lesson.id);
                }
            }
        }
    }

    /// The address has changed; by the visitor, unless it is the link to what is on the stage.
    pub(super) fn open_hash(&mut self, fragment: &str) {
        if self.shared.as_deref() != Some(fragment.trim_start_matches('#')) {
            self.open_link(fragment);
        }
    }

    /// Opens the text of a file.
    pub(super) fn open_text(&mut self, name: &str, text: &str) {
        self.menu = None;
        match files::open(self.lang, name, text) {
            Ok(opened) => {
                self.open_moment(&opened.moment);
                self.notice = opened.notice.map(Notice::Done);
            }
            Err(why) => self.notice = Some(Notice::Refused(why)),
        }
    }

    /// Keeps what is on the stage, if the visitor has made something of it.
    pub(super) fn keep(&mut self) {
        if !self.is_own_work() {
            return;
        }
        let player = self.player.borrow();
        let title = self.lang.pick(&player.scenario().title);
        let wanted = match player.source {
            Source::Lesson(_) => [title, self.lang.say(" (edited)", " (с правками)")].concat(),
            Source::Own => title.to_owned(),
        };
        self.shelf.keep(&mut self.work, &wanted, moment(&player).to_fragment());
    }

    fn is_own_work(&self) -> bool {
        let player = self.player.borrow();
        self.work.is_kept() || player.can_undo() || player.can_redo()
    }

    /// Goes on with something that is kept.
    fn resume(&mut self, key: &str) {
        let Some((work, Kept { fragment, .. })) = self.shelf.take(key) else { return };
        match Moment::from_fragment(&fragment) {
            Some(Ok(moment)) => {
                self.open_moment(&moment);
                self.work = work;
                self.offered.take_if(|(offered, _)| offered == key);
            }
            Some(Err(why)) => self.notice = Some(Notice::Refused(why)),
            None => {}
        }
    }

    fn open_moment(&mut self, moment: &Moment) {
        let mut player = Player::of(&moment.scenario, moment.seed, Source::Own);
        if moment.at > player.world().now() {
            player.seek(moment.at);
            player.playing = false;
        }
        self.show(player);
        self.notice = None;
    }

    fn share(&mut self) {
        let fragment = moment(&self.player.borrow()).to_fragment();
        let location = gloo::utils::window().location();
        // The address is changed, so that it can be copied by hand, too. That is no link that somebody follows.
        let _ = location.set_hash(&fragment);
        self.shared = Some(fragment);
        files::copy(&location.href().unwrap_or_default());
        let said = self.lang.say(
            "The link is in the address bar and on the clipboard. It carries everything; nothing was sent anywhere.",
            "Ссылка — в адресной строке и в буфере обмена. В ней всё; ничего никуда не отправлено.",
        );
        self.notice = Some(Notice::Done(said.to_owned()));
    }

    fn drawing(&self) -> String {
        let player = self.player.borrow();
        files::svg(&Layout::new(
            player.scenario(),
            1_100.0,
            Layout::wanted_height(player.scenario(), 1_100.0),
        ))
    }

    /// The stage as it looks now, with its messages.
    fn png(&self) {
        let Some(canvas) = self.canvas() else { return };
        let offer = Closure::once_into_js(|blob: Option<Blob>| {
            blob.and_then(|blob| files::offer("topology.png", &blob));
        });
        // A canvas that holds nothing foreign gives its picture away.
        let _ = canvas.to_blob(offer.unchecked_ref());
    }
}

/// What a link to this moment carries.
fn moment(player: &Player) -> Moment {
    let (scenario, seed) = (player.scenario().clone(), player.history().seed());
    Moment { scenario, seed, at: player.world().now() }
}

/// Reads a file of the visitor's; what is in it comes as a message.
pub(super) fn read(lang: Lang, file: &File, link: &Scope<App>) {
    let name = file.name();
    if file.size() > LARGEST {
        let text = lang.say("this file is too large for a topology", "файл слишком велик для топологии");
        return link.send_message(Message::Refused(format!("{name}: {text}")));
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
