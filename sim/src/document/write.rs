//! From whatever serde writes to a document, and from a document to its text.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple},
};
use toml_writer::TomlWrite;

use super::{Error, Table, Value};

/// The text of a document.
///
/// # Errors
/// Something that TOML cannot say.
pub(crate) fn to_string(document: &impl Serialize) -> Result<String, Error> {
    match document.serialize(ToValue)? {
        Some(Value::Table(table)) => Ok(table.to_string()),
        _ => Err(ser::Error::custom("a document is a table")),
    }
}

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

/// Makes a value of whatever serde hands to it; nothing of what is not there.
struct ToValue;

type Written = Result<Option<Value>, Error>;
type No = Impossible<Option<Value>, Error>;

impl Serializer for ToValue {
    type Ok = Option<Value>;
    type Error = Error;
    type SerializeSeq = ListWriter;
    type SerializeTuple = ListWriter;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = TableWriter;
    type SerializeStruct = TableWriter;
    type SerializeStructVariant = No;

    fn serialize_bool(self, flag: bool) -> Written {
        Ok(Some(Value::Flag(flag)))
    }

    fn serialize_i8(self, number: i8) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i64(self, number: i64) -> Written {
        Ok(Some(Value::Integer(number)))
    }

    fn serialize_u8(self, number: u8) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_u64(self, number: u64) -> Written {
        Ok(Some(i64::try_from(number).map_or_else(|_| Value::Other(number.to_string()), Value::Integer)))
    }

    fn serialize_f32(self, _: f32) -> Written {
        no()
    }

    fn serialize_f64(self, _: f64) -> Written {
        no()
    }

    fn serialize_char(self, letter: char) -> Written {
        self.serialize_str(letter.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Written {
        Ok(Some(Value::Text(text.to_owned())))
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        no()
    }

    fn serialize_none(self) -> Written {
        Ok(None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        no()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        no()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        no()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<ListWriter, Error> {
        Ok(ListWriter(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<ListWriter, Error> {
        Ok(ListWriter(Vec::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<No, Error> {
        no()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Error> {
        no()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<TableWriter, Error> {
        Ok(TableWriter { table: Table::default(), key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<TableWriter, Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Error> {
        no()
    }
}

fn no<T>() -> Result<T, Error> {
    Err(ser::Error::custom("a scenario has no value like this"))
}

struct ListWriter(Vec<Value>);

impl SerializeSeq for ListWriter {
    type Ok = Option<Value>;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.0.extend(value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(Some(Value::List(self.0)))
    }
}

impl SerializeTuple for ListWriter {
    type Ok = Option<Value>;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Written {
        SerializeSeq::end(self)
    }
}

struct TableWriter {
    table: Table,
    key: String,
}

impl TableWriter {
    fn add(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.table.entries.push((key.to_owned(), value));
        }
    }
}

impl SerializeMap for TableWriter {
    type Ok = Option<Value>;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let Some(Value::Text(key)) = key.serialize(ToValue)? else { return no() };
        self.key = key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        self.add(&key, value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(Some(Value::Table(self.table)))
    }
}

impl SerializeStruct for TableWriter {
    type Ok = Option<Value>;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.add(key, value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(Some(Value::Table(self.table)))
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        serde::de::Error::custom(message)
    }
}
