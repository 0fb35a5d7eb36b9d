//! A headless Chromium of the test's own, on a server of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    panic::{AssertUnwindSafe, resume_unwind},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, actions::Actions, wd::WebDriverCompatibleCommand};
use futures_lite::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Server, clients::installed};

/// How long the page may take for anything. A slow machine needs it, a fast one does not notice.
const PATIENCE: Duration = Duration::from_secs(60);

/// What scripts may use: the element with a test id, and a count of the ledger.
const HELPERS: &str = "const at = id => document.querySelector(`[data-testid=\"${id}\"]`);
    const ledger = name => at(`ledger-${name}`).textContent;";

/// The page, opened in a browser.
pub struct Page(Client);

/// Opens the page with all its panels, lets the test look at it, and closes the browser. The console must stay empty.
pub async fn with_page(test: impl AsyncFnOnce(&Page)) {
    assert!(dist().join("index.html").exists(), "the page is not built: run `cargo xtask page`");
    let server = Server::start();
    with_page_at(&format!("http://{}/", server.http), test).await;
}

/// Where the page is built.
#[must_use]
pub fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist")
}

/// The same with a page that somebody else serves.
pub async fn with_page_at(address: &str, test: impl AsyncFnOnce(&Page)) {
    let everything = async move |page: &Page| {
        page.build().await;
        test(page).await;
    };
    with_first_visit_at(address, everything).await;
}

/// Opens the page as somebody sees it who was never here: a lesson, and little else.
pub async fn with_first_visit(test: impl AsyncFnOnce(&Page)) {
    assert!(dist().join("index.html").exists(), "the page is not built: run `cargo xtask page`");
    let server = Server::start();
    with_first_visit_at(&format!("http://{}/", server.http), test).await;
}

async fn with_first_visit_at(address: &str, test: impl AsyncFnOnce(&Page)) {
    let driver = Driver::start();
    let profile = TempDir::new().expect("a temporary directory");
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(serde_json::from_value(capabilities(&profile)).expect("an object"))
        .connect(&format!("http://127.0.0.1:{}", driver.port))
        .await
        .expect("Chromium starts");
    let page = Page(client);
    page.0.goto(address).await.expect("the page opens");
    page.wait_for("window.wasmBindings && at('stage')").await;
    // Caught, so that the browser is closed after a panic too.
    let outcome = AssertUnwindSafe(test(&page)).catch_unwind().await;
    let console = page.vendor("se/log", &json!({ "type": "browser" })).await;
    page.0.close().await.expect("Chromium ends");
    if let Err(panicked) = outcome {
        resume_unwind(panicked);
    }
    assert_eq!(console, json!([]), "the page writes to the console");
}

impl Page {
    /// What a script returns.
    pub async fn run(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        self.0.execute(&format!("{HELPERS} {script}"), arguments).await.expect("the script runs")
    }

