//! The name, the menus, help, and the language.

use warren_sim::{Scenario, lessons};
use yew::{
    functional::{Hook, HookContext},
    prelude::{Callback, Html, classes, html, use_memo},
};

use super::{files::Files, gallery::Gallery, hooked::hooked, outages::Outages};
use crate::{
    app::{Menu, is_finished},
    i18n::Lang,
};

pub(crate) struct Header {
    pub(crate) lang: Lang,
    /// The menu that is open.
    pub(crate) menu: Option<Menu>,
    /// The lesson that is played, if it is one.
    pub(crate) current: Option<&'static str>,
    /// The lessons that were finished.
    pub(crate) finished: String,
    /// Whether what the visitor has made will be there at the next visit.
    pub(crate) is_stored: bool,
    /// The key and the name of a kept topology to go on with.
    pub(crate) offered: Option<(String, String)>,
    pub(crate) on_continue: Callback<String>,
    pub(crate) on_dismiss: Callback<()>,
    pub(crate) on_menu: Callback<Option<Menu>>,
    pub(crate) on_open: Callback<&'static str>,
    pub(crate) on_help: Callback<bool>,
    pub(crate) on_language: Callback<()>,
    /// What the menu of files has.
    pub(crate) files: Files,
}

impl Header {
    pub(crate) fn view(&self) -> Html {
        let lang = self.lang;
        let menu = |menu: Menu, id: &'static str, name: &'static str, content: &dyn Fn() -> Html| {
            let is_open = self.menu == Some(menu);
            let panel_id = format!("menu-{id}");
            let panel =
                is_open.then(|| html! { <div class="sheet" id={panel_id.clone()}>{ content() }</div> });
            html! {
                <div class="menu">
                    <button
                        data-testid={id}
                        aria-expanded={is_open.to_string()}
                        aria-controls={is_open.then_some(panel_id)}
                        onclick={self.on_menu.reform(move |_| Some(menu))}
                    >
                        { name }<span class="caret" aria-hidden="true">{ "▾" }</span>
                    </button>
                    { panel }
                </div>
            }
        };
        let lessons = Lessons {
            lang,
            current: self.current,
            finished: self.finished.clone(),
            on_open: self.on_open.clone(),
        }
        .view();
        html! {
            <header>
                <h1>{ "Warren" }</h1>
                { self.subtitle() }
                <nav aria-label={lang.say("Page", "Страница")}>
                    { menu(Menu::Lessons, "lessons", lang.say("Lessons", "Уроки"), &|| lessons.clone()) }
                    { menu(Menu::File, "files", lang.say("File", "Файл"), &|| self.files.view()) }
                    <button
                        class="quiet"
                        data-testid="help"
                        aria-label={lang.say("Help", "Помощь")}
                        onclick={self.on_help.reform(|_| true)}
                    >
                        { "?" }
                    </button>
                    <button
                        class="quiet"
                        data-testid="lang"
                        lang={lang.other().code()}
                        onclick={self.on_language.reform(|_| ())}
                    >
                        { lang.say("Русский", "English") }
                    </button>
                </nav>
            </header>
        }
    }
}

impl Header {
    /// What the page is; for those who have made something here, what became of it.
    fn subtitle(&self) -> Html {
        let lang = self.lang;
        let text = match (self.is_stored, &self.offered) {
            (true, None) => {
                return html! {
                    <p>{ lang.say("an AMQP broker that you can see, stop, crash and rewind",
                                  "брокер AMQP, который можно увидеть, остановить, уронить и перемотать") }</p>
                };
            }
            (true, Some(_)) => lang.say("Your work is kept.", "Ваша работа сохранена."),
            (false, _) => lang.say(
                "This browser does not let the page keep anything: save your work as a file before you leave.",
                "Браузер не даёт странице ничего хранить: прежде чем уйти, сохраните работу в файл."),
        };
        let offer = self.offered.as_ref().map(|(key, name)| {
            let key = key.clone();
            let hide = lang.say("Hide", "Скрыть");
            html! {
                <>
                    <button data-testid="continue" title={name.clone()} onclick={self.on_continue.reform(move |_| key.clone())}>
                        { lang.say("Continue: ", "Продолжить: ") }{ name }
                    </button>
                    <button class="quiet" data-testid="dismiss" aria-label={hide} title={hide}
                        onclick={self.on_dismiss.reform(|_| ())}
                    >
                        { "✕" }
                    </button>
                </>
            }
        });
        html! { <p class="offer" role="status" data-testid="offer"><span>{ text }</span>{ offer }</p> }
    }
}

struct Lessons {
    lang: Lang,
    current: Option<&'static str>,
    finished: String,
    on_open: Callback<&'static str>,
}

impl Lessons {
    fn view(self) -> Html {
        hooked("lessons", move |hooks| self.draw(hooks))
    }

    fn draw(&self, hooks: &mut HookContext) -> Html {
        // Read once, when the menu opens.
        let titles = use_memo((), |()| {
            let titles = lessons::all()
                .iter()
                .filter_map(|lesson| Some((lesson.id, Scenario::parse(lesson.id, lesson.toml).ok()?.title)));
            titles.collect::<Vec<_>>()
        })
        .run(hooks);
        let items = titles.iter().map(|(id, title)| {
            let id = *id;
            let is_current = Some(id) == self.current;
            let finished = is_finished(&self.finished, id).then(|| {
                let name = self.lang.say("finished", "пройден");
                html! { <span class="finished" role="img" aria-label={name} title={name}>{ "✓" }</span> }
            });
            html! {
                <li>
                    <button
                        class={classes!("quiet", is_current.then_some("current"))}
                        aria-current={is_current.then_some("true")}
                        data-testid={format!("lesson-{id}")}
                        onclick={self.on_open.reform(move |_| id)}
                    >
                        { self.lang.pick(title) }{ finished }
                    </button>
                </li>
            }
        });
        html! {
            <>
                <ol class="lessons">{ for items }</ol>
                <Outages lang={self.lang} current={self.current} finished={self.finished.clone()} on_open={self.on_open.clone()} />
                { Gallery { lang: self.lang, current: self.current, on_open: self.on_open.clone() }.view() }
            </>
        }
    }
}
