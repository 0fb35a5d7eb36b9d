//! What an actor's program does, whatever its language.

use warren_sim::{
    AckMode, Binding, Consumer, Exchange, Frequency, Producer, Queue, Scenario,
    warren_core::wire::{FieldTable, FieldValue},
};
use warren_texts::Catalogue;

/// The header that tells a consumer how long the work on a message takes, in ms.
pub(crate) const WORK_HEADER: &str = "x-work-ms";
/// The header that tells consumers how often the work on a message fails before it succeeds.
pub(crate) const FAILS_HEADER: &str = "x-fails";

/// An actor's program.
pub(crate) struct Plan<'a> {
    pub scenario: &'a Scenario,
    pub name: &'a str,
    pub catalogue: &'static Catalogue,
    /// What it declares before it starts to work, as every actor does.
    pub exchanges: &'a [Exchange],
    pub queues: Vec<Queue>,
    pub bindings: Vec<&'a Binding>,
    pub role: Role<'a>,
}

pub(crate) enum Role<'a> {
    Producer(Publishing<'a>),
    Consumer(Consuming<'a>),
}

/// What a producer does.
pub(crate) struct Publishing<'a> {
    pub plan: &'a Producer,
    /// The headers of its messages, in turn, with those that tell consumers of the work.
    pub headers: Vec<FieldTable>,
    pub body: Body,
    /// Whether its messages need ids.
    pub has_ids: bool,
}

/// What messages say.
pub(crate) enum Body {
    /// The same, but for what is different in each message.
    Template(Vec<Part>),
    /// Texts in turn, in which `{n}`, `{key}` and `{priority}` are still to be filled in.
    InTurn(Vec<String>),
}

/// A part of a body.
pub(crate) enum Part {
    Text(String),
    /// A variable of the program: `n`, `key`, `priority`.
    Variable(&'static str),
}

/// What a consumer does.
pub(crate) struct Consuming<'a> {
    pub plan: &'a Consumer,
    /// Whether messages say how long the work on them takes.
    pub works_as_told: bool,
    /// Whether messages say how often the work on them fails.
    pub fails_as_told: bool,
    /// After how many messages it acks; no more than it may hold.
    pub ack_every: u32,
}

/// Longer lists of headers would not be read.
const MOST_HEADERS: usize = 40;

impl<'a> Plan<'a> {
    /// What an actor's program does, if there is such an actor.
    pub(crate) fn of(scenario: &'a Scenario, actor: &str, catalogue: &'static Catalogue) -> Option<Plan<'a>> {
        let producer = scenario.producers.iter().find(|producer| producer.name == actor);
        let consumer = scenario.consumers.iter().find(|consumer| consumer.name == actor);
        let (name, role) = match (producer, consumer) {
            (Some(plan), _) => (&plan.name, Role::Producer(Publishing::of(scenario, plan))),
            (None, Some(plan)) => (&plan.name, Role::Consumer(Consuming::of(scenario, plan))),
            (None, None) => return None,
        };
        let others: Vec<&str> = scenario.exclusive_queues_of_others(actor).collect();
        let is_ours = |queue: &str| !others.contains(&queue);
        let bindings = scenario.bindings.iter();
        Some(Plan {
            scenario,
            name,
            catalogue,
            exchanges: &scenario.exchanges,
            queues: scenario.queues_declared_by(actor).collect(),
            bindings: bindings.filter(|binding| binding.queue.as_deref().is_none_or(is_ours)).collect(),
            role,
        })
    }

    /// A text in the language of the comments.
    pub(crate) fn say(&self, english: &'static str) -> &'static str {
        self.catalogue.text(english)
    }
}

impl<'a> Publishing<'a> {
    fn of(scenario: &Scenario, plan: &'a Producer) -> Publishing<'a> {
        let body = body(plan);
        let fails = scenario.producers.iter().any(|producer| !producer.fails.is_empty());
        Publishing { plan, headers: headers(plan), body, has_ids: fails }
    }
}

impl Publishing<'_> {
    /// What is still to be filled into texts in turn: the name of each variable, with its value if that is always the
    /// same.
    pub(crate) fn holes<'b>(
        &'b self,
        texts: &'b [String],
    ) -> impl Iterator<Item = (&'static str, Option<String>)> + 'b {
        let same = move |name| match (name, &self.plan.routing_key[..], &self.plan.priority[..]) {
            ("key", [key], _) => Some(key.clone()),
            ("priority", _, []) => Some(String::new()),
            ("priority", _, [priority]) => Some(priority.to_string()),
            _ => None,
        };
        let is_there = move |name: &str| texts.iter().any(|text| text.contains(&["{", name, "}"].concat()));
        ["n", "key", "priority"]
            .into_iter()
            .filter(move |name| is_there(name))
            .map(move |name| (name, same(name)))
    }
}

