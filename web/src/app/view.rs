//! The page, from what there is at the moment.

use warren_sim::{
    ActorKind, Chapter, Happening, Scenario, Severity, Status, WorldEvent,
    warren_core::{Event, Fact, Instant, MessageId},
};
use web_sys::HtmlCanvasElement;
use yew::{Html, html, html::Scope};

use super::{App, Message};
use crate::{
    components::{
        Charts, Check, Code, Exercise, Faults, Files, Header, Help, Inspected, Inspector, LedgerPanel,
        Lesson, LessonWish, Line, Log, Mark, Story, Sum, Tab, Tabs, Thing, Things, Timeline, Told, Toolbar,
        Tools, Track, Transport, Victim, in_words,
    },
    player::{Player, Selection, Source, StepKind, is_down},
    scene::{Layout, Place, Point},
    story,
};

/// Lines of the log that are shown.
const LOG_LINES: usize = 150;
const VHOST: &str = "/";

impl App {
    pub(super) fn page(&self, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        let player = self.player.borrow();
        let current = match player.source {
            Source::Lesson(id) => Some(id),
            Source::Own => None,
        };
        html! {
            <>
                <Header
                    {lang}
                    menu={self.menu}
                    {current}
                    finished={self.finished.clone()}
                    on_menu={link.callback(Message::Menu)}
                    on_open={link.callback(Message::Open)}
                    on_help={link.callback(Message::Help)}
                    on_language={link.callback(|()| Message::Language)}
                    files={html! {
                        <Files
                            {lang}
                            can_restore={App::can_restore()}
                            on_wish={link.callback(Message::File)}
                            on_file={link.callback(Message::FileChosen)}
                        />
                    }}
                />
                <main
                    class={if self.course.has_begun { "begun" } else { "" }}
                    ondragover={|event: web_sys::DragEvent| event.prevent_default()}
                    ondrop={link.batch_callback(|event: web_sys::DragEvent| {
                        event.prevent_default();
                        super::input::dropped_file(&event).map(Message::FileChosen)
                    })}
                >
                    <Lesson
                        {lang}
                        scenario={player.shared_scenario()}
                        step={self.course.step}
                        reset={self.reset(&player, link)}
                        on_wish={link.callback(Message::Lesson)}
                    />
                    { self.exercise(&player, current, link) }
                    <section class="theatre">
                        { self.toolbar(&player, link) }
                        { self.stage(&player, link) }
                        { self.clock(&player, link) }
                        { self.tabs(&player, link) }
                    </section>
                    <aside>
                        { self.ledger(&player, link) }
                        { self.inspector(&player, link) }
                        <Things
                            {lang}
                            things={self.things(&player)}
                            on_select={link.callback(Message::Select)}
                            on_toggle={link.callback(Message::Toggle)}
                        />
                    </aside>
                </main>
                if self.is_help_open {
                    <Help {lang} on_close={link.callback(Message::Help)} />
                }
            </>
        }
    }

    /// A lesson that has been changed can be had as it was.
    fn reset(&self, player: &Player, link: &Scope<Self>) -> Html {
        let Source::Lesson(id) = player.source else { return Html::default() };
        if !player.is_edited() {
            return Html::default();
        }
        html! {
            <button class="quiet" data-testid="reset" onclick={link.callback(move |_| Message::Lesson(LessonWish::AsItWas(id)))}>
                { self.lang.say("as it was", "как было") }
            </button>
        }
    }

    fn exercise(&self, player: &Player, id: Option<&'static str>, link: &Scope<Self>) -> Html {
        if player.scenario().lesson.is_none() {
            return Html::default();
        }
        let course = &self.course;
        let milestones = player.goal().milestones();
        html! {
            <Exercise
                lang={self.lang}
                scenario={player.shared_scenario()}
                {id}
                phase={course.phase}
                choice={course.choice}
                has_begun={course.has_begun}
                is_done={course.is_done}
                goal={milestones.iter().map(|view| in_words(self.lang, view)).collect::<Vec<_>>()}
                on_wish={link.callback(Message::Lesson)}
            />
        }
    }

