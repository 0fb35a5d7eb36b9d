//! Links that carry a moment of a world.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use warren_sim::{Moment, Scenario, World, lessons, warren_core::Instant};

fn moment(lesson: &lessons::Lesson) -> Moment {
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    Moment { scenario, seed: 7, at: Instant::from_micros(4_200_001) }
}

#[test]
fn every_lesson_fits_into_a_link_and_comes_out_again() {
    for lesson in lessons::all() {
        let moment = moment(lesson);
        let link = moment.to_fragment();
        assert!(link.len() < 8_000, "{}: {}", lesson.id, link.len());
        assert_eq!(Moment::from_fragment(&format!("#{link}")), Some(Ok(moment)), "{}", lesson.id);
    }
}

#[test]
fn a_damaged_link_is_refused_and_something_else_is_no_link() {
    let link = moment(&lessons::all()[0]).to_fragment();
    for cut in 4..link.len() - 1 {
        let opened = Moment::from_fragment(&link[..cut]).expect("it says that it is one");
        assert!(opened.is_err(), "cut at {cut}");
    }
    for other in ["", "#", "#lesson", "w2=abc"] {
        assert_eq!(Moment::from_fragment(other), None, "{other}");
    }
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 5 << 20], 10);
    let bomb = BASE64_URL_SAFE_NO_PAD.encode(bomb);
    assert!(Moment::from_fragment(&format!("w1={bomb}")).expect("it says so").is_err());
}

/// Links and kept topologies of earlier versions of the page: whoever has one must find in it what was in it.
const EARLIER: &str = include_str!("../../links/2026-11.txt");

#[test]
fn links_of_earlier_versions_open_and_play() {
    for line in EARLIER.lines() {
        let (title, link) = line.split_once('\t').expect("a title and a link");
        let moment = Moment::from_fragment(link).expect("it says that it is one");
        let moment = moment.expect(title);
        assert_eq!((&*moment.scenario.title.en, moment.at), (title, Instant::from_micros(4_200_001)));
        let mut world = World::new(&moment.scenario, moment.seed);
        world.run_until(Instant::ZERO + moment.scenario.until);
        assert!(world.ledger().published > 0, "{title}");
    }
    assert!(EARLIER.lines().count() > 30, "of every kind of scenario there is one");
}
