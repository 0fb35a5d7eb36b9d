//! Whether the goal of a lesson is reached: a fold over what happens, like the ledger.

use std::time::Duration;

use warren_core::{Event, Fact, Instant, Name};

use crate::{
    ActorId, Amount, Counted, Happening, Ledger, Milestone, Mishap, Scenario, Spectator, WorldEvent,
    scenario::BROKER,
};

/// Who watches for the goal of a scenario's lesson. Without a lesson it watches for nothing.
///
/// A milestone is reached at a moment in which all that it asks for holds, after those before it were reached; what
/// changes within one moment does not count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GoalWatch {
    marks: Vec<Mark>,
    actors: Vec<String>,
    /// When what was seen last has happened.
    at: Instant,
}

/// A look at a milestone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MilestoneView<'a> {
    /// What it asks for.
    pub milestone: &'a Milestone,
    /// Whether that held, and those before it were reached.
    pub is_reached: bool,
    /// Its sums: which, how much is wanted, and how much it is now.
    pub sums: Vec<(Counted, Amount, u64)>,
    /// What has to have happened, to whom, and whether it has.
    pub deeds: Vec<(&'a str, &'a str, bool)>,
    /// Whether it can not be reached any more: its time is over.
    pub is_late: bool,
}

/// A milestone, and what has been seen of it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Mark {
    milestone: Milestone,
    actor: Option<ActorId>,
    /// What concerns it, up to when it is wanted.
    ledger: Ledger,
    /// In the order of `milestone.happened`.
    done: Vec<bool>,
    is_reached: bool,
}

impl GoalWatch {
    /// Who watches a world of this scenario from its first moment.
    #[must_use]
    pub fn new(scenario: &Scenario) -> GoalWatch {
        let goal = scenario.lesson.iter().flat_map(|lesson| &lesson.goal);
        let actors: Vec<String> = scenario.actor_names().map(str::to_owned).collect();
        let marks: Vec<Mark> = goal.map(|milestone| Mark::new(milestone, &actors)).collect();
        GoalWatch { marks, actors, at: Instant::ZERO }
    }

    /// Whether the last milestone is reached; never where there is none.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        // What is not reached yet holds now, and what comes before it was reached or does, too.
        !self.marks.is_empty() && self.marks.iter().all(|mark| mark.is_reached || mark.holds())
    }

    /// The milestones, in order, when the clock shows `now`: time is over although nothing happens.
    #[must_use]
    pub fn milestones(&self, now: Instant) -> Vec<MilestoneView<'_>> {
        let mut is_next = true;
        let view = |mark| {
            let view = Mark::view(mark, is_next, self.at.max(now));
            is_next = view.is_reached;
            view
        };
        self.marks.iter().map(view).collect()
    }

    /// A moment is over.
    fn judge(&mut self) {
        for mark in &mut self.marks {
            mark.is_reached = mark.is_reached || mark.holds();
            if !mark.is_reached {
                return;
            }
        }
    }
}

impl Spectator for GoalWatch {
    fn see(&mut self, event: &WorldEvent) {
        if self.marks.is_empty() {
            return;
        }
        if event.at > self.at {
            self.judge();
            self.at = event.at;
        }
        let deed = deed(&event.what, &self.actors);
        for mark in &mut self.marks {
            mark.see(event, deed);
        }
    }
}

impl Mark {
    fn new(milestone: &Milestone, actors: &[String]) -> Mark {
        let actor = (0..).zip(actors).find(|(_, name)| milestone.actor.as_ref() == Some(*name));
        Mark {
            milestone: milestone.clone(),
            actor: actor.map(|(id, _)| ActorId(id)),
            ledger: Ledger::default(),
            done: vec![false; milestone.happened.len()],
            is_reached: false,
        }
    }

    fn see(&mut self, event: &WorldEvent, deed: Option<(&str, &str)>) {
        if self.milestone.by.is_some_and(|by| event.at > Instant::ZERO + by) {
            return;
        }
        let is_its = match (&self.milestone.queue, self.actor) {
            (Some(queue), _) => is_of_queue(&event.what, queue),
            (None, Some(actor)) => doer(&event.what) == Some(actor),
            (None, None) => true,
        };
        if is_its && !self.milestone.ledger.is_empty() {
            self.ledger.apply(event);
        }
        for ((word, whom), done) in self.milestone.happened.iter().zip(&mut self.done) {
            *done |= deed == Some((word, whom));
        }
    }

