//! Policies as a file has them, and as the core takes them.

use warren_core::{ApplyTo, Definition, Pattern, Policy, wire::FieldTable};

use crate::{Definitions, DefinitionsError, element::Element};

/// A policy, or an operator's.
#[derive(Clone, Debug)]
pub struct PolicyElement {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// The virtual host.
    pub vhost: String,
    /// What it is called.
    pub name: String,
    /// A regular expression of the names that it is about.
    pub pattern: String,
    /// `queues`, `exchanges`, `all`, …
    pub apply_to: String,
    /// Of several that match, the highest holds.
    pub priority: i64,
    /// Whether it is an operator's.
    pub operators: bool,
    /// What it says, whether this core knows it or not: old ones say `ha-mode`.
    pub definition: FieldTable,
}

pub(crate) fn policy(policy: &Element) -> Result<PolicyElement, DefinitionsError> {
    read(policy, policy, false)
}

/// An operator's policy: a parameter whose value has the rest.
pub(crate) fn operators(parameter: &Element) -> Result<PolicyElement, DefinitionsError> {
    read(parameter, &parameter.inner("value")?, true)
}

fn read(named: &Element, rest: &Element, operators: bool) -> Result<PolicyElement, DefinitionsError> {
    Ok(PolicyElement {
        line: named.line,
        vhost: named.text("vhost", Some("/"))?,
        name: named.text("name", None)?,
        pattern: rest.text("pattern", None)?,
        apply_to: rest.text("apply-to", Some("all"))?,
        priority: rest.number("priority")?,
        operators,
        definition: rest.table("definition")?,
    })
}

impl PolicyElement {
    /// The core's policy, without the keys that the core does not know: which of several holds does not depend on them,
    /// but which queues it is for does.
    ///
    /// # Errors
    /// A pattern, a word or a value that RabbitMQ refuses; its text.
    pub fn policy(&self) -> Result<Policy, String> {
        let mut known = self.definition.clone();
        known.retain(|name, _| {
            name.as_str().is_some_and(|name| Definition::keys(self.operators).any(|key| key == name))
        });
        let definition =
            if self.operators { Definition::of_operator_policy(known) } else { Definition::of_policy(known) };
        Ok(Policy {
            vhost: self.vhost.clone(),
            name: self.name.clone(),
            pattern: Pattern::parse(&self.pattern)?,
            apply_to: ApplyTo::parse(if self.apply_to.is_empty() { "all" } else { &self.apply_to })?,
            priority: self.priority,
            definition: definition?,
        })
    }
}

impl Definitions {
    /// The policies as the core takes them ([`Policy::effective`] chooses among them), without those that RabbitMQ refuses.
    #[must_use]
    pub fn core_policies(&self) -> Vec<Policy> {
        self.policies.iter().filter_map(|policy| policy.policy().ok()).collect()
    }
}
