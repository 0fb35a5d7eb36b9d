//! The same wish by mouse, by keyboard or by finger.

use std::time::Duration;

use serde_json::{Value, json};
use warren_tests::Page;

/// What somebody uses the page with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Mouse,
    Keyboard,
    /// On a phone.
    Touch,
}

/// Somebody's hands.
pub(super) struct Hands<'a> {
    pub(super) page: &'a Page,
    pub(super) by: By,
}

/// Nobody who means two taps is faster.
const BETWEEN_TAPS: Duration = Duration::from_millis(350);

/// So many stops of the keyboard are never between two things of the page.
const STOPS: usize = 250;

impl Hands<'_> {
    /// Comes to the page.
    pub(super) async fn arrive(&self) {
        match self.by {
            By::Touch => self.page.phone().await,
            By::Mouse | By::Keyboard => self.page.look(1280, 800, "light").await,
        }
    }

    /// Presses a button, or ticks a box.
    pub(super) async fn press(&self, id: &str) {
        self.aim_at(id).await;
        match self.by {
            By::Mouse => self.page.click(id).await,
            By::Touch => {
                // A second tap at once would be half of a double tap.
                tokio::time::sleep(BETWEEN_TAPS).await;
                self.page.tap(id).await;
            }
            By::Keyboard => {
                let is_box = "return at(arguments[0]).type === 'checkbox'";
                let is_box = self.page.run(is_box, json!([id])).await == true;
                self.page.press(&[if is_box { " " } else { "Enter" }]).await;
            }
        }
    }

    /// Comes to a button as soon as it is there and can be pressed.
    pub(super) async fn aim_at(&self, id: &str) {
        self.page.wait_for(&format!("at('{id}') && !at('{id}').disabled")).await;
        if self.by == By::Keyboard {
            self.tab_to(id).await;
        }
    }

    /// Opens a lesson by the menu.
    pub(super) async fn open_lesson(&self, id: &str) {
        self.press("lessons").await;
        let entry = format!("lesson-{id}");
        self.page.wait_for(&format!("at('{entry}')")).await;
        if self.by == By::Keyboard {
            for _ in 0..STOPS {
                if self.has_focus(&entry).await {
                    return self.page.press(&["Enter"]).await;
                }
                self.page.press(&["Down"]).await;
            }
            panic!("the arrow keys do not come to {entry}");
        }
        self.press(&entry).await;
    }

    /// Picks a thing: on the stage, or in the list beside it where there is only a keyboard.
    pub(super) async fn pick(&self, name: &str) {
        // While it plays, something may move as the hand comes down; whoever sees that tries again.
        for _ in 0..5 {
            match self.by {
                By::Mouse => self.page.click_actor(name).await,
                By::Touch => self.page.tap_thing(name).await,
                By::Keyboard => self.press(&format!("pick-{name}")).await,
            }
            let is_picked = format!("at('pick-{name}')?.getAttribute('aria-pressed') === 'true'");
            for _ in 0..20 {
                if self.page.run(&format!("return {is_picked}"), json!([])).await == true {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        panic!("{name} cannot be picked");
    }

    /// Plays from the beginning; a keyboard stays where it is.
    pub(super) async fn restart(&self) {
        match self.by {
            By::Keyboard => self.page.press(&["r"]).await,
            By::Mouse | By::Touch => self.press("restart").await,
        }
        self.page.wait_for("warren.now < 3").await;
    }

    /// Marks an answer, from 1.
    pub(super) async fn choose_answer(&self, answer: usize) {
        if self.by == By::Keyboard {
            self.tab_to("choice-1").await;
            self.page.press(&[" "]).await;
            self.page.press(&vec!["Down"; answer - 1]).await;
        } else {
            self.press(&format!("choice-{answer}")).await;
        }
        self.page.wait_for(&format!("at('choice-{answer}').checked")).await;
    }

    /// Writes into a field over what is in it, and leaves the field. On a phone, too, letters come as keys.
    pub(super) async fn write(&self, field: &str, text: &str) {
        self.page.wait_for(&format!("at('{field}')")).await;
        match self.by {
            By::Mouse => self.page.click(field).await,
            By::Touch => self.page.tap(field).await,
            By::Keyboard => self.tab_to(field).await,
        }
        self.page.press(&["Control+a"]).await;
        if text.is_empty() {
            self.page.press(&["Delete"]).await;
        }
        self.page.write(text).await;
        self.page.press(&["Tab"]).await;
    }

    /// Chooses from a list: with the arrow keys, as the list that a system opens is not a part of the page.
    pub(super) async fn choose(&self, field: &str, value: &str) {
        self.aim_at(field).await;
        self.page.select(field, value).await;
    }

    /// Sets the speed of the clock: 0 is as usual, 10 is ten times as fast.
    pub(super) async fn set_speed(&self, speed: i64) {
        match self.by {
            By::Mouse => self.page.click_at(self.point_of_speed(speed).await).await,
            // A phone has no room for the slider.
            By::Touch => return,
            By::Keyboard => self.tab_to("speed").await,
        }
        for _ in 0..STOPS {
            let is = self.page.run("return Number(at('speed').value)", json!([])).await.as_i64();
            match is.unwrap_or_default() - speed {
                // A hand is not that exact.
                0 => return,
                -2..=2 if self.by == By::Mouse => return,
                away => self.page.press(&[if away < 0 { "Right" } else { "Left" }]).await,
            }
        }
        panic!("the speed does not come to {speed}");
    }

    async fn point_of_speed(&self, speed: i64) -> (f64, f64) {
        let script = "const slider = at('speed'), [speed] = arguments;
            slider.scrollIntoView({ block: 'center' });
            const area = slider.getBoundingClientRect(), thumb = 16;
            const part = (speed - slider.min) / (slider.max - slider.min);
            return [area.left + thumb / 2 + (area.width - thumb) * part, area.top + area.height / 2]";
        let found = self.page.run(script, json!([speed])).await;
        let coordinate = |index: usize| found[index].as_f64().expect("it is on the page");
        (coordinate(0), coordinate(1))
    }

    async fn has_focus(&self, id: &str) -> bool {
        let has_focus = "const wanted = at(arguments[0]);
            return Boolean(wanted) && (document.activeElement === wanted
                || (document.activeElement.matches('button, summary') && document.activeElement.contains(wanted)))";
        self.page.run(has_focus, json!([id])).await == Value::Bool(true)
    }

    /// Goes on with Tab until it is there.
    async fn tab_to(&self, id: &str) {
        for _ in 0..STOPS {
            if self.has_focus(id).await {
                return;
            }
            self.page.press(&["Tab"]).await;
        }
        panic!("the keyboard does not come to {id}");
    }
}
