//! What has gone over a wire, as the page shows it: the frames of a connection up to a moment.

use warren_sim::{
    Direction, Signal, Tape, Taped, World,
    warren_core::{
        ConnectionId, Instant,
        wire::{Description, Section, describe},
    },
};

/// Frames that are listed.
const MOST: usize = 160;
/// Letters of a gist.
const GIST: usize = 90;

/// What the visitor looks at: the connection and the frame of the moment, unless others are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Look {
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) frame: Option<FrameId>,
}

/// A frame on a wire: of which packet, and which one in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct FrameId(pub(crate) u64, pub(crate) u64);

/// Something that was put on the wire, at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    pub(crate) id: FrameId,
    pub(crate) way: Direction,
    pub(crate) left_at: Instant,
    pub(crate) fate: Disconnection,
    /// Just now it left or arrived: nothing on this wire has moved since.
    pub(crate) is_latest: bool,
    pub(crate) what: What,
}

/// What has become of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Disconnection {
    InFlight(Instant),
    Arrived(Instant),
    /// The link is dead, and nobody knows.
    Never,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Opened,
    Ended,
    Frame(Vec<u8>, Description),
}

/// The connections that there are or were, oldest first, with the names of those who opened them.
pub(crate) fn connections(world: &World) -> Vec<(ConnectionId, String, bool)> {
    let actors = world.actors();
    let named = world.tapes().map(|(connection, _)| {
        let is_open = actors.iter().any(|actor| actor.connection == Some(connection));
        (connection, world.connection_name(connection).to_owned(), is_open)
    });
    named.collect()
}

/// The latest frames of a connection, newest last.
pub(crate) fn frames(tape: &Tape, now: Instant) -> Vec<Frame> {
    let mut frames = Vec::new();
    for taped in tape.iter().rev() {
        let mut its = frames_of(taped, now);
        its.reverse();
        frames.extend(its);
        if frames.len() >= MOST {
            break;
        }
    }
    frames.reverse();
    let latest = frames.iter().enumerate().max_by_key(|(index, frame)| (frame.moved_at(), *index));
    if let Some((index, _)) = latest {
        frames[index].is_latest = true;
    }
    frames
}

fn frames_of(taped: &Taped, now: Instant) -> Vec<Frame> {
    let fate = match taped.arrives_at {
        Some(at) if at > now => Disconnection::InFlight(at),
        Some(at) => Disconnection::Arrived(at),
        None => Disconnection::Never,
    };
    let frame = |index, what| Frame {
        id: FrameId(taped.number, index),
        way: taped.way,
        left_at: taped.left_at,
        fate,
        is_latest: false,
        what,
    };
    match taped.what {
        Signal::Open => vec![frame(0, What::Opened)],
        Signal::Cut => vec![frame(0, What::Ended)],
        Signal::Bytes(_) => {
            let described = taped.frames().map(|bytes| What::Frame(bytes.to_vec(), describe(bytes)));
            (0..).zip(described).map(|(index, what)| frame(index, what)).collect()
        }
    }
}

impl Frame {
    fn moved_at(&self) -> Instant {
        match self.fate {
            Disconnection::Arrived(at) => at,
            Disconnection::InFlight(_) | Disconnection::Never => self.left_at,
        }
    }
}

/// What a frame is about, in a line: those fields that say something.
pub(crate) fn gist(description: &Description) -> String {
    let mut gist = String::new();
    for part in &description.parts {
        let is_telling = part.section == Section::Field && part.depth == 0 && part.name != "ticket";
        if !is_telling || matches!(part.value.as_str(), "" | "0" | "false" | "0 items") {
            continue;
        }
        if !gist.is_empty() {
            gist.push(' ');
        }
        if part.name != "body" {
            gist.push_str(&part.name);
            gist.push('=');
        }
        gist.push_str(&part.value);
    }
    if gist.len() > GIST {
        gist.truncate(gist.floor_char_boundary(GIST));
        gist.push('…');
    }
    gist
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::{Scenario, World, lessons, warren_core::Instant};

    use super::{Direction, Disconnection, What, connections, frames, gist};

    /// The frames of an actor's connection at a moment, a line each.
    fn seen(actor: &str, ms: u64) -> String {
        let lesson = lessons::find("hello").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let mut world = World::new(&scenario, 1).tapped();
        let now = Instant::ZERO + Duration::from_millis(ms);
        world.run_until(now);
        let (connection, ..) =
            connections(&world).into_iter().find(|(_, name, _)| name == actor).expect("it has connected");
        let (_, tape) = world.tapes().find(|(id, _)| *id == connection).expect("it is kept");
        let lines = frames(tape, now).into_iter().map(|frame| {
            let way = if frame.way == Direction::ToBroker { "->" } else { "<-" };
            let fate = match frame.fate {
                Disconnection::InFlight(at) => format!("until {at}"),
                Disconnection::Arrived(at) => format!("at {at}"),
                Disconnection::Never => "never".to_owned(),
            };
            let what = match &frame.what {
                What::Opened => "opened".to_owned(),
                What::Ended => "ended".to_owned(),
                What::Frame(_, description) => {
                    format!("{} {}", description.name, gist(description)).trim_end().to_owned()
                }
            };
            let mark = if frame.is_latest { "*" } else { " " };
            format!("{mark}{way} {} {fate}: {what}", frame.left_at)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn frames_are_in_step_with_the_clock() {
        assert_eq!(
            seen("producer", 1),
            " -> 0.000 until 0.300: opened
*-> 0.000 until 0.300: protocol header"
        );
        assert_eq!(
            seen("producer", 400),
            " -> 0.000 at 0.300: opened
 -> 0.000 at 0.300: protocol header
*<- 0.300 until 0.600: connection.start version-minor=9 server-properties=6 items \
             mechanisms=PLAIN AMQPLAIN ANONYMOUS locales=en_U…"
        );
    }
}