    fn toolbar(&self, player: &Player, link: &Scope<Self>) -> Html {
        html! {
            <Toolbar
                lang={self.lang}
                can_undo={player.can_undo()}
                can_redo={player.can_redo()}
                has_disk={player.scenario().disk.is_some()}
                is_comparing={player.rival.is_some()}
                on_edit={link.callback(Message::Edit)}
                on_undo={link.callback(|()| Message::Undo)}
                on_redo={link.callback(|()| Message::Redo)}
                on_zoom={link.callback(Message::Zoom)}
                on_compare={link.callback(Message::Compare)}
            />
        }
    }

    fn stage(&self, player: &Player, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        let width =
            self.canvas.cast::<HtmlCanvasElement>().map_or(900.0, |canvas| f64::from(canvas.client_width()));
        let height = Layout::wanted_height(player.scenario(), width);
        let style = format!("height: {height}px");
        let hint = match (player.touched, player.scenario().disk.is_some()) {
            (true, _) => lang.say(
                "Click a message to read its story, or drag the bar of time back.",
                "Щёлкните по сообщению, чтобы прочесть его историю, или потяните полосу времени назад."),
            (false, true) => lang.say(
                "Click the disk and cut the broker's power. Outlined: in memory. Filled: in the cache. ✓: synced.",
                "Щёлкните по диску и обесточьте брокера. Контур: в памяти. Заливка: в кэше. ✓: на диске."),
            (false, false) => lang.say(
                "Click a worker, and crash it.",
                "Щёлкните по обработчику и уроните его."),
        };
        let rival = player.rival.as_ref().map(|rival| {
            let height = Layout::wanted_height(rival.scenario(), width);
            html! {
                <>
                    <p class="hint">{ lang.say("For comparison, as it was given:", "Для сравнения, исходный сценарий:") }</p>
                    <canvas
                        class="rival"
                        data-testid="rival"
                        ref={self.rival_canvas.clone()}
                        style={format!("height: {height}px")}
                        role="img"
                        aria-label={lang.say("The scenario as it was given", "Исходный сценарий")}
                    />
                </>
            }
        });
        html! {
            <div class="stage">
                <p class="hint">{ hint }</p>
                <div class="scene">
                    <canvas
                        ref={self.canvas.clone()}
                        data-testid="stage"
                        {style}
                        tabindex="0"
                        role="application"
                        aria-label={lang.say(
                            "Messages on their way from producers through exchanges and queues to consumers. N picks the next thing; everything here is in the lists, too.",
                            "Сообщения на пути от продюсеров через точки обмена и очереди к слушателям. N выбирает следующее; всё это есть и в списках.")}
                        onpointerdown={link.callback(Message::Down)}
                        onpointermove={link.callback(Message::Move)}
                        onpointerup={link.callback(Message::Up)}
                        onpointercancel={link.callback(Message::Cancel)}
                        onkeydown={link.callback(Message::StageKey)}
                        ondragover={|event: web_sys::DragEvent| event.prevent_default()}
                        ondrop={link.callback(Message::Drop)}
                    />
                    { self.tools(player, link) }
                </div>
                // Always there, so that nothing takes the stage's own canvas for another when it comes and goes.
                <div class="beside">{ rival }</div>
                <ul class="legend">
                    <li class="ready">{ lang.say("ready", "ждёт в очереди") }</li>
                    <li class="unacked">{ lang.say("delivered, not acked", "доставлено, не подтверждено") }</li>
                    <li class="again">{ lang.say("redelivered", "доставлено повторно") }</li>
                    <li class="gone">{ lang.say("lost", "потеряно") }</li>
                </ul>
            </div>
        }
    }

