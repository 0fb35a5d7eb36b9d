//! From a document to its text.

use std::fmt;

use toml_writer::TomlWrite;

use super::{Table, Value};

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        write_section(&mut text, self, "", false)?;
        f.write_str(&text)
    }
}

/// On one line, as a value.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        write_value(&mut text, self)?;
        f.write_str(&text)
    }
}

/// A table with a header, below it what fits on a line, and then what is a section again.
fn write_section(text: &mut String, table: &Table, path: &str, is_element: bool) -> fmt::Result {
    let lines = || table.iter().filter(|(_, value)| !is_section(value));
    // A header that only leads to others is not needed.
    if !path.is_empty() && (is_element || table.entries.is_empty() || lines().next().is_some()) {
        if !text.is_empty() {
            text.push('\n');
        }
        let (before, after) = if is_element { ("[[", "]]\n") } else { ("[", "]\n") };
        for part in [before, path, after] {
            text.push_str(part);
        }
    }
    for (key, value) in lines() {
        text.key(key)?;
        text.push_str(" = ");
        write_value(text, value)?;
        text.push('\n');
    }
    for (key, value) in table.iter().filter(|(_, value)| is_section(value)) {
        let mut path = path.to_owned();
        if !path.is_empty() {
            path.push('.');
        }
        path.key(key)?;
        match value {
            Value::Table(table) => write_section(text, table, &path, false)?,
            Value::List(tables) => {
                for table in tables {
                    if let Value::Table(table) = table {
                        write_section(text, table, &path, true)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_section(value: &Value) -> bool {
    match value {
        Value::Table(_) => true,
        Value::List(list) => !list.is_empty() && list.iter().all(Value::is_table),
        _ => false,
    }
}

fn write_value(text: &mut String, value: &Value) -> fmt::Result {
    match value {
        Value::Text(value) => text.value(value.as_str()),
        Value::Integer(number) => text.value(*number),
        Value::Flag(flag) => text.value(*flag),
        Value::Other(written) => {
            text.push_str(written);
            Ok(())
        }
        Value::List(list) => {
            text.push('[');
            for (number, one) in list.iter().enumerate() {
                text.push_str(if number == 0 { "" } else { ", " });
                write_value(text, one)?;
            }
            text.push(']');
            Ok(())
        }
        Value::Table(table) => {
            text.push('{');
            for (number, (key, value)) in table.iter().enumerate() {
                text.push_str(if number == 0 { " " } else { ", " });
                text.key(key)?;
                text.push_str(" = ");
                write_value(text, value)?;
            }
            text.push_str(if table.entries.is_empty() { "}" } else { " }" });
            Ok(())
        }
    }
}
