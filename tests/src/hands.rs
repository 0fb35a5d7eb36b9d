//! What a person's hands do: keys one after the other, with pauses in which the page goes on, and a mouse that is moved.
//!
//! Nothing here sets a value by script: what a control makes of keys and pointers is what is tested.

use std::time::Duration;

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    key::Key,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Page;

/// From one key to the next. The page is drawn again about every 80 ms while it plays: in some pauses it is.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(40), Duration::from_millis(110), Duration::from_millis(70)];
/// How long a mouse rests between what it does.
const MOUSE_REST: Duration = Duration::from_millis(30);

impl Page {
    /// Presses keys, one after the other: a letter, or a name of [`Key`], perhaps with `Control+` or `Shift+` before it.
    pub async fn press(&self, keys: &[&str]) {
        for (key, pause) in keys.iter().zip(PAUSES.iter().cycle()) {
            let mut actions = KeyActions::new("keys".to_owned());
            let mut held = Vec::new();
            let mut rest = *key;
            while let Some((modifier, key)) =
                rest.split_once('+').filter(|(modifier, _)| !modifier.is_empty())
            {
                held.push(value_of(modifier));
                rest = key;
            }
            for value in &held {
                actions = actions.then(KeyAction::Down { value: *value });
            }
            let value = value_of(rest);
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
            for value in held.into_iter().rev() {
                actions = actions.then(KeyAction::Up { value });
            }
            self.perform(actions).await;
            tokio::time::sleep(*pause).await;
        }
    }

    /// Types a text into whatever has the focus.
    pub async fn write(&self, text: &str) {
        let letters: Vec<String> = text.chars().map(|letter| letter.to_string()).collect();
        let keys: Vec<&str> =
            letters.iter().map(|letter| if letter == "\n" { "Enter" } else { letter.as_str() }).collect();
        self.press(&keys).await;
    }

    /// Clicks into a text field and types over all that is in it. The field keeps the focus.
    pub async fn overwrite(&self, test_id: &str, text: &str) {
        self.click(test_id).await;
        self.press(&["Control+a"]).await;
        if text.is_empty() {
            self.press(&["Delete"]).await;
        }
        self.write(text).await;
    }

    /// The same, and leaves the field with Tab.
    pub async fn fill(&self, test_id: &str, text: &str) {
        self.overwrite(test_id, text).await;
        self.press(&["Tab"]).await;
    }

    /// Goes to a list by the keyboard, and along it with the arrow keys until it has that value.
    pub async fn select(&self, test_id: &str, value: &str) {
        self.wait_for(&format!("at('{test_id}')")).await;
        self.focus(test_id).await;
        let ask = "const list = at(arguments[0]), values = [...list.options].map(option => option.value);
            return [values.indexOf(list.value), values.indexOf(arguments[1])]";
        let found = self.run(ask, json!([test_id, value])).await;
        let [from, to] = [0, 1].map(|index| found[index].as_i64().unwrap_or(-1));
        assert!(from >= 0 && to >= 0, "{test_id} has no {value}: {found}");
        let key = if to > from { "Down" } else { "Up" };
        let keys = vec![key; usize::try_from(from.abs_diff(to)).unwrap_or_default()];
        self.press(&keys).await;
        self.wait_for(&format!("at('{test_id}').value === '{value}'")).await;
    }

    /// Pulls a slider to about a value with the mouse, and then exactly there with the arrow keys.
    pub async fn slide(&self, test_id: &str, value: i64) {
        let script = "const slider = at(arguments[0]), [, value] = arguments;
            slider.scrollIntoView({ block: 'center' });
            const area = slider.getBoundingClientRect(), thumb = slider.dataset.testid === 'timeline' ? 15 : 16;
            const point = value => area.left + thumb / 2
                + (area.width - thumb) * (value - slider.min) / (slider.max - slider.min);
            const down = parseFloat(getComputedStyle(slider).getPropertyValue('--thumb')) || 0;
            return [point(Number(slider.value)), point(value), area.top + area.height / 2 + down]";
        let found = self.run(script, json!([test_id, value])).await;
        let [from, to, y] = [0, 1, 2].map(|index| found[index].as_f64().unwrap_or_default());
        self.drag((from, y), (to, y)).await;
        for _ in 0..400 {
            let is = self
                .run(
                    "return [Number(at(arguments[0]).value), Number(at(arguments[0]).step)]",
                    json!([test_id]),
                )
                .await;
            let [is, step] = [0, 1].map(|index| is[index].as_i64().unwrap_or_default());
            if (is - value).abs() < step.max(1) {
                return;
            }
            self.press(&[if is < value { "Right" } else { "Left" }]).await;
        }
        panic!("{test_id} does not come to {value}");
    }

