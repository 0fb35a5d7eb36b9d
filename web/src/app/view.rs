//! The page, from what there is at the moment.

use std::rc::Rc;

use warren_sim::Severity;
use web_sys::HtmlCanvasElement;
use yew::{Html, html, html::Scope};

use super::{
    App, Message, Panels,
    panels::{track, victim},
};
use crate::{
    components::{
        Charts, Check, Code, Exercise, Faults, FileWish, Files, Header, Help, Inspector, LedgerPanel, Lesson,
        LessonWish, Log, Story, Sum, Tab, Tabs, Thing, Things, Timeline, Toolbar, Tools, Transport, caption,
        in_words,
    },
    player::{Player, Selection, Source},
    scene::{Layout, Point},
    story,
};

impl App {
    pub(super) fn page(&self, link: &Scope<Self>) -> Html {
        let player = self.player.borrow();
        let current = match player.source {
            Source::Lesson(id) => Some(id),
            Source::Own => None,
        };
        let panels = self.panels(&player, link);
        html! {
            <>
                { self.header(current, link) }
                <main
                    class={if self.course.has_begun { "begun" } else { "" }}
                    ondragover={|event: web_sys::DragEvent| event.prevent_default()}
                    ondrop={link.batch_callback(|event: web_sys::DragEvent| {
                        event.prevent_default();
                        super::input::leave_control();
                        super::input::dropped_file(&event).map(Message::FileChosen)
                    })}
                >
                    { self.texts(&player, link) }
                    { self.exercise(&player, current, link) }
                    <section class="theatre">
                        { self.toolbar(&player, link) }
                        { self.stage(&player, link) }
                        { panels.clock }
                        { panels.tabs }
                    </section>
                    <aside>
                        { panels.ledger }
                        { self.inspector(&player, link) }
                        { self.list(panels.things, &player, link) }
                    </aside>
                </main>
                <Help lang={self.lang} is_open={self.is_help_open} on_close={link.callback(|()| Message::Help(false))} />
            </>
        }
    }