impl<'a> Consuming<'a> {
    fn of(scenario: &Scenario, plan: &'a Consumer) -> Consuming<'a> {
        let mut producers = scenario.producers.iter();
        let works_as_told = plan.work.is_none() && producers.clone().any(|other| !other.work.is_empty());
        let fails_as_told = producers.any(|other| other.fails.iter().any(|fails| *fails > 0));
        let room = if plan.prefetch == 0 { u32::MAX } else { plan.prefetch.into() };
        Consuming { plan, works_as_told, fails_as_told, ack_every: plan.ack_every.min(room) }
    }

    /// Whether its work can fail.
    pub(crate) fn fails(&self) -> bool {
        self.fails_as_told || self.plan.fails != Frequency::Never
    }

    /// Whether it looks at the headers of messages.
    pub(crate) const fn reads_headers(&self) -> bool {
        self.works_as_told || self.fails_as_told || self.plan.give_up.is_some()
    }

    /// Whether it acks a message when the work is done.
    pub(crate) fn acks_after_work(&self) -> bool {
        self.plan.ack == AckMode::AfterWork
    }

    /// Whether a client that hands out messages as they come must be made to wait for the work on the last one.
    pub(crate) fn holds_several(&self) -> bool {
        self.plan.prefetch != 1 || !self.acks_after_work()
    }
}

/// The producer's own headers, and those that tell of the work, as one list in turn.
fn headers(plan: &Producer) -> Vec<FieldTable> {
    let lengths = [plan.headers.len(), plan.work.len(), plan.fails.len()];
    if lengths == [0, 0, 0] {
        return Vec::new();
    }
    let turns = lengths.into_iter().filter(|length| *length > 0).fold(1, least_common_multiple);
    let count = usize::try_from(plan.count).unwrap_or(usize::MAX).max(1);
    let turn = |index: usize| {
        let mut table = in_turn(&plan.headers, index).cloned().unwrap_or_default();
        if let Some(work) = in_turn(&plan.work, index) {
            let ms = i64::try_from(work.as_millis()).unwrap_or(i64::MAX);
            table.insert(WORK_HEADER, FieldValue::I64(ms));
        }
        if let Some(fails) = in_turn(&plan.fails, index).filter(|fails| **fails > 0) {
            table.insert(FAILS_HEADER, FieldValue::I64((*fails).into()));
        }
        table
    };
    (0..turns.min(count).min(MOST_HEADERS)).map(turn).collect()
}

/// Whether the list of headers had to be cut.
pub(crate) fn cuts_headers(plan: &Producer) -> bool {
    let lengths = [plan.headers.len(), plan.work.len(), plan.fails.len()];
    let turns = lengths.into_iter().filter(|length| *length > 0).fold(1, least_common_multiple);
    turns.min(usize::try_from(plan.count).unwrap_or(usize::MAX)) > MOST_HEADERS
}

fn body(plan: &Producer) -> Body {
    let names = plan
        .headers
        .iter()
        .flat_map(FieldTable::iter)
        .map(|(name, _)| ["{", &name.to_string(), "}"].concat());
    if names.collect::<Vec<_>>().iter().any(|name| plan.body.contains(name.as_str())) {
        let texts = plan.headers.iter().map(|headers| {
            headers.iter().fold(plan.body.clone(), |text, (name, value)| {
                text.replace(&["{", &name.to_string(), "}"].concat(), &value.to_string())
            })
        });
        return Body::InTurn(texts.collect());
    }
    // What is the same in every message is no variable.
    let mut text = plan.body.clone();
    if let [key] = &plan.routing_key[..] {
        text = text.replace("{key}", key);
    }
    match &plan.priority[..] {
        [] => text = text.replace("{priority}", ""),
        [priority] => text = text.replace("{priority}", &priority.to_string()),
        _ => {}
    }
    Body::Template(parts(&text))
}

fn parts(mut text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    while let Some(letter) = text.chars().next() {
        let variable = ["n", "key", "priority"].into_iter().find_map(|name| {
            let rest = text.strip_prefix('{')?.strip_prefix(name)?.strip_prefix('}')?;
            Some((name, rest))
        });
        match variable {
            Some((name, rest)) => {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Variable(name));
                text = rest;
            }
            None => {
                plain.push(letter);
                text = text.get(letter.len_utf8()..).unwrap_or_default();
            }
        }
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(Part::Text(plain));
    }
    parts
}

/// What is at `turn` when the list starts over each time it ends.
fn in_turn<T>(list: &[T], turn: usize) -> Option<&T> {
    list.get(turn.checked_rem(list.len())?)
}

fn least_common_multiple(one: usize, other: usize) -> usize {
    let (mut a, mut b) = (one, other);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (one / a.max(1)).saturating_mul(other)
}