    /// Moves the mouse to the middle of an element, and leaves it there.
    pub async fn point_at(&self, test_id: &str) {
        let middle = "at(arguments[0]).scrollIntoView({ block: 'nearest' });
            const area = at(arguments[0]).getBoundingClientRect();
            return [area.left + area.width / 2, area.top + area.height / 2]";
        let found = self.run(middle, json!([test_id])).await;
        let coordinate = |index: usize| found[index].as_f64().expect("it is on the page");
        let (x, y) = (coordinate(0), coordinate(1));
        self.perform(MouseActions::new("mouse".to_owned()).then(PointerAction::MoveTo {
            duration: Some(MOUSE_REST),
            x,
            y,
        }))
        .await;
    }

    /// Moves the mouse to a point of the window, and clicks there.
    pub async fn click_at(&self, (x, y): (f64, f64)) {
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: Some(MOUSE_REST), x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.perform(mouse).await;
    }

    /// Clicks an element twice at once, as an impatient hand does.
    pub async fn double_click(&self, test_id: &str) {
        self.stands_still(&format!("[data-testid=\"{test_id}\"]")).await;
        self.point_at(test_id).await;
        let click = |mouse: MouseActions| {
            mouse
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT })
        };
        self.perform(click(click(MouseActions::new("mouse".to_owned())))).await;
    }

    /// Clicks a producer or consumer on the stage.
    pub async fn click_actor(&self, name: &str) {
        self.click_at(self.stage_point(name).await).await;
    }

    /// Clicks the switch of the broker's power on the stage.
    pub async fn click_switch(&self) {
        let find = "at('stage').scrollIntoView({ block: 'center' });
            return Array.from(wasmBindings.power_switch())";
        let found = self.run(find, json!([])).await;
        let coordinate = |index: usize| found[index].as_f64().expect("it is on the stage");
        self.click_at((coordinate(0), coordinate(1))).await;
    }

    /// Drags with the mouse from one point of the window to another, in CSS pixels.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        let move_to = |(x, y)| PointerAction::MoveTo { duration: Some(MOUSE_REST), x, y };
        let half = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let mouse = MouseActions::new("mouse".to_owned())
            .then(move_to(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(move_to(half))
            .then(move_to(to))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.perform(mouse).await;
    }

    /// Lets go of a file above the page, as from a window of the system's.
    pub async fn drop_file(&self, name: &str, text: &str) {
        let folder = TempDir::new().expect("a temporary directory");
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        let (x, y) = self.shown("stage").await;
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({ "items": [], "files": [path.to_string_lossy()], "dragOperationsMask": 1 });
            self.devtools("Input.dispatchDragEvent", &json!({ "type": kind, "x": x, "y": y, "data": data }))
                .await;
        }
        // The page reads it while it is there.
        let read = "return new Promise(done => setTimeout(done, 500))";
        self.run(read, json!([])).await;
    }

    /// Puts the focus on an element, as Tab does. That is no value.
    /// Gives an element the focus, as the Tab key does that comes there.
    pub async fn focus(&self, test_id: &str) {
        let is_there = self.run(
            "at(arguments[0]).focus(); return document.activeElement === at(arguments[0])",
            json!([test_id]),
        );
        assert_eq!(is_there.await, Value::Bool(true), "{test_id} takes no focus");
    }
}

fn value_of(key: &str) -> char {
    let named = match key {
        "Control" => Key::Control,
        "Shift" => Key::Shift,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Tab" => Key::Tab,
        "Delete" => Key::Delete,
        "Backspace" => Key::Backspace,
        "Left" => Key::Left,
        "Right" => Key::Right,
        "Up" => Key::Up,
        "Down" => Key::Down,
        "Home" => Key::Home,
        "End" => Key::End,
        letter => return letter.chars().next().expect("a letter"),
    };
    named.into()
}
