//! Types that are one of a few words.

use super::{Error, Node, Span, error::Problem};

/// Reads one of `words`.
pub(crate) fn word<T: Copy>(node: &Node<'_>, words: &[(&'static str, T)]) -> Result<T, Error> {
    match node.get_ref().as_str() {
        Some(text) => word_at(node.span(), text, words),
        None => Err(Error::wanted("a text in quotes", node)),
    }
}

/// The one of `words` that `text` is, which stands at `span`.
pub(crate) fn word_at<T: Copy>(span: Span, text: &str, words: &[(&'static str, T)]) -> Result<T, Error> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known = words.iter().map(|(word, _)| *word).collect();
        Error::new(span, Problem::UnknownWord(text.to_owned(), known))
    })
}

/// Gives an enum its words, in files and in events.
macro_rules! words {
    ($vis:vis $type:ident: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $type {
            const WORDS: &[(&str, $type)] = &[$(($word, $type::$variant)),+];

            /// The word in the file.
            #[must_use]
            $vis const fn word(self) -> &'static str {
                match self {
                    $($type::$variant => $word),+
                }
            }
        }

        impl $crate::document::Field for $type {
            fn read(node: &$crate::document::Node<'_>) -> Result<$type, $crate::document::Error> {
                $crate::document::word(node, $type::WORDS)
            }

            fn write(&self) -> Option<$crate::document::Value> {
                Some($crate::document::Value::Text(self.word().to_owned()))
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

pub(crate) use words;
