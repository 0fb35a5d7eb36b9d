//! How the page leads: the first visit asks before it shows, the two modes, and the steps of a lesson drive the stage.

use std::time::Duration;

use serde_json::{Value, json};
use warren_tests::{Page, with_first_visit, with_page};

async fn text(page: &Page, test_id: &str) -> String {
    let text = page.run("return at(arguments[0])?.textContent ?? ''", json!([test_id])).await;
    text.as_str().expect("a text").to_owned()
}

/// What the clock of the world shows, in s.
async fn now(page: &Page) -> f64 {
    page.run("return warren.now", json!([])).await.as_f64().expect("seconds")
}

async fn lights(page: &Page) -> Vec<String> {
    let lights = page.run("return wasmBindings.stage_lights()", json!([])).await;
    lights.as_array().expect("a list").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Waits until the clock stands, and says where.
async fn stands_still(page: &Page) -> f64 {
    for _ in 0..600 {
        let before = now(page).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        if (now(page).await - before).abs() < 1e-9 {
            return before;
        }
    }
    panic!("the clock never stands still");
}

/// What somebody sees of what is not for newcomers.
const ADVANCED: &str = "['add-queue', 'tab-log', 'ledger-delivered'].filter(at)";

async fn advanced(page: &Page) -> Value {
    page.run(&format!("return {ADVANCED}"), json!([])).await
}

async fn tab_to(page: &Page, test_id: &str) {
    for _ in 0..60 {
        let is_there = "return document.activeElement === at(arguments[0])";
        if page.run(is_there, json!([test_id])).await == Value::Bool(true) {
            return;
        }
        page.press(&["Tab"]).await;
    }
    panic!("the keyboard does not come to {test_id}");
}

#[tokio::test]
async fn the_first_visit_asks_before_it_shows() {
    with_first_visit(async |page| {
        page.look(1280, 800, "light").await;
        page.screenshot("first-visit-before").await;
        page.wait_for("at('crash-it')").await;
        page.screenshot("first-visit").await;
        assert_eq!(advanced(page).await, json!([]), "nothing but the stage and the question");
        assert_eq!(page.run("return Boolean(at('play') || at('choice-1'))", json!([])).await, false);
        assert_eq!(lights(page).await, ["consumer worker-1", "alone"]);
        let asked = text(page, "opening").await;
        assert!(
            asked.contains("worker-1 has tasks 5 and 7") && asked.contains("What if it dies right now?"),
            "{asked}"
        );
        assert!((6.4..6.5).contains(&stands_still(page).await), "{}", now(page).await);
        assert_eq!(page.barriers().await, Vec::<String>::new());

        page.click("crash-it").await;
        page.wait_for("at('choice-1')").await;
        // Where they are now is the question.
        assert_eq!(text(page, "caption").await, "worker-1 crashed with 2 messages unacked.");
        let at = stands_still(page).await;
        assert!((6.5..6.8).contains(&at), "before the broker notices, not at {at}");
        assert_eq!(
            page.run("return [warren.ledger().requeued, at('predict').disabled]", json!([])).await,
            json!([0, true])
        );
        assert_eq!(lights(page).await, Vec::<String>::new());
        page.screenshot("first-visit-question").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        page.click("choice-1").await;
        page.wait_for("!at('predict').disabled").await;
        page.click("predict").await;
        page.wait_for("at('verdict')").await;
        let verdict = text(page, "verdict").await;
        assert!(verdict.contains("Not this time.") && verdict.contains("worker-2 gets them"), "{verdict}");
        assert_eq!(page.run("return warren.ledger().redelivered", json!([])).await, 2);
        page.screenshot("first-visit-answer").await;

        // Then step by step, and to the task.
        page.click("to-steps").await;
        page.wait_for("at('lesson-text')").await;
        assert!((4.7..4.9).contains(&stands_still(page).await), "{}", now(page).await);
        page.screenshot("first-visit-steps").await;
        page.click("lesson-next").await;
        page.wait_for("at('lesson-again')").await;
        stands_still(page).await;
        assert_eq!(advanced(page).await, json!([]), "still");
        page.click("to-task").await;
        page.wait_for("at('goal')").await;
        page.screenshot("first-visit-task").await;
        page.wait_for("Number(warren.ledger().redelivered) === 2").await;
        page.click("crash-worker-2").await;
        page.wait_for("at('actor-worker-2').classList.contains('down')").await;
        page.wait_for("at('goal').textContent.includes('✓ worker-2 has crashed')").await;
        page.click("crash-worker-2").await;
        page.click("speed").await;
        page.wait_for("at('done').textContent.includes('Done')").await;
        // With the first lesson that is done comes the rest.
        page.wait_for("at('ledger-delivered') && at('tab-log')").await;
        page.screenshot("first-visit-done").await;
    })
    .await;
}

#[tokio::test]
async fn the_first_visit_in_russian_with_the_keyboard_alone() {
    with_first_visit(async |page| {
        page.look(1280, 800, "dark").await;
        tab_to(page, "lang").await;
        page.press(&["Enter"]).await;
        page.wait_for("document.documentElement.lang === 'ru' && at('crash-it')").await;
        let asked = text(page, "opening").await;
        assert!(asked.contains("У worker-1 задачи 5 и 7") && asked.contains("Уронить"), "{asked}");
        page.screenshot("first-visit-ru").await;
        tab_to(page, "crash-it").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('choice-3')").await;
        tab_to(page, "choice-1").await;
        page.press(&["Down", "Down", " "]).await;
        page.wait_for("at('choice-3').checked && !at('predict').disabled").await;
        tab_to(page, "predict").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('verdict')").await;
        assert!(text(page, "verdict").await.contains("Так и есть."));
        page.screenshot("first-visit-answer-ru").await;
    })
    .await;
}

#[tokio::test]
async fn the_first_visit_with_a_finger() {
    with_first_visit(async |page| {
        page.phone().await;
        page.wait_for("at('crash-it')").await;
        page.screenshot("first-visit-phone").await;
        let sideways = page.run("return document.documentElement.scrollWidth - innerWidth", json!([])).await;
        assert!(sideways.as_i64().is_some_and(|pixels| pixels <= 0), "{sideways} pixels too wide");
        // The worker itself can be touched, too.
        page.tap_thing("worker-1").await;
        page.wait_for("at('choice-3')").await;
        page.tap("choice-3").await;
        page.wait_for("!at('predict').disabled").await;
        page.screenshot("first-visit-phone-question").await;
        page.tap("predict").await;
        page.wait_for("at('verdict')").await;
        assert!(text(page, "verdict").await.contains("That is what happens."));
    })
    .await;
}

/// Whoever does something else than what is asked has the lesson as it is, and nothing is dimmed any more.
#[tokio::test]
async fn nobody_is_held_up_by_the_first_visit() {
    with_first_visit(async |page| {
        page.look(1280, 800, "light").await;
        page.wait_for("at('crash-it')").await;
        page.press(&[" "]).await;
        page.wait_for("!at('opening') && at('play').textContent === 'Pause' && at('lesson-text')").await;
        assert_eq!(lights(page).await, Vec::<String>::new());
        page.reload().await;
        page.wait_for("window.wasmBindings && at('crash-it')").await;
        page.choose_lesson("hello").await;
        page.wait_for("!at('opening') && at('lesson-text') && at('predict')").await;
        // An address is followed; somebody who comes by one is not asked about something else.
        page.run("location.hash = '#/lesson/direct'", json!([])).await;
        page.wait_for("at('lesson-text').textContent.includes('direct')").await;
        page.reload().await;
        page.wait_for(
            "window.wasmBindings && at('lesson-text')?.textContent.includes('direct') && !at('opening')",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_page_learns_or_builds_as_it_was_chosen() {
    with_first_visit(async |page| {
        page.look(1280, 800, "light").await;
        let is_pressed = |mode: &str| format!("at('mode-{mode}')?.getAttribute('aria-pressed') === 'true'");
        page.wait_for(&is_pressed("learn")).await;
        // What is opened for somebody new is opened for learning.
        page.choose_lesson("fanout").await;
        page.wait_for("at('predict')").await;
        assert_eq!(advanced(page).await, json!([]));
        page.screenshot("learn-newcomer").await;
        page.click("mode-build").await;
        page.wait_for(&format!("{ADVANCED}.length === 3 && at('predict')")).await;
        page.screenshot("build-lesson").await;
        page.reload().await;
        page.wait_for(&format!("window.wasmBindings && {} && {ADVANCED}.length === 3", is_pressed("build")))
            .await;
        page.click("mode-learn").await;
        page.wait_for(&format!("{ADVANCED}.length === 0")).await;

        // The visitor's own is for building, whatever was chosen; lessons are as it was chosen.
        page.click("files").await;
        page.click("new").await;
        page.wait_for(&format!("{} && {ADVANCED}.length === 3", is_pressed("build"))).await;
        page.click("add-queue").await;
        page.wait_for("location.hash.startsWith('#/topology/')").await;
        page.reload().await;
        page.wait_for(&format!("window.wasmBindings && at('pick-queue') && {}", is_pressed("build"))).await;
        page.choose_lesson("hello").await;
        page.wait_for(&format!("{} && at('lesson-text')", is_pressed("learn"))).await;
        page.click("continue").await;
        page.wait_for(&format!("at('pick-queue') && {}", is_pressed("build"))).await;
        // There is nothing to learn on one's own stage: the next lesson is opened, and Back leads back.
        page.click("mode-learn").await;
        page.wait_for("location.hash === '#/lesson/hello' && at('lesson-text')").await;
        page.back().await;
        page.wait_for(&format!("at('pick-queue') && {}", is_pressed("build"))).await;
    })
    .await;
}

#[tokio::test]
async fn a_task_of_a_newcomer_has_what_it_needs() {
    with_first_visit(async |page| {
        page.look(1280, 800, "light").await;
        page.choose_lesson("fanout").await;
        page.wait_for("at('skip')").await;
        page.click("skip").await;
        // "Add a queue, select the exchange news, and bind it to the new queue."
        page.wait_for("at('add-queue') && at('pick-news')").await;
        page.click("add-queue").await;
        page.wait_for("at('pick-queue')").await;
        page.choose_lesson("protocols").await;
        // "Open the tab On the wire."
        page.wait_for("at('tab-wire')?.getAttribute('aria-selected') === 'true'").await;
    })
    .await;
}

#[tokio::test]
async fn the_steps_of_a_lesson_drive_the_stage() {
    with_first_visit(async |page| {
        for (language, turn) in [("en", "Your turn"), ("ru", "Теперь вы")] {
            page.look(1280, 800, if language == "en" { "light" } else { "dark" }).await;
            if language == "ru" {
                page.click("lang").await;
            }
            page.choose_lesson("crash-without-ack").await;
            page.wait_for("at('lesson-text')").await;
            page.screenshot(&format!("step-playing-{language}")).await;
            // The first is played when the lesson opens, to its end and no further.
            let at = stands_still(page).await;
            assert!((3.15..3.25).contains(&at), "{at}");
            assert_eq!(lights(page).await, ["consumer worker-1", "consumer worker-2"]);
            assert_eq!(page.run("return at('lesson-back').disabled", json!([])).await, true);
            page.screenshot(&format!("step-1-{language}")).await;
            page.click("lesson-next").await;
            page.wait_for("!at('lesson-back').disabled").await;
            assert!((4.95..5.05).contains(&stands_still(page).await), "{}", now(page).await);
            assert_eq!(lights(page).await, ["queue tasks"]);
            page.click("lesson-next").await;
            page.wait_for("at('lesson-turn')").await;
            assert!((6.4..6.5).contains(&stands_still(page).await), "{}", now(page).await);
            assert_eq!(lights(page).await, ["consumer worker-1"]);
            assert_eq!(
                page.run("return warren.ledger().lost", json!([])).await,
                0,
                "what is asked is not shown"
            );
            page.screenshot(&format!("step-3-{language}")).await;
            assert_eq!(page.barriers().await, Vec::<String>::new());
            page.click("lesson-back").await;
            page.wait_for("at('lesson-next')").await;
            assert!((4.95..5.05).contains(&stands_still(page).await), "{}", now(page).await);
            page.click("lesson-next").await;
            page.wait_for("at('lesson-turn')").await;
            stands_still(page).await;
            // The question waits all the while, and the last step leads to the task.
            assert_eq!(page.run("return at('predict').disabled", json!([])).await, true);
            assert_eq!(text(page, "lesson-turn").await, turn);
            page.click("lesson-turn").await;
            page.wait_for("at('goal') && at('next-lesson')").await;
            page.wait_for("warren.now > 7").await;
            assert_eq!(lights(page).await, Vec::<String>::new());
            page.screenshot(&format!("step-turn-{language}")).await;
        }
    })
    .await;
}

/// What was done by hand is another future; the lesson's steps speak of its own.
#[tokio::test]
async fn a_step_shows_the_lessons_own_future() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.wait_for("Number(ledger('delivered')) >= 3").await;
        page.click("crash-worker-2").await;
        page.wait_for("at('actor-worker-2').classList.contains('down')").await;
        page.slide("timeline", 3000).await;
        page.click("lesson-next").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        assert_eq!(
            page.run("return at('actor-worker-2').classList.contains('down')", json!([])).await,
            false
        );
        page.wait_for("at('branch-1')").await;
    })
    .await;
}

#[tokio::test]
async fn nothing_plays_by_itself_for_who_wants_stillness() {
    with_first_visit(async |page| {
        page.look(1280, 800, "light").await;
        page.prefer_stillness(true).await;
        page.reload().await;
        page.wait_for("window.wasmBindings && at('crash-it')").await;
        assert!((6.4..6.5).contains(&now(page).await), "it is there at once: {}", now(page).await);
        page.click("crash-it").await;
        page.wait_for("at('choice-3')").await;
        // Where they are now is the question.
        assert_eq!(text(page, "caption").await, "worker-1 crashed with 2 messages unacked.");
        page.screenshot("stillness-question").await;
        page.click("choice-3").await;
        page.wait_for("!at('predict').disabled").await;
        page.click("predict").await;
        page.wait_for("at('verdict')").await;
        page.choose_lesson("crash-without-ack").await;
        page.wait_for("at('lesson-text')").await;
        let at = now(page).await;
        assert!((3.15..3.25).contains(&at), "the end of the first step at once: {at}");
        page.click("lesson-next").await;
        page.wait_for("!at('lesson-back').disabled").await;
        assert!((4.95..5.05).contains(&now(page).await), "{}", now(page).await);
        page.wait_for("wasmBindings.stage_lights().join() === 'queue tasks'").await;
        page.screenshot("stillness-step").await;
        // Examples and one's own do not begin to play, either.
        page.choose_lesson("saga").await;
        page.wait_for("location.hash === '#/gallery/saga'").await;
        let before = now(page).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!((now(page).await - before).abs() < 1e-9, "it plays by itself");
        page.click("play").await;
        page.wait_for(&format!("warren.now > {before}")).await;
    })
    .await;
}
