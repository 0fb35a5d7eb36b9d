//! Lessons in a real browser: one with the mouse, one with the keyboard alone, and what is seen of each.

use serde_json::{Value, json};
use warren_sim::lessons;
use warren_tests::{Page, with_page};

/// What is read in the element with that test id.
async fn text(page: &Page, test_id: &str) -> String {
    let text = page.run("return at(arguments[0]).textContent", json!([test_id])).await;
    text.as_str().expect("a text").to_owned()
}

async fn clock(page: &Page) -> f64 {
    page.run("return parseFloat(at('clock').textContent)", json!([])).await.as_f64().expect("seconds")
}

#[tokio::test]
async fn whoever_builds_sees_it_move_beside_the_question() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.wait_for("at('choice-1') && !at('choice-1').checked").await;
        let before = clock(page).await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert!(clock(page).await > before, "it stands still");
        // Whoever does not want to wait for the end hears it now.
        page.wait_for("at('judge').disabled").await;
        page.click("choice-3").await;
        page.wait_for("!at('judge').disabled").await;
        page.click("judge").await;
        page.wait_for("at('verdict').textContent.includes('That is what happens.')").await;
    })
    .await;
}

#[tokio::test]
async fn a_lesson_with_the_mouse_from_the_prediction_to_the_goal() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.choose_lesson("work-queue").await;
        page.wait_for("at('predict')").await;
        let before = clock(page).await;
        let first = text(page, "lesson-text").await;
        // Not before something is predicted.
        assert_eq!(page.run("return at('predict').disabled", json!([])).await, true);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert!((clock(page).await - before).abs() < f64::EPSILON, "it waits for the prediction");
        page.click("lesson-next").await;
        page.wait_for("!at('lesson-back').disabled").await;
        assert_ne!(text(page, "lesson-text").await, first);
        page.wait_for("parseFloat(at('clock').textContent) > 4 && at('play').textContent === 'Pause'").await;

        page.click("choice-1").await;
        page.wait_for("!at('predict').disabled").await;
        page.click("predict").await;
        // The middle of the slider: about three times as fast.
        page.click("speed").await;
        page.wait_for("at('verdict')").await;
        let verdict = text(page, "verdict").await;
        assert!(verdict.contains("Not this time.") && verdict.contains("Six each"), "{verdict}");

        page.click("to-task").await;
        page.wait_for("at('goal')").await;
        assert!(text(page, "goal").await.contains("worker-1: done 6, more than 5"));
        assert_eq!(text(page, "done").await, "");
        page.click_actor("worker-3").await;
        page.wait_for("at('duplicate')").await;
        page.click("duplicate").await;
        page.wait_for("at('done').textContent.includes('Done')").await;
        page.screenshot("lesson-done").await;

        page.click("next-lesson").await;
        page.wait_for("at('predict')").await;
        page.click("lessons").await;
        let marked = |id: &str| format!("Boolean(at('lesson-{id}').querySelector('.finished'))");
        page.wait_for(&marked("work-queue")).await;
        assert_eq!(page.run(&format!("return {}", marked("hello")), json!([])).await, false);
        let kept = page.run("return localStorage.getItem('warren-lessons')", json!([])).await;
        assert_eq!(kept, json!("\"work-queue\""));
    })
    .await;
}

/// Moves the focus on until it is on the element with that test id.
async fn tab_to(page: &Page, test_id: &str) {
    for _ in 0..90 {
        let is_there = "return document.activeElement === at(arguments[0])";
        if page.run(is_there, json!([test_id])).await == Value::Bool(true) {
            return;
        }
        page.press(&["Tab"]).await;
    }
    panic!("the keyboard does not come to {test_id}");
}

async fn press_at(page: &Page, test_id: &str) {
    page.wait_for(&format!("at('{test_id}')")).await;
    tab_to(page, test_id).await;
    page.press(&["Enter"]).await;
}

#[tokio::test]
async fn a_lesson_in_russian_with_the_keyboard_alone() {
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        press_at(page, "lang").await;
        page.wait_for("document.documentElement.lang === 'ru'").await;
        press_at(page, "lessons").await;
        page.press(&["Home"]).await;
        press_at(page, "lesson-hello").await;
        page.wait_for("at('predict')").await;
        press_at(page, "lesson-next").await;
        page.wait_for("at('lesson-text').textContent.includes('Эта очередь называется hello')").await;

        tab_to(page, "choice-1").await;
        page.press(&[" "]).await;
        page.wait_for("at('choice-1').checked && !at('predict').disabled").await;
        press_at(page, "predict").await;
        // It is judged by itself when all has been seen.
        page.wait_for("at('verdict')").await;
        let verdict = text(page, "verdict").await;
        assert!(verdict.contains("Ни одного") && verdict.contains("Так и есть."), "{verdict}");

        press_at(page, "to-task").await;
        page.wait_for("at('goal')").await;
        // Whoever presses Enter once more is not in the next lesson.
        page.wait_for("document.activeElement === at('start-over')").await;
        tab_to(page, "crash-consumer").await;
        // From the beginning.
        page.press(&["r"]).await;
        page.wait_for("ledger('delivered') === '1'").await;
        page.press(&["Enter"]).await;
        page.wait_for("Number(ledger('ready')) >= 2").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('done').textContent.includes('Сделано')").await;
        page.screenshot("lesson-done-ru").await;
    })
    .await;
}

#[tokio::test]
async fn the_stage_of_every_lesson_is_seen_without_scrolling() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        for language in ["en", "ru"] {
            if language == "ru" {
                page.click("lang").await;
            }
            page.wait_for(&format!("document.documentElement.lang === '{language}'")).await;
            for lesson in lessons::all() {
                page.run("location.hash = arguments[0]", json!([lesson.id])).await;
                page.wait_for("at('predict')").await;
                let below = "return at('stage').getBoundingClientRect().bottom - innerHeight";
                let below = page.run(below, json!([])).await.as_f64().expect("pixels");
                assert!(below <= 0.0, "{} in {language}: {below} pixels are below the window", lesson.id);
            }
        }
    })
    .await;
}

/// Numbers become longer, milestones are reached, captions come and go: what a hand is about to press stays where it is.
#[tokio::test]
async fn nothing_moves_under_the_hand_while_a_lesson_is_played() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.choose_lesson("topic").await;
        page.wait_for("at('skip')").await;
        page.click("skip").await;
        page.wait_for("at('goal')").await;
        // What the press itself has moved stands by then.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let watch = "window.moved = [];
            const name = node => node?.dataset?.testid ?? node?.className ?? node?.nodeName;
            const moves = ({ sources }) => sources.filter(({ previousRect, currentRect }) => previousRect.y !== currentRect.y)
                .map(({ node, previousRect, currentRect }) => `${name(node)}: ${previousRect.y} to ${currentRect.y}`);
            new PerformanceObserver(list => window.moved.push(...list.getEntries().flatMap(moves))).observe({ type: 'layout-shift' })";
        page.run(watch, json!([])).await;
        page.click("speed").await;
        page.wait_for("at('play').textContent === 'Play again'").await;
        let moved = page.run("return window.moved", json!([])).await;
        assert_eq!(moved, json!([]));
    })
    .await;
}
