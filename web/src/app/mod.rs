//! The page: one player, the stage that draws it, and the panels around.

mod address;
mod course;
mod embed;
mod files;
mod film;
mod focus;
mod given;
mod handlers;
mod hint;
mod input;
mod kept;
mod mode;
mod opening;
mod panels;
mod picked;
mod programs;
mod update;
mod view;
mod wire;

use std::{cell::RefCell, rc::Rc};

use address::Address;
use course::Course;
pub(crate) use course::is_finished;
use files::Earlier;
pub(crate) use given::Given;
use handlers::Handlers;
pub(crate) use input::DRAGGED;
use kept::{Shelf, Work};
pub(crate) use mode::Mode;
use opening::Opening;
use warren_programs::Language;
use warren_sim::{
    Mishap,
    warren_core::{Instant, Name},
};
use web_sys::{File, HtmlCanvasElement};
use yew::prelude::{Component, Context, DragEvent, Html, KeyboardEvent, NodeRef, PointerEvent};

use crate::{
    components::{FileWish, LessonWish, Line, Mark, Notice, Tab, Thing, Wish},
    editor::{Edit, Kind},
    exports,
    i18n::Lang,
    interpreter,
    player::{Found, Player, Printed, Selection, StepKind, wire::Look},
    scene::Place,
    stage::{Hand, Shared, SharedHand, Stage},
};

/// What a first visitor sees: something goes wrong, and comes right again.
const FIRST_LESSON: &str = "crash-with-ack";

pub(crate) struct App {
    lang: Lang,
    handlers: Handlers,
    player: Shared,
    hand: SharedHand,
    canvas: NodeRef,
    rival_canvas: NodeRef,
    stage: Option<Stage>,
    course: Course,
    /// What the link has fixed that the lesson on the stage was opened with.
    given: Given,
    /// Whether the page is part of another one.
    is_embedded: bool,
    /// What the page is for at the moment, and what the visitor chose last.
    mode: Mode,
    chosen_mode: Option<Mode>,
    /// How far the first visit is, if it is one.
    opening: Option<Opening>,
    /// The lessons that were finished, with commas between.
    finished: String,
    /// Which of the panels below the stage is open.
    tab: Tab,
    /// Which program the tab with code shows: its language, and whose it is.
    code: (Language, String),
    /// Which menu of the header is open.
    menu: Option<Menu>,
    /// What was looked for by its name: which one it is, from 1, and of how many.
    found: Option<(usize, usize)>,
    /// Which sum of the ledger is looked into.
    sum: Option<&'static str>,
    /// What the log shows: a kind of events, and a text that they contain.
    log_filter: (StepKind, String),
    /// The lines that it shows, and what was looked for.
    lines: RefCell<Found<LineKey, Line>>,
    marks: RefCell<Found<(u32, u32), (Instant, Mark)>>,
    /// The latest refusal of the broker: to whom, and why.
    refusals: RefCell<Found<(u32, u32), (String, String)>>,
    /// What the program in the tab with code has printed.
    printed: RefCell<Found<PrintedKey, Printed>>,
    /// What follows the clock, as it was put together last.
    panels: RefCell<Option<Panels>>,
    /// The film that is being recorded.
    recording: Option<film::Recording>,
    /// Something to tell the visitor, until the next thing is done.
    notice: Option<Notice>,
    /// The visitor's own topologies.
    shelf: Shelf,
    /// As what the one on the stage is kept.
    work: Work,
    /// What one step back leads to, before anything is changed.
    earlier: Option<Earlier>,
    /// The key and the name of a kept topology that the visitor may want to go on with.
    offered: Option<(String, String)>,
    /// The address of what is on the stage.
    address: Address,
    /// The title of the page before it shows anything.
    home_title: String,
    is_help_open: bool,
    /// Whether a link for a class is being made.
    is_class_link_open: bool,
}

/// What a line of the log depends on: which history, the language, and the filter.
type LineKey = ((u32, u32), Lang, (StepKind, String));

/// Which history, and whose program.
type PrintedKey = ((u32, u32), String);

/// What follows the clock, and not the hand. Whoever picks something must not wait until hundreds of lines, which have
/// nothing new to say of it, are put together and laid out again: they are when the clock is told the next time.
#[derive(Clone)]
struct Panels {
    clock: Html,
    tabs: Html,
    ledger: Html,
    things: Rc<Vec<Thing>>,
}

/// A menu of the header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Menu {
    Lessons,
    File,
}

