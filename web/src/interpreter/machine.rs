//! A running program: an instance of QuickJS with a memory of its own. It is driven by the functions that its WebAssembly
//! exports, and imports a clock, a question whether to go on, and unhandled rejections.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use warren_texts::text;

use js_sys::{Array, Function, Object, Reflect, Uint8Array, WebAssembly};
use warren_sim::script::{Call, Heard, Mistake, Reply, Run, Script};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use super::MODULE;

/// What a program finds around it.
const RUNTIME: &str = include_str!("runtime.js");
/// What the code is called in the interpreter's traces, where the runtime looks for it.
const CODE_NAME: &str = "code.js";

/// The interpreter asks after every 10,000 steps (calls and turns of loops) whether to go on: so often in one call.
const MOST_ASKED: u32 = 100;
/// So often in all calls of a run: when a world is rewound, all of them are made again.
const MOST_ASKED_IN_ALL: u32 = 1_000;
/// How much memory a program has, in bytes.
const MOST_MEMORY: u32 = 16 << 20;
/// How much of it is for calls inside of calls, in bytes: the browser's own stack is used up later than this.
const MOST_STACK: u32 = 128_000;
/// A longer answer is none, in bytes.
const LONGEST_ANSWER: u32 = 4 << 20;

/// What is said of programs that go beyond a limit; the page has these in other languages, too.
const STEPS: &str = text!("the program took more than 1,000,000 steps at once: does it loop for ever?");
/// The same over all of its run.
const STEPS_IN_ALL: &str =
    text!("the program took more than 10,000,000 steps in all: here it can do no more");
/// Of its memory.
const MEMORY: &str = text!("the program needs more memory than it has: 16 MB");
/// Of its stack, where the browser's own came to its end before.
const TOO_DEEP: &str = text!("the program calls itself too deep");

/// A number by which the interpreter knows a value, an address in its memory.
type Pointer = u32;

/// A run of a program.
pub(super) struct Machine {
    host: Rc<Host>,
    /// Kept as long as the instance may call them.
    _imports: Imports,
    /// `None` if the interpreter did not start.
    runtime: Option<Runtime>,
    /// It ended by an error of the interpreter's own: nothing more is to be had from it.
    is_broken: bool,
}

/// The functions of the runtime.
#[derive(Clone, Copy)]
struct Runtime {
    hear: Pointer,
    fail: Pointer,
    take: Pointer,
}

/// What the instance's imports and its owner share.
#[derive(Default)]
struct Host {
    exports: RefCell<Option<Object>>,
    /// What the clock shows, in µs.
    now_us: Cell<u64>,
    asked: Cell<u32>,
    asked_in_all: Cell<u32>,
    /// Promises that were rejected and that nobody has looked at: which, and the two values that were handed out.
    rejected: RefCell<Vec<(Pointer, [Pointer; 2])>>,
}

struct Imports {
    _nothing: Closure<dyn FnMut() -> u32>,
    _bad_file: Closure<dyn FnMut() -> u32>,
    _clock: Closure<dyn FnMut(u32, u64, Pointer) -> u32>,
    _random: Closure<dyn FnMut(Pointer, u32) -> u32>,
    _interrupt: Closure<dyn FnMut() -> u32>,
    _rejection: Closure<dyn FnMut(Pointer, Pointer, u32)>,
}

impl Run for Machine {
    fn begin(script: &Script) -> Machine {
        let host = Rc::new(Host::default());
        // The interpreter draws the seed of `Math.random` from the clock when it starts.
        host.now_us.set(script.seed >> 1 | 1);
        let (imports, object) = imports(&host);
        let runtime = MODULE.with_borrow(|module| start(&host, module.as_ref(), &object, script));
        Machine { host, _imports: imports, runtime: runtime.ok(), is_broken: false }
    }

