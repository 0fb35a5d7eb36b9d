//! Charts, the check and the gallery, as a visitor uses them.

use serde_json::json;
use warren_tests::with_page;

#[tokio::test]
async fn charts_show_the_broker_s_own_figures_and_lead_to_a_moment() {
    with_page(async |page| {
        page.look(1280, 900, "light").await;
        page.open_lesson("crash-with-ack").await;
        page.click("tab-charts").await;
        page.wait_for("Number(ledger('unacked')) >= 2").await;
        page.click("play").await;
        // The world stands still: what the chart says of now is what the ledger says.
        let says = "[...at('chart-tasks').querySelectorAll('output')].map(value => value.textContent).join()";
        page.wait_for(&format!("{says} === `${{ledger('ready')}},${{ledger('unacked')}}`")).await;
        let label = "return at('chart-tasks').querySelector('svg').getAttribute('aria-label')";
        let label = page.run(label, json!([])).await;
        assert!(label.as_str().expect("a label").starts_with("queue tasks: ready 0, at most "), "{label}");
        page.screenshot("charts").await;

        // A click sets the clock: a tenth of 30 seconds.
        let ask = "const chart = at('chart-rates').querySelector('svg');
            chart.scrollIntoView({ block: 'center' });
            const area = chart.getBoundingClientRect();
            return [area.left + area.width / 10, area.top + 5]";
        let point = page.run(ask, json!([])).await;
        let [x, y] = [0, 1].map(|index| point[index].as_f64().expect("pixels"));
        page.click_at((x, y)).await;
        page.wait_for("Math.abs(parseFloat(at('clock').textContent) - 3) < 0.2").await;
        // What comes later is known already, and stands behind a veil.
        let veil = "at('chart-tasks').querySelector('.future').getAttribute('width') > 1000";
        page.wait_for(veil).await;

        page.click("charts-table").await;
        page.wait_for("document.querySelectorAll('.charts tbody tr').length >= 3").await;
        page.click("compare").await;
        page.wait_for("document.querySelector('.strip .rival')").await;
        page.screenshot("charts-compared").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_the_check_finds_leads_to_the_thing() {
    with_page(async |page| {
        page.look(1280, 900, "dark").await;
        page.open_lesson("direct").await;
        page.wait_for("at('badge').textContent === '1'").await;
        page.click("tab-check").await;
        page.wait_for("at('check').textContent.includes('reaches no queue')").await;
        page.click("finding-unroutable").await;
        page.wait_for("at('pick-app').getAttribute('aria-pressed') === 'true'").await;
        page.screenshot("check").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());

        page.open_lesson("hello").await;
        page.wait_for("!at('badge') && at('check').textContent.includes('Nothing to be said')").await;
    })
    .await;
}

#[tokio::test]
async fn the_gallery_opens_what_it_shows_and_fits_a_telephone() {
    with_page(async |page| {
        page.look(360, 740, "light").await;
        page.click("lessons").await;
        page.wait_for("at('gallery')").await;
        let examples = page.run("return at('gallery').querySelectorAll('li').length", json!([])).await;
        assert_eq!(examples, warren_sim::gallery::all().len());
        let pictures = "[...at('gallery').querySelectorAll('img')].every(image => image.naturalWidth > 0)";
        page.wait_for(pictures).await;
        page.screenshot("gallery-360").await;
        assert_eq!(page.barriers().await, Vec::<String>::new());
        page.click("lesson-saga").await;
        page.wait_for(
            "[...document.querySelectorAll('h2')].some(title => title.textContent.startsWith('Saga'))",
        )
        .await;
        for tab in ["charts", "check"] {
            page.click(&format!("tab-{tab}")).await;
            page.wait_for(&format!("at('{tab}')")).await;
            let overflow =
                page.run("return document.documentElement.scrollWidth - innerWidth", json!([])).await;
            assert!(overflow.as_i64().expect("pixels") <= 0, "{tab}: {overflow} pixels too wide");
            page.screenshot(&format!("{tab}-360")).await;
        }
    })
    .await;
}
