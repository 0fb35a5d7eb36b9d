//! Building a topology by hand: from the palette, by dragging, by keyboard, with the core's own complaints.

use serde_json::json;
use warren_tests::{Page, with_page};

#[tokio::test]
async fn a_topology_is_built_from_nothing_and_messages_flow() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.click("files").await;
        page.click("new").await;
        for kind in ["queue", "producer", "consumer"] {
            page.click(&format!("add-{kind}")).await;
        }
        page.press(&["Escape"]).await;
        // Whatever it was connected with when it came: the hand says where it sends, by its arrow.
        drag_arrow(page, "producer", "queue").await;
        page.wait_for("Number(ledger('acked')) >= 2").await;
        assert_eq!(page.run("return ledger('lost')", json!([])).await, "0");
    })
    .await;
}

#[tokio::test]
async fn an_empty_stage_waits_and_a_producer_comes_alone() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.click("files").await;
        page.click("new").await;
        page.wait_for("at('play').textContent === 'Play' && at('clock').textContent === '0.0 s'").await;
        page.click("add-producer").await;
        page.wait_for("Number(ledger('unroutable')) >= 2").await;
        assert_eq!(page.run("return !!at('pick-queue')", json!([])).await, false, "a queue nobody asked for");
        page.click("add-queue").await;
        page.wait_for("Number(ledger('ready')) >= 2").await;
    })
    .await;
}

#[tokio::test]
async fn the_type_of_a_queue_is_chosen_and_what_it_needs_comes_with_it() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("hello").await;
        page.click("pick-hello").await;
        page.select("field-x-queue-type", "quorum").await;
        page.wait_for("at('field-durable').checked").await;
        page.wait_for("at('field-arguments').value === 'x-queue-type = \"quorum\"'").await;
        page.wait_for("at('editor').textContent.includes('quorum')").await;
        assert_eq!(page.run("return !!document.querySelector('.complaint')", json!([])).await, false);
    })
    .await;
}

/// From the stage to the fields of what is picked there is one key.
#[tokio::test]
async fn enter_leads_from_the_stage_to_the_fields() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("durable").await;
        page.focus("stage").await;
        let is_disk = "document.querySelector('.editor h2')?.textContent === \"The broker's disk\"";
        for _ in 0..12 {
            page.press(&["n"]).await;
            if page.run(&format!("return {is_disk}"), json!([])).await == true {
                break;
            }
        }
        page.press(&["Enter"]).await;
        page.wait_for(&format!("{is_disk} && document.activeElement === at('field-write')")).await;
    })
    .await;
}

#[tokio::test]
async fn a_binding_drawn_by_hand_routes_and_is_taken_back_by_undo() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("direct").await;
        let bindings = "at('bindings').children.length";
        page.click("pick-logs").await;
        page.wait_for("at('bindings')").await;
        let before = page.run(&format!("return {bindings}"), json!([])).await.as_u64().expect("a number");
        drag_arrow(page, "logs", "errors").await;
        page.wait_for(&format!("{bindings} === {}", before + 1)).await;
        page.click(&format!("binding-{before}")).await;
        page.fill("field-routing_key", "info").await;
        page.wait_for("at('undo').disabled === false").await;
        page.press(&["Escape"]).await;
        page.click("undo").await;
        page.click("undo").await;
        page.click("pick-logs").await;
        page.wait_for(&format!("{bindings} === {before}")).await;
    })
    .await;
}

