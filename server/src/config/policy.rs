//! A policy's definition, checked with sentences for people: the core's are RabbitMQ's, whose terms are Erlang's.

use toml::{Table, Value};
use warren_core::{
    Definition,
    wire::{FieldTable, FieldValue},
};

use super::wrong::unknown_word;

/// The definition, or what is wrong with the first key that is.
pub(super) fn definition(table: &Table, operator: bool) -> Result<Definition, String> {
    if table.is_empty() {
        return Err("definition is a table with at least one policy key; for example definition = { max-length = 1000 }".into());
    }
    let allowed: Vec<&str> = Definition::keys(operator).collect();
    for (name, value) in table {
        if !allowed.contains(&name.as_str()) {
            let known = Definition::keys(false).any(|known| known == name);
            return Err(match known {
                true => format!("an operator policy cannot set {name} (allowed: {})", allowed.join(", ")),
                false => unknown_word("policy key", name, &allowed),
            });
        }
        check([(name.as_str(), field(value))].into(), operator).map_err(|_| {
            let (what, example) = value_of(name);
            format!("{name} = {value} is not allowed: {name} is {what}; for example {name} = {example}")
        })?;
    }
    check(fields(table), operator)
}

fn check(table: FieldTable, operator: bool) -> Result<Definition, String> {
    if operator { Definition::of_operator_policy(table) } else { Definition::of_policy(table) }
}

fn fields(table: &Table) -> FieldTable {
    table.iter().map(|(key, value)| (key.clone(), field(value))).collect()
}

/// What policies know no meaning for is refused with its text.
fn field(value: &Value) -> FieldValue {
    match value {
        Value::Integer(number) => FieldValue::I64(*number),
        Value::Boolean(flag) => FieldValue::Bool(*flag),
        Value::String(text) => FieldValue::LongStr(text.clone().into()),
        Value::Array(values) => FieldValue::Array(values.iter().map(field).collect()),
        Value::Table(inner) => FieldValue::Table(fields(inner)),
        Value::Float(_) | Value::Datetime(_) => FieldValue::LongStr(value.to_string().into()),
    }
}

/// What the value of a policy key is, and an example.
fn value_of(key: &str) -> (&'static str, &'static str) {
    match key {
        "alternate-exchange" | "dead-letter-exchange" => ("the name of an exchange", "\"parking\""),
        "dead-letter-routing-key" => ("a text", "\"dead\""),
        "member-placement-tag" => ("a text that is not empty", "\"east\""),
        "dead-letter-strategy" => ("at-most-once or at-least-once", "\"at-least-once\""),
        "delivery-limit" => ("a whole number", "20"),
        "max-age" => ("a number and a unit of Y, M, D, h, m or s", "\"7D\""),
        "overflow" => ("drop-head, reject-publish or reject-publish-dlx", "\"reject-publish\""),
        "queue-leader-locator" => ("client-local, balanced, random or least-leaders", "\"balanced\""),
        "queue-mode" => ("default or lazy", "\"lazy\""),
        "queue-version" => ("1 or 2", "2"),
        "stream-filter-size-bytes" => ("a whole number from 16 to 255", "32"),
        "stream-max-segment-size-bytes" => ("a whole number of bytes up to 3000000000", "500000000"),
        "expires" => ("a whole number of ms, 1 or more", "1800000"),
        "target-group-size" => ("a whole number, 1 or more", "3"),
        "message-ttl" | "consumer-timeout" | "consumer-disconnected-timeout" => {
            ("a whole number of ms, 0 or more", "60000")
        }
        "max-length-bytes" | "max-in-memory-bytes" => ("a whole number of bytes, 0 or more", "1000000"),
        _ => ("a whole number, 0 or more", "1000"),
    }
}

#[cfg(test)]
mod tests {
    use toml::{Table, Value};
    use warren_core::Definition;

    use super::{definition, value_of};

    #[test]
    fn the_example_of_every_key_is_taken_and_a_table_in_its_place_is_not() {
        for key in Definition::keys(false) {
            let example: Table = format!("{key} = {}", value_of(key).1).parse().expect("TOML");
            assert!(definition(&example, false).is_ok(), "{example}");
            let wrong = Table::from_iter([(key.to_owned(), Value::Table(Table::new()))]);
            let sentence = definition(&wrong, false).expect_err("a table is no value");
            assert!(sentence.contains(value_of(key).0), "{sentence}");
        }
    }
}
