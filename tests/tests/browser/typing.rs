//! Typing, while the world plays and the page is drawn again and again: what is typed stays, and keys that are meant for a
//! text do nothing else.

use serde_json::{Value, json};
use warren_tests::{Page, with_page};

/// Text, caret and focus of a field.
async fn field(page: &Page, test_id: &str) -> (String, Option<i64>, bool) {
    let ask = "const field = at(arguments[0]);
        return [field.value, field.selectionStart, document.activeElement === field]";
    let found = page.run(ask, json!([test_id])).await;
    (found[0].as_str().unwrap_or_default().to_owned(), found[1].as_i64(), found[2] == Value::Bool(true))
}

/// Some re-renders later.
async fn wait(page: &Page) {
    page.run("return new Promise(done => setTimeout(done, 400))", json!([])).await;
}

#[tokio::test]
async fn a_number_is_typed_while_the_world_plays_and_is_one_step_to_undo() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-worker-1").await;
        page.wait_for("at('field-prefetch')").await;
        let before = field(page, "field-prefetch").await.0;
        page.overwrite("field-prefetch", "124").await;
        page.press(&["Left"]).await;
        page.write("3").await;
        wait(page).await;
        assert_eq!(field(page, "field-prefetch").await, ("1234".into(), Some(3), true));
        assert_eq!(page.run("return at('undo').disabled", json!([])).await, true, "nothing is set yet");

        page.press(&["Enter"]).await;
        page.wait_for("!at('undo').disabled").await;
        wait(page).await;
        assert_eq!(field(page, "field-prefetch").await, ("1234".into(), Some(3), true));
        page.press(&["Tab"]).await;
        page.click("undo").await;
        page.wait_for("at('undo').disabled").await;
        page.wait_for(&format!("at('field-prefetch').value === '{before}'")).await;
        assert_eq!(page.run("return at('play').textContent", json!([])).await, "Pause", "it has played on");
    })
    .await;
}

#[tokio::test]
async fn escape_gives_the_old_text_back_and_what_is_wrong_stays_to_be_corrected() {
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        page.open_lesson("work-queue").await;
        page.click("pick-worker-1").await;
        page.wait_for("at('field-prefetch')").await;
        let before = field(page, "field-prefetch").await.0;
        page.overwrite("field-prefetch", "77").await;
        page.press(&["Escape"]).await;
        wait(page).await;
        let (text, _, has_focus) = field(page, "field-prefetch").await;
        assert_eq!((text, has_focus), (before, true));
        assert_eq!(page.run("return at('undo').disabled", json!([])).await, true);

        page.fill("field-prefetch", "many").await;
        page.wait_for("at('refused')").await;
        wait(page).await;
        assert_eq!(field(page, "field-prefetch").await.0, "many");
        let why = page.run("return at('refused').textContent", json!([])).await;
        assert!(why.as_str().expect("a text").contains("many"), "{why}");
        page.screenshot("typing-refused").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        page.fill("field-prefetch", "5").await;
        page.wait_for("!at('refused') && !at('undo').disabled").await;
        assert_eq!(field(page, "field-prefetch").await.0, "5");
    })
    .await;
}

#[tokio::test]
async fn every_text_on_the_page_can_be_typed() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-tasks").await;
        // Several lines: Enter is one of its letters.
        page.overwrite("field-arguments", "x-max-length = 500\nx-overflow = reject-publish").await;
        wait(page).await;
        let (text, _, has_focus) = field(page, "field-arguments").await;
        assert_eq!((text.lines().count(), has_focus), (2, true), "{text}");
        page.press(&["Control+Enter"]).await;
        page.wait_for("!at('undo').disabled").await;
        page.fill("field-name", "jobs").await;
        page.wait_for("at('pick-jobs')").await;
        page.click("pick-producer").await;
        page.fill("field-interval", "250ms").await;
        // What is set is seen without asking for more.
        page.wait_for("at('field-headers')").await;
        page.fill("field-headers", "type = pdf\ntype = doc").await;
        page.fill("field-body", "job {n}, for nobody in particular").await;
        wait(page).await;
        assert_eq!(field(page, "field-interval").await.0, "250ms");
        assert_eq!(field(page, "field-body").await.0, "job {n}, for nobody in particular");
        let headers = field(page, "field-headers").await.0;
        assert_eq!(headers.lines().count(), 2, "{headers}");

        page.click("tab-faults").await;
        page.fill("field-latency", "120ms").await;
        page.select("field-compat", "3.10").await;
        wait(page).await;
        assert_eq!(field(page, "field-latency").await.0, "120ms");
        assert_eq!(field(page, "field-compat").await.0, "3.10");
        page.click("tab-log").await;
        page.overwrite("log-text", "job 1").await;
        wait(page).await;
        assert_eq!(field(page, "log-text").await, ("job 1".into(), Some(5), true));
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_what_is_set_however_often_that_is_taken_back() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-worker-1").await;
        page.wait_for("at('field-ack')").await;
        let before = field(page, "field-ack").await.0;
        for chosen in ["never", "auto", "never"] {
            page.select("field-ack", chosen).await;
            wait(page).await;
            assert_eq!(field(page, "field-ack").await.0, chosen);
            while page.run("return at('undo').disabled", json!([])).await == false {
                page.click("undo").await;
            }
            page.wait_for(&format!("at('field-ack').value === '{before}'")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn keys_in_a_text_belong_to_the_text() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-tasks").await;
        // Something that could be undone, and something that could be removed.
        page.click("duplicate").await;
        page.wait_for("at('pick-tasks-2') && !at('undo').disabled").await;
        page.click("pick-worker-1").await;
        page.wait_for("at('field-name')").await;
        page.click("more-fields").await;
        page.wait_for("at('field-arguments')").await;
        page.click("tab-log").await;
        for test_id in ["field-name", "field-arguments", "log-text"] {
            page.overwrite(test_id, "rcn ? 0+-").await;
            page.press(&[
                "Left",
                "Right",
                "Delete",
                "Backspace",
                "Control+z",
                "Control+Shift+z",
                "Control+y",
            ])
            .await;
            page.press(&["Control+z"]).await;
            wait(page).await;
            let stage =
                "return [Boolean(at('pick-tasks-2')), Boolean(at('pick-worker-1')), Boolean(at('editor')),
                at('undo').disabled, at('redo').disabled, Boolean(at('help-dialog')),
                at('actor-worker-1').classList.contains('down'), at('play').textContent]";
            let expected = json!([true, true, true, false, true, false, false, "Pause"]);
            assert_eq!(page.run(stage, json!([])).await, expected, "{test_id}");
            assert!(field(page, test_id).await.2, "{test_id} has the focus");
            // Back to what it was, and out.
            page.press(&["x", "Escape", "Escape"]).await;
            wait(page).await;
            assert_eq!(page.run(stage, json!([])).await, expected, "{test_id}, after Escape");
        }
        // Outside, the same keys are the stage's.
        page.click_at(page.middle("clock").await).await;
        page.press(&["Control+z"]).await;
        page.wait_for("!at('pick-tasks-2')").await;
        page.press(&["Control+y"]).await;
        page.wait_for("at('pick-tasks-2')").await;
        page.press(&["Control+z"]).await;
        page.wait_for("!at('pick-tasks-2')").await;
        page.press(&["Control+Shift+z"]).await;
        page.wait_for("at('pick-tasks-2')").await;
    })
    .await;
}