    /// Beside what is picked.
    fn tools(&self, player: &Player, link: &Scope<Self>) -> Html {
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return Html::default() };
        let layout = crate::stage::layout_on(&canvas, player);
        let Some((victim, place)) = victim(player) else { return Html::default() };
        let Some(node) = layout.node(&place) else { return Html::default() };
        let below = Point { x: node.area.left, y: node.area.top + node.area.height + 8.0 };
        let mut at = layout.outward(below);
        // Inside the stage, whatever is picked.
        at.x = at.x.clamp(0.0, (layout.size.x - 230.0).max(0.0));
        at.y = at.y.min(layout.size.y - 44.0);
        html! { <Tools lang={self.lang} {victim} {at} on_act={link.callback(Message::Act)} /> }
    }

    fn clock(&self, player: &Player, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        html! {
            <>
                <Transport
                    {lang}
                    playing={player.playing}
                    over={player.is_over()}
                    speed={player.speed}
                    step_kind={player.step_kind}
                    clock={format!("{:.1} s", player.world().now().as_micros() as f64 / 1e6)}
                    on_wish={link.callback(Message::Clock)}
                    on_kind={link.callback(Message::StepKind)}
                />
                <Timeline
                    {lang}
                    now={player.world().now()}
                    played_to={player.history().played_to()}
                    end={player.end()}
                    marks={marks(player)}
                    branches={player.branches()}
                    branch={player.history().current()}
                    on_seek={link.callback(Message::Seek)}
                    on_branch={link.callback(Message::Branch)}
                />
            </>
        }
    }

    fn tabs(&self, player: &Player, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        let panel = match self.tab {
            Tab::Log => html! {
                <Log
                    {lang}
                    lines={self.lines(player)}
                    kind={self.log_filter.0}
                    text={self.log_filter.1.clone()}
                    on_kind={link.callback(Message::LogKind)}
                    on_text={link.callback(Message::LogText)}
                />
            },
            Tab::Wire => self.wire(player, link),
            Tab::Charts => html! {
                <Charts
                    {lang}
                    scenario={player.shared_scenario()}
                    track={track(player)}
                    rival={player.rival.as_deref().map(track)}
                    now={player.world().now()}
                    played_to={player.history().played_to()}
                    end={player.end()}
                    on_seek={link.callback(Message::Seek)}
                />
            },
            Tab::Check => html! {
                <Check
                    {lang}
                    scenario={player.shared_scenario()}
                    findings={player.findings()}
                    on_select={link.callback(Message::Select)}
                />
            },
            Tab::Faults => html! {
                <Faults {lang} scenario={player.shared_scenario()} on_edit={link.callback(Message::Edit)} />
            },
            Tab::Code => html! {
                <Code
                    {lang}
                    scenario={player.shared_scenario()}
                    language={self.code.0}
                    actor={self.code.1.clone()}
                    on_language={link.callback(Message::CodeLanguage)}
                    on_actor={link.callback(Message::CodeActor)}
                />
            },
        };
        let findings = player.findings();
        let problems = findings.iter().filter(|finding| finding.severity == Severity::Problem).count();
        let found = (problems, findings.len() - problems);
        html! { <Tabs {lang} open={self.tab} {found} on_open={link.callback(Message::Tab)}>{ panel }</Tabs> }
    }

    fn ledger(&self, player: &Player, link: &Scope<Self>) -> Html {
        let (lang, ledger) = (self.lang, player.world().ledger());
        let rival = player.rival.as_ref().map(|rival| rival.sums(lang));
        let sums = player.sums(lang).into_iter().enumerate().map(|(index, (id, name, count))| {
            let rival = rival.as_ref().map(|sums| sums[index].2);
            Sum { id, name, count, rival }
        });
        let messages = self.sum.map(|sum| player.messages_of(sum)).unwrap_or_default();
        let numbered = messages.into_iter().map(|message| (message, player.motion().ordinal(message)));
        html! {
            <LedgerPanel
                {lang}
                sums={sums.collect::<Vec<_>>()}
                open={self.sum}
                messages={numbered.collect::<Vec<_>>()}
                losses={story::losses(lang, player.scenario(), ledger)}
                paces={story::paces(lang, player.scenario(), ledger)}
                on_open={link.callback(Message::Sum)}
                on_select={link.callback(Message::Select)}
            />
        }
    }

    /// What is picked: a message with its story, or a thing with its fields.
    fn inspector(&self, player: &Player, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        let on_close = link.callback(|()| Message::Select(Selection::default()));
        if let Some(message) = player.selected() {
            return html! { <Story {lang} message={self.inspected(player, message)} {on_close} /> };
        }
        if player.selection.is_empty() {
            let complaint = self.notice.as_ref();
            return complaint.map_or_else(Html::default, |complaint| {
                html! { <p class="panel complaint" role="alert" data-testid="complaint">{ complaint }</p> }
            });
        }
        html! {
            <Inspector
                {lang}
                scenario={player.shared_scenario()}
                selection={player.selection.clone()}
                complaint={self.notice.clone()}
                refusals={refusals(player)}
                on_edit={link.callback(Message::Edit)}
                on_select={link.callback(Message::Select)}
                {on_close}
            />
        }
    }

    fn lines(&self, player: &Player) -> Vec<Line> {
        let (kind, text) = (self.log_filter.0, self.log_filter.1.to_lowercase());
        let entries = player.history().past().rev().map(|entry| &entry.event);
        let lines =
            entries.filter(|event| kind.shows(event)).filter_map(|event| self.line(player.scenario(), event));
        let found = lines.filter(|line| {
            let said = || format!("{} {}", line.who, line.what).to_lowercase();
            text.is_empty() || said().contains(&text)
        });
        found.take(LOG_LINES).collect()
    }

    fn line(&self, scenario: &Scenario, event: &WorldEvent) -> Option<Line> {
        let (who, what) = story::sentence(self.lang, scenario, &event.what)?;
        let ms = event.at.as_micros() / 1_000;
        Some(Line { when: format!("{}.{:03}", ms / 1_000, ms % 1_000), who, what })
    }

    fn inspected(&self, player: &Player, message: MessageId) -> Inspected {
        let chapters = player.history().explained_story(message);
        // The reasons stand below the first line that says what came of them.
        let mut answers = Vec::new();
        let told = chapters.iter().filter_map(|Chapter { event, routing }| {
            answers.extend(routing.iter().flat_map(|routing| story::why::answers(self.lang, routing)));
            let line = self.line(player.scenario(), event)?;
            Some(Told { line, answers: std::mem::take(&mut answers) })
        });
        let story = told.collect();
        let number = player.motion().ordinal(message);
        let events: Vec<&WorldEvent> = chapters.iter().map(|chapter| &chapter.event).collect();
        Inspected { number, properties: properties(player, message, &events), story }
    }

    fn things(&self, player: &Player) -> Vec<Thing> {
        let lang = self.lang;
        let layout = Layout::new(player.scenario(), 1_000.0, 600.0);
        let (actors, queues) = (player.world().actors(), player.world().broker().queues());
        let is_up = player.world().broker_is_up();
        let thing = |node: crate::scene::Node| {
            let place = node.place;
            let is_picked = player.is_picked(&place);
            let (state, action, is_down) = match &place {
                Place::Producer(id) | Place::Consumer(id) => {
                    let actor = actors.iter().find(|actor| actor.id == *id)?;
                    let down = is_down(actor) || actor.status == Status::Paused;
                    let action = if down {
                        lang.say("Revive", "Поднять")
                    } else {
                        lang.say("Crash", "Уронить")
                    };
                    (status(lang, actor.status).to_owned(), Some(action), down)
                }
                Place::Queue(name) => {
                    let queue = queues.iter().find(|queue| queue.name == *name);
                    let counts = |ready, unacked| format!("{ready} + {unacked}");
                    (queue.map_or_else(String::new, |queue| counts(queue.ready, queue.unacked)), None, !is_up)
                }
                Place::Exchange(_) => (node.note, None, !is_up),
                Place::Disk => {
                    let action = if is_up {
                        lang.say("Cut power", "Обесточить")
                    } else {
                        lang.say("Start", "Запустить")
                    };
                    (String::new(), Some(action), !is_up)
                }
            };
            Some(Thing { place, name: node.name, state, action, is_down, is_picked })
        };
        layout.nodes.into_iter().filter_map(thing).collect()
    }
}

