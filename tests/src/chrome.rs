//! A headless Chromium of the test's own, on a server of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    panic::{AssertUnwindSafe, resume_unwind},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    key::Key,
    wd::WebDriverCompatibleCommand,
};
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

/// Opens the page, lets the test look at it, and closes the browser. The console must stay empty.
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
    let driver = Driver::start();
    let profile = TempDir::new().expect("a temporary directory");
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(serde_json::from_value(capabilities(&profile)).expect("an object"))
        .connect(&format!("http://127.0.0.1:{}", driver.port))
        .await
        .expect("Chromium starts");
    let page = Page(client);
    page.0.goto(address).await.expect("the page opens");
    page.wait_for("window.wasmBindings && at('ledger-delivered')").await;
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
        assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "never true: {expression}");
    }

    /// Clicks the middle of the element with that test id.
    pub async fn click(&self, test_id: &str) {
        let selector = format!("[data-testid=\"{test_id}\"]");
        let element = self.0.find(Locator::Css(&selector)).await.expect("it is on the page");
        element.click().await.expect("it can be clicked");
    }

    /// Goes to another address.
    pub async fn goto(&self, address: &str) {
        self.0.goto(address).await.expect("the address opens");
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

    /// Lets go of a file above the page.
    pub async fn drop_file(&self, name: &str, text: &str) {
        let script = "const data = new DataTransfer();
            data.items.add(new File([arguments[1]], arguments[0]));
            document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }))";
        self.run(script, json!([name, text])).await;
    }

    /// Says whether the system's owner wants little to move.
    pub async fn prefer_stillness(&self, is_preferred: bool) {
        let value = if is_preferred { "reduce" } else { "no-preference" };
        let media = json!({ "features": [{ "name": "prefers-reduced-motion", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", &media).await;
    }

    /// Clicks a producer or consumer on the stage.
    pub async fn click_actor(&self, name: &str) {
        let (x, y) = self.stage_point(name).await;
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.0.perform_actions(mouse).await.expect("a click");
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

    /// Presses keys, one after the other: a letter, or a name of [`Key`].
    pub async fn press(&self, keys: &[&str]) {
        for key in keys {
            let value = match *key {
                "Enter" => Key::Enter,
                "Escape" => Key::Escape,
                "Tab" => Key::Tab,
                "Delete" => Key::Delete,
                "Left" => Key::Left,
                "Right" => Key::Right,
                "Down" => Key::Down,
                letter => {
                    let letter = letter.chars().next().expect("a letter");
                    self.key(letter).await;
                    continue;
                }
            };
            self.key(value.into()).await;
        }
    }

    async fn key(&self, value: char) {
        let press =
            KeyActions::new("keys".to_owned()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.0.perform_actions(press).await.expect("a key");
    }

    /// Drags from one point of the window to another, in CSS pixels.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        let move_to = |(x, y)| PointerAction::MoveTo { duration: None, x, y };
        let half = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let mouse = MouseActions::new("mouse".to_owned())
            .then(move_to(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(move_to(half))
            .then(move_to(to))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.0.perform_actions(mouse).await.expect("a drag");
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

    /// Puts a text into a field, as typing does, and leaves it.
    pub async fn fill(&self, test_id: &str, text: &str) {
        let script = "const field = at(arguments[0]); field.focus();
            if (field.tagName !== 'SELECT') field.select?.();
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));
            field.dispatchEvent(new Event('change', { bubbles: true }));
            field.blur()";
        self.run(script, json!([test_id, text])).await;
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

impl Driver {
    fn start() -> Driver {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is missing: run `cargo xtask setup`");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let port = lines
            .filter_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .next();
        Driver { child, port: port.expect("chromedriver names its port") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
