//! Everything on the stage can be broken where it stands, and mended again.

use serde_json::json;
use warren_tests::{Page, with_page};

#[tokio::test]
async fn a_consumer_is_paused_cut_off_slowed_down_and_crashed() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        for (tool, told) in [
            ("pause", "stands still"),
            ("revive", "goes on"),
            ("tire", "takes 10 times as long"),
            ("slow", "takes 2 s each way"),
            ("partition", "nothing passes"),
            ("cut", "BREAKS"),
            ("revive", "starts again"),
            ("silence", "nobody is told"),
        ] {
            pick(page, "worker-1").await;
            use_tool(page, tool).await;
            told_in_log(page, "worker-1", told).await;
        }
        pick(page, "worker-1").await;
        use_tool(page, "crash").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        pick(page, "worker-1").await;
        use_tool(page, "revive").await;
        page.wait_for("!at('actor-worker-1').classList.contains('down')").await;
    })
    .await;
}

/// The switch in the broker's head: without power nothing is there but what is on the disk, and the stage says so.
#[tokio::test]
async fn the_broker_is_switched_off_and_on_again_on_the_stage() {
    with_page(async |page| {
        for (language, off, on) in [
            ("en", "No power. The disk keeps", "The broker is up again"),
            ("ru", "Питание пропало. На диске", "Брокер снова работает"),
        ] {
            page.look(1280, 800, "light").await;
            page.open_lesson("durable").await;
            page.wait_for("Number(ledger('published')) >= 4").await;
            page.click_switch().await;
            page.wait_for(&format!("at('caption').textContent.startsWith({off:?})")).await;
            page.wait_for("Number(ledger('lost')) > 0").await;
            page.screenshot(&format!("no-power-{language}")).await;
            page.click_switch().await;
            page.wait_for(&format!("at('caption').textContent.startsWith({on:?})")).await;
            page.click("lang").await;
        }
    })
    .await;
}

/// What a crash leaves in the air goes back, and one sentence says both.
#[tokio::test]
async fn a_crash_is_told_in_a_sentence_on_the_stage() {
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        page.open_lesson("crash-with-ack").await;
        page.wait_for("/^worker-1 crashed with \\d messages unacked\\. The broker still has them\\.$/.test(at('caption').textContent)")
            .await;
        page.screenshot("crash").await;
        page.wait_for("/ back in the queue, marked as redelivered\\.$/.test(at('caption').textContent)")
            .await;
        // It is there as long as it takes to read it.
        page.wait_for("at('caption').textContent === ''").await;
    })
    .await;
}

#[tokio::test]
async fn the_broker_loses_what_the_disk_has_not_synced() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("durable").await;
        page.wait_for("Number(ledger('published')) >= 2").await;
        // The lesson cuts the power, too, and hands are slower than scripts.
        page.click("play").await;
        for tool in ["slow-disk", "full", "memory"] {
            page.click_actor("disk").await;
            use_tool(page, tool).await;
        }
        page.click_actor("disk").await;
        page.wait_for("at('tool-power')").await;
        page.click("tool-power").await;
        page.wait_for("at('tool-start')").await;
        page.click("tool-start").await;
        page.wait_for("!at('tool-start')").await;
        page.click("play").await;
        told_in_log(page, "broker", "starts again").await;
    })
    .await;
}

/// What a button does must not be undone by the second click of an impatient hand.
#[tokio::test]
async fn two_clicks_at_once_do_one_thing() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        let is_down = "at('actor-worker-1').classList.contains('down')";
        page.click_actor("worker-1").await;
        page.wait_for("at('tool-crash')").await;
        page.double_click("tool-crash").await;
        page.wait_for(&format!("{is_down} && at('tool-crash').disabled && at('tool-revive')")).await;
        page.double_click("tool-revive").await;
        page.wait_for(&format!("!{is_down} && at('tool-pause')")).await;
        page.double_click("crash-worker-1").await;
        page.wait_for(is_down).await;
        page.click("tab-log").await;
        let told = page.run("return at('log').textContent.split('CRASHES').length - 1", json!([])).await;
        assert_eq!((told, page.run(&format!("return {is_down}"), json!([])).await), (json!(2), json!(true)));
    })
    .await;
}

#[tokio::test]
async fn a_message_is_settled_by_hand() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.wait_for("Number(ledger('unacked')) >= 1").await;
        page.click("play").await;
        page.slide("timeline", 5000).await;
        page.wait_for("at('clock').textContent.startsWith('5.0')").await;
        page.click("ledger-unacked").await;
        page.wait_for("at('sum-messages')").await;
        page.click_on("[data-testid=sum-messages] button").await;
        page.wait_for("at('tool-requeue')").await;
        page.click("tool-requeue").await;
        page.click("play").await;
        page.wait_for("Number(ledger('redelivered')) >= 1").await;
        let story = page.run("return at('inspector').textContent", json!([])).await;
        let story = story.as_str().expect("a text");
        assert!(story.contains("back to queue tasks") && story.contains("wants it back"), "{story}");
    })
    .await;
}

async fn pick(page: &Page, name: &str) {
    page.click(&format!("pick-{name}")).await;
    page.wait_for(&format!("at('actor-{name}').classList.contains('picked')")).await;
}

/// Uses a tool, wherever among the tools it is.
async fn use_tool(page: &Page, tool: &str) {
    let id = format!("tool-{tool}");
    page.wait_for(&format!("at('{id}') || at('tool-more')")).await;
    if page.run("return !at(arguments[0])", json!([id])).await == true {
        page.click("tool-more").await;
    }
    page.wait_for(&format!("at('{id}')")).await;
    page.click(&id).await;
    page.press(&["Escape"]).await;
}

/// Waits until the log says something of someone.
async fn told_in_log(page: &Page, who: &str, what: &str) {
    let row = format!(
        "[...at('log').querySelectorAll('tbody tr')].some(row => row.textContent.includes('{who}') \
         && row.textContent.includes('{what}'))"
    );
    page.wait_for(&row).await;
}