    fn call(&mut self, script: &Script, call: &Call) -> Reply {
        let Some(runtime) = self.runtime.filter(|_| !self.is_broken) else {
            return failed("the interpreter does not run");
        };
        self.host.now_us.set(call.at.as_micros());
        self.host.asked.set(0);
        match self.host.answer(runtime, script, call) {
            Ok(reply) => self.host.in_words(reply),
            Err(_) => {
                // The browser has ended it: nothing in it can be relied on any more.
                self.is_broken = true;
                failed(TOO_DEEP)
            }
        }
    }
}

fn failed(message: &str) -> Reply {
    Reply { commands: Vec::new(), mistake: Some(Mistake { message: message.to_owned(), line: None }) }
}

/// An instance with its runtime.
fn start(
    host: &Host,
    module: Option<&WebAssembly::Module>,
    imports: &Object,
    script: &Script,
) -> Result<Runtime, JsValue> {
    let module = module.ok_or("no interpreter")?;
    let instance = WebAssembly::Instance::new(module, imports)?;
    *host.exports.borrow_mut() = Some(instance.exports());
    host.export("_initialize", &[])?;
    host.export("qjs_init", &[])?;
    host.export("qjs_set_memory_limit", &[MOST_MEMORY])?;
    host.export("qjs_set_max_stack_size", &[MOST_STACK])?;
    host.export("qjs_set_interrupt_handler", &[1])?;
    host.export("qjs_set_promise_rejection_handler", &[1])?;
    let make = host.evaluate(RUNTIME, "runtime.js")?;
    let name = host.text(&script.actor)?;
    let runtime = host.apply(make, &[name])?;
    let function =
        |name| host.with_text(name, |host, at, _| host.export("qjs_get_prop_string", &[runtime, at]));
    Ok(Runtime { hear: function("hear")?, fail: function("fail")?, take: function("take")? })
}

impl Host {
    /// What the program does at a call.
    fn answer(&self, runtime: Runtime, script: &Script, call: &Call) -> Result<Reply, JsValue> {
        let told = self.text(&call.to_json())?;
        let heard = self.apply(runtime.hear, &[told])?;
        self.export("qjs_free_value", &[told])?;
        if self.is_fine(runtime, heard)? && call.what == Heard::Start {
            let value = self.evaluate(&script.code, CODE_NAME)?;
            self.is_fine(runtime, value)?;
        }
        self.run_jobs(runtime)?;
        for (_, [promise, reason]) in self.rejected.take() {
            let said = self.apply(runtime.fail, &[reason])?;
            for value in [said, promise, reason] {
                self.export("qjs_free_value", &[value])?;
            }
        }
        // What it did before it took too many steps still counts, and is asked for.
        let asked = self.asked.replace(0);
        let taken = self.apply(runtime.take, &[])?;
        let text = self.read(taken)?;
        self.export("qjs_free_value", &[taken])?;
        self.asked.set(asked);
        let unreadable = |why: String| failed(&format!("what the program does cannot be read: {why}"));
        Ok(Reply::from_json(&text).unwrap_or_else(unreadable))
    }

    /// What follows from promises that are settled.
    fn run_jobs(&self, runtime: Runtime) -> Result<(), JsValue> {
        while !self.is_over() && self.export("qjs_is_job_pending", &[])? != 0 {
            if self.export("qjs_execute_pending_job", &[])? as i32 >= 0 {
                continue;
            }
            self.report(runtime)?;
        }
        Ok(())
    }

    /// Whether a value is none that was thrown instead; that is reported. The value is given back.
    fn is_fine(&self, runtime: Runtime, value: Pointer) -> Result<bool, JsValue> {
        let is_thrown = self.export("qjs_is_exception", &[value])? != 0;
        self.export("qjs_free_value", &[value])?;
        if is_thrown {
            self.report(runtime)?;
        }
        Ok(!is_thrown)
    }

