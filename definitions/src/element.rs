//! The lists of a file and their elements, each with its line.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};
use warren_core::wire::FieldTable;

use crate::{DefinitionsError, values};

/// The file's lists, not yet read.
pub(crate) struct Lists<'a> {
    text: &'a str,
    fields: BTreeMap<String, &'a RawValue>,
}

/// An element of a list.
pub(crate) struct Element {
    list: &'static str,
    pub(crate) line: u32,
    json: Value,
}

impl<'a> Lists<'a> {
    pub(crate) fn of(text: &'a str) -> Result<Lists<'a>, DefinitionsError> {
        // RabbitMQ's own export has none, but editors write one, and its import takes it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let fields = serde_json::from_str(text).map_err(|error| {
            let line = u32::try_from(error.line().max(1)).unwrap_or(u32::MAX);
            DefinitionsError::new(line, error)
        })?;
        Ok(Lists { text, fields })
    }

    /// A text of the file itself.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.fields.get(name)?.get()).ok()
    }

    /// The elements of a list; none if it is not there.
    pub(crate) fn each<T>(
        &self,
        list: &'static str,
        read: impl Fn(&Element) -> Result<T, DefinitionsError>,
    ) -> Result<Vec<T>, DefinitionsError> {
        let Some(raw) = self.fields.get(list).filter(|raw| raw.get() != "null") else {
            return Ok(Vec::new());
        };
        let elements: Vec<&RawValue> = serde_json::from_str(raw.get())
            .map_err(|_| DefinitionsError::new(self.line_of(raw), format_args!("{list:?} is no list")))?;
        let mut lines = Lines { text: self.text, at: 0, line: 1 };
        let element = |raw: &RawValue| {
            let json = serde_json::from_str(raw.get()).unwrap_or_default();
            read(&Element { list, line: lines.line_at(self.offset_of(raw)), json })
        };
        elements.into_iter().map(element).collect()
    }

    fn line_of(&self, raw: &RawValue) -> u32 {
        Lines { text: self.text, at: 0, line: 1 }.line_at(self.offset_of(raw))
    }

    /// Where a part of the text begins, in bytes.
    fn offset_of(&self, raw: &RawValue) -> usize {
        raw.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }
}

/// Counts lines on the way through a text, so that thousands of elements are not each counted from its beginning.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of an offset that is not before the last one.
    fn line_at(&mut self, offset: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.at..offset).unwrap_or_default();
        let ends = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.at = self.at.max(offset);
        self.line
    }
}

impl Element {
    /// A field's text; `otherwise` if there is none.
    pub(crate) fn text(&self, name: &str, otherwise: Option<&str>) -> Result<String, DefinitionsError> {
        self.field(name, otherwise.map(str::to_owned), |text| text.as_str().map(str::to_owned))
    }

    /// Whether a field is true; it is not if it is not there.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, DefinitionsError> {
        self.field(name, Some(false), Value::as_bool)
    }

    /// A field's whole number; 0 if there is none.
    pub(crate) fn number(&self, name: &str) -> Result<i64, DefinitionsError> {
        self.field(name, Some(0), Value::as_i64)
    }

    /// A field's table; empty if there is none. RabbitMQ has written empty ones as lists.
    pub(crate) fn table(&self, name: &str) -> Result<FieldTable, DefinitionsError> {
        self.field(name, Some(FieldTable::default()), values::table)
    }

    /// A field that is an element itself.
    pub(crate) fn inner(&self, name: &str) -> Result<Element, DefinitionsError> {
        let json = self.field(name, None, |value| value.is_object().then(|| value.clone()))?;
        Ok(Element { list: self.list, line: self.line, json })
    }

    fn field<T>(
        &self,
        name: &str,
        otherwise: Option<T>,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, DefinitionsError> {
        let value = self.json.get(name).filter(|value| !value.is_null());
        value.map_or(otherwise, read).ok_or_else(|| {
            let own = self.json.get("name").and_then(Value::as_str).unwrap_or_default();
            let wrong = if value.is_some() { "has a wrong" } else { "needs a" };
            let message = format_args!("an element {own:?} of {:?} {wrong} {name:?}", self.list);
            DefinitionsError::new(self.line, message)
        })
    }
}
