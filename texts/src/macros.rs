//! The macros that say a text: each checks at compile time that the text and its values agree.

/// A text that is said elsewhere: what is in the quotes, and known to `cargo xtask texts`.
#[macro_export]
macro_rules! text {
    ($text:literal) => {
        $text
    };
}

/// What is said, before it is in any language: `said!("queue {name} holds {count}", name, count = 7)`.
#[macro_export]
macro_rules! said {
    ($text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        $crate::agree!($text $(, $name)*);
        $crate::Said::new($text, &[$((::core::stringify!($name), &$crate::value!($name $(= $value)?))),*])
    }};
}

/// What is said of a number of things: `said_of!(count, "{count} message", "{count} messages")`. The number is there by
/// its name; it is a variable of type `u64`.
#[macro_export]
macro_rules! said_of {
    ($count:ident, $one:literal, $many:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        $crate::agree!($one, $count $(, $name)*);
        $crate::agree!($many, $count $(, $name)*);
        $crate::Said::counted(
            ($one, $many),
            $count,
            &[
                (::core::stringify!($count), &$count)
                $(, (::core::stringify!($name), &$crate::value!($name $(= $value)?)))*
            ],
        )
    }};
}

/// The value of a placeholder: an expression, or the variable with its name.
#[doc(hidden)]
#[macro_export]
macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}

/// Compiles only if a text has exactly these placeholders. `concat!` keeps `format_args!` from taking variables that are not
/// named.
#[doc(hidden)]
#[macro_export]
macro_rules! agree {
    ($text:literal $(, $name:ident)*) => {
        if false {
            let _ = ::core::format_args!(::core::concat!($text), $($name = ""),*);
        }
    };
}
