//! What components tell the page. Each of these is made once, so that a component that is given the same as before is
//! not drawn again.

use warren_programs::Language;
use warren_sim::{
    Mishap,
    warren_core::{Instant, Name},
};
use web_sys::{File, PointerEvent};
use yew::{Callback, html::Scope};

use super::{App, Menu, Message, Mode, Zoom};
use crate::{
    components::{FileWish, LessonWish, Tab, Wish},
    editor::{Edit, Kind},
    i18n::Lang,
    player::{Selection, StepKind, wire::Look},
    scene::Place,
};

pub(super) struct Handlers {
    pub(super) act: Callback<Mishap>,
    pub(super) branch: Callback<u32>,
    pub(super) close_class_link: Callback<()>,
    pub(super) look_at_future: Callback<Option<u32>>,
    pub(super) clock: Callback<Wish>,
    pub(super) close_notice: Callback<()>,
    pub(super) code_actor: Callback<String>,
    pub(super) code_language: Callback<Language>,
    pub(super) compare: Callback<bool>,
    pub(super) deselect: Callback<()>,
    pub(super) dismiss: Callback<()>,
    pub(super) edit: Callback<Edit>,
    pub(super) file: Callback<File>,
    pub(super) finger: Callback<(Kind, PointerEvent)>,
    pub(super) help: Callback<bool>,
    pub(super) close_help: Callback<()>,
    pub(super) language: Callback<Lang>,
    pub(super) lesson: Callback<LessonWish>,
    pub(super) log_kind: Callback<StepKind>,
    pub(super) log_text: Callback<String>,
    pub(super) look: Callback<Look>,
    pub(super) menu: Callback<Option<Menu>>,
    pub(super) mode: Callback<Mode>,
    pub(super) open: Callback<&'static str>,
    pub(super) read_code: Callback<String>,
    pub(super) redo: Callback<()>,
    pub(super) remove_code: Callback<String>,
    pub(super) run_code: Callback<(String, String)>,
    pub(super) seek: Callback<Instant>,
    pub(super) select: Callback<Selection>,
    pub(super) step_kind: Callback<StepKind>,
    pub(super) sum: Callback<Option<&'static str>>,
    pub(super) tab: Callback<Tab>,
    pub(super) toggle: Callback<Place>,
    pub(super) undo: Callback<()>,
    pub(super) wish: Callback<FileWish>,
    pub(super) zoom: Callback<Zoom>,
    pub(super) find: Callback<(String, bool)>,
    pub(super) fold: Callback<(Name, bool)>,
}

impl Handlers {
    pub(super) fn new(link: &Scope<App>) -> Handlers {
        Handlers {
            act: link.callback(Message::Act),
            branch: link.callback(Message::Branch),
            close_class_link: link.callback(|()| Message::CloseClassLink),
            look_at_future: link.callback(Message::LookAtFuture),
            clock: link.callback(Message::Clock),
            close_notice: link.callback(|()| Message::CloseNotice),
            code_actor: link.callback(Message::CodeActor),
            code_language: link.callback(Message::CodeLanguage),
            compare: link.callback(Message::Compare),
            deselect: link.callback(|()| Message::Select(Selection::default())),
            dismiss: link.callback(|()| Message::Dismiss),
            edit: link.callback(Message::Edit),
            file: link.callback(Message::FileChosen),
            finger: link.callback(|(kind, event)| Message::Put(kind, event)),
            help: link.callback(Message::Help),
            close_help: link.callback(|()| Message::Help(false)),
            language: link.callback(Message::Language),
            lesson: link.callback(Message::Lesson),
            log_kind: link.callback(Message::LogKind),
            log_text: link.callback(Message::LogText),
            look: link.callback(Message::Look),
            menu: link.callback(Message::Menu),
            mode: link.callback(Message::Mode),
            open: link.callback(Message::Open),
            read_code: link.callback(Message::ReadCode),
            redo: link.callback(|()| Message::Redo),
            remove_code: link.callback(Message::RemoveCode),
            run_code: link.callback(|(actor, code)| Message::RunCode(actor, code)),
            seek: link.callback(Message::Seek),
            select: link.callback(Message::Select),
            step_kind: link.callback(Message::StepKind),
            sum: link.callback(Message::Sum),
            tab: link.callback(Message::Tab),
            toggle: link.callback(Message::Toggle),
            undo: link.callback(|()| Message::Undo),
            wish: link.callback(Message::File),
            zoom: link.callback(Message::Zoom),
            find: link.callback(Message::Find),
            fold: link.callback(Message::Fold),
        }
    }
}
