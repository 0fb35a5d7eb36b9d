//! A world in the hands of a script: [docs/JAVASCRIPT.md](../../../docs/JAVASCRIPT.md).

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Array, Error, JsString, Object, Reflect};
use warren_sim::{
    Fault, Happening, Scenario, WorldEvent, lessons, report,
    warren_core::{Instant, MessageId},
};
use wasm_bindgen::{
    JsCast,
    prelude::{JsValue, wasm_bindgen},
};

use super::convert::{to_js, to_seed, to_table};
use crate::{
    player::{Player, Source, StepKind},
    stage::Shared,
};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// A scenario in the world of a seed, at some moment of its virtual time.
#[wasm_bindgen]
pub struct Simulation {
    player: Shared,
}

impl Simulation {
    /// What is being played here is what this is about.
    pub(crate) const fn of(player: Shared) -> Simulation {
        Simulation { player }
    }
}

#[wasm_bindgen]
impl Simulation {
    /// A scenario, as TOML or as the name of a lesson, at its first moment. The seed is 1 if none is given.
    ///
    /// # Errors
    /// What is wrong with the scenario, with line and field; a seed that is none.
    #[wasm_bindgen(constructor)]
    pub fn new(
        scenario: &str,
        #[wasm_bindgen(unchecked_optional_param_type = "Seed")] seed: JsValue,
    ) -> Result<Simulation, Error> {
        let toml = lessons::find(scenario).map_or(scenario, |lesson| lesson.toml);
        let scenario = Scenario::parse("scenario", toml).map_err(|error| Error::new(&error.to_string()))?;
        let mut player =
            Player::of(&scenario, to_seed(seed).map_err(|wrong| Error::new(&wrong))?, Source::Own);
        player.playing = false;
        player.seek(Instant::ZERO);
        Ok(Simulation { player: Rc::new(RefCell::new(player)) })
    }

    /// Another one, for those who only have `window.warren`.
    ///
    /// # Errors
    /// As the constructor.
    pub fn another(
        &self,
        scenario: &str,
        #[wasm_bindgen(unchecked_optional_param_type = "Seed")] seed: JsValue,
    ) -> Result<Simulation, Error> {
        Simulation::new(scenario, seed)
    }

    /// The names of the lessons that come with Warren.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    #[must_use]
    pub fn lessons() -> Array {
        lessons::all().iter().map(|lesson| JsValue::from(lesson.id)).collect()
    }

    /// What the clock shows, in seconds.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn now(&self) -> f64 {
        seconds(self.player.borrow().world().now())
    }

    /// When the scenario has shown what it shows, in seconds.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn end(&self) -> f64 {
        seconds(self.player.borrow().end())
    }

    /// Plays on up to that moment; nothing if it has passed.
    #[wasm_bindgen(js_name = "runTo")]
    pub fn run_to(&self, seconds: f64) {
        let to = instant(seconds);
        let mut player = self.player.borrow_mut();
        if to > player.world().now() {
            player.seek(to);
        }
    }

    /// Sets the clock to that moment, back or forth. Going back is exact.
    pub fn seek(&self, seconds: f64) {
        self.player.borrow_mut().seek(instant(seconds));
    }

    /// On to the next thing, or to the next of a kind. `false` if none comes within an hour after the end.
    ///
    /// # Errors
    /// No such kind.
    pub fn step(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "StepKind")] kind: Option<String>,
    ) -> Result<bool, Error> {
        let kind = step_kind(kind)?;
        let mut player = self.player.borrow_mut();
        let chosen = std::mem::replace(&mut player.step_kind, kind);
        let before = player.world().steps();
        player.step();
        player.step_kind = chosen;
        Ok(player.world().steps() > before)
    }

    /// Back to just after the thing before, or the one of a kind; to the beginning if there is none.
    ///
    /// # Errors
    /// No such kind.
    #[wasm_bindgen(js_name = "stepBack")]
    pub fn step_back(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "StepKind")] kind: Option<String>,
    ) -> Result<(), Error> {
        let kind = step_kind(kind)?;
        let mut player = self.player.borrow_mut();
        let chosen = std::mem::replace(&mut player.step_kind, kind);
        player.step_back();
        player.step_kind = chosen;
        Ok(())
    }

    /// What became of the messages, in numbers.
    #[wasm_bindgen(unchecked_return_type = "Ledger")]
    #[must_use]
    pub fn ledger(&self) -> JsValue {
        let player = self.player.borrow();
        let ledger = to_js(player.world().ledger());
        set(&ledger, "lost", &(player.world().ledger().lost() as f64).into());
        ledger
    }

    /// What has happened up to now, oldest first: all of it, or what the filter lets through.
    ///
    /// # Errors
    /// A filter that is none.
    #[wasm_bindgen(unchecked_return_type = "SimulationEvent[]")]
    pub fn events(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "EventFilter")] filter: &JsValue,
    ) -> Result<Array, Error> {
        let filter = Filter::of(filter)?;
        let player = self.player.borrow();
        let past = player.history().past().map(|entry| &entry.event);
        let wanted = past.filter(|event| filter.from.is_none_or(|from| event.at >= from));
        let shown = wanted.map(|event| event_of(player.scenario(), event));
        Ok(shown
            .filter(|event| filter.kind.as_ref().is_none_or(|kind| get(event, "kind") == *kind))
            .collect())
    }

    /// What has happened to a message, from its sending on.
    ///
    /// # Errors
    /// An id that is none.
    #[wasm_bindgen(unchecked_return_type = "SimulationEvent[]")]
    pub fn story(&self, message: &str) -> Result<Array, Error> {
        let id = message.parse().map_err(|_| Error::new(&format!("{message:?} is no id of a message")))?;
        let player = self.player.borrow();
        let story = player.history().story(MessageId(id));
        Ok(story.into_iter().map(|event| event_of(player.scenario(), event)).collect())
    }

    /// Lets something go wrong now, in the words of a scenario's `[[fault]]`: `inject({ crash: "worker-1" })`. In the past
    /// that begins another future.
    ///
    /// # Errors
    /// What is wrong with the fault, as with one in a file.
    pub fn inject(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Fault")] fault: JsValue,
    ) -> Result<(), Error> {
        let fault = self.read(fault).map_err(|wrong| Error::new(&wrong))?;
        self.player.borrow_mut().act(fault.what);
        Ok(())
    }

    /// The scenario as TOML, with all that was done to it: played again with the seed, it is the same, byte for byte.
    #[must_use]
    pub fn scenario(&self) -> String {
        self.player.borrow().scenario().to_toml()
    }

    /// The seed, as a text.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn seed(&self) -> String {
        self.player.borrow().history().seed().to_string()
    }
}

