//! Browser tests press keys and move pointers: no script sets what a control shows, or makes up an event of a hand.

/// Properties that a hand sets, and a script must not.
const SET: [&str; 4] = [".value", ".checked", ".selectedIndex", ".valueAsNumber"];
/// What makes up events.
const MADE_UP: [&str; 3] = [".dispatchEvent(", "setRangeText(", "execCommand("];

pub(super) fn check(file: &str, text: &str) -> Vec<(usize, String)> {
    if !file.starts_with("tests/") {
        return Vec::new();
    }
    let what = "press keys and move pointers as a person does (tests/src/hands.rs, touch.rs): no script sets a value \
                or makes up an event";
    super::find(text, |line| is_set(line) || MADE_UP.iter().any(|call| line.contains(call)), what)
}

/// Whether something is assigned to one of the properties, and not compared with it.
fn is_set(line: &str) -> bool {
    SET.iter().any(|property| {
        line.match_indices(property).any(|(at, _)| {
            let behind = line[at + property.len()..].trim_start();
            behind.starts_with('=') && !behind.starts_with("==") && !behind.starts_with("=>")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn values_that_are_set_and_events_that_are_made_up_are_found() {
        for line in [
            "field.value = arguments[1];",
            "at('speed').value=30",
            "box.checked = true",
            "field.dispatchEvent(new Event('input'))",
        ] {
            assert_eq!(check("tests/tests/browser/a.rs", line).len(), 1, "{line}");
            assert_eq!(check("web/src/a.rs", line), [], "{line}");
        }
        for line in
            ["at('a').value === '3'", "let value = 3;", "field.value == 3", "[field.value, 1]", ".value(&x)"]
        {
            assert_eq!(check("tests/tests/browser/a.rs", line), [], "{line}");
        }
    }
}
