//! Texts in the reader's language. English stands in the code where it is said; every other language is one file in
//! gettext's PO format, `web/texts/CODE.po`, with the English text as the key.
//!
//! ```
//! use warren_texts::{Catalogue, Plurals, said};
//!
//! let texts = &[("message {number} from {name}", "{name}: сообщение {number}"), ("queue", "очередь")];
//! let russian = Catalogue { code: "ru", plurals: Plurals::Slavic, texts };
//! let told = said!("message {number} from {name}", number = 7, name = said!("queue"));
//! assert_eq!(told.english(), "message 7 from queue");
//! assert_eq!(told.told(&russian), "очередь: сообщение 7");
//! ```
//!
//! A placeholder that is not given does not compile, and neither does a value that no placeholder takes:
//!
//! ```compile_fail
//! let name = "orders";
//! let told = warren_texts::said!("queue {name} has {count}", name = name);
//! ```
//!
//! ```compile_fail
//! let told = warren_texts::said!("queue {name}", name = "orders", count = 7);
//! ```

mod catalogue;
mod fill;
mod macros;
mod plurals;
pub mod po;
mod said;
mod tables;
mod time;

pub use catalogue::Catalogue;
pub use fill::placeholders;
pub use plurals::Plurals;
pub use said::{Fills, Said, Value};
pub use tables::tables;