fn status(lang: crate::i18n::Lang, status: Status) -> &'static str {
    match status {
        Status::Up => lang.say("up", "работает"),
        Status::Paused => lang.say("paused", "замер"),
        Status::Waiting | Status::Connecting | Status::Disconnected => lang.say("connecting", "подключается"),
        Status::Refused => lang.say("refused", "отвергнут"),
        Status::Crashed => lang.say("down", "упал"),
    }
}

/// What is picked, as the tools see it, and where it is.
fn victim(player: &Player) -> Option<(Victim, Place)> {
    if let Some(message) = player.selected() {
        let holder = player.world().actors().into_iter().find(|actor| match &actor.kind {
            ActorKind::Consumer { buffered, working, kept, .. } => {
                let held = buffered.iter().chain(kept).copied().chain(working.map(|work| work.message));
                held.into_iter().any(|held| held == message)
            }
            _ => false,
        })?;
        let place = Place::Consumer(holder.id);
        return Some((Victim::Message { number: message.0, holder: Some(holder.name) }, place));
    }
    let place = player.selection.only_place()?;
    let victim = match place {
        Place::Producer(actor) | Place::Consumer(actor) => Victim::Actor(player.actor(*actor)?),
        Place::Queue(_) | Place::Exchange(_) | Place::Disk => {
            let queue = match place {
                Place::Queue(name) => Some(name.to_string()),
                _ => None,
            };
            let has_disk = player.scenario().disk.is_some();
            Victim::Broker { is_up: player.world().broker_is_up(), has_disk, queue }
        }
    };
    Some((victim, place.clone()))
}

