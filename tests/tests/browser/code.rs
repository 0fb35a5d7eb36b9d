//! The tab with code: whose program, in which language, and that it follows the topology.

use warren_tests::with_page;

#[tokio::test]
async fn the_program_is_the_actors_that_is_asked_for_and_follows_edits() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("fair-dispatch").await;
        page.click("tab-code").await;
        page.wait_for("at('code').textContent.includes('import pika')").await;
        page.select("code-actor", "worker-2").await;
        page.wait_for("at('code').textContent.includes('basic_qos(prefetch_count=1)')").await;
        page.select("code-language", "go").await;
        page.wait_for("at('code').textContent.includes('channel.Qos(1, 0, false)')").await;
        page.click("pick-worker-2").await;
        page.fill("field-prefetch", "7").await;
        page.wait_for("at('code').textContent.includes('channel.Qos(7, 0, false)')").await;
    })
    .await;
}
