//! TOML documents as a tree that can be looked at, changed and written, and what serde reads from them and writes to them.
//!
//! The `toml` crate does the same, with code that the compiler makes anew for every type of a field; in the page's
//! download that was a fifth of everything. Here a text becomes a tree first, by `toml`'s parser, and types are read
//! from the tree. What is written, and what is said of a wrong text, is the same to the letter.

mod read;
mod write;

use toml::de::{DeInteger, DeTable, DeValue};

pub(crate) use read::from_str;
pub(crate) use write::to_string;

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

/// Why a text is not what it should be.
#[derive(Debug)]
pub struct Error(Box<Wrong>);

#[derive(Debug)]
struct Wrong {
    message: String,
    span: Option<Span>,
}

impl Table {
    /// Reads a document. Its fields are in the order of their names.
    ///
    /// # Errors
    /// A text that is no TOML.
    pub fn parse(text: &str) -> Result<Table, Error> {
        let document = DeTable::parse(text).map_err(|error| Error::of_toml(&error))?;
        Ok(Table::of(document.get_ref()))
    }

    fn of(table: &DeTable<'_>) -> Table {
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
            DeValue::Table(table) => Value::Table(Table::of(table)),
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

impl Error {
    fn new(message: String, span: Option<Span>) -> Error {
        Error(Box::new(Wrong { message, span }))
    }

    fn of_toml(error: &toml::de::Error) -> Error {
        Error::new(error.message().to_owned(), error.span())
    }

    /// It is about what stands at `span`, unless it is already about something in there.
    fn within(mut self, span: &Span) -> Error {
        self.0.span.get_or_insert_with(|| span.clone());
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where, in bytes of the text.
    pub(crate) fn span(&self) -> Span {
        self.0.span.clone().unwrap_or_default()
    }
}
