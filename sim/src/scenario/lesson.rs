//! `[lesson]`: what a scenario teaches. Texts, a prediction, a task to do by hand, and the goal that it has.

use std::{fmt, time::Duration};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use toml::Spanned;
use warren_core::ordered::OrdMap;

use super::{
    BROKER, Text,
    check::known,
    error::Mistake,
    values::{self, is_default},
};
use crate::document::Span;

/// `[lesson]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LessonPlan {
    /// `[[lesson.step]]`: what it says, one idea at a time.
    #[serde(rename = "step")]
    pub steps: Vec<Text>,
    /// What the visitor is asked before the scenario is played.
    #[serde(skip_serializing_if = "is_default")]
    pub prediction: Option<Prediction>,
    /// What the visitor is to do by hand.
    #[serde(skip_serializing_if = "is_default")]
    pub task: Option<Text>,
    /// `[[lesson.goal]]`: when that is done. One after the other.
    #[serde(skip_serializing_if = "is_default")]
    pub goal: Vec<Milestone>,
}

/// `[lesson.prediction]`: a question about what happens when nobody interferes.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// The question.
    pub question: Text,
    /// `[[lesson.prediction.choice]]`: two to four answers.
    #[serde(rename = "choice")]
    pub choices: Vec<Text>,
    /// Which of them is right, from 1.
    pub right: u32,
    /// Why, in a sentence.
    pub because: Text,
}

/// `[[lesson.goal]]`: what must hold at one moment, after the milestones before it were reached.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Only what concerns this queue counts.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Option<String>,
    /// Only what this producer or consumer does counts.
    #[serde(skip_serializing_if = "is_default")]
    pub actor: Option<String>,
    /// How much the sums of the ledger have to be: `{ acked = 12, lost = 0 }`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ledger: OrdMap<Counted, Amount>,
    /// What has to have happened, and to whom, in the words of `[[fault]]`: `{ crash = "worker-2" }`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub happened: OrdMap<String, String>,
    /// Up to when; later is too late.
    #[serde(default, with = "values::some_duration", skip_serializing_if = "is_default")]
    pub by: Option<Duration>,
}

/// A sum of the [ledger](crate::Ledger).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the field of the ledger that bears its name")]
pub enum Counted {
    Sent,
    Published,
    Routed,
    Unroutable,
    Returned,
    Confirmed,
    Answered,
    Delivered,
    Redelivered,
    Processed,
    Failed,
    Acked,
    Requeued,
    DeadLettered,
    Ready,
    Unacked,
    Lost,
}

/// How much a sum has to be: `12`, `"at least 3"`, `"at most 2"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Amount {
    /// So much.
    Exactly(u64),
    /// So much or more.
    AtLeast(u64),
    /// So much or less.
    AtMost(u64),
}

impl Amount {
    /// Whether `sum` is that much.
    #[must_use]
    pub const fn holds(self, sum: u64) -> bool {
        match self {
            Amount::Exactly(wanted) => sum == wanted,
            Amount::AtLeast(wanted) => sum >= wanted,
            Amount::AtMost(wanted) => sum <= wanted,
        }
    }
}

impl Counted {
    /// The word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Counted::Sent => "sent",
            Counted::Published => "published",
            Counted::Routed => "routed",
            Counted::Unroutable => "unroutable",
            Counted::Returned => "returned",
            Counted::Confirmed => "confirmed",
            Counted::Answered => "answered",
            Counted::Delivered => "delivered",
            Counted::Redelivered => "redelivered",
            Counted::Processed => "processed",
            Counted::Failed => "failed",
            Counted::Acked => "acked",
            Counted::Requeued => "requeued",
            Counted::DeadLettered => "dead_lettered",
            Counted::Ready => "ready",
            Counted::Unacked => "unacked",
            Counted::Lost => "lost",
        }
    }

    /// Whether events tell of which queue it is.
    const fn is_of_queues(self) -> bool {
        !matches!(
            self,
            Counted::Sent
                | Counted::Published
                | Counted::Routed
                | Counted::Unroutable
                | Counted::Returned
                | Counted::Confirmed
                | Counted::Answered
        )
    }

    /// Whether it is something that an actor does or hears.
    const fn is_of_actors(self) -> bool {
        matches!(
            self,
            Counted::Sent
                | Counted::Returned
                | Counted::Confirmed
                | Counted::Answered
                | Counted::Processed
                | Counted::Failed
        )
    }
}

/// What can have happened to an actor, as faults call it; the first three to the broker, too.
const TO_ACTORS: [&str; 10] =
    ["crash", "revive", "stop", "cut", "close", "silence", "partition", "slow", "tire", "pause"];
/// And to a queue.
const TO_QUEUES: [&str; 2] = ["purge", "delete"];
/// And what an actor can have been made to do.
const BY_ACTORS: [&str; 1] = ["settle"];

impl LessonPlan {
    /// Calls an actor by another name.
    pub fn rename_actor(&mut self, old: &str, new: &str) {
        self.rename(old, new, false);
    }

    /// Calls a queue by another name.
    pub fn rename_queue(&mut self, old: &str, new: &str) {
        self.rename(old, new, true);
    }

    /// Without one of the actors or queues that its goal is about there is no task.
    pub fn forget(&mut self, actors: &[String], queues: &[String]) {
        let is_gone = |milestone: &mut Milestone| {
            milestone.names(false).any(|name| actors.contains(name))
                || milestone.names(true).any(|name| queues.contains(name))
        };
        if self.goal.iter_mut().any(is_gone) {
            self.task = None;
            self.goal.clear();
        }
    }

