//! What the panels are given, from what there is at the moment.

use warren_sim::{
    ActorKind, Chapter, Happening, Scenario, Status, WorldEvent,
    warren_core::{Event, Fact, Instant, MessageId},
};

use super::App;
use crate::{
    components::{Inspected, Line, Mark, Thing, Told, Track, Victim},
    i18n::{Lang, say},
    player::{Most, Player, StepKind, is_down},
    scene::{Badge, Place},
    story,
};

/// Lines of the log that are shown.
const LOG_LINES: usize = 150;
/// Marks that there is room for.
const MARKS: usize = 400;
const VHOST: &str = "/";

impl App {
    pub(super) fn lines(&self, player: &Player) -> Vec<Line> {
        let (kind, text) = (self.log_filter.0, lower(&self.log_filter.1));
        let pick = |event: &WorldEvent| {
            let line = kind.shows(event).then(|| self.line(player.scenario(), event))??;
            let said = || lower(&format!("{} {}", line.who, line.what));
            (text.is_empty() || said().contains(&text)).then_some(line)
        };
        let key = (player.era(), self.lang, (kind, text.clone()));
        let mut lines = self.lines.borrow_mut();
        let found = lines.follow(key, player.history().past(), Most::Last(LOG_LINES), pick);
        found.rev().cloned().collect()
    }

    /// What is worth a mark on the bar of time, the known future included.
    pub(super) fn marks(&self, player: &Player) -> Vec<(Instant, Mark)> {
        let mut marks = self.marks.borrow_mut();
        marks.follow(player.era(), player.history().entries(), Most::First(MARKS), mark).copied().collect()
    }

    /// What the broker has said no to the last time.
    pub(super) fn refusals(&self, player: &Player) -> Vec<(String, String)> {
        let refused = |event: &WorldEvent| match &event.what {
            // What the broker says begins with a reply code; what the network does has none.
            Happening::Refused { actor, reason, .. }
                if reason.starts_with(|letter: char| letter.is_ascii_digit()) =>
            {
                let name = player.scenario().actor_names().nth(actor.0 as usize)?;
                Some((name.to_owned(), reason.clone()))
            }
            _ => None,
        };
        let mut refusals = self.refusals.borrow_mut();
        refusals.follow(player.era(), player.history().past(), Most::Last(1), refused).cloned().collect()
    }

    fn line(&self, scenario: &Scenario, event: &WorldEvent) -> Option<Line> {
        let (who, what) = story::sentence(self.lang, scenario, &event.what)?;
        Some(Line { when: self.lang.exact(event.at), who, what })
    }

    pub(super) fn inspected(&self, player: &Player, message: MessageId) -> Inspected {
        let chapters = player.history().explained_story(message);
        // The reasons stand below the first line that says what came of them.
        let mut answers = Vec::new();
        let told = chapters.iter().filter_map(|Chapter { event, routing }| {
            answers.extend(routing.iter().flat_map(|routing| story::why::answers(self.lang, routing)));
            let line = self.line(player.scenario(), event)?;
            Some(Told { line, answers: std::mem::take(&mut answers) })
        });
        let story = told.collect();
        let number = player.motion().ordinal(message);
        let events: Vec<&WorldEvent> = chapters.iter().map(|chapter| &chapter.event).collect();
        Inspected { number, properties: properties(player, message, &events), story }
    }

    pub(super) fn things(&self, player: &Player) -> Vec<Thing> {
        let lang = self.lang;
        let layout = player.latest_layout();
        let is_up = player.world().broker_is_up();
        let thing = |node: &crate::scene::Node| {
            let place = node.place.clone();
            let (state, action, is_down) = match &place {
                Place::Producer(id) | Place::Consumer(id) => {
                    let actor = player.actor(*id)?;
                    let down = is_down(&actor) || actor.status == Status::Paused;
                    let action = if down { lang.say("Revive") } else { lang.say("Crash") };
                    let mut state = status(lang, actor.status).to_owned();
                    // Where it is the only one, it goes without saying.
                    if let Some(channel) = actor.channel.filter(|_| is_shared(player.scenario(), &node.name))
                    {
                        state = say!(lang, "{state}, channel {channel}", state, channel);
                    }
                    (state, Some(action), down)
                }
                Place::Queue(name) => {
                    let counts = player.world().broker().queue_counts(VHOST, name);
                    let said = |(ready, unacked)| format!("{ready} + {unacked}");
                    (counts.map_or_else(String::new, said), None, !is_up)
                }
                Place::Exchange(_) => (node.note.clone(), None, !is_up),
                Place::Queues(_) | Place::Consumers(_) => {
                    let count = node.badges.first().map(Badge::text).unwrap_or_default();
                    (count, Some(lang.say("Unfold")), false)
                }
                Place::Disk => {
                    let action = if is_up { lang.say("Cut power") } else { lang.say("Start") };
                    (String::new(), Some(action), !is_up)
                }
            };
            let name = match &place {
                Place::Queues(_) => say!(lang, "queues of {name}", name = node.name),
                Place::Consumers(_) => say!(lang, "consumers of {name}", name = node.name),
                _ => node.name.clone(),
            };
            Some(Thing { place, name, state, action, is_down })
        };
        layout.nodes.iter().filter_map(thing).collect()
    }
}

