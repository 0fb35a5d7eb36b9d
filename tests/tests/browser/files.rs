//! In and out of the page: links, files, replays of the command line, RabbitMQ's definitions, what is kept for the next visit.

use std::fs;

use serde_json::json;
use warren_sim::{Ending, Mishap, Moment, Replay, Scenario, lessons, warren_core::Instant};
use warren_tests::{Page, with_page};

#[tokio::test]
async fn a_link_carries_the_topology_what_was_done_and_the_moment() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.open_lesson("fair-dispatch").await;
        page.click("pick-worker-1").await;
        page.fill("field-prefetch", "7").await;
        page.press(&["Escape"]).await;
        page.click("play").await;
        page.slide("timeline", 4000).await;
        page.click("crash-worker-1").await;
        page.slide("timeline", 6000).await;
        page.wait_for("at('clock').textContent.startsWith('6.0')").await;
        let sums = ledger(page).await;
        page.click("files").await;
        page.click("share").await;
        page.wait_for("location.hash.startsWith('#w1=')").await;
        let link = page.run("return location.href", json!([])).await;
        let link = link.as_str().expect("a link").to_owned();

        page.goto("about:blank").await;
        page.goto(&link).await;
        page.wait_for("window.wasmBindings && at('clock')?.textContent.startsWith('6.0')").await;
        assert_eq!(ledger(page).await, sums);
        assert!(page.run("return at('actor-worker-1').classList.contains('down')", json!([])).await == true);
        page.click("pick-worker-1").await;
        page.wait_for("at('field-prefetch').value === '7'").await;
    })
    .await;
}

#[tokio::test]
async fn a_replay_of_the_command_line_is_opened_and_plays_its_failure() {
    let lesson = lessons::find("crash-without-ack").expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    assert!(scenario.faults.iter().any(|fault| matches!(fault.what, Mishap::Crash { .. })));
    let replay = Replay::of(&scenario, 17, Ending::AsItIs, &[], "").to_toml();
    with_page(async |page| {
        open(page, "nothing-lost-17.toml", &replay).await;
        page.wait_for("at('notice')?.textContent.includes('seed 17')").await;
        page.choose_lesson("hello").await;
        page.wait_for("!at('notice') && at('pick-hello')").await;
        // As a link, it is the same.
        let moment = Moment { scenario: scenario.clone(), seed: 17, at: Instant::ZERO };
        page.run("location.hash = arguments[0]", json!([moment.to_fragment()])).await;
        page.wait_for("!at('pick-hello')").await;
        page.slide("speed", 20).await;
        page.wait_for("Number(ledger('lost')) > 0").await;
        // A click on the number leads to the messages, and a message to its story.
        page.click("ledger-lost").await;
        page.wait_for("at('sum-messages')?.querySelector('button')").await;
        page.click_on("[data-testid=sum-messages] button").await;
        page.wait_for("at('inspector')?.textContent.includes('LOST')").await;
    })
    .await;
}

#[tokio::test]
async fn definitions_come_in_get_a_load_and_go_out_again() {
    let definitions = r#"{
        "exchanges": [{ "name": "orders", "vhost": "/", "type": "topic", "durable": true, "arguments": {} }],
        "queues": [{ "name": "billing", "vhost": "/", "durable": true, "arguments": { "x-max-length": 100 } }],
        "bindings": [{ "source": "orders", "vhost": "/", "destination": "billing",
                       "destination_type": "queue", "routing_key": "order.*", "arguments": {} }]
    }"#;
    with_page(async |page| {
        open(page, "definitions.json", definitions).await;
        page.wait_for("at('pick-billing') && Number(ledger('acked')) > 0").await;
        let written = saved(page, "definitions").await;
        let written: serde_json::Value = serde_json::from_str(&written).expect("JSON");
        assert_eq!(written["bindings"][0]["routing_key"], "order.*");
        assert_eq!(written["queues"][0]["arguments"]["x-max-length"], 100);
        assert_eq!(written["exchanges"][0]["type"], "topic");
        let drawn = saved(page, "svg").await;
        assert!(drawn.starts_with("<svg") && drawn.contains(">billing<"), "{drawn}");
        let file = saved(page, "save").await;
        let scenario = Scenario::parse("saved.toml", &file).expect("what is saved can be opened");
        assert_eq!(scenario.queues[0].name, "billing");
    })
    .await;
}