    fn rename(&mut self, old: &str, new: &str, is_queue: bool) {
        let names = self.goal.iter_mut().flat_map(|milestone| milestone.names(is_queue));
        names.filter(|name| *name == old).for_each(|name| new.clone_into(name));
    }
}

impl Milestone {
    /// The names of queues, or those of actors, that it speaks of.
    fn names(&mut self, of_queues: bool) -> impl Iterator<Item = &mut String> {
        let whose = if of_queues { &mut self.queue } else { &mut self.actor };
        let deeds = self.happened.iter_mut();
        let deeds = deeds.filter(move |(deed, _)| TO_QUEUES.contains(&deed.as_str()) == of_queues);
        whose.iter_mut().chain(deeds.map(|(_, whom)| whom))
    }
}

/// `[lesson]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    #[serde(default, rename = "step")]
    steps: Vec<Text>,
    prediction: Option<Spanned<Prediction>>,
    task: Option<Text>,
    #[serde(default)]
    goal: Vec<Spanned<Milestone>>,
}

impl Entry {
    /// What the entry means, with the actors and queues that there are.
    pub(super) fn plan(self, section: Span, actors: &[&str], queues: &[&str]) -> Result<LessonPlan, Mistake> {
        if self.steps.is_empty() {
            let message = "a [lesson] needs at least one [[lesson.step]]: what it says";
            return Err(Mistake::in_section(section, message.into()));
        }
        if self.task.is_some() == self.goal.is_empty() {
            let message = "a \"task\" needs a [[lesson.goal]], and a goal a task: \
                           write both, or leave both out";
            return Err(Mistake::in_section(section, message.into()));
        }
        self.prediction.as_ref().map_or(Ok(()), check_prediction)?;
        self.goal.iter().try_for_each(|milestone| check_milestone(milestone, actors, queues))?;
        Ok(LessonPlan {
            steps: self.steps,
            prediction: self.prediction.map(Spanned::into_inner),
            task: self.task,
            goal: self.goal.into_iter().map(Spanned::into_inner).collect(),
        })
    }
}

fn check_prediction(prediction: &Spanned<Prediction>) -> Result<(), Mistake> {
    let choices = prediction.get_ref().choices.len();
    if !(2..=4).contains(&choices) {
        let message = "a prediction has two to four [[lesson.prediction.choice]]";
        return Err(Mistake::in_section(prediction.span(), message.into()));
    }
    let right = usize::try_from(prediction.get_ref().right).unwrap_or(usize::MAX);
    if !(1..=choices).contains(&right) {
        let message = format!("it says which choice is right: a number from 1 to {choices}");
        return Err(Mistake::in_field(prediction.span(), "right", &message));
    }
    Ok(())
}

fn check_milestone(milestone: &Spanned<Milestone>, actors: &[&str], queues: &[&str]) -> Result<(), Mistake> {
    let section = || milestone.span();
    let Milestone { queue, actor, ledger, happened, .. } = milestone.get_ref();
    if ledger.is_empty() && happened.is_empty() {
        let message = "a [[lesson.goal]] needs \"ledger\", \"happened\", or both";
        return Err(Mistake::in_section(section(), message.into()));
    }
    if queue.is_some() && actor.is_some() {
        return Err(Mistake::in_field(section(), "actor", "it counts for a queue or for an actor, not both"));
    }
    if let Some(queue) = queue {
        known("queue", "queue", queue, queues, section())?;
    }
    if let Some(actor) = actor {
        known("actor", "producer or consumer", actor, actors, section())?;
    }
    let uncounted = |counted: &&Counted| {
        queue.is_some() && !counted.is_of_queues() || actor.is_some() && !counted.is_of_actors()
    };
    if let Some(counted) = ledger.keys().find(uncounted) {
        let (of, field) = if queue.is_some() { ("a queue", "queue") } else { ("an actor", "actor") };
        let message = format!("{:?} is not counted for {of}; leave {field:?} out", counted.word());
        return Err(Mistake::in_field(section(), "ledger", &message));
    }
    for (deed, whom) in happened {
        let is_to_queue = TO_QUEUES.contains(&deed.as_str());
        let deeds: Vec<&str> = TO_ACTORS.into_iter().chain(BY_ACTORS).chain(TO_QUEUES).collect();
        known("happened", "fault", deed, &deeds, section())?;
        let kind = if is_to_queue { "queue" } else { "producer or consumer" };
        let all: Vec<&str> = actors.iter().copied().chain([BROKER]).collect();
        known("happened", kind, whom, if is_to_queue { queues } else { &all }, section())?;
    }
    Ok(())
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Exactly(wanted) => write!(f, "{wanted}"),
            Amount::AtLeast(wanted) => write!(f, "at least {wanted}"),
            Amount::AtMost(wanted) => write!(f, "at most {wanted}"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Amount::Exactly(wanted) => serializer.serialize_u64(*wanted),
            amount => serializer.collect_str(amount),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;
        impl Visitor<'_> for Wanted {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number such as 12, \"at least 3\" or \"at most 2\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount, E> {
                let wanted = u64::try_from(number).map(Amount::Exactly);
                wanted.map_err(|_| de::Error::invalid_value(de::Unexpected::Signed(number), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                let after = |prefix| text.strip_prefix(prefix).and_then(|number| number.parse().ok());
                let least = after("at least ").map(Amount::AtLeast);
                least
                    .or_else(|| after("at most ").map(Amount::AtMost))
                    .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Wanted)
    }
}