/// What can happen to the page.
pub(crate) enum Message {
    /// The stage has moved on.
    Tick,
    Language(Lang),
    Menu(Option<Menu>),
    Help(bool),
    CloseClassLink,
    Mode(Mode),
    Open(&'static str),
    Lesson(LessonWish),
    Clock(Wish),
    Seek(Instant),
    StepKind(StepKind),
    Down(PointerEvent),
    Move(PointerEvent),
    Up(PointerEvent),
    Cancel(PointerEvent),
    Drop(DragEvent),
    /// A finger has taken something from the palette to wherever it goes up.
    Put(Kind, PointerEvent),
    /// A key on the stage.
    StageKey(KeyboardEvent),
    /// A key anywhere else.
    Key(KeyboardEvent),
    Zoom(Zoom),
    /// A thing with such a name is looked for: the first, or the next.
    Find((String, bool)),
    Select(Selection),
    /// An exchange is folded with its queues, or unfolded.
    Fold((Name, bool)),
    Act(Mishap),
    /// Something is crashed, or brought back.
    Toggle(Place),
    Edit(Edit),
    Undo,
    Redo,
    Compare(bool),
    Branch(u32),
    /// Another future is pointed at, or no more.
    LookAtFuture(Option<u32>),
    Tab(Tab),
    Look(Look),
    CodeLanguage(Language),
    CodeActor(String),
    /// The visitor wants to read the code of an actor.
    ReadCode(String),
    /// The visitor runs code as an actor's program.
    RunCode(String, String),
    /// An actor does again what the rest of its plan says.
    RemoveCode(String),
    /// The interpreter of code is there, or why it is not.
    Interpreter(Result<(), String>),
    File(FileWish),
    /// A file that the visitor has chosen, or let go of above the page.
    FileChosen(File),
    /// Its name, and what is in it.
    FileText(String, String),
    /// The address of the page leads to something else.
    Hash(String),
    /// The page is left.
    Leave,
    /// The visitor does not want to be told any more what is kept.
    Dismiss,
    /// The visitor has read the notice.
    CloseNotice,
    /// What the visitor wanted cannot be, and why.
    Refused(String),
    Sum(Option<&'static str>),
    LogKind(StepKind),
    LogText(String),
}

impl Message {
    /// Whether the visitor takes the clock or the stage into their own hands.
    const fn takes_over(&self) -> bool {
        match self {
            Message::Clock(wish) => !matches!(wish, Wish::Speed(_)),
            Message::Seek(_)
            | Message::Act(_)
            | Message::Toggle(_)
            | Message::Edit(_)
            | Message::Branch(_) => true,
            Message::Undo | Message::Redo | Message::Compare(_) | Message::Put(..) | Message::Drop(_) => true,
            _ => false,
        }
    }

    /// Whether it does nothing to what follows the clock.
    fn only_picks(&self) -> bool {
        match self {
            Message::Down(_) | Message::Move(_) | Message::Up(_) | Message::Cancel(_) => true,
            Message::Select(_) | Message::Menu(_) | Message::Help(_) => true,
            Message::Key(event) | Message::StageKey(event) => ["Escape", "n"].contains(&&*event.key()),
            _ => false,
        }
    }
}

/// How much of the picture is to be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Zoom {
    In,
    Out,
    Fit,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        focus::keep();
        input::listen(ctx.link().callback(Message::Key));
        files::listen(ctx.link().callback(Message::Hash));
        files::listen_for_leaving(ctx.link().callback(|()| Message::Leave));
        let lang = Lang::initial();
        let shelf = Shelf::open(lang);
        let mut app = App {
            lang,
            handlers: Handlers::new(ctx.link()),
            player: Rc::new(RefCell::new(Player::new(FIRST_LESSON))),
            hand: Rc::new(RefCell::new(Hand::default())),
            canvas: NodeRef::default(),
            rival_canvas: NodeRef::default(),
            stage: None,
            course: Course::BEGINNING,
            given: Given::NOTHING,
            is_embedded: embed::is_embedded(),
            mode: Mode::chosen().unwrap_or(Mode::Learn),
            chosen_mode: Mode::chosen(),
            opening: None,
            finished: course::finished(),
            tab: Tab::Log,
            code: (Language::Python, String::new()),
            menu: None,
            found: None,
            sum: None,
            log_filter: (StepKind::Anything, String::new()),
            lines: RefCell::default(),
            marks: RefCell::default(),
            refusals: RefCell::default(),
            printed: RefCell::default(),
            panels: RefCell::default(),
            recording: None,
            notice: None,
            offered: shelf.names().first().cloned(),
            shelf,
            work: Work::default(),
            earlier: None,
            address: Address::Home,
            home_title: gloo::utils::document().title(),
            is_help_open: false,
            is_class_link_open: false,
        };
        app.open_first();
        app.begin_opening();
        app
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if let (true, Some(canvas)) = (first, self.canvas.cast::<HtmlCanvasElement>()) {
            exports::set_stage(self.player.clone(), canvas.clone());
            let (link, rival) = (ctx.link().clone(), self.rival_canvas.clone());
            self.stage = Some(Stage::start(
                (self.player.clone(), self.hand.clone()),
                self.lang,
                canvas,
                move || rival.cast(),
                move || link.send_message(Message::Tick),
            ));
        }
        if let Some(stage) = &self.stage {
            stage.speak(self.lang);
        }
        let (document, title) = (gloo::utils::document(), self.title());
        if document.title() != title {
            document.set_title(&title);
        }
        let root = document.document_element();
        // To set it has the browser look at the style of everything again, even to what it was.
        if let Some(root) =
            root.filter(|root| root.get_attribute("lang").is_none_or(|lang| lang != self.lang.code()))
        {
            // The language of a page is no place for an error.
            let _ = root.set_attribute("lang", self.lang.code());
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        if let Message::FileChosen(file) = &message {
            files::read(self.lang, file, ctx.link());
            return false;
        }
        if matches!(message, Message::RunCode(..)) && !interpreter::is_loaded() {
            ctx.link().send_future(async { Message::Interpreter(interpreter::load().await) });
        }
        self.update(message)
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.page(ctx.link())
    }
}