/// A client comes with a channel to send on and one to receive on; a third actor joins it.
#[tokio::test]
async fn a_client_has_several_channels_on_one_connection() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.click("files").await;
        page.click("new").await;
        for kind in ["client", "consumer"] {
            page.click(&format!("add-{kind}")).await;
        }
        page.wait_for("at('actor-producer').textContent.includes('channel 1')").await;
        page.wait_for("at('actor-worker').textContent.includes('channel 2')").await;
        let alone = "!at('actor-worker-2').textContent.includes('channel')";
        page.wait_for(alone).await;
        page.click("pick-worker-2").await;
        page.click("join-worker").await;
        page.wait_for("at('actor-worker-2').textContent.includes('channel 3')").await;
        page.wait_for("Number(ledger('acked')) >= 2").await;
        page.click("tab-wire").await;
        let options = "[...at('wire-connection').options].map(option => option.text)";
        page.wait_for(&format!("{options}.every(text => text.startsWith('app · '))")).await;
        page.screenshot("client-1280-light").await;
        // Whoever is brought down takes the others along, and they come back together.
        page.click("crash-worker").await;
        let down = |count: u32| format!("document.querySelectorAll('.things .down').length === {count}");
        page.wait_for(&down(3)).await;
        page.click("crash-producer").await;
        page.wait_for(&down(0)).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_core_refuses_is_said_in_its_own_words() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-tasks").await;
        page.wait_for("at('field-arguments')").await;
        page.fill("field-arguments", "x-max-priority = 300").await;
        page.wait_for("at('refusal')").await;
        let said = text_of(page, "refusal").await;
        assert!(said.contains("PRECONDITION_FAILED") && said.contains("x-max-priority"), "{said}");
        // And what the file cannot say is refused before it is played.
        page.click("undo").await;
        page.click("pick-worker-1").await;
        page.fill("field-prefetch", "many").await;
        page.wait_for("at('editor').textContent.includes('prefetch')").await;
        page.wait_for("document.querySelector('[role=alert]')").await;
    })
    .await;
}

#[tokio::test]
async fn fields_that_are_seldom_needed_are_there_when_asked_for_or_set() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-worker-1").await;
        page.wait_for("at('field-prefetch') && !at('field-ack_every')").await;
        page.click("more-fields").await;
        page.wait_for("at('field-ack_every')").await;
        page.screenshot("inspector-more").await;
        page.fill("field-ack_every", "3").await;
        page.wait_for("!at('undo').disabled").await;
        page.click("more-fields").await;
        page.wait_for("!at('field-ack_every')").await;
        page.press(&["Escape"]).await;
        page.wait_for("!at('editor')").await;
        // What is set is seen without asking.
        page.click("pick-worker-1").await;
        page.wait_for("at('field-ack_every').value === '3'").await;
        page.click("pick-worker-2").await;
        page.wait_for(
            "at('pick-worker-2').getAttribute('aria-pressed') === 'true' && !at('field-ack_every')",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn several_things_are_picked_duplicated_moved_and_removed_by_keyboard() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        let things = "document.querySelectorAll('[data-testid^=pick-]').length";
        let count = page.run(&format!("return {things}"), json!([])).await.as_u64().expect("a number");
        page.run("at('stage').focus()", json!([])).await;
        // Around the things to the first one; then the last with Shift and a click.
        page.press(&["n"]).await;
        page.wait_for("at('editor')").await;
        let before = page.stage_point("producer").await;
        page.run("at('stage').focus()", json!([])).await;
        page.press(&["Down", "Down"]).await;
        let after = page.stage_point("producer").await;
        assert!(after.1 > before.1, "it has moved down: {before:?}, {after:?}");
        page.click("duplicate").await;
        page.wait_for(&format!("{things} === {}", count + 1)).await;
        page.click("undo").await;
        page.wait_for(&format!("{things} === {count}")).await;
        page.click("pick-worker-1").await;
        page.run("at('stage').focus()", json!([])).await;
        page.press(&["Delete"]).await;
        page.wait_for(&format!("{things} === {}", count - 1)).await;
        assert_eq!(page.run("return at('actor-worker-1')", json!([])).await, json!(null));
    })
    .await;
}

#[tokio::test]
async fn a_renamed_queue_keeps_who_uses_it() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("work-queue").await;
        page.click("pick-tasks").await;
        page.fill("field-name", "jobs").await;
        page.wait_for("at('pick-jobs')").await;
        page.wait_for("Number(ledger('acked')) >= 1").await;
        assert_eq!(page.run("return ledger('unroutable')", json!([])).await, "0");
    })
    .await;
}

/// Pulls the arrow of one thing to another.
async fn drag_arrow(page: &Page, from: &str, to: &str) {
    page.press(&["Escape"]).await;
    page.click_actor(from).await;
    page.wait_for("at('editor')").await;
    let handle = page.stage_handle(from).await;
    let target = page.stage_point(to).await;
    page.drag(handle, target).await;
}

async fn text_of(page: &Page, test_id: &str) -> String {
    let text = page.run("return at(arguments[0]).textContent", json!([test_id])).await;
    text.as_str().expect("a text").to_owned()
}