#[tokio::test]
async fn a_picture_in_pixels_is_sharp_and_has_its_arrowheads() {
    with_page(async |page| {
        page.open_lesson("direct").await;
        let drawn = saved(page, "svg").await;
        // As many pixels, and how many of them are an arrowhead's.
        let look = "const [svg, scale] = arguments;
            const load = address => new Promise(done => {
                const image = new Image(); image.onload = () => done(image); image.src = address });
            const pixels = (image, width, height) => {
                const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d');
                context.drawImage(image, 0, 0, width, height);
                return context.getImageData(0, 0, width, height).data };
            return window.offered.then(async blob => {
                const picture = await createImageBitmap(blob), { width, height } = picture;
                const bare = svg.replaceAll(/ marker-end=\"[^\"]*\"/g, '');
                const without = await load('data:image/svg+xml,' + encodeURIComponent(bare));
                const [one, other] = [pixels(picture, width, height), pixels(without, width, height)];
                let tips = 0;
                for (let at = 0; at < one.length; at += 4) tips += Math.abs(one[at] - other[at]) > 40;
                return [blob.type, width / without.naturalWidth, tips] })";
        for scale in [2, 3] {
            offer(page, &format!("png-{scale}"), "blob").await;
            let seen = page.run(look, json!([drawn, scale])).await;
            assert_eq!((seen[0].as_str(), seen[1].as_f64()), (Some("image/png"), Some(f64::from(scale))));
            let tips = seen[2].as_i64().expect("a number");
            let links = i64::try_from(drawn.matches("marker-end").count()).expect("a few");
            assert!(tips > 40 * links, "{tips} pixels for {links} arrowheads");
        }
    })
    .await;
}

/// The last seconds are played once more, and what the browser has recorded can be played elsewhere.
#[tokio::test]
async fn a_film_shows_the_last_seconds() {
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        page.open_lesson("crash-with-ack").await;
        page.slide("timeline", 7000).await;
        page.wait_for("at('clock').textContent.startsWith('7.0')").await;
        let clock = "return new Promise(done => setTimeout(() => done(at('clock').textContent), 250))";
        let here = page.run(clock, json!([])).await;
        offer(page, "film", "blob").await;
        page.wait_for("/^recording, /.test(at('recording').textContent)").await;
        page.wait_for("parseFloat(at('clock').textContent) < 4").await;
        page.wait_for("!at('recording') && at('play').textContent === 'Play'").await;
        let now = page.run("return at('clock').textContent", json!([])).await;
        let seconds = |clock: &serde_json::Value| {
            clock.as_str().and_then(|text| text.split(' ').next()?.parse::<f64>().ok()).expect("a time")
        };
        assert!((seconds(&now) - seconds(&here)).abs() < 0.3, "it ends where it was: {here}, {now}");
        // How large the film is, how its first corner and its last picture look, and whether the pictures differ.
        let look = "return window.offered.then(async blob => {
            const video = document.createElement('video'), canvas = document.createElement('canvas');
            video.muted = true; video.src = URL.createObjectURL(blob);
            const shown = new Promise((done, fail) => { video.onended = done; video.onerror = fail });
            const context = canvas.getContext('2d', { willReadFrequently: true }), pictures = new Set();
            let corner = null;
            video.ontimeupdate = () => {
                canvas.width = video.videoWidth; canvas.height = video.videoHeight;
                context.drawImage(video, 0, 0);
                corner = [...context.getImageData(1, 1, 1, 1).data];
                pictures.add(canvas.toDataURL());
            };
            await video.play(); await shown;
            return [blob.type, video.videoWidth / at('stage').width, pictures.size, corner];
        })";
        let seen = page.run(look, json!([])).await;
        assert!(seen[0].as_str().is_some_and(|kind| kind.starts_with("video/")), "{seen}");
        assert!((seen[1].as_f64().expect("a ratio") - 1.0).abs() < 0.01, "{seen}");
        assert!(seen[2].as_u64() > Some(3), "something moves in it: {seen}");
        let dark = |index: usize| seen[3][index].as_u64().is_some_and(|part| (10..70).contains(&part));
        assert!(dark(0) && dark(1) && dark(2), "it has the ground of the dark page: {seen}");
    })
    .await;
}

