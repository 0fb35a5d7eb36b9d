//! A third language is one file: with every text in brackets, it is everywhere on the page.

use warren_sim::{Scenario, World, gallery, lessons, lint, outages, warren_core::Instant};
use warren_texts::{
    Plurals, placeholders,
    po::{Entry, PoFile},
    said_of,
};

use super::Lang;
use crate::story;

/// A file as `cargo xtask texts` begins it and a translator goes on: each text in brackets, with the number of its form.
fn bracketed() -> PoFile {
    let mut file = PoFile::parse(include_str!("../../texts/ru.po")).expect("a good file");
    file.header = format!("Language: cs\nPlural-Forms: {}\n", Plurals::Czech.header());
    for entry in &mut file.entries {
        let text = entry.many.as_ref().unwrap_or(&entry.text);
        entry.translations = match entry.many {
            None => vec![format!("⟦{text}⟧")],
            Some(_) => (0..3).map(|form| format!("⟦{form} {text}⟧")).collect(),
        };
    }
    for lesson in lessons::all().iter().chain(gallery::all()).chain(outages::all()) {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        for text in texts_of(&scenario) {
            let (context, translations) = (Some("scenario".to_owned()), vec![format!("⟦{text}⟧")]);
            file.entries.push(Entry { context, text, translations, ..Entry::default() });
        }
    }
    file.entries.sort_by_key(Entry::key);
    file.entries.dedup_by_key(|entry| entry.key());
    file
}

/// The title and the steps.
fn texts_of(scenario: &Scenario) -> Vec<String> {
    let steps = scenario.lesson.iter().flat_map(|lesson| &lesson.steps).map(|step| step.text.en.clone());
    std::iter::once(scenario.title.en.clone()).chain(steps).collect()
}

fn czech() -> Lang {
    Lang(PoFile::leak("cs.po", &bracketed().write()).expect("a good file"))
}

fn lesson(id: &str) -> Scenario {
    let lesson = lessons::find(id).expect("a lesson");
    Scenario::parse(lesson.id, lesson.toml).expect("a good file")
}

#[test]
fn the_page_speaks_it() {
    let lang = czech();
    assert_eq!((lang.code(), lang.name()), ("cs", "⟦English⟧"));
    assert_eq!([lang.say("Find"), lang.say("of no file")], ["⟦Find⟧", "of no file"]);
    assert_eq!(lang.say_in("a lesson", "finished"), "⟦finished⟧");
    assert_eq!(say!(lang, "{at} of {of}", at = 2, of = 7), "⟦2 of 7⟧");
    assert_eq!(lang.moment(Instant::from_micros(37_615_201)), "37⟦.⟧6 ⟦s⟧");
    let words = |count: u64| lang.tell(&said_of!(count, "{count} word", "{count} words"));
    assert_eq!([words(1), words(3), words(7)], ["⟦0 1 words⟧", "⟦1 3 words⟧", "⟦2 7 words⟧"]);
}

#[test]
fn lessons_speak_it_and_what_visitors_write_stays_as_it_is() {
    let (lang, hello) = (czech(), lesson("hello"));
    assert_eq!(lang.pick(&hello.title), format!("⟦{}⟧", hello.title.en));
    for step in hello.lesson.expect("a lesson").steps {
        assert_eq!(lang.pick(&step.text), format!("⟦{}⟧", step.text.en));
    }
    let own = Scenario::new("Queue");
    assert_eq!([lang.say("Queue"), lang.pick(&own.title)], ["⟦Queue⟧", "Queue"]);
}

/// Every sentence of every lesson, and all that the lint has to say of it.
#[test]
fn the_log_and_the_check_speak_it() {
    let lang = czech();
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::ZERO + scenario.until);
        for event in world.take_events() {
            if let Some((_, what)) = story::sentence(lang, &scenario, &event.what) {
                assert!(what.starts_with('⟦') && what.ends_with('⟧'), "{}: {what}", lesson.id);
                // What is left in braces is what programs and messages say.
                assert_eq!(placeholders(&what).count(), 0, "{}: {what}", lesson.id);
            }
        }
        for finding in lint(&scenario) {
            let text = lang.tell(&finding.text);
            assert!(text.starts_with('⟦') && text.ends_with('⟧'), "{}: {text}", lesson.id);
        }
    }
}
