//! Whatever is on the stage has an address, Back leads to what was there before, and what cannot be opened is said where it
//! is seen.

use serde_json::json;
use warren_sim::{Moment, Scenario, lessons, warren_core::Instant};
use warren_tests::{Page, with_page};

async fn hash(page: &Page) -> String {
    page.run("return location.hash", json!([])).await.as_str().expect("a text").to_owned()
}

async fn go(page: &Page, fragment: &str) {
    let page_address = page.run("return location.href.split('#')[0]", json!([])).await;
    page.goto("about:blank").await;
    page.goto(&format!("{}{fragment}", page_address.as_str().expect("a text"))).await;
    page.wait_for("window.wasmBindings && at('ledger-delivered')").await;
}

fn link_to(lesson: &str) -> String {
    let lesson = lessons::find(lesson).expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    Moment { scenario, seed: 1, at: Instant::ZERO }.to_fragment()
}

#[tokio::test]
async fn back_leads_to_what_was_on_the_stage_before() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.choose_lesson("hello").await;
        page.wait_for("at('pick-hello')").await;
        assert_eq!(hash(page).await, "#/lesson/hello");
        page.choose_lesson("saga").await;
        page.wait_for("!at('pick-hello')").await;
        assert_eq!(hash(page).await, "#/gallery/saga");
        page.click("files").await;
        page.click("new").await;
        page.wait_for("!document.querySelector('[data-testid^=pick-]')").await;
        page.click("add-queue").await;
        page.wait_for(
            "location.hash === '#/topology/My%20topology' && document.title === 'My topology · Warren'",
        )
        .await;
        page.choose_lesson("direct").await;
        page.wait_for("at('pick-logs')").await;

        page.back().await;
        page.wait_for("at('pick-queue') && !at('pick-logs')").await;
        page.back().await;
        page.wait_for("location.hash === '#/gallery/saga' && !at('pick-queue')").await;
        page.back().await;
        page.wait_for("at('pick-hello')").await;
        page.back().await;
        page.wait_for("at('pick-worker-1') && at('play').textContent === 'Pause'").await;
        page.forward().await;
        page.wait_for("at('pick-hello') && location.hash === '#/lesson/hello'").await;
    })
    .await;
}

#[tokio::test]
async fn an_address_opens_the_same_on_the_next_visit() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.click("files").await;
        page.click("new").await;
        page.wait_for("!document.querySelector('[data-testid^=pick-]')").await;
        page.click("add-queue").await;
        page.fill("field-name", "mine").await;
        page.wait_for("at('pick-mine')").await;
        page.reload().await;
        page.wait_for("window.wasmBindings && at('pick-mine') && at('kept')").await;

        go(page, "#/lesson/direct").await;
        page.wait_for("at('pick-logs')").await;
        go(page, "#/gallery/saga").await;
        page.wait_for("document.title.includes('Warren') && !at('pick-logs')").await;
        // The addresses of earlier versions.
        go(page, "#hello").await;
        page.wait_for("at('pick-hello') && location.hash === '#/lesson/hello'").await;
        go(page, &format!("#{}", link_to("direct"))).await;
        page.wait_for("at('pick-logs')").await;
    })
    .await;
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_said_at_the_top_and_plays_nothing_else() {
    with_page(async |page| {
        for (width, height, language) in [(1280, 800, "en"), (390, 844, "ru")] {
            page.look(width, height, "light").await;
            if language == "ru" {
                page.click("lang").await;
            }
            let damaged = link_to("hello");
            for (fragment, said) in [
                (format!("#{}", &damaged[..damaged.len() / 2]), ["link is damaged", "Ссылка повреждена"]),
                (
                    "#/lesson/no-such-lesson".to_owned(),
                    ["#/lesson/no-such-lesson", "#/lesson/no-such-lesson"],
                ),
                ("#/topology/gone".to_owned(), ["gone", "gone"]),
            ] {
                go(page, &fragment).await;
                page.wait_for("at('complaint')").await;
                let found = page.run("return at('complaint').textContent", json!([])).await;
                let found = found.as_str().expect("a text").to_owned();
                assert!(found.contains(said[usize::from(language == "ru")]), "{found}");
                let bottom =
                    page.run("return at('complaint').getBoundingClientRect().bottom", json!([])).await;
                assert!(bottom.as_f64().expect("pixels") < 300.0, "{fragment} in {language}: {bottom}");
                let things = "return document.querySelectorAll('[data-testid^=pick-]').length";
                assert_eq!(page.run(things, json!([])).await, 0, "{fragment} plays something else");
                page.screenshot(&format!("link-nowhere-{language}")).await;
            }
            assert_eq!(page.barriers().await, Vec::<String>::new());
            // The notice can be closed, and what is there can be worked with.
            page.click("close-notice").await;
            page.wait_for("!at('complaint') && document.activeElement !== document.body").await;
        }
        // What is on the stage already stays there.
        page.choose_lesson("hello").await;
        page.wait_for("at('pick-hello')").await;
        page.run("location.hash = '#/lesson/neither'", json!([])).await;
        page.wait_for("at('complaint') && at('pick-hello')").await;
    })
    .await;
}
