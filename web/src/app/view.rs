//! The page, from what there is at the moment.

use std::rc::Rc;

use warren_sim::Severity;
use web_sys::HtmlCanvasElement;
use yew::{AttrValue, Html, classes, html, html::Scope};

use super::{
    App, Message, Panels,
    panels::{track, victim},
};
use crate::{
    components::{
        Charts, Check, ClassLink, Exercise, Faults, Find, Header, Help, LedgerPanel, Lesson, Link, Log,
        MANY_THINGS, Opening, Own, Phase, Sum, Tab, Tabs, Thing, Things, Timeline, Toolbar, Tools, Transport,
        caption, in_words, legend, other_future, tools_room,
    },
    player::{Player, Source},
    scene::Layout,
    story,
};

impl App {
    pub(super) fn page(&self, link: &Scope<Self>) -> Html {
        let player = self.player.borrow();
        let current = match player.source {
            Source::Lesson(id) => Some(id),
            Source::Own => None,
        };
        let (panels, parts) = (self.panels(&player), self.parts(&player));
        let has_task = player.scenario().lesson.is_some();
        if self.is_embedded {
            return self.embedded(&player, panels.clock, link);
        }
        html! {
            <>
                { self.header(current) }
                { self.notice.as_ref().map(|notice| notice.bar(self.lang, &self.handlers.close_notice)) }
                { self.unread_code(&player) }
                <main
                    class={classes!(
                        self.mode.id(),
                        (self.course.has_begun || self.opening.is_some()).then_some("begun"),
                        self.opening.map(super::opening::Opening::class),
                        (has_task && self.course.phase == Phase::Doing).then_some("doing"),
                    )}
                    ondragover={|event: web_sys::DragEvent| event.prevent_default()}
                    ondrop={link.batch_callback(|event: web_sys::DragEvent| {
                        event.prevent_default();
                        super::input::leave_control();
                        super::input::dropped_file(&event).map(Message::FileChosen)
                    })}
                >
                    if parts.text { { self.texts(&player, current) } }
                    if parts.exercise { { self.exercise(&player, current) } }
                    <section class="theatre">
                        if parts.palette { { self.toolbar(&player) } }
                        if parts.hints { { self.find(&player) } }
                        <div class="front">
                            { self.stage(&player, link, parts.hints) }
                            { self.opening_words(&player) }
                            { panels.clock }
                        </div>
                        { panels.tabs }
                    </section>
                    <aside>
                        { self.inspector(&player) }
                        { panels.ledger }
                        if parts.things { { self.list(panels.things, &player) } }
                    </aside>
                </main>
                { self.class_link(&player) }
                <Help lang={self.lang} is_open={self.is_help_open} on_close={self.handlers.close_help.clone()} />
            </>
        }
    }

    /// A link for a class, while one is being made.
    fn class_link(&self, player: &Player) -> Html {
        let is_open = self.is_class_link_open;
        html! {
            <ClassLink
                lang={self.lang}
                {is_open}
                to={if is_open { self.link_to_this() } else { Link::default() }}
                now={player.world().now()}
                speed={player.speed}
                on_close={self.handlers.close_class_link.clone()}
            />
        }
    }

    fn header(&self, current: Option<&'static str>) -> Html {
        let on = &self.handlers;
        html! {
            <Header
                lang={self.lang}
                is_language_fixed={self.given.lang.is_some()}
                mode={self.mode}
                menu={self.menu}
                {current}
                finished={self.finished.clone()}
                is_stored={self.shelf.is_stored()}
                offered={self.offered.clone()}
                own={Rc::new(self.own())}
                on_dismiss={on.dismiss.clone()}
                on_menu={on.menu.clone()}
                on_mode={on.mode.clone()}
                on_open={on.open.clone()}
                on_wish={on.wish.clone()}
                on_file={on.file.clone()}
                on_help={on.help.clone()}
                on_language={on.language.clone()}
            />
        }
    }

    /// What the visitor has made, and where it is.
    fn own(&self) -> Own {
        Own {
            kept: self.shelf.names().to_vec(),
            current: self.work.entry().map(|(key, _)| key),
            removed: self.shelf.removed().map(str::to_owned),
        }
    }

    /// What the first visit says, until it asks the lesson's question.
    fn opening_words(&self, player: &Player) -> Html {
        if self.opening.is_none_or(super::opening::Opening::asks) {
            return Html::default();
        }
        html! {
            <Opening
                lang={self.lang}
                scenario={player.shared_scenario()}
                dared={self.dared(player)}
                on_wish={self.handlers.lesson.clone()}
            />
        }
    }

