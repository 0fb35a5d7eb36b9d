//! A lesson that goes otherwise in an older RabbitMQ says so: who tries it there is not to be misled.

use warren_sim::{
    Comparison, Measure, Scenario, lessons, outages,
    warren_core::{Behaviours, Release},
};

/// The behaviours for which something else can be seen than headers that one does not look at.
fn visible(scenario: &Scenario, older: Release) -> Behaviours {
    let differences = Comparison::new(scenario, older, Release::V4_3).seeds(0..2).run();
    let visible = differences.iter().filter(|difference| !matches!(difference.measure, Measure::Header(_)));
    visible.flat_map(|difference| difference.because.iter()).fold(Behaviours::NONE, Behaviours::with)
}

#[test]
fn lessons_and_outages_name_the_releases_that_they_depend_on() {
    let mut dependent = Vec::new();
    for lesson in lessons::all().iter().chain(outages::all()) {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        for older in [Release::V3_10, Release::V4_0] {
            for behaviour in visible(&scenario, older).iter() {
                let since = behaviour.since().as_str();
                assert!(
                    lesson.toml.contains(&format!("RabbitMQ {since}")),
                    "{} goes otherwise before RabbitMQ {since} ({}) and does not say so",
                    lesson.id,
                    behaviour.name()
                );
                dependent.push(lesson.id);
            }
        }
    }
    dependent.dedup();
    assert_eq!(dependent, ["retry", "twenty-returns"], "the lessons that show a difference");
}
