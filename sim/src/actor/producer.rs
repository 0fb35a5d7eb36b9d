//! Producers: who sends what, one message per interval.

use std::{collections::VecDeque, time::Duration};

use warren_core::{Random, ordered::OrdMap, wire::FieldValue};

use super::Draft;
use crate::{
    client::{FAILS_HEADER, WORK_HEADER},
    scenario,
};

/// A producer's plan, and how far it has come. A revived producer goes on where it stopped.
#[derive(Clone, Debug)]
pub(crate) struct Producer {
    pub plan: scenario::Producer,
    pub sent: u32,
    /// Messages of which it must hear before it forgets them, by their numbers on the connection.
    kept: OrdMap<u64, Draft>,
    /// Messages to send again before any other.
    again: VecDeque<Draft>,
    /// Whether a moment is set for its next message.
    pub is_due: bool,
    /// A message was due while it had to wait.
    is_held_up: bool,
    /// Messages without confirm or answer.
    unheard: u64,
    /// Requests without answer: their numbers on the connection, by correlation id.
    asked: OrdMap<String, u64>,
    /// Messages in the transaction at hand.
    uncommitted: u32,
    /// Whether it waits for the end of the transaction.
    is_ending: bool,
    /// Transactions that it has ended.
    transactions: u64,
    random: Random,
}

/// How a transaction ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    Commit { messages: u32 },
    RollBack { messages: u32 },
}

impl Producer {
    /// A producer that has sent nothing yet. Its chances come from `random`.
    pub(crate) const fn new(plan: scenario::Producer, random: Random) -> Self {
        Producer {
            plan,
            sent: 0,
            kept: OrdMap::new(),
            again: VecDeque::new(),
            is_due: false,
            is_held_up: false,
            unheard: 0,
            asked: OrdMap::new(),
            uncommitted: 0,
            is_ending: false,
            transactions: 0,
            random,
        }
    }

    /// Forgets what it waits for. It begins its transaction again.
    pub(crate) fn stop(&mut self) {
        self.sent -= self.uncommitted;
        (self.uncommitted, self.unheard) = (0, 0);
        (self.is_held_up, self.is_ending, self.is_due) = (false, false, false);
        self.asked.clear();
        let kept = std::mem::take(&mut self.kept).into_values();
        self.again = kept.chain(std::mem::take(&mut self.again)).collect();
    }

    /// The broker has told what became of publish `number`, or of all up to it: whether it is to be sent again.
    pub(crate) fn settle(&mut self, number: u64, multiple: bool, is_safe: bool) {
        let settled: Vec<Draft> = if multiple {
            let later = self.kept.split_off(&number.saturating_add(1));
            std::mem::replace(&mut self.kept, later).into_values().collect()
        } else {
            self.kept.remove(&number).into_iter().collect()
        };
        if !is_safe {
            self.again.extend(settled);
        }
    }

    /// The time until its next message.
    pub(crate) fn interval(&mut self) -> Duration {
        self.plan.interval.draw(&mut self.random)
    }

    /// How many messages it has still to send, or to hear of.
    pub(crate) fn open(&self) -> u64 {
        if self.plan.code.is_some() {
            // Only its program knows what is to come.
            return 0;
        }
        let again = u64::try_from(self.again.len()).unwrap_or(u64::MAX);
        u64::from(self.plan.count - self.sent) + again + self.unheard + u64::from(self.uncommitted)
    }

    /// A message is due: whether it may go out now. If not, it is made up for.
    pub(crate) fn may_send(&mut self) -> bool {
        let is_full = self.plan.window > 0 && self.unheard >= self.plan.window.into();
        self.is_held_up = self.is_ending || is_full;
        !self.is_held_up
    }

    /// Whether a message was due while it had to wait.
    pub(crate) const fn is_held_up(&self) -> bool {
        self.is_held_up
    }

    /// The broker has taken responsibility for so many messages, or told that it does not.
    pub(crate) const fn heard(&mut self, messages: u64) {
        self.unheard = self.unheard.saturating_sub(messages);
    }

    /// An answer came: which of the connection's publishes it answers, unless that is answered already.
    pub(crate) fn answered(&mut self, correlation_id: Option<&str>) -> Option<u64> {
        let number = self.asked.remove(correlation_id?)?;
        self.heard(1);
        Some(number)
    }