    /// Waits until an expression is true.
    pub async fn wait_for(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let wait = async {
            while self.run(&script, json!([])).await != true {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            let test = std::thread::current().name().unwrap_or_default().replace("::", "-");
            self.screenshot(&format!("failed-{test}")).await;
            panic!("never true: {expression}; see target/screenshots/failed-{test}.png");
        }
    }

    /// Clicks the middle of the element with that test id.
    pub async fn click(&self, test_id: &str) {
        self.click_on(&format!("[data-testid=\"{test_id}\"]")).await;
    }

    /// Clicks the middle of the first element that a CSS selector finds, once it stands still: where a panel above it has
    /// just gone, a person does not press before that is seen.
    pub async fn click_on(&self, selector: &str) {
        self.stands_still(selector).await;
        let element = self.0.find(Locator::Css(selector)).await.expect("it is on the page");
        element.click().await.expect("it can be clicked");
    }

    /// Waits until the first element that a CSS selector finds stays where it is for three frames.
    pub(crate) async fn stands_still(&self, selector: &str) {
        let still = "const node = document.querySelector(arguments[0]);
            let before, same = 0, looks = 0;
            return new Promise(done => {
                const look = () => {
                    const at = node?.getBoundingClientRect().y;
                    same = at === before ? same + 1 : 0;
                    before = at;
                    looks += 1;
                    if (same === 2 || looks === 60) done(); else requestAnimationFrame(look);
                };
                look();
            })";
        self.run(still, json!([selector])).await;
    }

    /// Goes to another address.
    pub async fn goto(&self, address: &str) {
        self.0.goto(address).await.expect("the address opens");
    }

    /// One step back in the browser's history.
    pub async fn back(&self) {
        self.0.back().await.expect("there is something before");
    }

    /// One step forward in the browser's history.
    pub async fn forward(&self) {
        self.run("history.forward()", json!([])).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.0.refresh().await.expect("the page opens again");
    }

    /// Chooses a file for the field with that test id.
    pub async fn choose(&self, test_id: &str, file: &Path) {
        let selector = format!("[data-testid=\"{test_id}\"]");
        let field = self.0.find(Locator::Css(&selector)).await.expect("it is on the page");
        field.send_keys(&file.to_string_lossy()).await.expect("it takes a file");
    }

    /// Has the page show everything: the palette, all panels, the ledger. It does so at the next visit, too.
    pub async fn build(&self) {
        self.wait_for("window.wasmBindings && at('mode-build')").await;
        self.click("mode-build").await;
        self.wait_for("at('ledger-delivered')").await;
    }

    /// Opens a lesson by its menu, and has it played without a prediction.
    pub async fn open_lesson(&self, id: &str) {
        self.choose_lesson(id).await;
        self.wait_for("at('skip')").await;
        self.click("skip").await;
    }

    /// Opens a lesson by its menu. It waits for a prediction.
    pub async fn choose_lesson(&self, id: &str) {
        self.click("lessons").await;
        self.wait_for(&format!("at('lesson-{id}')")).await;
        self.click(&format!("lesson-{id}")).await;
    }

    /// Has the browser refuse to keep anything for the pages that are opened from now on.
    pub async fn forbid_storage(&self) {
        let refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError') } })";
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": refuse })).await;
    }

    /// Says whether the system's owner wants little to move.
    pub async fn prefer_stillness(&self, is_preferred: bool) {
        let value = if is_preferred { "reduce" } else { "no-preference" };
        let media = json!({ "features": [{ "name": "prefers-reduced-motion", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", &media).await;
    }

    /// Makes the window that large, in CSS pixels, and the system's wish `light` or `dark`.
    pub async fn look(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &media).await;
        self.wait_for(&format!("innerWidth === {width}")).await;
    }

    /// A PNG image, which is kept in `target/screenshots` too.
    pub async fn screenshot(&self, name: &str) -> Vec<u8> {
        // Two frames, so that what has changed is drawn.
        let frames = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
        self.run(frames, json!([])).await;
        let image = self.0.screenshot().await.expect("a screenshot");
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        fs::create_dir_all(&directory).expect("target/screenshots");
        fs::write(directory.join(format!("{name}.png")), &image).expect("target/screenshots");
        image
    }

    /// What axe-core finds that people with assistive technology would stumble over, a line for each element.
    pub async fn barriers(&self) -> Vec<String> {
        let axe = fs::read_to_string(installed("axe/node_modules/axe-core/axe.min.js")).expect("axe-core");
        let script = "if (!window.axe) new Function(arguments[0]).call(window);
            return axe.run().then(found => found.violations.flatMap(violation =>
                violation.nodes.map(node => `${violation.id}: ${node.html}: ${node.failureSummary}`)))";
        let found = self.run(script, json!([axe])).await;
        let line = |line: &Value| line.as_str().unwrap_or_default().to_owned();
        found.as_array().expect("a list").iter().map(line).collect()
    }

    /// Where a thing stands on the stage, in CSS pixels of the window, which is scrolled there.
    pub async fn stage_point(&self, name: &str) -> (f64, f64) {
        self.stage_points(name).await[0]
    }

    /// Where the arrow of a thing is that is picked.
    pub async fn stage_handle(&self, name: &str) -> (f64, f64) {
        self.stage_points(name).await[1]
    }

    async fn stage_points(&self, name: &str) -> Vec<(f64, f64)> {
        let script = "at('stage').scrollIntoView({ block: 'center' });
            return Array.from(wasmBindings.stage_point(...arguments))";
        let found = self.run(script, json!([name])).await;
        let numbers: Vec<f64> = found.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        assert!(!numbers.is_empty(), "no {name} on the stage");
        numbers.chunks(2).map(|point| (point[0], point[1])).collect()
    }

    /// Has the browser's keyboard or mouse do something.
    pub(crate) async fn perform(&self, actions: impl Into<Actions>) {
        self.0.perform_actions(actions).await.expect("the browser takes it");
    }

    /// Forgets what was downloaded, and from now on downloads over a link with so much latency, in ms, and so many bits
    /// a second, or, if that is -1, as fast as it can.
    pub async fn first_visit(&self, latency: u32, bits_a_second: i32) {
        self.devtools("Network.enable", &json!({})).await;
        self.devtools("Network.clearBrowserCache", &json!({})).await;
        // Who comes for the first time has none yet.
        self.devtools("Network.setBypassServiceWorker", &json!({ "bypass": true })).await;
        let bytes_a_second = if bits_a_second < 0 { -1 } else { bits_a_second / 8 };
        let link = json!({
            "offline": false, "latency": latency, "downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second,
        });
        self.devtools("Network.emulateNetworkConditions", &link).await;
    }

    /// What the browser answers to a command of its developer tools.
    pub(crate) async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.vendor("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    async fn vendor(&self, path: &'static str, body: &Value) -> Value {
        self.0.issue_cmd(Vendor { path, body: body.to_string() }).await.expect("chromedriver obeys")
    }
}

/// A command that `WebDriver` does not have and chromedriver does.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: String,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.clone()))
    }
}

fn capabilities(profile: &TempDir) -> Value {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en-US",
        &profile,
    ];
    json!({ "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" } })
}

/// A chromedriver on a free port, killed when this goes.
struct Driver {
    child: Child,
    port: u16,
}

/// So often a chromedriver is started: with port 0 it takes one that is free for IPv4, and ends if it is not free for IPv6.
const STARTS: u32 = 3;

impl Driver {
    fn start() -> Driver {
        (0..STARTS).find_map(|_| Driver::start_once()).expect("chromedriver names its port")
    }

    fn start_once() -> Option<Driver> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is missing: run `cargo xtask setup`");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let mut driver = Driver { child, port: 0 };
        driver.port = lines
            .filter_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .next()?;
        Some(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
