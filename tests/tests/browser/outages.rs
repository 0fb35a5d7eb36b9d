//! The outages' group in the menu, the lesson on declarations that differ, and one message in four protocols.

use serde_json::json;
use warren_sim::outages;
use warren_tests::with_page;

#[tokio::test]
async fn the_outages_are_a_group_of_their_own_and_one_is_lived_through_and_prevented() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.click("lessons").await;
        page.wait_for("at('outages')").await;
        let listed = page.run("return at('outages').children.length", json!([])).await;
        assert_eq!(listed, json!(outages::all().len()));
        page.screenshot("outages").await;
        page.click("lesson-twenty-returns").await;
        page.wait_for("at('predict')").await;
        page.click("choice-2").await;
        page.wait_for("!at('predict').disabled").await;
        page.click("predict").await;
        page.click("speed").await;
        page.wait_for("at('verdict')").await;
        assert_eq!(page.run("return ledger('lost')", json!([])).await, "1");

        page.click("to-task").await;
        page.click("pick-invoices").await;
        page.fill("field-arguments", "x-queue-type = quorum, x-delivery-limit = 40").await;
        page.wait_for("at('done').textContent.includes('Done')").await;
        page.click("lessons").await;
        page.wait_for("at('lesson-twenty-returns').querySelector('.finished')").await;
    })
    .await;
}

#[tokio::test]
async fn a_client_that_declares_differently_is_told_the_cores_own_406() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("redeclare").await;
        page.click("pick-worker-2").await;
        page.wait_for("at('refusal') && at('refusal').textContent.includes('PRECONDITION_FAILED')").await;
        let text = page.run("return at('refusal').textContent", json!([])).await;
        let text = text.as_str().expect("a text");
        assert!(text.contains("worker-2") && text.contains("inequivalent arg 'x-message-ttl'"), "{text}");
        page.screenshot("redeclare").await;
        page.fill("field-declares", "").await;
        page.wait_for("at('done').textContent.includes('Done')").await;
    })
    .await;
}

#[tokio::test]
async fn one_message_is_shown_in_four_protocols_and_a_purpose_is_marked_in_all() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("protocols").await;
        page.click("tab-wire").await;
        page.wait_for("at('protocols-open')").await;
        page.click("protocols-open").await;
        page.wait_for("at('version-0-8') && at('version-0-9-1') && at('version-0-10') && at('version-1.0')").await;
        page.click("purpose-routing-key").await;
        let marked = "return [...document.querySelectorAll('.protocols .versions section')]
            .map(version => [...version.querySelectorAll('.hex .marked')].map(part => part.textContent).join(' '))";
        let key = "6f 72 64 65 72 2e 6e 65 77";
        let marked = page.run(marked, json!([])).await;
        let marked = marked.as_array().expect("four versions");
        assert_eq!(marked.len(), 4);
        assert!(marked.iter().all(|bytes| bytes.as_str().is_some_and(|bytes| bytes.ends_with(key))), "{marked:?}");
        page.screenshot("protocols").await;
        page.look(360, 740, "dark").await;
        page.screenshot("protocols-360-dark").await;
        let overflow = page.run("return document.documentElement.scrollWidth - innerWidth", json!([])).await;
        assert!(overflow.as_i64().is_some_and(|overflow| overflow <= 0), "{overflow} pixels too wide");
        assert_eq!(page.barriers().await, Vec::<String>::new());
    })
    .await;
}
