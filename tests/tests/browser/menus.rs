//! Menus by the keyboard alone: arrow keys lead along them, Escape leads back, and the focus is never lost.

use serde_json::{Value, json};
use warren_tests::{Page, with_page};

/// The test id of what has the focus; `BODY` if nothing has.
async fn focused(page: &Page) -> String {
    let ask = "return new Promise(done => setTimeout(done, 60)).then(() =>
        document.activeElement.dataset.testid ?? document.activeElement.tagName)";
    page.run(ask, json!([])).await.as_str().expect("a text").to_owned()
}

async fn tab_to(page: &Page, test_id: &str) {
    go_to(page, test_id, "Tab").await;
}

async fn go_to(page: &Page, test_id: &str, key: &str) {
    for _ in 0..80 {
        if focused(page).await == test_id {
            return;
        }
        page.press(&[key]).await;
    }
    panic!("{key} does not come to {test_id}");
}

#[tokio::test]
async fn arrow_keys_lead_along_a_menu_and_escape_leads_back_to_its_button() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        tab_to(page, "lessons").await;
        page.press(&["Enter"]).await;
        // The one that is played.
        assert_eq!(focused(page).await, "lesson-crash-with-ack");
        page.press(&["Home"]).await;
        let first = focused(page).await;
        page.press(&["Down"]).await;
        let second = focused(page).await;
        assert!(first.starts_with("lesson-") && second.starts_with("lesson-") && first != second);
        page.press(&["Up"]).await;
        assert_eq!(focused(page).await, first);
        page.press(&["Up"]).await;
        let last = focused(page).await;
        page.press(&["Down"]).await;
        assert_eq!(focused(page).await, first, "around the end");
        page.press(&["End"]).await;
        assert_eq!(focused(page).await, last);
        page.press(&["Escape"]).await;
        assert_eq!(focused(page).await, "lessons");
        assert_eq!(page.run("return Boolean(at('gallery'))", json!([])).await, Value::Bool(false));

        page.press(&["Down"]).await;
        page.wait_for("at('gallery')").await;
        page.press(&["Home", "Enter"]).await;
        page.wait_for("!at('gallery') && location.hash.startsWith('#/lesson/')").await;
        assert_eq!(focused(page).await, "lessons");

        // Tab goes on behind the button.
        page.press(&["Tab"]).await;
        assert_eq!(focused(page).await, "files");
        page.press(&["Enter"]).await;
        assert_eq!(focused(page).await, "new");
        // It leads along the items as well, and then away from the menu.
        page.press(&["Tab"]).await;
        assert_eq!(focused(page).await, "open");
        page.press(&["End", "Tab"]).await;
        page.wait_for("!at('new')").await;
        assert_eq!(focused(page).await, "help");
    })
    .await;
}

#[tokio::test]
async fn who_clicks_elsewhere_is_done_with_a_menu() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.click("files").await;
        page.wait_for("at('new')").await;
        page.click_at(page.shown("clock").await).await;
        page.wait_for("!at('new')").await;
    })
    .await;
}

#[tokio::test]
async fn the_focus_goes_to_what_is_nearest_when_its_place_is_gone() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.press(&["Escape"]).await;
        tab_to(page, "pick-worker-1").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('tool-more')").await;
        // More of its tools, and back.
        go_to(page, "tool-more", "Shift+Tab").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('tool-close')").await;
        assert_eq!(focused(page).await, "tool-silence");
        page.press(&["Down"]).await;
        assert_eq!(focused(page).await, "tool-partition");
        page.press(&["End"]).await;
        assert_eq!(focused(page).await, "tool-tire");
        page.press(&["Escape"]).await;
        page.wait_for("!at('tool-close')").await;
        assert_eq!(focused(page).await, "tool-more");
        // It is deleted with its panel.
        tab_to(page, "remove").await;
        page.press(&["Enter"]).await;
        page.wait_for("!at('editor')").await;
        assert_ne!(focused(page).await, "BODY");
    })
    .await;
}
