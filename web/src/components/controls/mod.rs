//! Controls that can be used while the page around them is drawn again and again.
//!
//! A control keeps what a person is typing or has chosen until that is accepted or taken back. The page only says what the
//! value is; what is being typed is never overwritten with it.

mod choice;
mod flag;
mod text;

pub(crate) use choice::{Choice, Choices};
pub(crate) use flag::FlagBox;
pub(crate) use text::TextBox;

use web_sys::MouseEvent;
use yew::prelude::{Callback, Html, html};

/// Takes a new value, or says why it cannot be.
pub(crate) type Commit = Callback<String, Result<(), String>>;

/// Takes every value.
pub(crate) fn accept(on_change: Callback<String>) -> Commit {
    Callback::from(move |value| {
        on_change.emit(value);
        Ok(())
    })
}

/// Whether a click is not the second of two that come at once. Where a button does the opposite after the first (crash and
/// revive), the second was meant for the one that stood there before.
pub(super) fn is_first_click(event: &MouseEvent) -> bool {
    event.detail() < 2
}

/// What is in a control that is not the value.
#[derive(Clone, PartialEq, Debug)]
enum Draft {
    /// It is being typed.
    Typed(String),
    /// It was refused. It stays to be corrected, as long as the value is the one that it was to replace.
    Refused { text: String, value: String, why: String },
}

impl Draft {
    /// What is seen in the control, and why it was refused, if it was.
    fn shown<'a>(draft: Option<&'a Draft>, value: &'a str) -> (&'a str, Option<&'a str>) {
        match draft {
            Some(Draft::Typed(text)) => (text, None),
            Some(Draft::Refused { text, value: replaced, why }) if replaced == value => (text, Some(why)),
            Some(Draft::Refused { .. }) | None => (value, None),
        }
    }

    /// What stays in the control after `text` was to become the value.
    fn after(text: String, value: &str, commit: &Commit) -> Option<Draft> {
        if text == value {
            return None;
        }
        let why = commit.emit(text.clone()).err()?;
        Some(Draft::Refused { text, value: value.to_owned(), why })
    }
}

/// Why what is in a control was refused, to be read out at once.
pub(super) fn complaint(why: Option<&str>, id: &str) -> Html {
    why.map_or_else(Html::default, |why| {
        html! { <em class="refused" role="alert" id={id.to_owned()} data-testid="refused">{ why.to_owned() }</em> }
    })
}

#[cfg(test)]
mod tests {
    use yew::prelude::Callback;

    use super::{Commit, Draft};

    #[test]
    fn what_is_refused_stays_until_it_is_corrected_or_the_value_is_another() {
        let commit: Commit = Callback::from(|text: String| match text.parse::<u8>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("{text} is no number")),
        });
        assert_eq!(Draft::after("7".into(), "7", &commit), None, "nothing has changed");
        assert_eq!(Draft::after("8".into(), "7", &commit), None, "it is the value now");
        let refused = Draft::after("many".into(), "7", &commit);
        assert_eq!(Draft::shown(refused.as_ref(), "7"), ("many", Some("many is no number")));
        assert_eq!(Draft::shown(refused.as_ref(), "8"), ("8", None));
        let typed = Draft::Typed("9".into());
        assert_eq!(Draft::shown(Some(&typed), "8"), ("9", None));
        assert_eq!(Draft::shown(None, "8"), ("8", None));
    }
}
