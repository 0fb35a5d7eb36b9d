//! Addresses within the page, behind the `#`. Each lesson and each of the visitor's topologies has one, so that it can be
//! linked to, and so that Back leads to what was on the stage before.

use warren_sim::{Moment, gallery, lessons, outages};
use wasm_bindgen::JsValue;

use super::{App, FIRST_LESSON, Given};
use crate::{
    components::Notice,
    i18n::{Lang, say},
    player::{Player, Source},
};

/// Letters of an address that leads nowhere, as far as the visitor is told them.
const SHOWN: usize = 40;

/// What an address leads to.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Address {
    /// What the page shows first.
    Home,
    /// An empty stage.
    New,
    /// A lesson, an outage, or an example of the gallery.
    Lesson(&'static str),
    /// A lesson as a teacher gives it.
    Class(&'static str, Given),
    /// One of the visitor's own topologies, by its name.
    Topology(String),
    /// The text of a link that carries a topology and a moment of it.
    Link(String),
}

impl Address {
    /// What stands behind the `#`. The bare name of a lesson was its address in earlier versions.
    ///
    /// # Errors
    /// That it leads nowhere, in words.
    pub(super) fn parse(lang: Lang, fragment: &str) -> Result<Address, String> {
        let fragment = fragment.trim_start_matches('#');
        if Moment::from_fragment(fragment).is_some() {
            return Ok(Address::Link(fragment.to_owned()));
        }
        let address = match fragment.trim_matches('/').split_once('/') {
            None if fragment.trim_matches('/').is_empty() => Some(Address::Home),
            None if fragment == "/new" => Some(Address::New),
            None => lesson(fragment),
            Some(("lesson" | "outage" | "gallery", id)) => match id.split_once('?') {
                Some((id, query)) => class(lang, id, query)?,
                None => lesson(id),
            },
            Some(("topology", name)) => decoded(name).map(Address::Topology),
            Some(_) => None,
        };
        address.ok_or_else(|| {
            let shown: String = fragment.chars().take(SHOWN).collect();
            let nothing = lang.say("Nothing here has the address");
            let end = if shown.len() < fragment.len() { "…" } else { "" };
            format!("{nothing} #{shown}{end}")
        })
    }

    /// What stands behind the `#`.
    pub(super) fn to_fragment(&self) -> String {
        match self {
            Address::Home => String::new(),
            Address::New => "/new".to_owned(),
            Address::Lesson(id) if gallery::find(id).is_some() => format!("/gallery/{id}"),
            Address::Lesson(id) if outages::find(id).is_some() => format!("/outage/{id}"),
            Address::Lesson(id) => format!("/lesson/{id}"),
            Address::Class(id, given) => {
                format!("{}?{}", Address::Lesson(id).to_fragment(), given.to_query())
            }
            Address::Topology(name) => {
                format!("/topology/{}", String::from(js_sys::encode_uri_component(name)))
            }
            Address::Link(fragment) => fragment.clone(),
        }
    }
}

fn class(lang: Lang, id: &str, query: &str) -> Result<Option<Address>, String> {
    let given = Given::parse(lang, query)?;
    let address = lesson(id).map(|address| match address {
        Address::Lesson(id) if given != Given::NOTHING => Address::Class(id, given),
        address => address,
    });
    Ok(address)
}

fn lesson(id: &str) -> Option<Address> {
    Some(Address::Lesson(lessons::find_any(id)?.id))
}

fn decoded(name: &str) -> Option<String> {
    js_sys::decode_uri_component(name).ok().map(String::from)
}

/// Why a link cannot be opened, in words.
pub(super) fn not_opened(lang: Lang, why: &str) -> String {
    if why == Moment::DAMAGED {
        return lang.say("This link is damaged: perhaps its end is missing").to_owned();
    }
    say!(lang, "This link cannot be opened: {why}", why)
}

/// Whether Back leads to the address that was there before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Entry {
    New,
    Same,
}

