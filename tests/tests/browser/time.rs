//! Time is in the visitor's hand: steps, a way back that is exact, other futures, a rival beside.

use serde_json::json;
use warren_tests::{Page, with_page};

/// All that the page says of the world at its moment.
const STATE: &str = "JSON.stringify([at('clock').textContent, \
    ...document.querySelectorAll('[data-testid^=ledger-]')].map(cell => cell.textContent ?? cell))";

#[tokio::test]
async fn a_step_goes_to_the_next_of_its_kind_and_a_step_back_undoes_it() {
    with_page(async |page| {
        page.open_lesson("crash-with-ack").await;
        page.click("play").await;
        page.select("step-kind", "ack").await;
        page.click("step").await;
        let first = state(page).await;
        page.click("step").await;
        let second = state(page).await;
        assert_ne!(first, second);
        page.click("step-back").await;
        assert_eq!(state(page).await, first);
        page.click("step").await;
        assert_eq!(state(page).await, second);
        // A whole crash and back, one event at a time.
        page.select("step-kind", "crash").await;
        page.click("step").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        page.click("step-back").await;
        page.wait_for("!at('actor-worker-1').classList.contains('down')").await;
    })
    .await;
}

#[tokio::test]
async fn the_bar_of_time_leads_back_to_the_same_moment() {
    with_page(async |page| {
        page.open_lesson("crash-with-ack").await;
        page.click("play").await;
        page.slide("timeline", 9000).await;
        page.wait_for("at('clock').textContent.startsWith('9.0')").await;
        let then = state(page).await;
        assert!(page.run("return ledger('redelivered')", json!([])).await != "0", "the crash is behind");
        page.slide("timeline", 2000).await;
        page.wait_for("at('clock').textContent.startsWith('2.0')").await;
        assert_eq!(page.run("return ledger('redelivered')", json!([])).await, "0");
        page.slide("timeline", 9000).await;
        page.wait_for("at('clock').textContent.startsWith('9.0')").await;
        assert_eq!(state(page).await, then);
        let marks = "return document.querySelectorAll('.marks .crash, .marks .redelivery').length";
        assert!(page.run(marks, json!([])).await.as_u64() >= Some(2), "the bar marks what happened");
    })
    .await;
}

#[tokio::test]
async fn who_acts_in_the_past_begins_another_future_and_keeps_the_old_one() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.click("play").await;
        page.slide("timeline", 12000).await;
        page.wait_for("at('clock').textContent.startsWith('12.0')").await;
        let as_given = state(page).await;
        page.slide("timeline", 3000).await;
        page.wait_for("at('clock').textContent.startsWith('3.0')").await;
        page.click("crash-worker-2").await;
        page.wait_for("at('futures')").await;
        page.slide("timeline", 12000).await;
        page.wait_for("at('clock').textContent.startsWith('12.0')").await;
        let other = state(page).await;
        assert_ne!(other, as_given);
        page.screenshot("futures").await;
        page.click("branch-0").await;
        page.wait_for("at('branch-0').getAttribute('aria-pressed') === 'true'").await;
        assert_eq!(state(page).await, as_given);
        page.click("branch-1").await;
        page.wait_for("at('branch-1').getAttribute('aria-pressed') === 'true'").await;
        assert_eq!(state(page).await, other);
    })
    .await;
}

/// Time is a tree: who points at another future sees its stage at the same moment, and a click goes there.
#[tokio::test]
async fn another_future_is_looked_at_and_entered_at_the_same_moment() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.click("play").await;
        page.slide("timeline", 12000).await;
        page.slide("timeline", 3000).await;
        page.wait_for("at('clock').textContent.startsWith('3.0')").await;
        page.click("crash-worker-2").await;
        page.slide("timeline", 11000).await;
        page.wait_for("at('clock').textContent.startsWith('11.0')").await;
        let (here, picture) = (state(page).await, stage(page).await);

        page.point_at("tree-0").await;
        page.wait_for(
            "/^The other future at 11\\.0 s: acked \\d+, here \\d+\\.$/.test(at('caption').textContent)",
        )
        .await;
        let other = stage(page).await;
        assert!(other != picture, "it is drawn");
        assert_eq!(state(page).await, here, "and only looked at");
        page.screenshot("other-future").await;
        page.point_at("play").await;
        page.wait_for("at('caption').textContent === ''").await;
        assert!(stage(page).await == picture);

        // The same with the keyboard: to the tree, and along its futures.
        page.focus("timeline").await;
        page.press(&["Tab"]).await;
        page.wait_for("at('caption').textContent.startsWith('The other future')").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('tree-0').getAttribute('aria-pressed') === 'true'").await;
        page.wait_for("at('clock').textContent.startsWith('11.0')").await;
        page.wait_for("document.activeElement === at('tree-0') && at('caption').textContent === ''").await;
        let there = state(page).await;
        assert_ne!(there, here);

        page.click("tree-1").await;
        page.wait_for("at('tree-1').getAttribute('aria-pressed') === 'true'").await;
        assert_eq!(state(page).await, here);
        // Before they parted they are the same, on the line from which the other turns off.
        let line = "getComputedStyle(at('timeline')).getPropertyValue('--thumb')";
        let below = page.run(&format!("return {line}"), json!([])).await;
        page.slide("timeline", 2000).await;
        page.wait_for(&format!("{line} !== '{}'", below.as_str().expect("a length"))).await;
        page.press(&["End"]).await;
        page.wait_for("at('tree-1').getAttribute('aria-pressed') === 'true'").await;
    })
    .await;
}

