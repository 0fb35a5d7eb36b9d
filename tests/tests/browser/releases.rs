//! Compare with another release of RabbitMQ: what differs, and why; and nothing, where nothing does.

use serde_json::json;
use warren_tests::{Page, with_page};

/// What is said of the comparison.
async fn said(page: &Page) -> String {
    let text = page.run("return at('releases').textContent.trim()", json!([])).await;
    text.as_str().unwrap_or_default().to_owned()
}

async fn compare(page: &Page, release: &str, done: &str) -> String {
    page.click("tab-faults").await;
    page.wait_for(&format!("at('compare-{release}')")).await;
    page.click(&format!("compare-{release}")).await;
    page.wait_for(&format!("at('releases').ariaBusy === 'false' && at('releases').querySelector('{done}')"))
        .await;
    said(page).await
}

#[tokio::test]
async fn another_release_is_played_beside_and_what_differs_is_said_with_its_reason() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("twenty-returns").await;
        let text = compare(page, "3.10", "table").await;
        for part in
            ["3.104.3", "lost messages: its delivery failed too often01", "after 20 failed deliveries"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        page.screenshot("releases").await;
        let barriers = page.barriers().await;
        assert_eq!(barriers, Vec::<String>::new());
        // Each line leads to its thing.
        page.click("difference").await;
        page.wait_for("at('field-arguments')").await;

        page.click("lang").await;
        page.click("tab-faults").await;
        let text = compare(page, "3.10", "table").await;
        assert!(text.contains("после 20 неудачных доставок"), "{text}");
        page.look(390, 844, "dark").await;
        page.screenshot("releases-ru").await;
        page.click("lang").await;

        // What is said does not hold for another topology.
        page.look(1280, 800, "light").await;
        page.select("field-compat", "4.0").await;
        page.wait_for("!at('releases').querySelector('table') && at('compare-4.3') && !at('compare-4.0')")
            .await;
        page.open_lesson("hello").await;
        let text = compare(page, "3.10", ".note").await;
        assert_eq!(text, "Nothing differs: it goes in RabbitMQ 3.10 as in 4.3.");
    })
    .await;
}