/// Whether an actor is a part of a larger client.
fn is_shared(scenario: &Scenario, actor: &str) -> bool {
    scenario.seats().any(|seat| seat.actor == actor && !seat.client.is_empty())
}

fn status(lang: Lang, status: Status) -> &'static str {
    match status {
        Status::Up => lang.say("up"),
        Status::Paused => lang.say("paused"),
        Status::Waiting | Status::Connecting | Status::Disconnected => lang.say("connecting"),
        Status::Refused => lang.say("refused"),
        Status::Crashed => lang.say("down"),
        Status::Finished => lang.say("finished"),
    }
}

/// What is picked, as the tools see it, and where it is.
pub(super) fn victim(player: &Player) -> Option<(Victim, Place)> {
    if let Some(message) = player.selected() {
        let holder = player.world().actors().into_iter().find(|actor| match &actor.kind {
            ActorKind::Consumer { buffered, working, kept, .. } => {
                let held = buffered.iter().chain(kept).copied().chain(working.map(|work| work.message));
                held.into_iter().any(|held| held == message)
            }
            _ => false,
        })?;
        let place = Place::Consumer(holder.id);
        return Some((Victim::Message { number: message.0, holder: Some(holder.name) }, place));
    }
    let place = player.selection.only_place()?;
    let victim = match place {
        Place::Producer(actor) | Place::Consumer(actor) => Victim::Actor(player.actor(*actor)?),
        Place::Queues(_) | Place::Consumers(_) => return None,
        Place::Queue(_) | Place::Exchange(_) | Place::Disk => {
            let queue = match place {
                Place::Queue(name) => Some(name.to_string()),
                _ => None,
            };
            let has_disk = player.scenario().disk.is_some();
            Victim::Broker { is_up: player.world().broker_is_up(), has_disk, queue }
        }
    };
    Some((victim, place.clone()))
}

/// What the charts draw of a player.
pub(super) fn track(player: &Player) -> Track {
    let chart = player.chart();
    Track { strips: chart.strips(player.scenario()), width_us: chart.width_us() }
}

/// What is worth a mark on the bar of time.
fn mark(event: &WorldEvent) -> Option<(Instant, Mark)> {
    let mark = match &event.what {
        Happening::Lost { .. } => Mark::Loss,
        Happening::Received { redelivered: true, .. } => Mark::Redelivery,
        Happening::Broker(Event { fact: Fact::DeadLettered { .. }, .. }) => Mark::DeadLetter,
        _ if StepKind::Crash.shows(event) => Mark::Crash,
        _ => return None,
    };
    Some((event.at, mark))
}

/// What a message is: from its publishing, and from the broker while it still has it.
fn properties(player: &Player, message: MessageId, events: &[&WorldEvent]) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    let mut add = |name: &str, value: &str| properties.push((name.to_owned(), value.to_owned()));
    for event in events {
        match &event.what {
            Happening::Sent(sending) => add("body", &sending.body),
            Happening::Broker(Event {
                fact: Fact::Published { exchange, routing_key, persistent, .. },
                ..
            }) => {
                add("exchange", if exchange.is_empty() { "(default)" } else { exchange });
                add("routing_key", routing_key);
                add("persistent", if *persistent { "true" } else { "false" });
            }
            _ => {}
        }
    }
    let view = player.world().broker();
    let ready =
        player.scenario().queues.iter().flat_map(|queue| view.ready_messages(VHOST, &queue.name, u32::MAX));
    let held = ready.chain(view.unacked_messages(u32::MAX)).find(|held| held.message == message);
    properties.extend(held.into_iter().flat_map(|held| held.properties));
    properties
}

/// In small letters. JavaScript does it: std brings tables of all alphabets along.
fn lower(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}