    /// No answer to publish `number` came in time: it waits no longer.
    pub(crate) fn give_up(&mut self, number: u64) {
        let asked = self.asked.len();
        self.asked.retain(|_, asked| *asked != number);
        self.heard(u64::from(self.asked.len() < asked));
    }

    /// How the transaction at hand ends, if it is full or nothing follows. Until [`Producer::ended`] it waits.
    pub(crate) fn end_transaction(&mut self) -> Option<Ending> {
        let messages = self.uncommitted;
        if messages == 0 || (messages < self.plan.transaction && self.has_more()) {
            return None;
        }
        self.is_ending = true;
        self.transactions += 1;
        let rolls_back = self.plan.rolls_back.strikes(self.transactions, &mut self.random);
        Some(if rolls_back { Ending::RollBack { messages } } else { Ending::Commit { messages } })
    }

    /// The broker has ended the transaction.
    pub(crate) const fn ended(&mut self) {
        self.is_ending = false;
        self.uncommitted = 0;
    }

    /// The next message, if there is one, as the connection's publish `number`.
    pub(crate) fn next(&mut self, number: u64) -> Option<Draft> {
        let draft = match self.again.pop_front() {
            Some(draft) => {
                self.unheard += 1;
                draft
            }
            None => self.write(number)?,
        };
        if self.plan.republishes {
            self.kept.insert(number, draft.clone());
        }
        Some(draft)
    }

    fn write(&mut self, number: u64) -> Option<Draft> {
        if self.sent == self.plan.count {
            return None;
        }
        let (turn, plan) = (self.sent, &self.plan);
        self.sent += 1;
        self.unheard += u64::from(plan.confirms || plan.reply_to.is_some());
        self.uncommitted += u32::from(plan.transaction > 0);
        let correlation_id = plan.reply_to.is_some().then(|| self.sent.to_string());
        self.asked.extend(correlation_id.clone().map(|id| (id, number)));
        let routing_key = cycle(&plan.routing_key, turn).cloned().unwrap_or_default();
        let priority = cycle(&plan.priority, turn).copied();
        let mut headers = cycle(&plan.headers, turn).cloned().unwrap_or_default();
        let mut body = filled(&plan.body, |name| match name {
            "n" => Some(self.sent.to_string()),
            "key" => Some(routing_key.clone()),
            "priority" => Some(priority.map_or_else(String::new, |number| number.to_string())),
            header => headers.get(header).map(ToString::to_string),
        });
        let missing = usize::try_from(plan.bytes).unwrap_or_default().saturating_sub(body.len());
        body.extend(std::iter::repeat_n('.', missing));
        if let Some(work) = cycle(&plan.work, turn) {
            headers.insert(WORK_HEADER, FieldValue::I64(whole_ms(*work)));
        }
        if let Some(fails) = cycle(&plan.fails, turn) {
            headers.insert(FAILS_HEADER, FieldValue::I64((*fails).into()));
        }
        Some(Draft {
            exchange: plan.exchange.clone(),
            routing_key,
            body,
            headers,
            priority,
            expiration: plan.expiration.map(|time| time.as_millis().to_string()),
            message_id: Some(format!("{}-{}", plan.name, self.sent)),
            correlation_id,
            reply_to: plan.reply_to.clone(),
            persistent: plan.persistent,
            mandatory: plan.mandatory,
            content_type: None,
        })
    }

    /// A program has sent a message, the channel's publish `number`.
    pub(crate) fn note_sent(&mut self, draft: &Draft, number: u64) {
        self.sent = self.sent.saturating_add(1);
        if let (Some(_), Some(id)) = (&draft.reply_to, &draft.correlation_id) {
            self.asked.insert(id.clone(), number);
        }
    }

    /// Whether messages are left.
    pub(crate) fn has_more(&self) -> bool {
        self.sent < self.plan.count || !self.again.is_empty()
    }
}

/// What is at `turn` when the list starts over each time it ends.
pub(crate) fn cycle<T>(list: &[T], turn: u32) -> Option<&T> {
    list.get(usize::try_from(turn).unwrap_or_default().checked_rem(list.len())?)
}

fn whole_ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Puts the value of x where a template says `{x}`; what has no value stays as it is.
fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(template.len() + 8);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        match after.split_once('}').and_then(|(name, behind)| Some((value(name)?, behind))) {
            Some((value, behind)) => {
                text += &value;
                rest = behind;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text += rest;
    text
}
