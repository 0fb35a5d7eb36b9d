//! How fast the world runs in a browser, beside the same world here; and how smoothly the page plays a crowd.

#![expect(clippy::expect_used, reason = "a bench that cannot go on says why")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::json;
use warren_sim::{Consumer, Lapse, Producer, Queue, Scenario, World, warren_core};
use warren_tests::{Page, crowd, dist, with_page};

const MESSAGES: u32 = 10_000;
const ROUNDS: u32 = 5;

#[tokio::main]
async fn main() {
    // `cargo test --benches` only wants to know that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let scenario = load();
    with_page(async |page| {
        for _ in 0..ROUNDS {
            println!("{:.0} ms to the first moving message, from a warm cache", first_message_ms(page).await);
        }
        for _ in 0..ROUNDS {
            page.first_visit(40, 10_000_000).await;
            let ms = first_message_ms(page).await;
            println!("{ms:.0} ms to the first moving message, from a cold cache at 10 Mbit/s and 40 ms");
        }
        page.first_visit(0, -1).await;
        println!("{} bytes to download, by brotli", download_bytes());
        for _ in 0..ROUNDS {
            let (events, native) = native(&scenario);
            let wasm = in_browser(page, &scenario, events).await;
            let rate = |time: Duration| f64::from(events) / time.as_secs_f64() / 1e6;
            let ratio = wasm.as_secs_f64() / native.as_secs_f64();
            println!(
                "{events} events: {:.2} M/s here, {:.2} M/s in the browser, {ratio:.1} times as long",
                rate(native),
                rate(wasm)
            );
        }
    })
    .await;
    with_page(crowded).await;
}

/// Two hundred things, and more than 5,000 messages on their way, with a hand that clicks and types.
async fn crowded(page: &Page) {
    for (width, height) in [(1280, 900), (3840, 2160)] {
        page.look(width, height, "light").await;
        page.drop_file("crowd.toml", &crowd()).await;
        page.wait_for("Number(ledger('acked')) > 6000").await;
        let frames = page
            .frames(async |page| {
                for round in 0..60 {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    page.click_actor(&format!("c-{}", 8 + round % 5)).await;
                    page.press(&["Escape"]).await;
                }
            })
            .await;
        println!("{width} × {height}\n{}", frames.told());
    }
}

/// From the beginning of the navigation until the first message has been drawn on its way.
async fn first_message_ms(page: &Page) -> f64 {
    page.reload().await;
    let mark = "performance.getEntriesByName('first-message')[0]";
    page.wait_for(mark).await;
    page.run(&format!("return {mark}.startTime"), json!([])).await.as_f64().expect("ms")
}

/// The page's files, each as small as a server can send it, without the interpreter that only the tab Code loads.
fn download_bytes() -> u64 {
    let size = |path: &Path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    let files = fs::read_dir(dist()).expect("the page is built").map(|entry| entry.expect("an entry").path());
    let is_sent = |file: &PathBuf| {
        let is_interpreter =
            file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("quickjs-"));
        let is_a = |other: &&str| file.extension().is_some_and(|extension| extension == *other);
        !is_interpreter && !["br", "ts", "png"].iter().any(is_a)
    };
    let plain = files.filter(is_sent);
    plain.filter_map(|file| size(&file.with_added_extension("br")).or_else(|| size(&file))).sum()
}

fn native(scenario: &Scenario) -> (u32, Duration) {
    let began = Instant::now();
    let mut world = World::new(scenario, 1).without_stories();
    let end = warren_core::Instant::ZERO + scenario.until;
    let mut events = 0;
    while let Some(next) = world.next_at().filter(|next| *next <= end) {
        world.run_until(next + Duration::from_millis(16));
        events += world.take_events().len();
    }
    (u32::try_from(events).expect("few"), began.elapsed())
}

async fn in_browser(page: &Page, scenario: &Scenario, events: u32) -> Duration {
    let script = "const began = performance.now();
        const events = wasmBindings.count_events(arguments[0], 1);
        return [events, performance.now() - began]";
    let answer = page.run(script, json!([scenario.to_toml()])).await;
    assert_eq!(answer[0], events, "the browser's world is another one");
    Duration::from_secs_f64(answer[1].as_f64().expect("ms") / 1e3)
}

/// Publishes, deliveries and acks without faults.
fn load() -> Scenario {
    let interval = Lapse::Fixed(Duration::from_millis(1));
    Scenario {
        until: Duration::from_secs(60),
        queues: vec![Queue::new("work")],
        producers: vec![Producer { interval, ..Producer::new("producer", "work", MESSAGES) }],
        consumers: vec![Consumer { prefetch: 100, ..Consumer::new("consumer", "work") }],
        ..Scenario::new("load")
    }
}