    fn texts(&self, player: &Player, id: Option<&'static str>) -> Html {
        let was = match player.source {
            Source::Lesson(id) if player.is_edited() => Some(id),
            _ => None,
        };
        let name = (player.source == Source::Own).then(|| self.work.entry()).flatten();
        html! {
            <Lesson
                lang={self.lang}
                scenario={player.shared_scenario()}
                {id}
                step={self.course.step}
                phase={self.course.phase}
                name={name.map(|(_, name)| AttrValue::from(name))}
                {was}
                on_wish={self.handlers.lesson.clone()}
            />
        }
    }

    /// Everything on the stage, as a list.
    fn list(&self, things: Rc<Vec<Thing>>, player: &Player) -> Html {
        html! {
            <Things
                lang={self.lang}
                {things}
                picked={player.selection.places.clone()}
                on_select={self.handlers.select.clone()}
                on_toggle={self.handlers.toggle.clone()}
            />
        }
    }

    fn panels(&self, player: &Player) -> Panels {
        let parts = self.parts(player);
        let anew = || Panels {
            clock: if parts.clock { self.clock(player) } else { Html::default() },
            tabs: if parts.tabs { self.tabs(player) } else { Html::default() },
            ledger: if parts.ledger { self.ledger(player) } else { Html::default() },
            things: Rc::new(if parts.things { self.things(player) } else { Vec::new() }),
        };
        self.panels.borrow_mut().get_or_insert_with(anew).clone()
    }

    fn exercise(&self, player: &Player, id: Option<&'static str>) -> Html {
        if player.scenario().lesson.is_none() {
            return Html::default();
        }
        let course = &self.course;
        let milestones = player.goal().milestones(player.world().now());
        let goal = milestones.iter().map(|view| in_words(self.lang, view, course.is_done));
        html! {
            <Exercise
                lang={self.lang}
                scenario={player.shared_scenario()}
                {id}
                phase={course.phase}
                choice={course.choice}
                has_begun={course.has_begun}
                is_done={course.is_done}
                hides_answers={self.given.hides_answers}
                are_steps_next={self.opening.is_some()}
                goal={goal.collect::<Vec<_>>()}
                on_wish={self.handlers.lesson.clone()}
            />
        }
    }

    fn toolbar(&self, player: &Player) -> Html {
        let on = &self.handlers;
        html! {
            <Toolbar
                lang={self.lang}
                can_undo={self.can_undo(player)}
                can_redo={player.can_redo()}
                has_disk={player.scenario().disk.is_some()}
                is_comparing={player.rival.is_some()}
                on_edit={on.edit.clone()}
                on_finger={on.finger.clone()}
                on_undo={on.undo.clone()}
                on_redo={on.redo.clone()}
                on_zoom={on.zoom.clone()}
                on_compare={on.compare.clone()}
            />
        }
    }

    fn find(&self, player: &Player) -> Html {
        let scenario = player.scenario();
        let things = scenario.exchanges.len() + scenario.queues.len() + scenario.actor_names().count();
        if things < MANY_THINGS {
            return Html::default();
        }
        html! { <Find lang={self.lang} found={self.found} on_find={self.handlers.find.clone()} /> }
    }

