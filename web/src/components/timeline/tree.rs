//! Time as a tree: each future is a line that turns off from another at its moment.

use warren_sim::{BranchView, warren_core::Instant};

/// So many lines are drawn; all futures are in the table.
const MOST_LINES: usize = 7;

/// The line of a future.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) branch: u32,
    /// From which line it turns off, and when; `None` for the first.
    pub(super) from: Option<(usize, Instant)>,
    pub(super) played_to: Instant,
}

/// The lines, from top to bottom: the first future, the latest ones, and the one that is being played.
pub(super) fn lines(branches: &[BranchView], current: u32) -> Vec<Line> {
    let latest = branches.len().saturating_sub(MOST_LINES - 2);
    let is_drawn = |index: usize, branch: u32| index == 0 || index >= latest || branch == current;
    let drawn = (0..).zip(branches).enumerate().filter(|(index, (branch, _))| is_drawn(*index, *branch));
    let drawn: Vec<(u32, &BranchView)> = drawn.map(|(_, branch)| branch).collect();
    let line = |(row, (branch, view)): (usize, &(u32, &BranchView))| {
        // Of those above it, the one that it is the same as for longest; the uppermost of several.
        let turns = drawn[..row].iter().enumerate().map(|(above, (_, other))| {
            (view.is_same_until(other).unwrap_or(view.played_to), std::cmp::Reverse(above))
        });
        let from = turns.max().map(|(at, std::cmp::Reverse(above))| (above, at));
        Line { branch: *branch, from, played_to: view.played_to }
    };
    drawn.iter().enumerate().map(line).collect()
}

/// The way to a line from the beginning: on which lines it goes, and from when on; that line first.
pub(super) fn way_to(lines: &[Line], row: usize) -> Vec<(usize, Instant)> {
    let mut way = Vec::new();
    let mut next = Some(row);
    while let Some(row) = next {
        let from = lines.get(row).and_then(|line| line.from);
        let at = from.map_or(Instant::ZERO, |(_, at)| at);
        way.push((row, at));
        next = from.map(|(above, _)| above);
    }
    way
}

/// On which line of a way a moment is.
pub(super) fn line_at(way: &[(usize, Instant)], at: Instant) -> usize {
    let found = way.iter().find(|(_, from)| *from <= at);
    found.or(way.last()).map_or(0, |(row, _)| *row)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::{History, Mishap, Scenario, Spectator, WorldEvent, lessons, warren_core::Instant};

    use super::{Line, line_at, lines, way_to};

    #[derive(Clone)]
    struct Nobody;

    impl Spectator for Nobody {
        fn see(&mut self, _: &WorldEvent) {}
    }

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    /// A history in which worker-2 was crashed at these seconds, each after having gone back there.
    fn history(seconds: &[u64]) -> History<Nobody> {
        let lesson = lessons::find("crash-with-ack").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let mut history = History::new(&scenario, 1, Nobody);
        history.advance(at(20));
        for second in seconds {
            history.seek(at(*second));
            history.act(Mishap::Crash { actor: "worker-2".into() });
            history.advance(at(20));
        }
        history
    }

    #[test]
    fn a_future_turns_off_where_something_else_was_done() {
        let history = history(&[12, 15, 3]);
        let lines = lines(&history.branches(), history.current());
        let line = |branch, from: Option<(usize, u64)>| {
            let from = from.map(|(row, second)| (row, at(second)));
            Line { branch, from, played_to: at(20) }
        };
        let expected = [line(0, None), line(1, Some((0, 12))), line(2, Some((1, 15))), line(3, Some((0, 3)))];
        assert_eq!(lines, expected);

        assert_eq!(way_to(&lines, 2), [(2, at(15)), (1, at(12)), (0, at(0))]);
        let way = way_to(&lines, 2);
        assert_eq!([2, 12, 14, 15, 19].map(|second| line_at(&way, at(second))), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn of_many_futures_the_first_the_latest_and_the_present_one_are_drawn() {
        let mut history = history(&[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        history.enter(2);
        let drawn: Vec<u32> =
            lines(&history.branches(), history.current()).iter().map(|line| line.branch).collect();
        assert_eq!(drawn, [0, 2, 6, 7, 8, 9, 10]);
    }
}