    /// Hands what was thrown to the runtime, which knows how to say it.
    fn report(&self, runtime: Runtime) -> Result<(), JsValue> {
        let asked = self.asked.replace(0);
        let error = self.export("qjs_get_exception", &[])?;
        let said = self.apply(runtime.fail, &[error])?;
        self.export("qjs_free_value", &[said])?;
        self.export("qjs_free_value", &[error])?;
        self.asked.set(asked);
        Ok(())
    }

    /// The limits in the page's words.
    fn in_words(&self, mut reply: Reply) -> Reply {
        let line = reply.mistake.as_ref().and_then(|mistake| mistake.line);
        let is_out_of_memory =
            reply.mistake.as_ref().is_some_and(|mistake| mistake.message.ends_with("out of memory"));
        let said = if self.asked_in_all.get() > MOST_ASKED_IN_ALL {
            STEPS_IN_ALL
        } else if self.asked.get() > MOST_ASKED {
            STEPS
        } else if is_out_of_memory {
            MEMORY
        } else {
            return reply;
        };
        reply.mistake = Some(Mistake { message: said.to_owned(), line });
        reply
    }

    /// Whether it has taken all the steps that it may.
    fn is_over(&self) -> bool {
        self.asked.get() > MOST_ASKED || self.asked_in_all.get() > MOST_ASKED_IN_ALL
    }

    /// Runs code; the value of its last statement, or what was thrown.
    fn evaluate(&self, code: &str, name: &str) -> Result<Pointer, JsValue> {
        self.with_text(code, |host, code, length| {
            host.with_text(name, |host, name, _| host.export("qjs_eval", &[code, length, name, 0]))
        })
    }

    /// Calls a function of the interpreter's.
    fn apply(&self, function: Pointer, arguments: &[Pointer]) -> Result<Pointer, JsValue> {
        let count = arguments.len() as u32;
        let list = self.export("wasm_malloc", &[count.max(1) * 4])?;
        let bytes: Vec<u8> = arguments.iter().flat_map(|argument| argument.to_le_bytes()).collect();
        self.write(list, &bytes);
        let this = self.export("qjs_get_undefined", &[])?;
        let result = self.export("qjs_call", &[function, this, count, list])?;
        self.export("wasm_free", &[list])?;
        Ok(result)
    }

    /// A text as a value.
    fn text(&self, text: &str) -> Result<Pointer, JsValue> {
        self.with_text(text, |host, at, length| host.export("qjs_new_string", &[at, length]))
    }

