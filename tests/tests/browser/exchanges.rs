//! Exchanges: their bindings light up when they take a message, those that did, and no others; and what they hold back is
//! seen there.

use serde_json::json;
use warren_tests::with_page;

/// Two bindings lead from one exchange to one queue, and only the key of one is ever published.
const TWINS: &str = r#"
title = { en = "Twins", ru = "Близнецы" }
summary = { en = "Twins", ru = "Близнецы" }
until = "60s"

[[exchange]]
name = "in"
type = "topic"

[[queue]]
name = "q"

[[binding]]
exchange = "in"
queue = "q"
routing_key = "aaaaa.*"

[[binding]]
exchange = "in"
queue = "q"
routing_key = "aaaab.*"

[[producer]]
name = "p"
exchange = "in"
routing_key = "aaaaa.x"
interval = "1s"
count = 50

[[consumer]]
name = "c"
queue = "q"
ack = "after-work"
work = "100ms"
"#;

/// Looks at the two halves of the queue's keys, in front of it, again and again: which of them is filled with the accent's
/// colour. Of the letters and the frame a row has less.
const WATCH: &str = "
    const [middle, , handle, y] = wasmBindings.stage_point('q');
    // A queue is 226 wide, and its arrow stands out by 14.
    const zoom = (handle - middle) / (113 + 14);
    const ruler = document.createElement('canvas').getContext('2d');
    ruler.font = '500 11px ' + getComputedStyle(document.body).fontFamily;
    const keys = ruler.measureText('aaaaa.*  aaaab.*').width + 14;
    const x = middle - (113 + 6 + keys / 2) * zoom;
    const stage = at('stage'), area = stage.getBoundingClientRect(), scale = stage.width / area.width;
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    probe.fillStyle = getComputedStyle(stage).getPropertyValue('--accent').trim();
    probe.fillRect(0, 0, 1, 1);
    const accent = probe.getImageData(0, 0, 1, 1).data;
    const isAccent = (data, at) => [0, 1, 2].every(part => Math.abs(data[at + part] - accent[part]) < 24);
    const filled = (from, to) => {
        const [width, height] = [Math.round((to - from) * scale), Math.round(40 * scale)];
        const left = Math.round((x - area.left + from) * scale), top = Math.round((y - area.top - 20) * scale);
        // Not from the stage itself, which is not made to be read.
        probe.drawImage(stage, left, top, width, height, 0, 0, width, height);
        const { data } = probe.getImageData(0, 0, width, height);
        let rows = 0;
        for (let row = 0; row < height; row++) {
            let count = 0;
            for (let column = 0; column < width; column++) count += isAccent(data, 4 * (row * width + column));
            rows += count > 0.4 * width;
        }
        return rows > 6 * scale;
    };
    window.seen = { left: 0, right: 0, dark: 0 };
    setInterval(() => {
        const [left, right] = [filled(-32, -8), filled(8, 32)];
        seen.left += left;
        seen.right += right;
        seen.dark += !left && !right;
        seen.now = left;
    }, 30)";

#[tokio::test]
async fn of_two_bindings_with_the_same_ends_the_one_lights_up_that_took_the_message() {
    with_page(async |page| {
        for theme in ["light", "dark"] {
            page.look(1280, 800, theme).await;
            page.drop_file("twins.toml", TWINS).await;
            page.wait_for("at('pick-q')").await;
            page.run("at('stage').scrollIntoView({ block: 'center' })", json!([])).await;
            page.run(WATCH, json!([])).await;
            page.wait_for("seen.left > 3 && seen.dark > 3").await;
            page.wait_for("seen.left > 12").await;
            page.wait_for("seen.now").await;
            page.click("play").await;
            page.screenshot(&format!("lights-{theme}")).await;
            assert_eq!(page.run("return seen.right", json!([])).await, 0, "{theme}");
            page.reload().await;
            page.wait_for("window.wasmBindings && at('ledger-delivered')").await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_an_exchange_holds_back_rests_there_and_says_why() {
    with_page(async |page| {
        page.look(1280, 900, "light").await;
        page.choose_lesson("delayed").await;
        page.wait_for("Number(ledger('published')) >= 2").await;
        page.click("play").await;
        // At the exchange's lower edge, on the left: it is 116 wide and 58 high, and its arrow stands out by 14.
        let ((x, y), (handle, _)) = (page.stage_point("later").await, page.stage_handle("later").await);
        let zoom = (handle - x) / (58.0 + 14.0);
        let (x, y) = (x - 41.0 * zoom, y + 48.0 * zoom);
        page.drag((x, y), (x, y)).await;
        page.wait_for("at('inspector')").await;
        let told = page.run("return at('inspector').textContent", json!([])).await.to_string();
        assert!(told.contains("waits in exchange later for 4000 ms"), "{told}");
    })
    .await;
}