/// What is painted on the stage.
async fn stage(page: &Page) -> String {
    let frames = "return new Promise(done => setTimeout(() => done(at('stage').toDataURL()), 250))";
    page.run(frames, json!([])).await.as_str().expect("a picture").to_owned()
}

#[tokio::test]
async fn a_rival_shows_what_one_setting_changes() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.click("compare").await;
        page.wait_for("at('rival') && at('rival-lost')").await;
        page.click("pick-worker-1").await;
        page.select("field-ack", "auto").await;
        page.click("play").await;
        page.slide("timeline", 12000).await;
        page.wait_for("Number(ledger('lost')) > 0 && at('rival-lost').textContent === '0'").await;
        page.screenshot("rival").await;
        page.click("compare").await;
        page.wait_for("!at('rival')").await;
        // The stage is still the stage: a click finds what stands there.
        page.press(&["Escape"]).await;
        page.click_actor("producer").await;
        page.wait_for("at('editor')").await;
    })
    .await;
}

#[tokio::test]
async fn the_clock_runs_from_a_hundredth_to_a_thousandfold() {
    with_page(async |page| {
        page.open_lesson("work-queue").await;
        page.slide("speed", 30).await;
        page.wait_for("at('play').textContent === 'Play again'").await;
        page.slide("speed", -20).await;
        page.click("play").await;
        let clock = "parseFloat(at('clock').textContent)";
        let before = page.run(&format!("return {clock}"), json!([])).await;
        let later = format!("return new Promise(done => setTimeout(() => done({clock}), 1000))");
        let after = page.run(&later, json!([])).await;
        let passed = after.as_f64().expect("seconds") - before.as_f64().expect("seconds");
        assert!((0.0..0.2).contains(&passed), "{passed} s in a second");
    })
    .await;
}

/// What is done when the run is over plays out, and what was done is not lost when it is played again.
#[tokio::test]
async fn at_the_end_of_a_run_there_is_more_time_for_whoever_does_something() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.slide("speed", 30).await;
        page.wait_for("at('play').textContent === 'Play again'").await;
        page.slide("speed", 3).await;
        let end = "Number(at('timeline').max)";
        let given = page.run(&format!("return {end}"), json!([])).await.as_i64().expect("ms");
        page.click("pick-worker-1").await;
        page.wait_for("at('tool-crash')").await;
        page.click("tool-crash").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        page.wait_for(&format!("{end} >= {given} + 9000")).await;
        page.wait_for("at('play').textContent === 'Play again'").await;
        page.click("tool-revive").await;
        page.wait_for("at('actor-worker-1').querySelector('.status').textContent === 'up'").await;
        page.screenshot("longer").await;
        page.wait_for("at('play').textContent === 'Play again'").await;
        let (over, longer) = (state(page).await, page.run(&format!("return {end}"), json!([])).await);
        assert!(longer.as_i64() >= Some(given + 18_000), "{given}, {longer}");

        page.click("play").await;
        page.wait_for("at('play').textContent === 'Pause' && parseFloat(at('clock').textContent) < 5").await;
        // Both futures are on one scale, so that what happens at the same moment stands one above the other.
        page.wait_for(&format!("at('tree-1').getAttribute('aria-pressed') === 'true' && {end} === {longer}"))
            .await;
        page.wait_for("at('futures')").await;
        page.screenshot("played-again").await;
        page.click("branch-0").await;
        page.wait_for("at('branch-0').getAttribute('aria-pressed') === 'true'").await;
        page.focus("timeline").await;
        page.press(&["End"]).await;
        assert_eq!(state(page).await, over);
    })
    .await;
}

#[tokio::test]
async fn the_clock_goes_on_to_the_brokers_next_timer() {
    with_page(async |page| {
        page.open_lesson("expired").await;
        page.click("play").await;
        page.select("step-kind", "timer").await;
        for _ in 0..400 {
            page.click("step").await;
            if page.run("return ledger('expired')", json!([])).await != "0" {
                return;
            }
        }
        panic!("no timer has let anything expire");
    })
    .await;
}