/// A browser without a recorder gives the pictures themselves.
#[tokio::test]
async fn without_a_recorder_a_film_is_pictures_one_after_another() {
    with_page(async |page| {
        page.look(1280, 800, "light").await;
        page.run("delete window.MediaRecorder", json!([])).await;
        page.open_lesson("crash-with-ack").await;
        page.slide("timeline", 3000).await;
        page.wait_for("at('clock').textContent.startsWith('3.0')").await;
        offer(page, "film", "blob").await;
        page.wait_for("/^recording, /.test(at('recording').textContent)").await;
        page.wait_for("!at('recording')").await;
        let archive = "return window.offered.then(async blob =>
            [blob.type, [...new Uint8Array(await blob.arrayBuffer())]
                .map(byte => byte.toString(16).padStart(2, '0')).join('')])";
        let seen = page.run(archive, json!([])).await;
        assert_eq!(seen[0], "application/zip");
        let bytes = unhex(seen[1].as_str().expect("bytes"));
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        assert!(archive.len() >= 10, "{} pictures in 3 s", archive.len());
        let mut pictures = std::collections::BTreeSet::new();
        for index in 0..archive.len() {
            let mut picture = Vec::new();
            let mut file = archive.by_index(index).expect("a file");
            assert_eq!(file.name(), format!("warren-{:04}.png", index + 1));
            std::io::Read::read_to_end(&mut file, &mut picture).expect("bytes");
            assert!(picture.starts_with(b"\x89PNG"));
            pictures.insert(picture);
        }
        assert!(pictures.len() > 5, "something moves: {} different pictures", pictures.len());
    })
    .await;
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// What the stage shows is readable wherever it is put.
#[tokio::test]
async fn a_picture_of_the_stage_has_its_ground() {
    with_page(async |page| {
        page.look(1280, 800, "dark").await;
        page.open_lesson("hello").await;
        offer(page, "snapshot", "blob").await;
        let look = "return window.offered.then(async blob => {
            const picture = await createImageBitmap(blob);
            const canvas = new OffscreenCanvas(picture.width, picture.height), context = canvas.getContext('2d');
            context.drawImage(picture, 0, 0);
            return [...context.getImageData(1, 1, 1, 1).data] })";
        let corner = page.run(look, json!([])).await;
        assert_eq!(corner[3], 255, "not transparent");
        assert!(corner[0].as_u64().is_some_and(|red| red < 70), "dark: {corner}");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_file_names_the_line_and_the_field() {
    with_page(async |page| {
        let lesson = lessons::find("hello").expect("a lesson");
        open(page, "mine.toml", &lesson.toml.replace("queue = \"hello\"", "queue = \"helo\"")).await;
        page.wait_for("at('complaint')").await;
        let said = page.run("return at('complaint').textContent", json!([])).await;
        let said = said.as_str().expect("a text");
        assert!(said.starts_with("mine.toml:") && said.contains("queue") && said.contains("hello"), "{said}");
    })
    .await;
}

/// Opens a file as a visitor does who chooses it.
async fn open(page: &Page, name: &str, content: &str) {
    let folder = tempfile::TempDir::new().expect("a temporary directory");
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file");
    page.click("files").await;
    page.choose("open", &path).await;
    page.wait_for("!at('open')").await;
}

/// What the page offers to save.
async fn saved(page: &Page, wish: &str) -> String {
    offer(page, wish, "blob.text()").await;
    page.run("return window.offered", json!([])).await.as_str().expect("a text").to_owned()
}

/// Has the page offer something to save, and keeps this of it.
async fn offer(page: &Page, wish: &str, part: &str) {
    page.click("files").await;
    let listen = format!(
        "const offer = URL.createObjectURL;
        window.offered = new Promise(done => {{
            URL.createObjectURL = blob => {{ done({part}); URL.createObjectURL = offer; return offer(blob) }};
        }})"
    );
    page.run(&listen, json!([])).await;
    page.click(wish).await;
}

async fn ledger(page: &Page) -> String {
    let cells = "return new Promise(done => setTimeout(done, 250)).then(() =>
        [...document.querySelectorAll('b[data-testid^=ledger-]')].map(cell => cell.textContent).join(' '))";
    page.run(cells, json!([])).await.as_str().expect("a text").to_owned()
}
