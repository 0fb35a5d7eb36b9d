//! TOML documents as a tree that can be looked at, changed and written, and the types that are read from them and
//! written to them.
//!
//! serde would do that, too, with code that the compiler makes anew for every type, once for reading and once for writing;
//! in the page's download that was a tenth of everything. Here a type names its fields once (`Record`), and there is
//! one loop that reads them and one that writes them.

mod error;
mod field;
mod record;
mod words;
mod write;

use serde::{Serialize, Serializer};
use toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue},
};

pub(crate) use error::{Error, Problem};
pub(crate) use field::{Field, entries, spelled};
pub(crate) use record::{Fields, Record};
pub(crate) use words::{word, word_at, words};

/// What stands in a text, and where.
pub(crate) type Node<'a> = Spanned<DeValue<'a>>;

/// Where something stands in the text, in bytes.
pub(crate) type Span = std::ops::Range<usize>;

/// A value in a document.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// What a scenario has no use for (a date, a fraction, a number beyond 64 bits), as it was written.
    Other(String),
    /// Values in a row.
    List(Vec<Value>),
    /// Values by name.
    Table(Table),
}

/// Values by name, in the order in which they are written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    entries: Vec<(String, Value)>,
}

/// The text of a document.
pub(crate) fn write(record: &(impl Record + Clone)) -> String {
    match record.write() {
        Some(Value::Table(table)) => table.to_string(),
        _ => String::new(),
    }
}

/// Reads a text.
pub(crate) fn read<T: Field>(text: &str) -> Result<T, Error> {
    let document = DeTable::parse(text).map_err(|error| Error::of_toml(&error))?;
    let span = document.span();
    T::read(&Spanned::new(span, DeValue::Table(document.into_inner())))
}

/// Reads one section of a text, if it has that.
pub(crate) fn read_section<T: Field>(text: &str, name: &str) -> Result<Option<T>, Error> {
    let document = DeTable::parse(text).map_err(|error| Error::of_toml(&error))?;
    document.get_ref().get(name).map(T::read).transpose()
}

impl Table {
    /// Reads a document. Its fields are in the order of their names.
    ///
    /// # Errors
    /// A text that is no TOML: why.
    pub fn parse(text: &str) -> Result<Table, String> {
        let document = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
        Ok(Table::of_toml(document.get_ref()))
    }

    fn of_toml(table: &DeTable<'_>) -> Table {
        let entries =
            table.iter().map(|(key, value)| (key.get_ref().to_string(), Value::of(value.get_ref())));
        Table { entries: entries.collect() }
    }

    /// The value with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The value with that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Sets a value; it takes the place of another with that name.
    pub fn insert(&mut self, name: &str, value: Value) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    /// Adds a value that is not there yet.
    fn push(&mut self, name: &str, value: Option<Value>) {
        self.entries.extend(value.map(|value| (name.to_owned(), value)));
    }

    /// Takes the value with that name out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(key, _)| key == name)?;
        Some(self.entries.remove(at).1)
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl Value {
    /// A table with those of the entries that there are.
    pub(crate) fn table(entries: impl Iterator<Item = (String, Option<Value>)>) -> Value {
        let entries = entries.filter_map(|(name, value)| Some((name, value?)));
        Value::Table(Table { entries: entries.collect() })
    }

    fn of(value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                whole(number).map_or_else(|| Value::Other(number.to_string()), Value::Integer)
            }
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Float(number) => Value::Other(number.to_string()),
            DeValue::Datetime(date) => Value::Other(date.to_string()),
            DeValue::Array(list) => Value::List(list.iter().map(|one| Value::of(one.get_ref())).collect()),
            DeValue::Table(table) => Value::Table(Table::of_toml(table)),
        }
    }

    /// The table that it is.
    #[must_use]
    pub const fn as_table_mut(&mut self) -> Option<&mut Table> {
        match self {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The list that it is.
    #[must_use]
    pub const fn as_list_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether it is a table.
    #[must_use]
    pub const fn is_table(&self) -> bool {
        matches!(self, Value::Table(_))
    }
}

fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) | Value::Other(text) => serializer.serialize_str(text),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::List(list) => serializer.collect_seq(list),
            Value::Table(table) => table.serialize(serializer),
        }
    }
}