async fn state(page: &Page) -> String {
    // The rest of the page follows the stage a few times a second.
    page.run("return new Promise(done => setTimeout(done, 250))", json!([])).await;
    let state = page.run(&format!("return {STATE}"), json!([])).await;
    state.as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_future_is_called_by_all_that_was_done_in_it_and_times_are_short() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.click("play").await;
        page.slide("timeline", 3000).await;
        page.wait_for("at('clock').textContent.startsWith('3.0')").await;
        page.click("crash-worker-2").await;
        page.click("crash-worker-2").await;
        page.slide("timeline", 5000).await;
        page.slide("timeline", 1000).await;
        page.wait_for("at('clock').textContent.startsWith('1.0')").await;
        page.click("crash-worker-1").await;
        page.wait_for("at('branch-1')").await;
        let [first, second] = [name(page, 0).await, name(page, 1).await];
        assert!(first.starts_with("3.0 s: worker-2 ") && first.contains("; 3.0 s: worker-2 "), "{first}");
        assert!(second.starts_with("1.0 s: worker-1 ") && !second.contains(';'), "{second}");
        let table = page.run("return at('futures').textContent", json!([])).await;
        let table = table.as_str().expect("a text");
        assert!(!has_long_time(table), "{table}");

        // What was done by hand and then taken into the scenario by an edit is not called the lesson's.
        page.click("pick-worker-1").await;
        page.select("field-ack", "auto").await;
        page.wait_for("!at('futures')").await;
        page.slide("timeline", 4000).await;
        page.slide("timeline", 2000).await;
        page.click("pick-worker-2").await;
        page.click("tool-crash").await;
        page.wait_for("at('branch-1')").await;
        assert_eq!(name(page, 0).await, "nothing more than under “What goes wrong”");

        page.click("lang").await;
        page.wait_for("document.documentElement.lang === 'ru'").await;
        assert!(name(page, 1).await.contains(" с: worker-2 падает"), "{}", name(page, 1).await);
        page.wait_for("/^\\d+,\\d с$/.test(at('clock').textContent)").await;
    })
    .await;
}

#[tokio::test]
async fn nobody_reads_microseconds() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.wait_for("Number(ledger('delivered')) >= 3").await;
        // What is done by hand happens a microsecond later, and so does all that comes of it.
        page.click("crash-worker-1").await;
        page.click("crash-worker-1").await;
        page.wait_for("Number(ledger('acked')) >= 4").await;
        page.click("play").await;
        page.wait_for("at('play').textContent === 'Play'").await;
        for tab in ["log", "charts", "wire", "faults"] {
            page.click(&format!("tab-{tab}")).await;
            let ask = "return new Promise(done => setTimeout(done, 200)).then(() =>
                [document.body.innerText, ...[...document.querySelectorAll('[title], [aria-valuetext]')]
                    .map(node => node.title + ' ' + node.getAttribute('aria-valuetext'))].join('\\n'))";
            let text = page.run(ask, json!([])).await;
            let text = text.as_str().expect("a text");
            assert!(!has_long_time(text), "{tab}: {text}");
        }
    })
    .await;
}

/// Whether a number has more than three digits behind its point.
fn has_long_time(text: &str) -> bool {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    text.match_indices(['.', ',']).any(|(at, _)| {
        text[..at].ends_with(|letter: char| letter.is_ascii_digit()) && digits(&text[at + 1..]) > 3
    })
}

async fn name(page: &Page, branch: u32) -> String {
    let name = page.run("return at(`branch-${arguments[0]}`).textContent", json!([branch])).await;
    name.as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn filters_are_gone_with_what_they_were_for_and_columns_stay() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.overwrite("log-text", "worker-1").await;
        page.select("log-kind", "delivery").await;
        page.wait_for("document.querySelectorAll('[data-testid=log] tbody tr').length > 1").await;
        let columns = "return [...document.querySelectorAll('[data-testid=log] thead th')].map(th => th.offsetWidth).join(' ')";
        let filtered = page.run(columns, json!([])).await;
        page.click("files").await;
        page.click("new").await;
        page.wait_for("at('log-text').value === '' && at('log-kind').value === 'anything'").await;
        assert_eq!(page.run(columns, json!([])).await, filtered, "of an empty log");
        page.open_lesson("crash-with-ack").await;
        page.wait_for("document.querySelectorAll('[data-testid=log] tbody tr').length > 9").await;
        assert_eq!(page.run(columns, json!([])).await, filtered, "of a full one");
    })
    .await;
}
