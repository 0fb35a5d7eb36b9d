//! Everything works with fingers, on a phone.

use std::time::Duration;

use serde_json::json;
use warren_tests::{Page, with_page};

/// Opens a lesson by taps, without a prediction.
async fn open(page: &Page, lesson: &str) {
    page.phone().await;
    page.tap("lessons").await;
    page.tap(&format!("lesson-{lesson}")).await;
    page.tap("skip").await;
    // The question has made room for the stage.
    page.wait_for("document.querySelector('main.begun')").await;
}

async fn number(page: &Page, expression: &str) -> f64 {
    page.run(&format!("return Number({expression})"), json!([])).await.as_f64().expect("a number")
}

/// Waits until it holds: what a finger does is on the page some frames later.
async fn soon(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn a_tap_picks_a_worker_and_another_crashes_and_revives_it() {
    with_page(async |page| {
        open(page, "work-queue").await;
        page.tap_thing("worker-1").await;
        page.wait_for("at('editor')").await;
        page.tap("tool-crash").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        page.tap("tool-revive").await;
        page.wait_for("!at('actor-worker-1').classList.contains('down')").await;
        // Beside the stage, too.
        page.tap("crash-worker-2").await;
        page.wait_for("at('actor-worker-2').classList.contains('down')").await;
    })
    .await;
}

/// The task and how far it is are there while the clock runs, and slow motion is told without moving the stage.
#[tokio::test]
async fn what_there_is_to_do_stays_in_sight() {
    with_page(async |page| {
        page.phone().await;
        page.tap("mode-learn").await;
        open(page, "crash-with-ack").await;
        let top = "return Math.round(at('stage').getBoundingClientRect().top)";
        let in_sight = "at('goal').getBoundingClientRect().bottom <= innerHeight";
        page.wait_for("at('clock').textContent.startsWith('5')").await;
        page.screenshot("touch-task").await;
        assert_eq!(page.run(&format!("return {in_sight}"), json!([])).await, true);
        let before = page.run(top, json!([])).await;
        page.wait_for("document.querySelector('.slow')").await;
        assert_eq!(page.run(top, json!([])).await, before, "the stage has moved");
        // What was said before is below.
        page.tap("lesson-next").await;
        page.wait_for("at('lesson-text').textContent.length > 40").await;
    })
    .await;
}

#[tokio::test]
async fn a_topology_is_built_with_a_finger() {
    with_page(async |page| {
        page.phone().await;
        page.tap("files").await;
        page.tap("new").await;
        for kind in ["queue", "exchange", "producer", "consumer"] {
            page.tap(&format!("add-{kind}")).await;
            page.wait_for("at('editor')").await;
        }
        // A thing follows the finger that has stayed on it.
        let (x, y) = page.stage_point("exchange").await;
        page.hold_and_move((x, y), (x - 40.0, y + 30.0)).await;
        page.wait_for("at('undo').disabled === false").await;
        soon("it is where the finger has left it", async || {
            let (moved_x, moved_y) = page.stage_point("exchange").await;
            (moved_x - x + 40.0).abs() < 4.0 && (moved_y - y - 30.0).abs() < 4.0
        })
        .await;
        // What is picked has an arrow, and a finger pulls it to another thing.
        page.tap_thing("exchange").await;
        page.wait_for("at('connect-queue')").await;
        let before = number(page, "at('bindings')?.children.length ?? 0").await;
        let handle = page.stage_handle("exchange").await;
        page.swipe(handle, page.stage_point("queue").await).await;
        page.wait_for(&format!("at('bindings')?.children.length === {}", before + 1.0)).await;
        // Or a tap in the list does the same.
        page.tap_thing("producer").await;
        page.tap("connect-exchange").await;
        page.wait_for("at('field-exchange').value === 'exchange'").await;
        page.tap("remove").await;
        page.wait_for("!at('pick-producer')").await;
    })
    .await;
}

/// Down from the palette onto the stage; the row of the palette moves sideways all the same, and a tap is a tap.
#[tokio::test]
async fn a_finger_takes_a_thing_from_the_palette_to_where_it_goes_up() {
    with_page(async |page| {
        page.phone().await;
        page.tap("files").await;
        page.tap("new").await;
        page.tap("add-queue").await;
        page.wait_for("at('pick-queue')").await;
        let (x, y) = page.middle("stage").await;
        let from = page.middle("add-exchange").await;
        // Both have to be on the screen: what was scrolled to last is.
        let (_, now_y) = page.shown("stage").await;
        let to = (x + 60.0, now_y + 50.0);
        assert!(to.1 < 844.0, "the stage is on the screen: {y}, {to:?}");
        page.swipe(from, to).await;
        page.wait_for("at('pick-exchange')").await;
        soon("it is where the finger went up", async || {
            let (at_x, at_y) = page.stage_point("exchange").await;
            let (_, stage_y) = page.shown("stage").await;
            (at_x - to.0).abs() < 60.0 && (at_y - stage_y - 50.0).abs() < 40.0
        })
        .await;
        assert_eq!(
            number(page, "document.querySelectorAll('[data-testid^=pick-exchange]').length").await,
            1.0
        );
        // Beside the stage it is nowhere.
        let from = page.middle("add-consumer").await;
        page.swipe(from, (from.0, 5.0)).await;
        // Sideways the row follows.
        let from = page.middle("add-queue").await;
        let before = number(page, "document.querySelector('.toolbar').scrollLeft").await;
        page.swipe(from, (from.0 - 60.0, from.1)).await;
        soon("the row is as far as the finger", async || {
            number(page, "document.querySelector('.toolbar').scrollLeft").await > before + 20.0
        })
        .await;
        assert_eq!(number(page, "document.querySelectorAll('[data-testid^=pick-]').length").await, 2.0);
    })
    .await;
}

#[tokio::test]
async fn a_finger_that_stays_picks_one_thing_more() {
    with_page(async |page| {
        open(page, "work-queue").await;
        page.tap_thing("worker-1").await;
        page.wait_for("at('pick-worker-1').getAttribute('aria-pressed') === 'true'").await;
        page.hold_thing("worker-2").await;
        page.wait_for("at('pick-worker-2').getAttribute('aria-pressed') === 'true'").await;
        page.tap("remove").await;
        page.wait_for("!at('pick-worker-1') && !at('pick-worker-2')").await;
    })
    .await;
}

/// As on any page: whatever is below the finger.
#[tokio::test]
async fn a_swipe_that_begins_on_a_thing_scrolls_the_page_and_moves_no_thing() {
    with_page(async |page| {
        open(page, "work-queue").await;
        let (x, y) = page.stage_point("tasks").await;
        let (_, top) = page.shown("stage").await;
        let before = number(page, "scrollY").await;
        page.swipe((x, y), (x + 30.0, y - 100.0)).await;
        soon("the page is as far as the finger", async || {
            (60.0..=100.0).contains(&(number(page, "scrollY").await - before))
        })
        .await;
        let at = page.stage_point("tasks").await;
        let (_, moved_top) = page.shown("stage").await;
        assert!((at.0 - x).abs() < 2.0 && (at.1 - moved_top - (y - top)).abs() < 2.0, "{:?}, {at:?}", (x, y));
        assert_eq!(page.run("return at('undo').disabled", json!([])).await, true, "nothing was edited");

        // Where the picture is larger than the stage, it is moved under the finger, as a whole.
        page.spread(page.middle("stage").await).await;
        let far = async || page.stage_point("worker-2").await.0 - page.stage_point("worker-1").await.0;
        soon("the picture is larger", async || far().await > 150.0).await;
        let (apart, from) = (far().await, page.stage_point("tasks").await);
        page.swipe(from, (from.0 - 40.0, from.1 + 60.0)).await;
        soon("the picture is where the finger has left it", async || {
            let (x, y) = page.stage_point("tasks").await;
            x < from.0 - 20.0 && y > from.1 + 35.0
        })
        .await;
        assert!((far().await - apart).abs() < 1.0, "the things stand to each other as before");
        assert_eq!(page.run("return at('undo').disabled", json!([])).await, true, "nothing was edited");
    })
    .await;
}

#[tokio::test]
async fn one_finger_scrolls_the_page_two_make_the_picture_larger_and_then_one_moves_it() {
    with_page(async |page| {
        open(page, "work-queue").await;
        let (x, y) = page.middle("stage").await;
        let empty = (x + 120.0, y);
        let before = number(page, "scrollY").await;
        page.swipe(empty, (empty.0, empty.1 - 100.0)).await;
        soon("the page is as far as the finger", async || {
            (60.0..=100.0).contains(&(number(page, "scrollY").await - before))
        })
        .await;

        let width = async || page.stage_point("worker-2").await.0 - page.stage_point("worker-1").await.0;
        let narrow = width().await;
        page.spread(page.middle("stage").await).await;
        soon("the picture is larger", async || width().await > 2.0 * narrow).await;

        // Far right of the middle there is nothing.
        let (x, y) = page.stage_point("tasks").await;
        let (_, middle) = page.middle("stage").await;
        page.swipe((x + 150.0, middle), (x + 110.0, middle + 50.0)).await;
        soon("the picture is where the finger has left it", async || {
            let (moved_x, moved_y) = page.stage_point("tasks").await;
            moved_x < x - 20.0 && moved_y > y + 25.0
        })
        .await;
        page.tap("zoom-fit").await;
        soon("all of the picture is seen", async || (width().await - narrow).abs() < 1.0).await;
    })
    .await;
}

#[tokio::test]
async fn time_follows_a_finger() {
    with_page(async |page| {
        open(page, "work-queue").await;
        page.wait_for("Number(ledger('delivered')) >= 1").await;
        let (x, y) = page.middle("timeline").await;
        page.swipe((x - 100.0, y), (x + 60.0, y)).await;
        page.wait_for("at('play').textContent === 'Play'").await;
        soon("the time is where the finger has left it", async || {
            (0.5..0.9).contains(&number(page, "at('timeline').value / at('timeline').max").await)
        })
        .await;
        // The big clock shows only tenths of a second.
        let exact = "parseFloat(at('timeline').getAttribute('aria-valuetext'))";
        let before = number(page, exact).await;
        page.tap("step-back").await;
        page.wait_for(&format!("{exact} < {before}")).await;
        page.tap("play").await;
        page.wait_for("at('play').textContent === 'Pause'").await;
    })
    .await;
}

#[tokio::test]
async fn whatever_a_finger_is_to_hit_is_large_enough() {
    with_page(async |page| {
        open(page, "work-queue").await;
        page.tap_thing("worker-1").await;
        page.wait_for("at('tool-more')").await;
        for language in ["en", "ru"] {
            for tab in ["log", "charts", "wire", "check", "faults", "code"] {
                page.tap(&format!("tab-{tab}")).await;
                page.wait_for(&format!("at('tab-{tab}').getAttribute('aria-selected') === 'true'")).await;
                page.screenshot(&format!("touch-{tab}-{language}")).await;
                assert_eq!(too_small(page).await, json!([]), "in {language}, beside the tab {tab}");
            }
            page.tap("lang").await;
        }
    })
    .await;
}

/// Controls of less than 24 pixels. A label is hit for what it names, and links in sentences are as high as the sentence.
async fn too_small(page: &Page) -> serde_json::Value {
    let script =
        "const controls = [...document.querySelectorAll('button, input, select, textarea, summary, a')];
        const seen = controls.map(control => control.closest('label') ?? control)
            .filter(control => control.checkVisibility() && !control.closest('p'));
        return seen.filter(control => {
            const area = control.getBoundingClientRect();
            return area.width < 24 || area.height < 24;
        }).map(control => control.outerHTML.slice(0, 120))";
    page.run(script, json!([])).await
}