    pub(super) fn stage(&self, player: &Player, link: &Scope<Self>, has_hints: bool) -> Html {
        let lang = self.lang;
        let width =
            self.canvas.cast::<HtmlCanvasElement>().map_or(900.0, |canvas| f64::from(canvas.client_width()));
        let height = Layout::wanted_height(player.scenario(), &player.folding, width);
        let style = format!("height: {height}px");
        let hint = super::hint::hint(lang, player.scenario(), player.touched);
        let rival = player.rival.as_ref().map(|rival| {
            let height = Layout::wanted_height(rival.scenario(), &rival.folding, width);
            html! {
                <>
                    <p class="hint">{ lang.say("For comparison, before the changes:") }</p>
                    <canvas
                        class="rival"
                        data-testid="rival"
                        ref={self.rival_canvas.clone()}
                        style={format!("height: {height}px")}
                        role="img"
                        aria-label={lang.say("The scenario before the changes")}
                    />
                </>
            }
        });
        html! {
            <div class="stage">
                <p class="hint">
                    if has_hints { { hint } }
                    if let Some(left) = self.is_recorded_for(player.world().now()) {
                        <span class="slow" data-testid="recording">
                            { lang.say("recording, ") }{ lang.duration(left) }
                        </span>
                    } else if player.playing && player.is_in_slow_motion() {
                        <span class="slow">{ lang.say("slow motion, 1/5 speed") }</span>
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
                            "Messages on their way from producers through exchanges and queues to consumers. N picks the next thing; everything here is in the lists, too.")}
                        onpointerdown={link.callback(Message::Down)}
                        onpointermove={link.callback(Message::Move)}
                        onpointerup={link.callback(Message::Up)}
                        onpointercancel={link.callback(Message::Cancel)}
                        onkeydown={link.callback(Message::StageKey)}
                        oncontextmenu={self.no_menu_for_fingers()}
                        ondragover={|event: web_sys::DragEvent| event.prevent_default()}
                        ondrop={link.callback(Message::Drop)}
                    />
                    { self.tools(player) }
                </div>
                { self.caption(player) }
                // Always there, so that nothing takes the stage's own canvas for another when it comes and goes.
                <div class="beside">{ rival }</div>
                if has_hints { { legend(lang, player.scenario()) } }
            </div>
        }
    }

    /// What has just happened; while another future is looked at, how that one differs.
    fn caption(&self, player: &Player) -> Html {
        let lang = self.lang;
        match player.moment_there() {
            Some(at) => other_future(lang, at, player.difference(lang)),
            None => {
                let scenario = player.scenario();
                let has_question = scenario.lesson.is_some() && !self.is_embedded;
                let is_asked = has_question && self.course.phase == Phase::Predicting;
                caption(lang, player.caption(), (scenario.disk.is_some(), is_asked), |actor| {
                    player.actor(actor).map(|view| view.name).unwrap_or_default()
                })
            }
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
    fn tools(&self, player: &Player) -> Html {
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return Html::default() };
        let layout = crate::stage::layout_on(&canvas, player);
        let Some((victim, place)) = victim(player) else { return Html::default() };
        let room = tools_room(self.lang, &victim, layout.size.x);
        let Some(at) = layout.beside(&place, room) else { return Html::default() };
        html! { <Tools lang={self.lang} {victim} {at} on_act={self.handlers.act.clone()} /> }
    }

    fn clock(&self, player: &Player) -> Html {
        let (lang, now, on) = (self.lang, player.world().now(), &self.handlers);
        html! {
            <>
                <Transport
                    {lang}
                    playing={player.playing}
                    over={player.is_over()}
                    speed={player.speed}
                    is_speed_fixed={self.given.speed.is_some() || self.is_embedded}
                    pace={player.lagging_pace()}
                    step_kind={player.step_kind}
                    clock={lang.moment(now)}
                    on_wish={on.clock.clone()}
                    on_kind={on.step_kind.clone()}
                />
                <Timeline
                    {lang}
                    {now}
                    aim={player.aim()}
                    played_to={player.history().played_to()}
                    end={player.end()}
                    marks={self.marks(player)}
                    branches={player.branches()}
                    scenario={player.shared_scenario()}
                    is_as_given={player.source != Source::Own && !player.is_edited()}
                    branch={player.history().current()}
                    looked_at={player.other_future().map(|(branch, _)| branch)}
                    on_seek={on.seek.clone()}
                    on_branch={on.branch.clone()}
                    on_look={on.look_at_future.clone()}
                />
            </>
        }
    }

    fn tabs(&self, player: &Player) -> Html {
        let findings = player.findings();
        let problems = findings.iter().filter(|finding| finding.severity == Severity::Problem).count();
        let found = (problems, findings.len() - problems);
        html! {
            <section class="panel tabs">
                <Tabs lang={self.lang} open={self.tab} {found} on_open={self.handlers.tab.clone()} />
                <div role="tabpanel" id="tab-panel" aria-labelledby={format!("tab-{}", self.tab.id())}>
                    { self.panel(player) }
                </div>
            </section>
        }
    }

    /// What the open tab shows.
    fn panel(&self, player: &Player) -> Html {
        let (lang, on, scenario) = (self.lang, &self.handlers, player.shared_scenario());
        match self.tab {
            Tab::Log => html! {
                <Log
                    {lang}
                    lines={self.lines(player)}
                    kind={self.log_filter.0}
                    text={self.log_filter.1.clone()}
                    on_kind={on.log_kind.clone()}
                    on_text={on.log_text.clone()}
                />
            },
            Tab::Wire => self.wire(player),
            Tab::Charts => html! {
                <Charts
                    {lang}
                    {scenario}
                    track={track(player)}
                    rival={player.rival.as_deref().map(track)}
                    now={player.world().now()}
                    played_to={player.history().played_to()}
                    end={player.end()}
                    on_seek={on.seek.clone()}
                />
            },
            Tab::Check => {
                let on_select = on.select.clone();
                html! { <Check {lang} {scenario} findings={player.findings()} {on_select} /> }
            }
            Tab::Faults => {
                let (on_edit, on_select) = (on.edit.clone(), on.select.clone());
                html! { <Faults {lang} {scenario} document={player.document} {on_edit} {on_select} /> }
            }
            Tab::Code => self.code(player),
        }
    }

    fn ledger(&self, player: &Player) -> Html {
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
                on_open={self.handlers.sum.clone()}
                on_select={self.handlers.select.clone()}
            />
        }
    }
}
