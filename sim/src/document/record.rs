//! Types that are read from a table, field by field, and written to one.

use toml::de::DeTable;

use super::{Error, Field, Node, Table, Value, error::Problem};

/// A type that names its fields once, for reading and for writing.
pub(crate) trait Record {
    /// One whose fields are what they are where the file does not say them.
    fn plain() -> Self
    where
        Self: Sized;

    /// Hands its fields over, in the order in which they are written.
    fn fields(&mut self, fields: &mut Fields<'_>);
}

impl<T: Record + Clone> Field for T {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        let mut record = T::plain();
        read(&mut record, node)?;
        Ok(record)
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Table(written(&mut self.clone(), &mut T::plain())))
    }
}

/// What is done with each field of a record.
pub(crate) struct Fields<'a>(&'a mut dyn FnMut(&'static str, Presence, &mut dyn Slot));

/// Reads fields from a table.
pub(crate) struct Reader<'a> {
    table: &'a DeTable<'a>,
    /// The fields that there are, as far as somebody who mistypes one is told of them.
    known: Vec<&'static str>,
    /// Other fields that there may be.
    unlisted: Vec<&'static str>,
    /// The first that must be there and is not.
    missing: Option<&'static str>,
    /// The first thing in the text that is wrong.
    wrong: Option<Error>,
}

/// When a file has a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Always.
    Needed,
    /// Always when we write it.
    Shown,
    /// When it says something that does not go without saying.
    Optional,
    /// The same, and there are too many of them to tell of.
    Unlisted,
}

/// A field of any type.
pub(crate) trait Slot {
    fn read(&mut self, node: &Node<'_>) -> Result<(), Error>;
    fn write(&self) -> Option<Value>;
}

impl<T: Field> Slot for T {
    fn read(&mut self, node: &Node<'_>) -> Result<(), Error> {
        *self = <T as Field>::read(node)?;
        Ok(())
    }

    fn write(&self) -> Option<Value> {
        Field::write(self)
    }
}

impl Fields<'_> {
    /// A field that a file must have.
    pub(crate) fn needed(&mut self, name: &'static str, slot: &mut dyn Slot) {
        (self.0)(name, Presence::Needed, slot);
    }

    /// A field that a file may do without, but for clarity does not when we write it.
    pub(crate) fn shown(&mut self, name: &'static str, slot: &mut dyn Slot) {
        (self.0)(name, Presence::Shown, slot);
    }

    /// A field that a file does without when it says nothing new.
    pub(crate) fn optional(&mut self, name: &'static str, slot: &mut dyn Slot) {
        (self.0)(name, Presence::Optional, slot);
    }

    /// The same, of which there are so many that nobody who mistypes a field is told of them.
    pub(crate) fn unlisted(&mut self, name: &'static str, slot: &mut dyn Slot) {
        (self.0)(name, Presence::Unlisted, slot);
    }
}

impl Reader<'_> {
    fn slot(&mut self, name: &'static str, presence: Presence, slot: &mut dyn Slot) {
        let names = if presence == Presence::Unlisted { &mut self.unlisted } else { &mut self.known };
        names.push(name);
        match self.table.get(name) {
            Some(node) => slot.read(node).unwrap_or_else(|error| self.wrong(error)),
            None if presence == Presence::Needed => drop(self.missing.get_or_insert(name)),
            None => {}
        }
    }

    fn wrong(&mut self, error: Error) {
        if self.wrong.as_ref().is_none_or(|other| error.span().start < other.span().start) {
            self.wrong = Some(error);
        }
    }
}

fn read(record: &mut dyn Record, node: &Node<'_>) -> Result<(), Error> {
    let Some(table) = node.get_ref().as_table() else { return Err(Error::wanted("a table", node)) };
    let mut reader = Reader { table, known: Vec::new(), unlisted: Vec::new(), missing: None, wrong: None };
    record.fields(&mut Fields(&mut |name, presence, slot| reader.slot(name, presence, slot)));
    for key in table.keys() {
        let name = key.get_ref().as_ref();
        if !reader.known.contains(&name) && !reader.unlisted.contains(&name) {
            let problem = Problem::UnknownField(key.get_ref().to_string(), reader.known.clone());
            reader.wrong(Error::new(key.span(), problem));
        }
    }
    match (reader.wrong, reader.missing) {
        (Some(error), _) => Err(error),
        (None, Some(name)) => Err(Error::new(node.span(), Problem::MissingField(name))),
        (None, None) => Ok(()),
    }
}

/// The table of a record, without what goes without saying: what `plain` says.
fn written(record: &mut dyn Record, plain: &mut dyn Record) -> Table {
    let mut unsaid = Vec::new();
    plain.fields(&mut Fields(&mut |_, _, slot| unsaid.push(slot.write())));
    let mut unsaid = unsaid.into_iter();
    let mut table = Table::default();
    record.fields(&mut Fields(&mut |name, presence, slot| {
        let (value, unsaid) = (slot.write(), unsaid.next().flatten());
        let is_shown = matches!(presence, Presence::Needed | Presence::Shown);
        if is_shown || value != unsaid {
            table.push(name, value);
        }
    }));
    table
}
