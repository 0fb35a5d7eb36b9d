//! What a policy says: keys that are arguments without their `x-`. Checks, texts and merging are RabbitMQ 4's.

use super::keys::{Merge, all, find};
use crate::{
    queue::Kind,
    wire::{FieldTable, FieldValue, Octets},
};

/// A checked definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    operators: bool,
    table: FieldTable,
}

impl Definition {
    /// Checks what a policy is to say.
    ///
    /// # Errors
    /// What RabbitMQ would not take; its text.
    pub fn of_policy(table: FieldTable) -> Result<Definition, String> {
        Definition::check(table, false)
    }

    /// Checks what an operator's policy is to say.
    ///
    /// # Errors
    /// What RabbitMQ would not take; its text.
    pub fn of_operator_policy(table: FieldTable) -> Result<Definition, String> {
        Definition::check(table, true)
    }

    /// The keys that a policy, or an operator's policy, may have.
    pub fn keys(operators: bool) -> impl Iterator<Item = &'static str> {
        all().filter(move |key| !operators || key.merge.is_some()).map(|key| key.name)
    }

    fn check(mut table: FieldTable, operators: bool) -> Result<Definition, String> {
        if table.is_empty() {
            return Err("no policy provided".into());
        }
        table.sort();
        let mut unknown = Vec::new();
        for (name, value) in table.iter() {
            let key = name.as_str().and_then(find).filter(|key| !operators || key.merge.is_some());
            match key {
                Some(key) if !(key.check)(value) => {
                    return Err(format!("{} is not a valid {}", term(value), key.noun));
                }
                Some(_) => {}
                None => unknown.push(format!("{{{},{}}}", Octets(name.as_bytes()), term(value))),
            }
        }
        if !unknown.is_empty() {
            return Err(format!("[{}] are not recognised policy settings", unknown.join(",")));
        }
        Ok(Definition { operators, table })
    }

    /// Whether it is an operator's.
    #[must_use]
    pub const fn is_operators(&self) -> bool {
        self.operators
    }

    /// What it says.
    #[must_use]
    pub const fn table(&self) -> &FieldTable {
        &self.table
    }

    /// Whether queues of this type know everything that it says.
    pub(super) fn suits(&self, kind: Kind) -> bool {
        let keys = self.table.iter().filter_map(|(name, _)| name.as_str().and_then(find));
        keys.into_iter().all(|key| !key.foreign_to.contains(&kind))
    }

    /// What holds if these two, a policy's and an operator policy's, do.
    pub(super) fn merge(policy: Option<&Definition>, operators: Option<&Definition>) -> FieldTable {
        let mut merged = policy.map(|policy| policy.table.clone()).unwrap_or_default();
        let theirs = operators.iter().flat_map(|operators| operators.table.iter());
        for (name, value) in theirs.filter_map(|(name, value)| Some((name.as_str()?, value))) {
            let merge = find(name).and_then(|key| key.merge).unwrap_or(Merge::Operators);
            let value = merged.get(name).map_or(value, |own| merge.choose(own, value)).clone();
            merged.insert(name, value);
        }
        merged
    }
}

impl Merge {
    fn choose<'a>(self, policy: &'a FieldValue, operators: &'a FieldValue) -> &'a FieldValue {
        let (own, other) = (policy.as_integer(), operators.as_integer());
        let negative = [own, other].into_iter().flatten().any(|limit| limit < 0);
        let lower = if own <= other { policy } else { operators };
        let higher = if own <= other { operators } else { policy };
        match self {
            Merge::Lower => lower,
            Merge::LowerUnlessNegative if negative => higher,
            Merge::LowerUnlessNegative => lower,
            Merge::Higher => higher,
            Merge::Operators => operators,
        }
    }
}

/// A value as Erlang writes it, which RabbitMQ's texts are full of.
fn term(value: &FieldValue) -> String {
    match value {
        FieldValue::LongStr(text) => Octets(text).to_string(),
        FieldValue::Array(values) => {
            let values: Vec<String> = values.iter().map(term).collect();
            format!("[{}]", values.join(","))
        }
        FieldValue::Void => "null".into(),
        other => other.to_string(),
    }
}
