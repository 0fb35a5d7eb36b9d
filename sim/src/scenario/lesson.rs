//! `[lesson]`: what a scenario teaches. Texts, a prediction, a task to do by hand, and the goal that it has.

use std::{fmt, time::Duration};

use toml::Spanned;
use warren_core::ordered::OrdMap;

use super::{BROKER, LessonStep, Text, check::known, error::Mistake, file::unplaced};
use crate::document::{self, Error, Field, Fields, Node, Record, Span, Value, words};

/// `[lesson]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LessonPlan {
    /// `[[lesson.step]]`: what it says, one idea at a time.
    pub steps: Vec<LessonStep>,
    /// What the visitor is asked before the scenario is played.
    pub prediction: Option<Prediction>,
    /// What the visitor is to do by hand.
    pub task: Option<Text>,
    /// `[[lesson.goal]]`: when that is done. One after the other.
    pub goal: Vec<Milestone>,
}

/// `[lesson.prediction]`: a question about what happens when nobody interferes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prediction {
    /// The question.
    pub question: Text,
    /// `[[lesson.prediction.choice]]`: two to four answers.
    pub choices: Vec<Text>,
    /// Which of them is right, from 1.
    pub right: u32,
    /// Why, in a sentence.
    pub because: Text,
}

impl Record for Prediction {
    fn plain() -> Self {
        Prediction { question: Text::default(), choices: Vec::new(), right: 0, because: Text::default() }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("question", &mut self.question);
        fields.needed("choice", &mut self.choices);
        fields.needed("right", &mut self.right);
        fields.needed("because", &mut self.because);
    }
}

/// `[[lesson.goal]]`: what must hold at one moment, after the milestones before it were reached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Milestone {
    /// Only what concerns this queue counts.
    pub queue: Option<String>,
    /// Only what this producer or consumer does counts.
    pub actor: Option<String>,
    /// How much the sums of the ledger have to be: `{ acked = 12, lost = 0 }`.
    pub ledger: OrdMap<Counted, Amount>,
    /// What has to have happened, and to whom, in the words of `[[fault]]`: `{ crash = "worker-2" }`.
    pub happened: OrdMap<String, String>,
    /// Up to when; later is too late.
    pub by: Option<Duration>,
}

impl Record for Milestone {
    fn plain() -> Self {
        Milestone::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.optional("queue", &mut self.queue);
        fields.optional("actor", &mut self.actor);
        fields.optional("ledger", &mut self.ledger);
        fields.optional("happened", &mut self.happened);
        fields.optional("by", &mut self.by);
    }
}

/// A sum of the [ledger](crate::Ledger).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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

words! {
    pub Counted:
    Sent = "sent",
    Published = "published",
    Routed = "routed",
    Unroutable = "unroutable",
    Returned = "returned",
    Confirmed = "confirmed",
    Answered = "answered",
    Delivered = "delivered",
    Redelivered = "redelivered",
    Processed = "processed",
    Failed = "failed",
    Acked = "acked",
    Requeued = "requeued",
    DeadLettered = "dead_lettered",
    Ready = "ready",
    Unacked = "unacked",
    Lost = "lost",
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

    /// Calls something by another name that its steps light up: `old` and `new` are in the words of `[positions]`.
    pub fn rename_light(&mut self, old: &str, new: &str) {
        let lights = self.steps.iter_mut().flat_map(|step| &mut step.light);
        lights.filter(|light| *light == old).for_each(|light| new.clone_into(light));
    }

    /// Its steps light up only what is still there. `is_there` is asked in the words of `[positions]`.
    pub fn keep_lights(&mut self, is_there: impl Fn(&str) -> bool) {
        self.steps.iter_mut().for_each(|step| step.light.retain(|light| is_there(light)));
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
#[derive(Clone, Default)]
pub(super) struct Entry {
    steps: Vec<Spanned<LessonStep>>,
    prediction: Option<Spanned<Prediction>>,
    task: Option<Text>,
    goal: Vec<Spanned<Milestone>>,
}

impl Record for Entry {
    fn plain() -> Self {
        Entry::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.optional("step", &mut self.steps);
        fields.optional("prediction", &mut self.prediction);
        fields.optional("task", &mut self.task);
        fields.optional("goal", &mut self.goal);
    }
}

/// What there is in the scenario that a lesson is about.
pub(super) struct There<'a> {
    pub(super) actors: Vec<&'a str>,
    pub(super) queues: Vec<&'a str>,
    /// Everything that can be lit up.
    pub(super) things: Vec<String>,
    /// How long it plays.
    pub(super) end: Duration,
}

impl Entry {
    /// As it is written.
    pub(super) fn of(plan: &LessonPlan) -> Entry {
        let plan = plan.clone();
        Entry {
            steps: plan.steps.into_iter().map(unplaced).collect(),
            prediction: plan.prediction.map(unplaced),
            task: plan.task,
            goal: plan.goal.into_iter().map(unplaced).collect(),
        }
    }

    /// What the entry means, in a scenario that has these things.
    pub(super) fn plan(self, section: Span, there: &There<'_>) -> Result<LessonPlan, Mistake> {
        if self.steps.is_empty() {
            let message = "a [lesson] needs at least one [[lesson.step]]: what it says";
            return Err(Mistake::in_section(section, message.into()));
        }
        if self.task.is_some() == self.goal.is_empty() {
            let message = "a \"task\" needs a [[lesson.goal]], and a goal a task: \
                           write both, or leave both out";
            return Err(Mistake::in_section(section, message.into()));
        }
        let things: Vec<&str> = there.things.iter().map(String::as_str).collect();
        self.steps.iter().try_for_each(|step| step.get_ref().check(&step.span(), &things, there.end))?;
        self.prediction.as_ref().map_or(Ok(()), check_prediction)?;
        self.goal
            .iter()
            .try_for_each(|milestone| check_milestone(milestone, &there.actors, &there.queues))?;
        Ok(LessonPlan {
            steps: self.steps.into_iter().map(Spanned::into_inner).collect(),
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

impl Field for Amount {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        if let Ok(number) = u64::read(node) {
            return Ok(Amount::Exactly(number));
        }
        document::spelled(node, "a number such as 12, \"at least 3\" or \"at most 2\"", |text| {
            let after = |prefix| text.strip_prefix(prefix).and_then(|number| number.parse().ok());
            after("at least ").map(Amount::AtLeast).or_else(|| after("at most ").map(Amount::AtMost))
        })
    }

    fn write(&self) -> Option<Value> {
        match self {
            Amount::Exactly(wanted) => wanted.write(),
            amount => Some(Value::Text(amount.to_string())),
        }
    }
}

/// `{ acked = 12, lost = 0 }`
impl Field for OrdMap<Counted, Amount> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        let sums = document::entries(node)?;
        let sums = sums.map(|(key, value)| {
            Ok((document::word_at(key.span(), key.get_ref(), Counted::WORDS)?, Amount::read(value)?))
        });
        sums.collect()
    }

    fn write(&self) -> Option<Value> {
        Some(Value::table(self.iter().map(|(counted, amount)| (counted.word().to_owned(), amount.write()))))
    }
}
