//! The page: one player, the stage that draws it, and the panels around.

use std::{cell::RefCell, rc::Rc};

use warren_sim::{
    ActorId, Happening, WorldEvent,
    warren_core::{Event, Fact, MessageId},
};
use web_sys::HtmlCanvasElement;
use yew::prelude::{Component, Context, Html, MouseEvent, NodeRef, html};

use crate::{
    components::{Actors, Header, Inspected, Inspector, LedgerPanel, Lessons, Log, Transport, Wish},
    exports,
    i18n::{Lang, Words},
    player::Player,
    scene::{Layout, Point},
    stage::{Hit, Shared, Stage, hit},
    story,
};

/// What a first visitor sees: something goes wrong, and comes right again.
const FIRST_LESSON: &str = "crash-with-ack";
/// Lines of the log that are shown.
const LOG_LINES: usize = 60;
const VHOST: &str = "/";

pub(crate) struct App {
    lang: Lang,
    /// `None` only if the lessons do not parse, which a test rules out.
    player: Option<Shared>,
    canvas: NodeRef,
    stage: Option<Stage>,
}

/// What can happen to the page.
pub(crate) enum Message {
    /// The stage has moved on.
    Tick,
    Language,
    Open(&'static str),
    Clock(Wish),
    Click(MouseEvent),
    Toggle(ActorId),
    Deselect,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(_: &Context<Self>) -> Self {
        let player = Player::new(FIRST_LESSON).map(|player| Rc::new(RefCell::new(player)));
        App { lang: Lang::initial(), player, canvas: NodeRef::default(), stage: None }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if let (true, Some(player), Some(canvas)) =
            (first, &self.player, self.canvas.cast::<HtmlCanvasElement>())
        {
            exports::set_stage(player.clone(), canvas.clone());
            let link = ctx.link().clone();
            self.stage = Some(Stage::start(player.clone(), canvas, move || link.send_message(Message::Tick)));
        }
        if let Some(root) = gloo::utils::document().document_element() {
            // The language of a page is no place for an error.
            let _ = root.set_attribute("lang", self.lang.code());
        }
    }

    fn update(&mut self, _: &Context<Self>, message: Message) -> bool {
        if matches!(message, Message::Language) {
            self.lang = self.lang.switched();
            return true;
        }
        let Some(player) = &self.player else { return false };
        let mut player = player.borrow_mut();
        match message {
            Message::Tick | Message::Language => {}
            Message::Open(lesson) => player.open(lesson),
            Message::Clock(Wish::PlayOrPause) if player.is_over() => {
                let lesson = player.lesson.id;
                player.open(lesson);
            }
            Message::Clock(Wish::PlayOrPause) => player.playing = !player.playing,
            Message::Clock(Wish::Step) => player.step(),
            Message::Clock(Wish::Restart) => {
                let lesson = player.lesson.id;
                player.open(lesson);
            }
            Message::Clock(Wish::Speed(speed)) => player.speed = speed,
            Message::Toggle(actor) => player.toggle(actor),
            Message::Deselect => player.selected = None,
            Message::Click(event) => match self.hit(&player, &event) {
                Some(Hit::Actor(actor)) => player.toggle(actor),
                Some(Hit::Disk) => player.toggle_broker(),
                Some(Hit::Message(message)) => player.selected = Some(message),
                None => player.selected = None,
            },
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let words = self.lang.words();
        let Some(player) = &self.player else { return html! { <p>{ "The lessons do not parse." }</p> } };
        let player = player.borrow();
        let link = ctx.link();
        let ledger = player.world.ledger();
        let losses = story::losses(self.lang, &player.scenario, ledger);
        let paces = story::paces(self.lang, &player.scenario, ledger);
        let inspector = player.selected.map(|message| {
            let on_close = link.callback(|_| Message::Deselect);
            html! { <Inspector {words} message={self.inspected(&player, message)} {on_close} /> }
        });
        html! {
            <>
                <Header {words} on_language={link.callback(|_| Message::Language)} />
                <Lessons lang={self.lang} current={player.lesson.id} on_open={link.callback(Message::Open)} />
                <main>
                    <section class="theatre">
                        <h2>{ self.lang.pick(&player.scenario.title) }</h2>
                        <p class="summary">{ self.lang.pick(&player.scenario.summary) }</p>
                        { self.stage(ctx, &player, words) }
                        <Transport
                            {words}
                            playing={player.playing}
                            over={player.is_over()}
                            speed={player.speed}
                            clock={format!("{:.1} s", player.world.now().as_micros() as f64 / 1e6)}
                            on_wish={link.callback(Message::Clock)}
                        />
                    </section>
                    <aside>
                        <LedgerPanel {words} ledger={ledger.clone()} {losses} {paces} />
                        { inspector }
                        <Actors {words} actors={player.world.actors()} on_toggle={link.callback(Message::Toggle)} />
                        <Log {words} lines={self.lines(&player)} />
                    </aside>
                </main>
            </>
        }
    }
}

impl App {
    fn stage(&self, ctx: &Context<Self>, player: &Player, words: &'static Words) -> Html {
        let width =
            self.canvas.cast::<HtmlCanvasElement>().map_or(900.0, |canvas| f64::from(canvas.client_width()));
        let style = format!("height: {}px", Layout::wanted_height(&player.scenario, width));
        let hint = match (player.touched, player.scenario.disk.is_some()) {
            (true, _) => words.try_message,
            (false, true) => words.try_disk,
            (false, false) => words.try_crash,
        };
        html! {
            <div class="stage">
                <p class="hint">{ hint }</p>
                <canvas
                    ref={self.canvas.clone()}
                    {style}
                    role="img"
                    aria-label={words.stage}
                    onclick={ctx.link().callback(Message::Click)}
                />
                <ul class="legend">
                    <li class="ready">{ words.legend_ready }</li>
                    <li class="unacked">{ words.legend_unacked }</li>
                    <li class="again">{ words.legend_redelivered }</li>
                    <li class="gone">{ words.legend_lost }</li>
                </ul>
            </div>
        }
    }

    fn hit(&self, player: &Player, event: &MouseEvent) -> Option<Hit> {
        let area = self.canvas.cast::<HtmlCanvasElement>()?.get_bounding_client_rect();
        let at = Point {
            x: f64::from(event.client_x()) - area.left(),
            y: f64::from(event.client_y()) - area.top(),
        };
        hit(player, &Layout::new(&player.scenario, area.width(), area.height()), at)
    }

    fn lines(&self, player: &Player) -> Vec<(String, String, String)> {
        player.log.iter().rev().filter_map(|event| self.line(player, event)).take(LOG_LINES).collect()
    }

    fn line(&self, player: &Player, event: &WorldEvent) -> Option<(String, String, String)> {
        let (who, what) = story::sentence(self.lang, &player.scenario, &event.what)?;
        let ms = event.at.as_micros() / 1_000;
        Some((format!("{}.{:03}", ms / 1_000, ms % 1_000), who, what))
    }

    fn inspected(&self, player: &Player, message: MessageId) -> Inspected {
        let events = player.world.story(message);
        let story = events.iter().filter_map(|event| self.line(player, event)).collect();
        Inspected {
            number: player.motion.ordinal(message),
            properties: properties(player, message, events),
            story,
        }
    }
}

/// What a message is: from its publishing, and from the broker while it still has it.
fn properties(player: &Player, message: MessageId, events: &[WorldEvent]) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    let mut add = |name: &str, value: &str| properties.push((name.to_owned(), value.to_owned()));
    for event in events {
        match &event.what {
            Happening::Sent(sending) => add("body", &sending.body),
            Happening::Broker(Event {
                fact: Fact::Published { exchange, routing_key, persistent, .. },
                ..
            }) => {
                add("exchange", if exchange.is_empty() { "(default)" } else { exchange });
                add("routing_key", routing_key);
                add("persistent", if *persistent { "true" } else { "false" });
            }
            _ => {}
        }
    }
    let view = player.world.broker();
    let ready =
        player.scenario.queues.iter().flat_map(|queue| view.ready_messages(VHOST, &queue.name, u32::MAX));
    let held = ready.chain(view.unacked_messages(u32::MAX)).find(|held| held.message == message);
    properties.extend(held.into_iter().flat_map(|held| held.properties));
    properties
}
