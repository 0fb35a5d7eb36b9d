//! The page in a real browser: a crash seen and repaired, every size and colour scheme, and the same traces as natively.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why")]

mod access;
mod addresses;
mod breaking;
mod charts;
mod code;
mod crowd;
mod editing;
mod exchanges;
mod files;
mod folding;
mod given;
mod kept;
mod learning;
mod lessons;
mod menus;
mod outages;
mod programs;
mod releases;
mod time;
mod touch;
mod typing;
mod ways;
mod wire;

use std::{env, fs, path::Path, time::Duration};

use serde_json::json;
use warren_sim::{generate, swarm};
use warren_tests::with_page;

#[tokio::test]
async fn a_worker_crashed_by_a_click_has_its_messages_redelivered() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("crash-with-ack").await;
        // The worker holds messages by now, and the lesson's own crash is seconds away.
        page.wait_for("Number(ledger('delivered')) >= 4").await;
        assert_eq!(page.run("return ledger('redelivered')", json!([])).await, "0");
        page.click("play").await;
        page.click_actor("worker-1").await;
        page.wait_for("at('tool-crash')").await;
        page.click("tool-crash").await;
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        page.click("play").await;
        page.wait_for("Number(ledger('redelivered')) > 0").await;
        let clock = page.run("return parseFloat(at('clock').textContent)", json!([])).await;
        assert!(clock.as_f64().expect("seconds") < 6.5, "the lesson's own crash came first: {clock}");

        let screenshot = page.screenshot("crash").await;
        let shown = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screenshot.png");
        if env::var_os("WARREN_BLESS").is_some() {
            fs::write(&shown, screenshot).expect("docs/screenshot.png");
        }
        assert!(shown.exists(), "docs/screenshot.png is missing: run this test with WARREN_BLESS=1");
    })
    .await;
}

#[tokio::test]
async fn every_size_colour_scheme_and_language_fits() {
    with_page(async |page| {
        let mut backgrounds = Vec::new();
        for language in ["en", "ru"] {
            for scheme in ["light", "dark"] {
                for (width, height) in [(360, 740), (1280, 800), (3840, 2160)] {
                    page.look(width, height, scheme).await;
                    page.screenshot(&format!("{width}-{scheme}-{language}")).await;
                    let overflow = "return document.documentElement.scrollWidth - innerWidth";
                    let overflow = page.run(overflow, json!([])).await.as_i64().expect("pixels");
                    assert!(overflow <= 0, "{overflow} pixels too wide for {width} in {language}");
                }
                let background = "return getComputedStyle(document.documentElement).backgroundColor";
                backgrounds.push(page.run(background, json!([])).await);
            }
            page.click("lang").await;
        }
        assert_ne!(backgrounds[0], backgrounds[1], "dark looks like light");
    })
    .await;
}

/// The canvas has the style sheet's colours in the very next picture, although the clock stands still and the page rests.
#[tokio::test]
async fn the_stage_turns_dark_with_the_page() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("hello").await;
        page.click("play").await;
        page.wait_for("at('play').textContent === 'Play'").await;
        // What has just happened is drawn by then, and pictures have become rare.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let watch = "window.pictures = new Promise(done => {
            const light = at('stage').toDataURL();
            matchMedia('(prefers-color-scheme: dark)').onchange = () => {
                let pictures = 0;
                const look = () => {
                    if (at('stage').toDataURL() !== light || pictures > 60) return done(pictures);
                    pictures += 1;
                    requestAnimationFrame(look);
                };
                look();
            };
        })";
        page.run(watch, json!([])).await;
        page.look(1280, 800, "dark").await;
        let pictures = page.run("return window.pictures", json!([])).await.as_u64().expect("a number");
        assert!(pictures <= 2, "after {pictures} pictures");
    })
    .await;
}

/// The switch translates all that is on the page, and the page's own language with it.
#[tokio::test]
async fn the_whole_page_speaks_russian() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("durable").await;
        page.click("lang").await;
        page.wait_for("document.documentElement.lang === 'ru'").await;
        // Names, code and AMQP's own terms stay as they are; sentences do not.
        let english = "const words = /\\b(the|and|click|message|queue|of|to|is|was)\\b/i;
            const texts = [...document.querySelectorAll('header p, h2, h3, .summary, .hint, .legend li, button, small, caption, th')];
            return texts.filter(node => !node.closest('[lang=en], code'))
                .map(node => node.textContent.trim()).filter(text => words.test(text) && !/[а-яё]/i.test(text))";
        assert_eq!(page.run(english, json!([])).await, json!([]), "left in English");
    })
    .await;
}

#[tokio::test]
async fn the_browser_plays_the_committed_traces() {
    with_page(async |page| {
        let committed = include_str!("../../trace-hashes.txt");
        assert!(!committed.is_empty());
        for line in committed.lines() {
            let [scenario, seed, hash] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("not `scenario seed hash`: {line}")
            };
            let call = "const text = new TextEncoder().encode(wasmBindings.trace(...arguments));
                const hex = hash => [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, '0')).join('');
                return crypto.subtle.digest('SHA-256', text).then(hex)";
            let number: u64 = seed.parse().expect("a number");
            let played = match scenario {
                "generated" => swarm(&generate(number), number).to_toml(),
                lesson => lesson.to_owned(),
            };
            assert_eq!(page.run(call, json!([played, seed])).await, hash, "{scenario} with seed {seed}");
        }
    })
    .await;
}
