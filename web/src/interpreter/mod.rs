//! What plays the code of actors: QuickJS as WebAssembly, a file beside the page that is loaded when it is first needed.
//!
//! Code gets nothing of the page: its interpreter has a memory of its own, and imports a clock (the world's), a question
//! whether it has taken too many steps, and nothing else. Only code that the visitor has run is played: a link or a file
//! brings code that does nothing.

mod machine;

use std::{cell::RefCell, rc::Rc};

use js_sys::{ArrayBuffer, Promise, WebAssembly};
use machine::Machine;
use warren_core::ordered::OrdSet;
use warren_sim::script::{Interpreter, Reply, Runs, Script};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// What `cargo xtask page` calls QuickJS; another version has another name.
const FILE: &str = "quickjs-3.7.0.wasm";
/// How large it is for a visitor, compressed.
pub(crate) const FILE_KB: u32 = 250;

thread_local! {
    static MODULE: RefCell<Option<WebAssembly::Module>> = const { RefCell::new(None) };
    static ALLOWED: RefCell<OrdSet<String>> = const { RefCell::new(OrdSet::new()) };
    static RUNS: RefCell<Runs<Machine>> = RefCell::default();
}

/// The interpreter of all worlds of this page.
struct QuickJs;

impl Interpreter for QuickJs {
    fn plays(&self, code: &str) -> bool {
        is_loaded() && is_allowed(code)
    }

    fn answer(&self, script: &Script) -> Reply {
        RUNS.with_borrow_mut(|runs| runs.answer(script))
    }
}

/// What plays the code of actors in a world.
pub(crate) fn shared() -> Rc<dyn Interpreter> {
    Rc::new(QuickJs)
}

/// The visitor has seen this code, and wants it to be played.
pub(crate) fn allow(code: &str) {
    ALLOWED.with_borrow_mut(|allowed| allowed.insert(code.to_owned()));
}

/// Whether the visitor has run this code since the page was opened.
pub(crate) fn is_allowed(code: &str) -> bool {
    ALLOWED.with_borrow(|allowed| allowed.contains(code))
}

/// Whether the interpreter is there.
pub(crate) fn is_loaded() -> bool {
    MODULE.with_borrow(Option::is_some)
}

/// Fetches the interpreter, unless it is there.
///
/// # Errors
/// What the browser says of it.
pub(crate) async fn load() -> Result<(), String> {
    if is_loaded() {
        return Ok(());
    }
    let module = fetch().await.map_err(|error| text_of(&error))?;
    MODULE.set(Some(module));
    Ok(())
}

async fn fetch() -> Result<WebAssembly::Module, JsValue> {
    let response: Response = JsFuture::from(gloo::utils::window().fetch_with_str(FILE)).await?.dyn_into()?;
    if !response.ok() {
        return Err(format!("{FILE}: {} {}", response.status(), response.status_text()).into());
    }
    let bytes: ArrayBuffer = JsFuture::from(response.array_buffer()?).await?.dyn_into()?;
    let compiled: Promise = WebAssembly::compile(&bytes.into());
    JsFuture::from(compiled).await?.dyn_into()
}

fn text_of(error: &JsValue) -> String {
    error.as_string().unwrap_or_else(|| js_sys::Object::from(error.clone()).to_string().into())
}
