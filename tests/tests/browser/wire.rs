//! The frames of a connection, field by field beside their bytes, in step with the clock; and why a message went where
//! it went.

use serde_json::json;
use warren_tests::{Page, with_page};

/// The bytes that are marked, as hexadecimal digits.
const MARKED: &str = "[...document.querySelectorAll('.hex .marked')].map(byte => byte.textContent).join('')";

async fn text(page: &Page, expression: &str) -> String {
    let text = page.run(&format!("return {expression}"), json!([])).await;
    text.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_publish_is_taken_apart_beside_its_bytes() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("topic").await;
        page.click("play").await;
        page.slide("timeline", 4000).await;
        page.click("tab-wire").await;
        page.wait_for("at('wire-frames')").await;
        let names =
            "[...at('wire-connection').options].map(option => option.textContent.split(' ')[0]).join()";
        assert!(text(page, names).await.contains("app"), "actors by name");
        page.select("wire-connection", "1").await;
        page.wait_for("at('frame-basic.publish')").await;
        page.click("frame-basic.publish").await;
        page.wait_for("at('part-routing-key')").await;
        let field = text(page, "at('part-routing-key').textContent").await;
        assert!(field.contains("app.notification.sms.sent"), "{field}");
        page.run("at('part-routing-key').focus()", json!([])).await;
        page.wait_for("document.querySelector('.hex .marked')").await;
        let key: String =
            "\u{19}app.notification.sms.sent".bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text(page, MARKED).await, key);
        // And from a byte to its field: two rows further down is the last byte, the frame's end.
        page.run("at('frame-bytes').focus()", json!([])).await;
        page.press(&["Down", "Down", "Down"]).await;
        page.wait_for("at('part-frame-end').classList.contains('marked')").await;
        assert_eq!(text(page, MARKED).await, "ce");
        page.screenshot("wire").await;
    })
    .await;
}

#[tokio::test]
async fn the_wire_keeps_step_with_the_clock() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("hello").await;
        page.click("play").await;
        page.click("tab-wire").await;
        page.select("step-kind", "publish").await;
        page.click("step").await;
        page.select("wire-connection", "1").await;
        let count = "at('wire-frames').querySelectorAll('[data-testid=\"frame-basic.publish\"]').length";
        page.wait_for("at('wire-frames').querySelector('.flying')").await;
        let before = page.run(&format!("return {count}"), json!([])).await;
        page.click("step").await;
        page.wait_for(&format!("{count} == {before} + 1")).await;
        // Nothing of the future is known in the past.
        page.click("step-back").await;
        page.wait_for(&format!("{count} == {before}")).await;
        assert_eq!(
            text(page, "at('wire-frames').querySelector('.shown').getAttribute('aria-selected')").await,
            "true"
        );
    })
    .await;
}

#[tokio::test]
async fn a_story_says_which_bindings_matched() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("topic").await;
        page.click("play").await;
        page.slide("timeline", 9000).await;
        page.click("ledger-published").await;
        page.wait_for("document.querySelector('.chips button:nth-child(2)')").await;
        page.click_on(".chips button:nth-child(2)").await;
        page.wait_for("at('why')").await;
        let why = text(page, "at('why').textContent").await;
        assert!(why.contains("word 3 is “email”, not “sms”"), "{why}");
        assert_eq!(text(page, "String(at('why').querySelectorAll('.took').length)").await, "2");
    })
    .await;
}
