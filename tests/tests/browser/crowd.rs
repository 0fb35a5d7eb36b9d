//! More than an eye can follow: the page goes on, and answers; and who wants nothing to move sees that, too.

use serde_json::json;
use warren_tests::{Page, crowd, with_page};

/// Whether what is on the stage changes within a time, in ms, while the clock goes on.
async fn moves(page: &Page, within_ms: u32) -> bool {
    let script = "const stage = at('stage'), [patience] = arguments;
        const picture = () => stage.toDataURL(), first = picture(), began = performance.now();
        return new Promise(done => {
            const look = () => {
                if (picture() !== first) done(true);
                else if (performance.now() - began > patience) done(false);
                else setTimeout(look, 20);
            };
            look();
        })";
    page.run(script, json!([within_ms])).await == true
}

#[tokio::test]
async fn two_hundred_things_and_thousands_of_messages_do_not_freeze_the_page() {
    with_page(async |page| {
        page.look(1280, 900, "light").await;
        page.drop_file("crowd.toml", &crowd()).await;
        page.wait_for("Number(ledger('unacked')) > 4000").await;
        let frames = page
            .frames(async |page| {
                for round in 0..8 {
                    let name = format!("c-{}", 10 + round);
                    page.click_actor(&name).await;
                    page.wait_for(&format!("at('pick-{name}').getAttribute('aria-pressed') === 'true'"))
                        .await;
                    page.press(&["Escape"]).await;
                    page.wait_for(&format!("at('pick-{name}').getAttribute('aria-pressed') === 'false'"))
                        .await;
                }
            })
            .await;
        page.screenshot("crowd").await;
        // How fast it is a bench says; a test on a busy machine cannot.
        println!("{}", frames.told());
        assert!(frames.click.len() + frames.key.len() >= 16, "a click or a key was not heard: {frames:?}");
        assert!(frames.callback.len() > 10, "the page stood still: {frames:?}");
        assert!(page.run("return Number(ledger('unacked'))", json!([])).await.as_u64() > Some(4_000));

        // So fast that no machine keeps up: the clock says how fast it really is, and the page still answers.
        page.slide("speed", 30).await;
        page.wait_for("at('pace')").await;
        page.click("play").await;
        page.wait_for("!at('pace')").await;
        // Streams part, and the last numbers are drawn; then nothing moves any more.
        let mut looks = 0;
        while moves(page, 400).await {
            looks += 1;
            assert!(looks < 30, "paused, it moves");
        }
    })
    .await;
}

#[tokio::test]
async fn who_wants_nothing_to_move_sees_a_few_pictures_a_second() {
    with_page(async |page| {
        page.look(1280, 900, "light").await;
        assert!(moves(page, 2_000).await, "the first visit shows something that moves");
        let pictures = "const stage = at('stage'); let last = '', count = 0; const began = performance.now();
            return new Promise(done => {
                const look = () => {
                    const picture = stage.toDataURL();
                    if (picture !== last) { count += 1; last = picture; }
                    if (performance.now() - began < 1_500) requestAnimationFrame(look); else done(count);
                };
                look();
            })";
        page.prefer_stillness(true).await;
        let still = page.run(pictures, json!([])).await.as_u64().expect("a number");
        assert!((2..=8).contains(&still), "{still} pictures in 1.5 s");
        let clock = "return parseFloat(at('clock').textContent)";
        let before = page.run(clock, json!([])).await.as_f64();
        page.wait_for(&format!("parseFloat(at('clock').textContent) > {}", before.expect("seconds"))).await;
    })
    .await;
}

#[tokio::test]
async fn a_thing_among_hundreds_is_found_by_its_name() {
    with_page(async |page| {
        page.look(1280, 900, "light").await;
        page.drop_file("crowd.toml", &crowd()).await;
        page.wait_for("at('find')").await;
        page.click("find").await;
        page.write("C-1").await;
        page.wait_for("/^1 of \\d+$/.test(at('found').textContent)").await;
        page.press(&["Enter"]).await;
        page.wait_for("at('found').textContent.startsWith('2 of')").await;
        page.write("7").await;
        page.wait_for("at('pick-c-17').getAttribute('aria-pressed') === 'true'").await;
        page.screenshot("found").await;
        // It stands in the middle of the stage.
        let middle = "const area = at('stage').getBoundingClientRect();
            return [area.left + area.width / 2, area.top + area.height / 2]";
        let (x, y) = page.stage_point("c-17").await;
        let middle = page.run(middle, json!([])).await;
        let away = |index: usize, is: f64| (middle[index].as_f64().expect("a number") - is).abs();
        assert!(away(0, x) < 3.0 && away(1, y) < 3.0, "{x}, {y}; {middle}");
        page.write("zzz").await;
        page.wait_for("at('found').textContent === 'nothing here has such a name'").await;
        page.press(&["Escape"]).await;
        page.wait_for("at('find').value === '' && at('found').textContent === ''").await;
        // A lesson with a few things has no need of it.
        page.open_lesson("hello").await;
        page.wait_for("!at('find')").await;
    })
    .await;
}