    /// What a value says.
    fn read(&self, value: Pointer) -> Result<String, JsValue> {
        let length_at = self.export("wasm_malloc", &[4])?;
        let at = self.export("qjs_get_string_len", &[value, length_at])?;
        let mut length = [0; 4];
        self.bytes(length_at, 4).copy_to(&mut length);
        let length = u32::from_le_bytes(length).min(LONGEST_ANSWER);
        let bytes = if at == 0 { Vec::new() } else { self.bytes(at, length).to_vec() };
        if at != 0 {
            self.export("qjs_free_cstring", &[at])?;
        }
        self.export("wasm_free", &[length_at])?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Has a text in the memory while something is done with it: where it is, and how long, without the 0 at its end.
    fn with_text(
        &self,
        text: &str,
        act: impl FnOnce(&Host, Pointer, u32) -> Result<Pointer, JsValue>,
    ) -> Result<Pointer, JsValue> {
        let length = text.len() as u32;
        let at = self.export("wasm_malloc", &[length + 1])?;
        self.write(at, text.as_bytes());
        self.write(at + length, &[0]);
        let result = act(self, at, length)?;
        self.export("wasm_free", &[at])?;
        Ok(result)
    }

    fn write(&self, at: Pointer, bytes: &[u8]) {
        self.bytes(at, bytes.len() as u32).copy_from(bytes);
    }

    /// A piece of the memory, as long as that does not grow.
    fn bytes(&self, at: Pointer, length: u32) -> Uint8Array {
        let exports = self.exports.borrow();
        let memory = exports.as_ref().and_then(|exports| Reflect::get(exports, &"memory".into()).ok());
        let memory = memory.unwrap_or_default().unchecked_into::<WebAssembly::Memory>();
        Uint8Array::new_with_byte_offset_and_length(&memory.buffer(), at, length)
    }

    /// Calls a function that the instance exports.
    fn export(&self, name: &str, arguments: &[u32]) -> Result<u32, JsValue> {
        let function: Function = {
            let exports = self.exports.borrow();
            let exports = exports.as_ref().ok_or("no interpreter")?;
            Reflect::get(exports, &name.into())?.dyn_into()?
        };
        let arguments: Array = arguments.iter().map(|argument| JsValue::from(*argument)).collect();
        let result = function.apply(&JsValue::UNDEFINED, &arguments)?;
        // What wasm hands out as a number below 0 is an address or a flag here.
        Ok(result.as_f64().unwrap_or_default() as i64 as u32)
    }

    /// A promise was rejected and nobody looks at it, or now somebody does.
    fn note_rejection(&self, promise: Pointer, reason: Pointer, is_handled: bool) -> Result<(), JsValue> {
        let identity = self.export("qjs_get_value_ptr", &[promise])?;
        let mut rejected = self.rejected.borrow_mut();
        if !is_handled {
            rejected.push((identity, [promise, reason]));
            return Ok(());
        }
        let mut over = vec![promise, reason];
        if let Some(at) = rejected.iter().position(|(other, _)| *other == identity) {
            over.extend(rejected.remove(at).1);
        }
        drop(rejected);
        over.into_iter().try_for_each(|value| self.export("qjs_free_value", &[value]).map(drop))
    }
}

/// What the instance imports: all that it has of the world.
fn imports(host: &Rc<Host>) -> (Imports, Object) {
    let nothing = Closure::new(|| 0);
    // EBADF: there are no files.
    let bad_file = Closure::new(|| 8);
    let clock = Closure::new({
        let host = host.clone();
        move |_: u32, _: u64, at: Pointer| {
            let now_ns = host.now_us.get().wrapping_mul(1_000);
            host.write(at, &now_ns.to_le_bytes());
            0
        }
    });
    let random = Closure::new({
        let host = host.clone();
        // Its chances come from the clock alone.
        move |at: Pointer, length: u32| {
            host.bytes(at, length).fill(0, 0, length);
            0
        }
    });
    let interrupt = Closure::new({
        let host = host.clone();
        move || {
            host.asked.set(host.asked.get() + 1);
            host.asked_in_all.set(host.asked_in_all.get() + 1);
            u32::from(host.is_over())
        }
    });
    let rejection = Closure::new({
        let host = host.clone();
        move |promise, reason, is_handled: u32| {
            // An instance that cannot be asked any more is noticed by its owner.
            let _ = host.note_rejection(promise, reason, is_handled != 0);
        }
    });
    let (nothing_js, bad_file_js) = (nothing.as_ref(), bad_file.as_ref());
    let environment = object(&[
        ("host_get_timezone_offset", nothing_js),
        ("host_interrupt", interrupt.as_ref()),
        ("host_promise_rejection", rejection.as_ref()),
        ("host_module_normalize", nothing_js),
        ("host_module_load", nothing_js),
        ("host_call", nothing_js),
    ]);
    let system = object(&[
        ("clock_time_get", clock.as_ref()),
        ("fd_close", bad_file_js),
        ("fd_fdstat_get", bad_file_js),
        ("fd_seek", bad_file_js),
        ("fd_write", bad_file_js),
        ("random_get", random.as_ref()),
    ]);
    let all = object(&[("env", &environment), ("wasi_snapshot_preview1", &system)]);
    let imports = Imports {
        _nothing: nothing,
        _bad_file: bad_file,
        _clock: clock,
        _random: random,
        _interrupt: interrupt,
        _rejection: rejection,
    };
    (imports, all)
}

fn object(fields: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // A plain object takes every property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}
