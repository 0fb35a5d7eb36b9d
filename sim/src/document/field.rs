//! Types that a value is read as, and written from.

use toml::{
    Spanned,
    de::{DeString, DeValue},
};
use warren_core::ordered::OrdMap;

use super::{Error, Node, Value, whole};

/// A type that the value of a field is read as, and written from.
pub(crate) trait Field: Sized {
    /// What one is called where a list of them is wanted, if it may stand there alone.
    const ALONE: Option<&'static str> = None;

    /// Reads it.
    fn read(node: &Node<'_>) -> Result<Self, Error>;

    /// What is written; nothing if there is nothing to say.
    fn write(&self) -> Option<Value>;
}

/// Reads what a text spells.
pub(crate) fn spelled<T>(
    node: &Node<'_>,
    wanted: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    node.get_ref().as_str().and_then(parse).ok_or_else(|| Error::wanted(wanted, node))
}

impl Field for String {
    const ALONE: Option<&'static str> = Some("a text");

    fn read(node: &Node<'_>) -> Result<Self, Error> {
        spelled(node, "a text in quotes", |text| Some(text.to_owned()))
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }
}

impl Field for bool {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        node.get_ref().as_bool().ok_or_else(|| Error::wanted("true or false", node))
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Flag(*self))
    }
}

macro_rules! numbers {
    ($($type:ty)+) => {
        $(impl Field for $type {
            fn read(node: &Node<'_>) -> Result<Self, Error> {
                let number = node.get_ref().as_integer().and_then(whole);
                let number = number.and_then(|number| number.try_into().ok());
                number.ok_or_else(|| Error::wanted("a whole number", node))
            }

            fn write(&self) -> Option<Value> {
                Some(Value::Integer((*self).into()))
            }
        })+
    };
}

numbers! { i32 i64 }

macro_rules! counts {
    ($($type:ty)+) => {
        $(impl Field for $type {
            const ALONE: Option<&'static str> = Some("a number");

            fn read(node: &Node<'_>) -> Result<Self, Error> {
                let number = count(node).and_then(|number| number.try_into().ok());
                number.ok_or_else(|| {
                    Error::wanted(&format!("a whole number from 0 to {}", <$type>::MAX), node)
                })
            }

            fn write(&self) -> Option<Value> {
                let number = u64::from(*self);
                Some(i64::try_from(number).map_or_else(|_| Value::Other(number.to_string()), Value::Integer))
            }
        })+
    };
}

counts! { u8 u16 u32 u64 }

fn count(node: &Node<'_>) -> Option<u64> {
    let number = node.get_ref().as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

impl<T: Field> Field for Option<T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        T::read(node).map(Some)
    }

    fn write(&self) -> Option<Value> {
        self.as_ref().and_then(T::write)
    }
}

/// With its place, so that what is found wrong later leads there.
impl<T: Field> Field for Spanned<T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        T::read(node).map(|value| Spanned::new(node.span(), value))
    }

    fn write(&self) -> Option<Value> {
        self.get_ref().write()
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        match (node.get_ref(), T::ALONE) {
            (DeValue::Array(list), None) => list.iter().map(T::read).collect(),
            (DeValue::Array(list), Some(_)) if !list.is_empty() => list.iter().map(T::read).collect(),
            (DeValue::Array(_), Some(one)) => Err(Error::wanted(&format!("{one}, or a list of them"), node)),
            (_, Some(_)) => T::read(node).map(|one| vec![one]),
            (_, None) => {
                Err(Error::wanted("a list: values in [brackets], or sections in [[double brackets]]", node))
            }
        }
    }

    fn write(&self) -> Option<Value> {
        match (self.as_slice(), T::ALONE) {
            ([one], Some(_)) => one.write(),
            (list, _) => Some(Value::List(list.iter().filter_map(T::write).collect())),
        }
    }
}

/// A place: so far to the right, so far down.
impl Field for (i32, i32) {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        match node.get_ref().as_array().map(|list| &list[..]) {
            Some([x, y]) => Ok((i32::read(x)?, i32::read(y)?)),
            _ => Err(Error::wanted("two numbers", node)),
        }
    }

    fn write(&self) -> Option<Value> {
        Some(Value::List([self.0, self.1].iter().filter_map(i32::write).collect()))
    }
}

impl<T: Field> Field for OrdMap<String, T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        entries(node)?.map(|(key, value)| Ok((key.get_ref().to_string(), T::read(value)?))).collect()
    }

    fn write(&self) -> Option<Value> {
        Some(Value::table(self.iter().map(|(key, value)| (key.clone(), value.write()))))
    }
}

/// The entries of a table whose names may be any.
pub(crate) fn entries<'a>(
    node: &'a Node<'a>,
) -> Result<impl Iterator<Item = (&'a Spanned<DeString<'a>>, &'a Node<'a>)>, Error> {
    node.get_ref().as_table().map(|table| table.iter()).ok_or_else(|| Error::wanted("a table", node))
}
