//! Makes a scenario smaller as long as it still shows what it showed.
//!
//! A scenario is a file, and a file can be made smaller without knowing what it says: without a section, without a
//! field, with a smaller number or a shorter time. What is no scenario any more is not even tried.

use std::time::Duration;

use toml::{Table, Value};

use crate::{
    Scenario,
    check::{Property, Violation},
    trial::{Ending, Trial},
};

/// The order in which sections go: first what refers to others, then what others refer to.
const SECTIONS: [&str; 6] = ["fault", "consumer", "producer", "binding", "queue", "exchange"];
/// What a person has to read is not made shorter by what it is called.
const KEPT: [&str; 5] = ["title", "summary", "name", "until", "at"];

/// A smallest scenario found in which the same is wrong.
#[must_use]
pub fn shrink(
    scenario: &Scenario,
    seed: u64,
    ending: Ending,
    wishes: &[Property],
    violation: &Violation,
) -> Scenario {
    shrink_with(scenario, |smaller| {
        Trial::new(smaller, seed).wishing(wishes).run(ending, |_| {}).shows(violation)
    })
}

/// A smallest scenario found for which `shows` holds, as it does for this one.
#[must_use]
pub fn shrink_with(scenario: &Scenario, mut shows: impl FnMut(&Scenario) -> bool) -> Scenario {
    // What a lesson says is not what is wrong with it.
    let mut best = Candidate::of(&Scenario { lesson: None, ..scenario.clone() });
    loop {
        let before = best.table.clone();
        for section in SECTIONS {
            best.drop_entries(section, &mut shows);
        }
        best.shorten(&mut shows);
        best.bring_faults_forward(&mut shows);
        best.drop_fields(&mut shows);
        best.lower_numbers(&mut shows);
        // Without a field another section may not be needed any more.
        if best.table == before {
            return best.scenario;
        }
    }
}

struct Candidate {
    table: Table,
    scenario: Scenario,
}

impl Candidate {
    fn of(scenario: &Scenario) -> Candidate {
        let table = scenario.to_toml().parse().unwrap_or_default();
        Candidate { table, scenario: scenario.clone() }
    }

    /// Takes `table` if it is a scenario that still shows it.
    fn attempt(&mut self, table: Table, shows: &mut impl FnMut(&Scenario) -> bool) -> bool {
        let Ok(scenario) = Scenario::parse("smaller", &table.to_string()) else { return false };
        let is_smaller = table != self.table && shows(&scenario);
        if is_smaller {
            *self = Candidate { table, scenario };
        }
        is_smaller
    }

    /// Half of the entries of a section at once, then a quarter, and so on down to one.
    fn drop_entries(&mut self, section: &str, shows: &mut impl FnMut(&Scenario) -> bool) {
        let mut size = self.entries(section).div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < self.entries(section) {
                let mut smaller = self.table.clone();
                if let Some(Value::Array(list)) = smaller.get_mut(section) {
                    list.drain(from..(from + size).min(list.len()));
                    if list.is_empty() {
                        smaller.remove(section);
                    }
                }
                if !self.attempt(smaller, shows) {
                    from += size;
                }
            }
            size /= 2;
        }
    }

    fn entries(&self, section: &str) -> usize {
        self.table.get(section).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// Less time.
    fn shorten(&mut self, shows: &mut impl FnMut(&Scenario) -> bool) {
        loop {
            let until = self.scenario.until / 2;
            if until < Duration::from_millis(1) {
                return;
            }
            let shorter = Scenario { until, ..self.scenario.clone() };
            if !self.attempt(Candidate::of(&shorter).table, shows) {
                return;
            }
        }
    }

    /// Faults sooner, so that less need happen before them.
    fn bring_faults_forward(&mut self, shows: &mut impl FnMut(&Scenario) -> bool) {
        let mut index = 0;
        while let Some(at) = self.scenario.faults.get(index).map(|fault| fault.at) {
            let sooner =
                [at / 2, at * 3 / 4].into_iter().filter(|sooner| *sooner >= Duration::from_millis(1));
            let with = |sooner: Duration, mut scenario: Scenario| {
                if let Some(fault) = scenario.faults.get_mut(index) {
                    fault.at = sooner;
                }
                Candidate::of(&scenario).table
            };
            let mut sooner = sooner;
            if !sooner.any(|sooner| self.attempt(with(sooner, self.scenario.clone()), shows)) {
                index += 1;
            }
        }
    }

    fn drop_fields(&mut self, shows: &mut impl FnMut(&Scenario) -> bool) {
        let mut skipped = 0;
        while let Some(path) = paths(&self.table).into_iter().nth(skipped) {
            let mut smaller = self.table.clone();
            remove(&mut smaller, &path);
            if !self.attempt(smaller, shows) {
                skipped += 1;
            }
        }
    }

    fn lower_numbers(&mut self, shows: &mut impl FnMut(&Scenario) -> bool) {
        for path in paths(&self.table) {
            while let Some(number) = find(&mut self.table, &path).and_then(|value| value.as_integer()) {
                let lower = [1, number / 2, number - 1];
                let lower = lower.into_iter().filter(|lower| (1..number).contains(lower));
                let with = |lower: i64, mut table: Table| {
                    if let Some(value) = find(&mut table, &path) {
                        *value = Value::Integer(lower);
                    }
                    table
                };
                if !lower.into_iter().any(|lower| self.attempt(with(lower, self.table.clone()), shows)) {
                    break;
                }
            }
        }
    }
}

/// The way to a value: keys of tables, and numbers of elements of lists.
type Path = Vec<String>;

/// The way to every field, except to those that are kept.
fn paths(table: &Table) -> Vec<Path> {
    let mut found = Vec::new();
    collect(&Value::Table(table.clone()), &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, path: &mut Path, found: &mut Vec<Path>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table.iter().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
                path.push(key.clone());
                found.push(path.clone());
                collect(value, path, found);
                path.pop();
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                path.push(index.to_string());
                // Whole sections have been tried before.
                if !value.is_table() {
                    found.push(path.clone());
                }
                collect(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn find<'a>(table: &'a mut Table, path: &[String]) -> Option<&'a mut Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get_mut(first)?, |value, step| match value {
        Value::Table(table) => table.get_mut(step),
        Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn remove(table: &mut Table, path: &[String]) {
    let Some((last, before)) = path.split_last() else { return };
    if before.is_empty() {
        table.remove(last);
        return;
    }
    match (find(table, before), last.parse::<usize>()) {
        (Some(Value::Table(table)), _) => drop(table.remove(last)),
        (Some(Value::Array(list)), Ok(index)) if index < list.len() => drop(list.remove(index)),
        _ => {}
    }
}