/// Has the browser show an address. One that refuses it, because the page is a file or the address too long, shows the one
/// before, and all else works.
fn show(address: &Address, entry: Entry) {
    let fragment = address.to_fragment();
    if super::files::hash().trim_start_matches('#') == fragment {
        return;
    }
    let Ok(history) = gloo::utils::window().history() else { return };
    let target = format!("#{fragment}");
    let _ = match entry {
        Entry::New => history.push_state_with_url(&JsValue::NULL, "", Some(&target)),
        Entry::Same => history.replace_state_with_url(&JsValue::NULL, "", Some(&target)),
    };
}

impl App {
    /// Puts on the stage what the page was opened with. What cannot be opened is said, and nothing else is played in its
    /// place.
    pub(super) fn open_first(&mut self) {
        match Address::parse(self.lang, &super::files::hash()).and_then(|address| self.open(address)) {
            Ok(()) => {
                self.begin_lesson();
                show(&self.address, Entry::Same);
            }
            Err(why) => {
                self.show_empty();
                let instead =
                    self.lang.say("The stage is empty: open a lesson, or build something of your own.");
                self.notice = Some(Notice::Refused(format!("{why}. {instead}")));
            }
        }
    }

    /// Opens what the visitor has chosen on the page.
    pub(super) fn visit(&mut self, address: Address) {
        self.notice = None;
        match self.open(address) {
            Ok(()) => show(&self.address, Entry::New),
            Err(why) => self.notice = Some(Notice::Refused(why)),
        }
    }

    /// The stage shows something with this address now.
    pub(super) fn arrive(&mut self, address: Address) {
        self.address = address;
        show(&self.address, Entry::New);
    }

    /// The same has another address now.
    pub(super) fn readdress(&mut self, address: Address) {
        self.address = address;
        show(&self.address, Entry::Same);
    }

    /// The address has changed: by Back or Forward, by a link, or by hand.
    pub(super) fn follow(&mut self, fragment: &str) {
        let found = Address::parse(self.lang, fragment);
        self.notice = None;
        let opened = match found {
            Ok(address) if address == self.address => Ok(()),
            Ok(address) => self.open(address),
            Err(why) => Err(why),
        };
        match opened {
            Ok(()) => show(&self.address, Entry::Same),
            Err(why) => self.notice = Some(Notice::Refused(why)),
        }
    }

    /// What the browser calls the page, in its history and its tabs.
    pub(super) fn title(&self) -> String {
        let player = self.player.borrow();
        let title = match (&self.address, self.work.name()) {
            (Address::Home, _) => return self.home_title.clone(),
            (Address::Topology(name), _) => name.as_str(),
            (_, "") => self.lang.pick(&player.scenario().title),
            (_, name) => name,
        };
        format!("{title} · Warren")
    }

    /// What is kept has its name for an address, from the first change on.
    pub(super) fn follow_name(&mut self) {
        let is_own = self.player.borrow().source == Source::Own;
        let Some((_, name)) = self.work.entry().filter(|_| is_own) else { return };
        let address = Address::Topology(name);
        if self.address != address {
            self.readdress(address);
        }
    }

    /// An empty stage, with the name that it would be kept by.
    fn show_empty(&mut self) {
        let title = self.shelf.free_name(self.lang.say("My topology"));
        self.show(Player::of(&warren_sim::Scenario::new(&title), 1, Source::Own));
        self.address = Address::New;
    }

    /// Puts on the stage what an address leads to.
    ///
    /// # Errors
    /// Why it cannot be: the stage shows what it showed.
    fn open(&mut self, address: Address) -> Result<(), String> {
        match &address {
            Address::Home => {
                self.open_lesson(FIRST_LESSON);
                self.begin_lesson();
            }
            Address::New => self.show_empty(),
            Address::Lesson(id) => self.open_lesson(id),
            Address::Class(id, given) => {
                self.open_lesson(id);
                self.give(*given);
            }
            Address::Topology(name) => {
                let key = self.shelf.key_of(name).ok_or_else(|| {
                    say!(self.lang, "This browser keeps no topology with this name: {name}", name)
                })?;
                self.resume(&key)?;
            }
            Address::Link(fragment) => match Moment::from_fragment(fragment) {
                Some(Ok(moment)) => self.open_moment(&moment),
                Some(Err(why)) => return Err(not_opened(self.lang, &why)),
                None => {}
            },
        }
        self.address = address;
        Ok(())
    }
}
