//! Every lesson from its menu to its goal, in six ways: with the mouse, with the keyboard alone and with fingers alone, in
//! both languages, each time by somebody who was never here. One of the ways is drawn for each lesson from the commit that is
//! tested; `WARREN_WAY=touch-ru` asks for one, and `cargo xtask soak --page` goes all of them.

mod hands;
mod tasks;

use std::{env, process::Command};

use warren_tests::{Page, with_first_visit};

use hands::{By, Hands};
use tasks::{Deed, LESSONS};

/// The speed of the clock while nothing is to be done, on its slider.
const FAST: i64 = 8;

/// A way to do a lesson.
#[derive(Clone, Copy)]
struct Way {
    by: By,
    is_russian: bool,
}

impl Way {
    const ALL: [(&str, Way); 6] = [
        ("mouse-en", Way { by: By::Mouse, is_russian: false }),
        ("mouse-ru", Way { by: By::Mouse, is_russian: true }),
        ("keyboard-en", Way { by: By::Keyboard, is_russian: false }),
        ("keyboard-ru", Way { by: By::Keyboard, is_russian: true }),
        ("touch-en", Way { by: By::Touch, is_russian: false }),
        ("touch-ru", Way { by: By::Touch, is_russian: true }),
    ];

    /// The one that is asked for, or the one that this commit draws for a lesson.
    fn of(lesson: &str) -> (&'static str, Way) {
        if let Ok(asked) = env::var("WARREN_WAY") {
            let found = Way::ALL.into_iter().find(|(name, _)| *name == asked);
            return found.unwrap_or_else(|| {
                panic!("WARREN_WAY={asked} is none of mouse, keyboard, touch, each -en or -ru")
            });
        }
        let drawn = warren_core::checksum::of(format!("{} {lesson}", commit()).as_bytes());
        Way::ALL[drawn as usize % Way::ALL.len()]
    }
}

/// The commit that is tested; nothing outside of a repository.
fn commit() -> String {
    let asked = Command::new("git").args(["rev-parse", "HEAD"]).output();
    asked.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()).unwrap_or_default()
}

/// A lesson from its menu to its goal.
async fn lesson(id: &str) {
    let (name, way) = Way::of(id);
    println!(
        "{id}: {name}; again: WARREN_WAY={name} cargo nextest run -p warren-tests --test browser ways::"
    );
    let (_, right, deeds) = LESSONS.iter().find(|(lesson, ..)| *lesson == id).expect("it is in the list");
    with_first_visit(async |page| {
        let hands = Hands { page, by: way.by };
        hands.arrive().await;
        if way.is_russian {
            hands.press("lang").await;
            page.wait_for("document.documentElement.lang === 'ru'").await;
        }
        hands.open_lesson(id).await;
        predict(&hands, *right, way).await;
        hands.press("to-task").await;
        page.wait_for("at('goal')").await;
        // Whoever crashes something at a moment watches it at its usual speed.
        let is_timed = deeds.iter().any(|deed| matches!(deed, Deed::When(_)));
        if is_timed {
            hands.set_speed(0).await;
        }
        for deed in *deeds {
            perform(page, &hands, deed).await;
        }
        if is_timed {
            hands.set_speed(FAST).await;
        }
        let done = if way.is_russian { "Сделано" } else { "Done" };
        page.wait_for(&format!("at('done').textContent.includes('{done}')")).await;
    })
    .await;
}

/// Says what will happen, and sees it happen.
async fn predict(hands: &Hands<'_>, right: usize, way: Way) {
    hands.page.wait_for("at('predict')").await;
    hands.choose_answer(right).await;
    hands.press("predict").await;
    hands.set_speed(FAST).await;
    hands.page.wait_for("at('verdict')").await;
    let said = if way.is_russian { "Так и есть." } else { "That is what happens." };
    hands.page.wait_for(&format!("at('verdict').textContent.includes('{said}')")).await;
}

async fn perform(page: &Page, hands: &Hands<'_>, deed: &Deed) {
    match deed {
        Deed::Pick(name) => hands.pick(name).await,
        Deed::Press(id) => hands.press(id).await,
        Deed::Aim(id) => hands.aim_at(id).await,
        Deed::Restart => hands.restart().await,
        Deed::When(condition) => page.wait_for(condition).await,
        Deed::Write(field, text) => hands.write(field, text).await,
        Deed::Choose(field, value) => hands.choose(field, value).await,
        Deed::More(field) => {
            if page.run("return !at(arguments[0])?.checkVisibility()", serde_json::json!([field])).await
                == true
            {
                hands.press("more-fields").await;
            }
        }
    }
}

/// A test for each lesson, so that several are done at a time.
macro_rules! lessons {
    ($($name:ident $id:literal)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                lesson($id).await;
            }
        )*

        #[test]
        fn every_lesson_is_done() {
            let done = [$($id),*];
            let mut all: Vec<&str> = warren_sim::lessons::all().iter().map(|lesson| lesson.id).collect();
            all.sort_unstable();
            assert_eq!(all, done, "each lesson has a way to its goal");
        }
    };
}

lessons! {
    confirms "confirms"
    crash_with_ack "crash-with-ack"
    crash_without_ack "crash-without-ack"
    direct "direct"
    durable "durable"
    expired "expired"
    fair_dispatch "fair-dispatch"
    fanout "fanout"
    forgotten_ack "forgotten-ack"
    headers "headers"
    hello "hello"
    priorities "priorities"
    protocols "protocols"
    redeclare "redeclare"
    retry "retry"
    rpc "rpc"
    single_active "single-active"
    topic "topic"
    unfair_dispatch "unfair-dispatch"
    work_queue "work-queue"
}
