//! The page as files: under any path, without a network, and as a module for scripts.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::{fs, path::Path, process::Command};

use serde_json::json;
use tempfile::TempDir;
use warren_tests::{FileServer, Page, dist, with_page, with_page_at};

const PREFIX: &str = "/some/where/";

#[tokio::test]
async fn it_works_under_any_path_and_without_a_network() {
    assert!(dist().join("service-worker.js").exists(), "there is no whole page: run `cargo xtask page`");
    let server = FileServer::start(&dist(), PREFIX);
    with_page_at(&format!("http://{}{PREFIX}", server.address), async |page| {
        wait_until_it_is_kept(page).await;
        drop(server);
        reload(page).await;
        page.wait_for("Number(ledger('delivered')) >= 1").await;
        let from = "return performance.getEntriesByType('resource')
            .filter(entry => !entry.name.includes('/some/where/')).map(entry => entry.name)";
        assert_eq!(page.run(from, json!([])).await, json!([]), "it needs nothing from elsewhere");
    })
    .await;
}

#[tokio::test]
async fn what_plays_code_is_asked_for_when_it_is_needed_and_kept_from_then_on() {
    let server = FileServer::start(&dist(), PREFIX);
    with_page_at(&format!("http://{}{PREFIX}", server.address), async |page| {
        wait_until_it_is_kept(page).await;
        let kept = "return (await caches.match(arguments[0], { ignoreSearch: true })) !== undefined";
        let file = interpreter();
        assert_eq!(page.run(kept, json!([file])).await, false, "few need it");
        run_a_program(page).await;
        assert_eq!(page.run(kept, json!([file])).await, true);
        drop(server);
        reload(page).await;
        run_a_program(page).await;
    })
    .await;
}

/// Runs the program of a lesson on the page.
async fn run_a_program(page: &Page) {
    page.click("tab-code").await;
    page.select("code-language", "javascript").await;
    page.click("write-code").await;
    page.click("run-code").await;
    page.wait_for("at('program-state')?.textContent === 'The simulation plays this code.'").await;
}

/// The file beside the page that plays code.
fn interpreter() -> String {
    let files = fs::read_dir(dist()).expect("dist/");
    let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    let mut found = names.filter(|name| name.starts_with("quickjs-") && name.ends_with(".wasm"));
    found.next().expect("`cargo xtask page` puts QuickJS beside the page")
}

#[tokio::test]
async fn a_new_version_takes_the_place_of_the_old_one() {
    let files = copy_of(&dist());
    let server = FileServer::start(files.path(), PREFIX);
    with_page_at(&format!("http://{}{PREFIX}", server.address), async |page| {
        wait_until_it_is_kept(page).await;
        let old = caches(page).await;
        change(&files.path().join("index.html"), "<title>Warren", "<title>Another Warren");
        change(&files.path().join("service-worker.js"), "const VERSION = \"", "const VERSION = \"new-");
        reload(page).await;
        // A browser that has just started looks for a new version when it has nothing better to do: a stage that moves,
        // drawn without a graphics card, keeps it from that for up to a minute.
        page.click("play").await;
        let title = page.run("return document.title.split(' ')[0]", json!([])).await;
        assert_eq!(title, "Another", "the next visit is to the newest version");
        let is_changed = "window.found && found.length === 1 && found[0].includes('new-')";
        page.wait_for(&format!("caches.keys().then(keys => window.found = keys) && {is_changed}")).await;
        assert_ne!(caches(page).await, old);
    })
    .await;
}

#[tokio::test]
async fn a_stage_that_stands_still_asks_for_few_frames() {
    let count = "const ask = window.requestAnimationFrame.bind(window);
        let asked = 0;
        window.requestAnimationFrame = frame => { asked += 1; return ask(frame); };
        await new Promise(wait => setTimeout(wait, 3000));
        window.requestAnimationFrame = ask;
        return asked";
    with_page(async |page| {
        page.click("play").await;
        let asked = page.run(count, json!([])).await;
        // At most a second of frames and then ten a second; all three seconds of frames would be 180.
        assert!(
            asked.as_u64().is_some_and(|asked| asked < 100),
            "{asked} frames of a picture that does not change"
        );
    })
    .await;
}

#[tokio::test]
async fn a_script_on_the_page_sees_what_the_stage_shows() {
    with_page(async |page| {
        page.open_lesson("crash-with-ack").await;
        let crash = "warren.seek(4); warren.inject({ crash: 'worker-1' });
            return [warren.now, warren.events({ kind: 'crashed' }).map(event => event.says)]";
        assert_eq!(page.run(crash, json!([])).await, json!([4.000_001, ["CRASHES"]]));
        page.wait_for("at('actor-worker-1').classList.contains('down')").await;
        let another = "const other = warren.another('hello'); other.runTo(other.end);
            return [other.ledger().acked, warren.now < other.now]";
        assert_eq!(page.run(another, json!([])).await, json!([6, true]));
    })
    .await;
}

/// The example of docs/JAVASCRIPT.md, as it stands there, in Node.
#[test]
fn the_documented_example_says_what_the_documentation_says() {
    let document = fs::read_to_string(dist().join("../docs/JAVASCRIPT.md")).expect("docs/JAVASCRIPT.md");
    let block = |begin: &str| {
        let (_, rest) = document.split_once(begin).expect("the document has it");
        rest.split_once("```").expect("it ends").0.to_owned()
    };
    let (example, output) = (block("```js\n// example.mjs\n"), block("```text\n"));
    let folder = copy_of(&dist());
    let file = folder.path().join("example.mjs");
    fs::write(&file, example).expect("a file");
    let run = Command::new("node").arg(&file).output().expect("Node.js");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(String::from_utf8_lossy(&run.stdout), output);
}

async fn reload(page: &Page) {
    page.reload().await;
    page.wait_for("window.wasmBindings && at('ledger-delivered')").await;
}

async fn wait_until_it_is_kept(page: &Page) {
    page.wait_for("navigator.serviceWorker.controller").await;
}

async fn caches(page: &Page) -> serde_json::Value {
    page.run("return caches.keys()", json!([])).await
}

fn copy_of(directory: &Path) -> TempDir {
    let copy = TempDir::new().expect("a temporary directory");
    for entry in fs::read_dir(directory).expect("the page is built") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("a copy");
    }
    copy
}

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("a text");
    assert!(text.contains(from), "{} does not say {from}", file.display());
    fs::write(file, text.replace(from, to)).expect("it can be written");
}