    fn holds(&self) -> bool {
        let sums = self.milestone.ledger.iter();
        self.done.iter().all(|done| *done)
            && sums.into_iter().all(|(counted, amount)| amount.holds(self.ledger.sum(*counted)))
    }

    fn view(&self, is_next: bool, now: Instant) -> MilestoneView<'_> {
        let sums = self.milestone.ledger.iter();
        let deeds = self.milestone.happened.iter().zip(&self.done);
        let is_reached = self.is_reached || (is_next && self.holds());
        let is_over = |by: Duration| now > Instant::ZERO + by;
        MilestoneView {
            milestone: &self.milestone,
            is_reached,
            sums: sums.map(|(counted, amount)| (*counted, *amount, self.ledger.sum(*counted))).collect(),
            deeds: deeds.map(|((word, whom), done)| (word.as_str(), whom.as_str(), *done)).collect(),
            is_late: !is_reached && self.milestone.by.is_some_and(is_over),
        }
    }
}

impl Ledger {
    /// The sum of this name.
    #[must_use]
    pub fn sum(&self, counted: Counted) -> u64 {
        match counted {
            Counted::Sent => self.sent,
            Counted::Published => self.published,
            Counted::Routed => self.routed,
            Counted::Unroutable => self.unroutable,
            Counted::Returned => self.returned,
            Counted::Confirmed => self.confirmed,
            Counted::Answered => self.answered,
            Counted::Delivered => self.delivered,
            Counted::Redelivered => self.redelivered,
            Counted::Processed => self.processed,
            Counted::Failed => self.failed,
            Counted::Acked => self.acked,
            Counted::Requeued => self.requeued,
            Counted::DeadLettered => self.dead_lettered,
            Counted::Ready => self.ready,
            Counted::Unacked => self.unacked,
            Counted::Lost => self.lost(),
        }
    }
}

/// What befell somebody, in the words of `[[fault]]`.
fn deed<'a>(what: &'a Happening, actors: &'a [String]) -> Option<(&'a str, &'a str)> {
    let name = |actor: ActorId| usize::try_from(actor.0).ok().and_then(|index| actors.get(index));
    match what {
        Happening::Crashed { actor, .. } => Some(("crash", name(*actor)?)),
        Happening::Revived { actor } | Happening::WentOn { actor } => Some(("revive", name(*actor)?)),
        Happening::BrokerCrashed { .. } => Some(("crash", BROKER)),
        Happening::BrokerStopped => Some(("stop", BROKER)),
        Happening::BrokerStarted => Some(("revive", BROKER)),
        Happening::Mishap(mishap) => {
            let whom = match mishap {
                Mishap::PurgeQueue { queue } | Mishap::DeleteQueue { queue } => queue,
                mishap => mishap.whom(),
            };
            Some((mishap.word(), whom))
        }
        _ => None,
    }
}

/// Who does or hears it, of what the ledger counts.
fn doer(what: &Happening) -> Option<ActorId> {
    match what {
        Happening::Confirmed { actor, .. }
        | Happening::Answered { actor, .. }
        | Happening::Returned { actor, .. }
        | Happening::WorkDone { actor, .. }
        | Happening::WorkFailed { actor, .. } => Some(*actor),
        Happening::Sent(sending) => Some(sending.actor),
        _ => None,
    }
}

/// Whether it changes the sums of a queue.
fn is_of_queue(what: &Happening, of: &str) -> bool {
    let queue = match what {
        Happening::Broker(Event { fact, .. }) => queue_of(fact),
        Happening::WorkDone { queue, .. }
        | Happening::WorkFailed { queue, .. }
        | Happening::Lost { queue: Some(queue), .. } => Some(queue),
        Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
            return true;
        }
        _ => None,
    };
    queue.is_some_and(|queue| **queue == *of)
}

/// The queue that a fact counts for.
const fn queue_of(fact: &Fact) -> Option<&Name> {
    match fact {
        Fact::Enqueued { queue, .. }
        | Fact::Recovered { queue, .. }
        | Fact::Delivered { queue, .. }
        | Fact::Got { queue, .. }
        | Fact::Read { queue, .. }
        | Fact::ReadSettled { queue, .. }
        | Fact::Acked { queue, .. }
        | Fact::Requeued { queue, .. }
        | Fact::Dropped { queue, .. }
        | Fact::DroppedUnread { queue, .. }
        | Fact::DeadLettered { queue, .. } => Some(queue),
        _ => None,
    }
}