impl Simulation {
    /// The fault, read with the scenario as one more section of its file: so it means the same, and so do its errors.
    fn read(&self, fault: JsValue) -> Result<Fault, String> {
        let mut table = to_table(fault)?;
        table.insert("at", warren_sim::document::Value::Text("0s".into()));
        let file = format!("{}\n[[fault]]\n{table}", self.scenario());
        let mut scenario = Scenario::parse("fault", &file).map_err(|error| error.message)?;
        scenario.faults.pop().ok_or_else(|| "this is no fault".to_owned())
    }
}

/// Which events are wanted.
struct Filter {
    from: Option<Instant>,
    kind: Option<String>,
}

impl Filter {
    fn of(filter: &JsValue) -> Result<Filter, Error> {
        if filter.is_undefined() || filter.is_null() {
            return Ok(Filter { from: None, kind: None });
        }
        if !filter.is_object() {
            return Err(Error::new("a filter is an object: { from: seconds, kind: \"published\" }"));
        }
        for name in Object::keys(filter.unchecked_ref::<Object>()).iter() {
            if name != "from" && name != "kind" {
                let name = name.as_string().unwrap_or_default();
                return Err(Error::new(&format!("a filter has no field {name:?}; possible: from, kind")));
            }
        }
        let field = |name: &str| Reflect::get(filter, &name.into()).unwrap_or_default();
        Ok(Filter { from: field("from").as_f64().map(instant), kind: field("kind").as_string() })
    }
}

/// An event as scripts see it: when, what kind, who, the sentence, and all its fields.
fn event_of(scenario: &Scenario, event: &WorldEvent) -> JsValue {
    let (kind, detail) = match &event.what {
        Happening::Broker(fact) => {
            let detail = to_js(fact);
            (Reflect::get(&detail, &"fact".into()).unwrap_or_default(), detail)
        }
        what => {
            // { "work-done": { … } }, or only "broker-started".
            let tagged = to_js(what);
            if tagged.is_string() {
                (tagged, Object::new().into())
            } else {
                let entry = Object::entries(tagged.unchecked_ref::<Object>()).get(0);
                let entry = entry.unchecked_ref::<Array>();
                (entry.get(0), entry.get(1))
            }
        }
    };
    let (who, says) = report::sentence(scenario, &event.what).unzip();
    let shown: JsValue = Object::new().into();
    set(&shown, "at", &seconds(event.at).into());
    set(&shown, "seq", &event.seq.to_string().into());
    set(&shown, "kind", &kind);
    set(&shown, "message", &event.what.message().map(|message| message.to_string()).into());
    set(&shown, "who", &who.into());
    set(&shown, "says", &says.into());
    set(&shown, "detail", &detail);
    shown
}

fn step_kind(name: Option<String>) -> Result<StepKind, Error> {
    let Some(name) = name else { return Ok(StepKind::Anything) };
    StepKind::ALL.into_iter().find(|kind| kind.id() == name).ok_or_else(|| {
        let all = StepKind::ALL.map(StepKind::id).join(", ");
        Error::new(&format!("there is no step to {name:?}; possible: {all}"))
    })
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // A plain object takes every property.
    let _ = Reflect::set(object, &JsString::from(name), value);
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn seconds(at: Instant) -> f64 {
    at.as_micros() as f64 / 1e6
}

/// What comes before the beginning is the beginning.
fn instant(seconds: f64) -> Instant {
    Instant::ZERO + Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