/// What the charts draw of a player.
fn track(player: &Player) -> Track {
    let chart = player.chart();
    Track { strips: chart.strips(player.scenario()), width_us: chart.width_us() }
}

/// What is worth a mark on the bar of time, the known future included.
fn marks(player: &Player) -> Vec<(Instant, Mark)> {
    const MOST: usize = 400;
    let mark = |event: &WorldEvent| {
        Some(match &event.what {
            Happening::Lost { .. } => Mark::Loss,
            Happening::Received { redelivered: true, .. } => Mark::Redelivery,
            Happening::Broker(Event { fact: Fact::DeadLettered { .. }, .. }) => Mark::DeadLetter,
            _ if StepKind::Crash.shows(event) => Mark::Crash,
            _ => return None,
        })
    };
    let found = player.history().entries().filter_map(|entry| Some((entry.event.at, mark(&entry.event)?)));
    found.take(MOST).collect()
}

/// What the broker has said no to, the latest first.
fn refusals(player: &Player) -> Vec<(String, String)> {
    let refused = player.history().past().rev().filter_map(|entry| match &entry.event.what {
        // What the broker says begins with a reply code; what the network does has none.
        Happening::Refused { actor, reason, .. }
            if reason.starts_with(|letter: char| letter.is_ascii_digit()) =>
        {
            let name = player.scenario().actor_names().nth(actor.0 as usize)?;
            Some((name.to_owned(), reason.clone()))
        }
        _ => None,
    });
    refused.take(1).collect()
}

/// What a message is: from its publishing, and from the broker while it still has it.
fn properties(player: &Player, message: MessageId, events: &[&WorldEvent]) -> Vec<(String, String)> {
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
    let view = player.world().broker();
    let ready =
        player.scenario().queues.iter().flat_map(|queue| view.ready_messages(VHOST, &queue.name, u32::MAX));
    let held = ready.chain(view.unacked_messages(u32::MAX)).find(|held| held.message == message);
    properties.extend(held.into_iter().flat_map(|held| held.properties));
    properties
}
