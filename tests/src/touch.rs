//! Fingers on a page.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::Page;

type Point = (f64, f64);

/// How long a hand stays down that only taps.
const TAP: Duration = Duration::from_millis(50);
/// How long it rests after a movement: one that goes up on the way throws, and the next tap only stops what it has thrown.
const REST: Duration = Duration::from_millis(200);
/// How long a finger stays that holds something.
const HOLD: Duration = Duration::from_millis(600);
/// From one place to the next, where it moves.
const STEP: Duration = Duration::from_millis(16);
/// A movement is so many of them.
const STEPS: u32 = 8;

impl Page {
    /// Makes the window that of a phone, with fingers for a mouse.
    pub async fn phone(&self) {
        let size = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", &size).await;
        let fingers = json!({ "enabled": true, "maxTouchPoints": 5 });
        self.devtools("Emulation.setTouchEmulationEnabled", &fingers).await;
        self.wait_for("innerWidth === 390").await;
    }

    /// Taps the middle of the element with that test id.
    pub async fn tap(&self, test_id: &str) {
        let point = self.middle(test_id).await;
        self.touch(Duration::ZERO, (&[point], &[point]), TAP).await;
    }

    /// Taps a thing on the stage.
    pub async fn tap_thing(&self, name: &str) {
        let point = self.stage_point(name).await;
        self.touch(Duration::ZERO, (&[point], &[point]), TAP).await;
    }

    /// Lays a finger on a thing on the stage, and leaves it there for a while.
    pub async fn hold_thing(&self, name: &str) {
        let point = self.stage_point(name).await;
        self.touch(Duration::ZERO, (&[point], &[point]), HOLD).await;
    }

    /// Moves a finger from one point of the window to another.
    pub async fn swipe(&self, from: Point, to: Point) {
        self.touch(Duration::ZERO, (&[from], &[to]), REST).await;
    }

    /// Lays a finger on a point of the window, waits until it holds what is there, and moves it.
    pub async fn hold_and_move(&self, from: Point, to: Point) {
        self.touch(HOLD, (&[from], &[to]), REST).await;
    }

    /// Moves two fingers apart around a point of the window, so that they are three times as far from each other.
    pub async fn spread(&self, (x, y): Point) {
        let at = |apart: f64| [(x - apart, y), (x + apart, y)];
        self.touch(Duration::ZERO, (&at(30.0), &at(90.0)), REST).await;
    }

    /// Where the middle of the element with that test id is, which is scrolled there.
    pub async fn middle(&self, test_id: &str) -> Point {
        self.wait_for(&format!("at('{test_id}')")).await;
        let script = "const found = at(arguments[0]);
            found.scrollIntoView({ block: 'center', inline: 'center' })";
        self.run(script, json!([test_id])).await;
        self.shown(test_id).await
    }

    /// Where the middle of the element with that test id is, as the page is scrolled.
    pub async fn shown(&self, test_id: &str) -> Point {
        let script = "const area = at(arguments[0]).getBoundingClientRect();
            return [area.left + area.width / 2, area.top + area.height / 2]";
        let found = self.run(script, json!([test_id])).await;
        let [x, y] = [0, 1].map(|index| found[index].as_f64().unwrap_or_default());
        (x, y)
    }

    /// Fingers come down, stay for a time, move if they are to, stay again, and go up.
    ///
    /// The browser is told when each of it happens: on a slow machine a swipe must not be taken for fingers that stay.
    async fn touch(&self, before: Duration, (from, to): (&[Point], &[Point]), after: Duration) {
        let mut at = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
        self.fingers("touchStart", from, at).await;
        pause(before, &mut at).await;
        if from != to {
            for step in 1..=STEPS {
                let part = f64::from(step) / f64::from(STEPS);
                let between =
                    |((ax, ay), (bx, by)): (&Point, &Point)| (ax + (bx - ax) * part, ay + (by - ay) * part);
                let points: Vec<Point> = from.iter().zip(to).map(between).collect();
                pause(STEP, &mut at).await;
                self.fingers("touchMove", &points, at).await;
            }
        }
        pause(after, &mut at).await;
        self.fingers("touchEnd", &[], at).await;
    }

    async fn fingers(&self, kind: &str, points: &[Point], at: Duration) {
        let points = points.iter().enumerate().map(|(id, (x, y))| json!({ "x": x, "y": y, "id": id }));
        let points = points.collect::<Vec<Value>>();
        let event = json!({ "type": kind, "touchPoints": points, "timestamp": at.as_secs_f64() });
        self.devtools("Input.dispatchTouchEvent", &event).await;
    }
}

/// Lets time pass for whoever watches the page, and for the hand.
async fn pause(time: Duration, at: &mut Duration) {
    tokio::time::sleep(time).await;
    *at += time;
}
