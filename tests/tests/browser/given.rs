//! Links by which a teacher gives a lesson to a class, and frames in other pages.

use serde_json::json;
use warren_tests::{Page, with_page};

/// Opens an address within the page, as a link would that is followed from elsewhere.
async fn open(page: &Page, address: &str) {
    let whole = page.run("return location.origin + location.pathname", json!([])).await;
    let whole = whole.as_str().expect("an address");
    page.goto("about:blank").await;
    page.goto(&format!("{whole}{address}")).await;
    page.wait_for("at('stage') && at('clock')").await;
}

#[tokio::test]
async fn a_link_for_a_class_fixes_what_the_teacher_has_ticked() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.wait_for("at('play').textContent === 'Pause'").await;
        page.click("play").await;
        page.slide("timeline", 6000).await;
        page.wait_for("at('clock').textContent.startsWith('6.0')").await;
        page.slide("speed", -3).await;
        page.click("files").await;
        page.click("class").await;
        page.wait_for("at('class-link-dialog')").await;
        for tick in ["language", "moment", "speed"] {
            page.click(&format!("tick-{tick}")).await;
        }
        page.screenshot("class-link").await;
        let link = page.run("return at('class-link').value", json!([])).await;
        let link = link.as_str().expect("a link").to_owned();
        assert!(link.contains("#/lesson/crash-with-ack?lang=en&speed=0.5"), "{link}");
        page.press(&["Escape"]).await;
        page.wait_for("!at('class-link-dialog')").await;

        // A visitor whose browser speaks Russian.
        page.run("localStorage.setItem('warren-language', '\"ru\"')", json!([])).await;
        page.goto("about:blank").await;
        page.goto(&link).await;
        page.wait_for("at('play') && at('play').textContent === 'Play' && !at('lang') && !at('speed')").await;
        page.wait_for("/^6\\.0 s$/.test(at('clock').textContent)").await;
        page.click("choice-1").await;
        page.click("play").await;
        page.wait_for("!at('judge') && at('to-task')").await;
        page.focus("timeline").await;
        page.press(&["End"]).await;
        page.wait_for("at('answered')").await;
        assert_eq!(page.run("return !!at('verdict')", json!([])).await, false, "no word of what is right");
        page.click("to-task").await;
        page.wait_for("at('start-over')").await;
        // Another lesson is the visitor's own again.
        page.run("localStorage.removeItem('warren-language')", json!([])).await;
        page.open_lesson("hello").await;
        page.wait_for("at('lang') && at('speed')").await;
    })
    .await;
}

#[tokio::test]
async fn a_link_that_fixes_nonsense_is_named() {
    with_page(async |page| {
        open(page, "#/lesson/hello?speed=fast").await;
        page.wait_for("document.querySelector('.notice-bar')?.textContent.includes('speed=fast')").await;
    })
    .await;
}

#[tokio::test]
async fn a_frame_in_another_page_shows_the_stage_and_the_clock() {
    with_page(async |page| {
        for (width, height) in [(320, 480), (720, 480), (1280, 800)] {
            page.look(width, height, "light").await;
            open(page, "?embed#/lesson/crash-with-ack?at=6.4&lang=en").await;
            page.wait_for("at('play').textContent === 'Play'").await;
            page.screenshot(&format!("embedded-{width}")).await;
            let fits = "return document.documentElement.scrollHeight <= innerHeight
                && document.documentElement.scrollWidth <= innerWidth && at('stage').clientHeight >= 120
                && at('stage').clientWidth > innerWidth - 60";
            assert_eq!(page.run(fits, json!([])).await, true, "{width} × {height}");
            page.click("play").await;
            let told = "worker-1 crashed with 2 messages unacked. The broker still has them.";
            page.wait_for(&format!("at('caption').textContent === '{told}'")).await;
            assert_eq!(page.run("return !!at('tab-log') || !!at('files')", json!([])).await, false);
        }
        let whole = page.run("return at('whole-page').getAttribute('href')", json!([])).await;
        let whole = whole.as_str().expect("a link");
        assert!(whole.ends_with("/#/lesson/crash-with-ack?lang=en&at=6.4"), "{whole}");
    })
    .await;
}