    fn header(&self, current: Option<&'static str>, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        Header {
            lang,
            menu: self.menu,
            current,
            finished: self.finished.clone(),
            is_stored: self.shelf.is_stored(),
            offered: self.offered.clone(),
            on_continue: link.callback(|key| Message::File(FileWish::Continue(key))),
            on_dismiss: link.callback(|()| Message::Dismiss),
            on_menu: link.callback(Message::Menu),
            on_open: link.callback(Message::Open),
            on_help: link.callback(Message::Help),
            on_language: link.callback(|()| Message::Language),
            files: Files {
                lang,
                kept: self.other_kept(),
                removed: self.shelf.removed().map(str::to_owned),
                on_wish: link.callback(Message::File),
                on_file: link.callback(Message::FileChosen),
            },
        }
        .view()
    }

    /// Keys and names of what is kept, besides what is on the stage.
    fn other_kept(&self) -> Vec<(String, String)> {
        let current = self.work.entry();
        let is_other = |entry: &&(String, String)| current.as_ref().is_none_or(|(key, _)| entry.0 != *key);
        self.shelf.names().iter().filter(is_other).cloned().collect()
    }

    fn texts(&self, player: &Player, link: &Scope<Self>) -> Html {
        Lesson {
            lang: self.lang,
            scenario: player.shared_scenario(),
            step: self.course.step,
            reset: self.reset(player, link),
            on_wish: link.callback(Message::Lesson),
        }
        .view()
    }

    /// Everything on the stage, as a list.
    fn list(&self, things: Rc<Vec<Thing>>, player: &Player, link: &Scope<Self>) -> Html {
        Things {
            lang: self.lang,
            things,
            picked: player.selection.places.clone(),
            on_select: link.callback(Message::Select),
            on_toggle: link.callback(Message::Toggle),
        }
        .view()
    }

    fn panels(&self, player: &Player, link: &Scope<Self>) -> Panels {
        let anew = || Panels {
            clock: self.clock(player, link),
            tabs: self.tabs(player, link),
            ledger: self.ledger(player, link),
            things: Rc::new(self.things(player)),
        };
        self.panels.borrow_mut().get_or_insert_with(anew).clone()
    }

    /// A lesson that has been changed can be had as it was.
    fn reset(&self, player: &Player, link: &Scope<Self>) -> Html {
        let Source::Lesson(id) = player.source else { return Html::default() };
        if !player.is_edited() {
            return Html::default();
        }
        html! {
            <button class="quiet" data-testid="reset" onclick={link.callback(move |_| Message::Lesson(LessonWish::AsItWas(id)))}>
                { self.lang.say("Reset lesson", "Сбросить урок") }
            </button>
        }
    }

    fn exercise(&self, player: &Player, id: Option<&'static str>, link: &Scope<Self>) -> Html {
        if player.scenario().lesson.is_none() {
            return Html::default();
        }
        let course = &self.course;
        let milestones = player.goal().milestones(player.world().now());
        Exercise {
            lang: self.lang,
            scenario: player.shared_scenario(),
            id,
            phase: course.phase,
            choice: course.choice,
            has_begun: course.has_begun,
            is_done: course.is_done,
            goal: milestones.iter().map(|view| in_words(self.lang, view, course.is_done)).collect::<Vec<_>>(),
            on_wish: link.callback(Message::Lesson),
        }
        .view()
    }

    fn toolbar(&self, player: &Player, link: &Scope<Self>) -> Html {
        Toolbar {
            lang: self.lang,
            can_undo: self.can_undo(player),
            can_redo: player.can_redo(),
            has_disk: player.scenario().disk.is_some(),
            is_comparing: player.rival.is_some(),
            on_edit: link.callback(Message::Edit),
            on_finger: link.callback(|(kind, event)| Message::Put(kind, event)),
            on_undo: link.callback(|()| Message::Undo),
            on_redo: link.callback(|()| Message::Redo),
            on_zoom: link.callback(Message::Zoom),
            on_compare: link.callback(Message::Compare),
        }
        .view()
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
                <p class="hint">
                    { hint }
                    if player.playing && player.is_in_slow_motion() {
                        <span class="slow">{ lang.say("slow motion, 1/5 speed", "замедлено в 5 раз") }</span>
                    }
                </p>
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
                        oncontextmenu={self.no_menu_for_fingers()}
                        ondragover={|event: web_sys::DragEvent| event.prevent_default()}
                        ondrop={link.callback(Message::Drop)}
                    />
                    { self.tools(player, link) }
                </div>
                { caption(lang, player.caption(), |actor| player.actor(actor).map(|view| view.name).unwrap_or_default()) }
                // Always there, so that nothing takes the stage's own canvas for another when it comes and goes.
                <div class="beside">{ rival }</div>
                <ul class="legend">
                    <li class="ready">{ lang.say("ready", "ждёт в очереди") }</li>
                    <li class="unacked">{ lang.say("delivered, not acked", "доставлено, не подтверждено") }</li>
                    <li class="again">{ lang.say("redelivered", "доставлено повторно") }</li>
                    <li class="gone">{ lang.say("lost", "потеряно") }</li>
                    <li
                        class="stream"
                        title={lang.say(
                            "Where there are too many messages for an eye, they merge into a stream. For ten times the rate it is always the same more.",
                            "Где сообщений больше, чем различает глаз, они сливаются в поток. Вдесятеро чаще — толще каждый раз на одно и то же.")}
                    >
                        { lang.say("a stream: the thicker, the more a second", "поток: чем толще, тем больше в секунду") }
                    </li>
                </ul>
            </div>
        }
    }

    /// A finger that stays holds a thing: no menu of the browser's is to take it away.
    fn no_menu_for_fingers(&self) -> impl Fn(web_sys::MouseEvent) + 'static {
        let hand = self.hand.clone();
        move |event| {
            if hand.borrow().is_touched() {
                event.prevent_default();
            }
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
        Tools { lang: self.lang, victim, at, on_act: link.callback(Message::Act) }.view()
    }

    fn clock(&self, player: &Player, link: &Scope<Self>) -> Html {
        let (lang, now) = (self.lang, player.world().now());
        let transport = Transport {
            lang,
            playing: player.playing,
            over: player.is_over(),
            speed: player.speed,
            pace: player.lagging_pace(),
            step_kind: player.step_kind,
            clock: format!("{:.1} s", now.as_micros() as f64 / 1e6),
            on_wish: link.callback(Message::Clock),
            on_kind: link.callback(Message::StepKind),
        };
        let timeline = Timeline {
            lang,
            now,
            aim: player.aim(),
            played_to: player.history().played_to(),
            end: player.end(),
            marks: self.marks(player),
            branches: player.branches(),
            branch: player.history().current(),
            on_seek: link.callback(Message::Seek),
            on_branch: link.callback(Message::Branch),
        };
        html! { <>{ transport.view() }{ timeline.view() }</> }
    }

    fn tabs(&self, player: &Player, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        let panel = match self.tab {
            Tab::Log => Log {
                lang,
                lines: self.lines(player),
                kind: self.log_filter.0,
                text: self.log_filter.1.clone(),
                on_kind: link.callback(Message::LogKind),
                on_text: link.callback(Message::LogText),
            }
            .view(),
            Tab::Wire => self.wire(player, link),
            Tab::Charts => Charts {
                lang,
                scenario: player.shared_scenario(),
                track: track(player),
                rival: player.rival.as_deref().map(track),
                now: player.world().now(),
                played_to: player.history().played_to(),
                end: player.end(),
                on_seek: link.callback(Message::Seek),
            }
            .view(),
            Tab::Check => Check {
                lang,
                scenario: player.shared_scenario(),
                findings: player.findings(),
                on_select: link.callback(Message::Select),
            }
            .view(),
            Tab::Faults => {
                let (scenario, on_edit) = (player.shared_scenario(), link.callback(Message::Edit));
                Faults { lang, scenario, document: player.document, on_edit }.view()
            }
            Tab::Code => Code {
                lang,
                scenario: player.shared_scenario(),
                language: self.code.0,
                actor: self.code.1.clone(),
                on_language: link.callback(Message::CodeLanguage),
                on_actor: link.callback(Message::CodeActor),
            }
            .view(),
        };
        let findings = player.findings();
        let problems = findings.iter().filter(|finding| finding.severity == Severity::Problem).count();
        let found = (problems, findings.len() - problems);
        Tabs { lang, open: self.tab, found, on_open: link.callback(Message::Tab), children: panel }.view()
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
        LedgerPanel {
            lang,
            sums: sums.collect::<Vec<_>>(),
            open: self.sum,
            messages: numbered.collect::<Vec<_>>(),
            losses: story::losses(lang, player.scenario(), ledger),
            paces: story::paces(lang, player.scenario(), ledger),
            on_open: link.callback(Message::Sum),
            on_select: link.callback(Message::Select),
        }
        .view()
    }

    /// What is picked: a message with its story, or a thing with its fields.
    fn inspector(&self, player: &Player, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        let on_close = link.callback(|()| Message::Select(Selection::default()));
        if let Some(message) = player.selected() {
            return Story { lang, message: self.inspected(player, message), on_close }.view();
        }
        if player.selection.is_empty() {
            return self.notice.as_ref().map_or_else(Html::default, |notice| notice.view("panel"));
        }
        Inspector {
            lang,
            scenario: player.shared_scenario(),
            document: player.document,
            selection: player.selection.clone(),
            notice: self.notice.clone(),
            refusals: self.refusals(player),
            on_edit: link.callback(Message::Edit),
            on_select: link.callback(Message::Select),
            on_close,
        }
        .view()
    }
}
