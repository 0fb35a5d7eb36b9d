//! In core and sim nothing that is kept or traced may differ between machines: no `usize`, no floats, no hash maps.

const TYPES: [(&str, &str); 3] = [
    ("usize", "no usize in state: it differs between native and wasm"),
    ("f32", "no floats in state: keep whole numbers"),
    ("f64", "no floats in state: keep whole numbers"),
];

/// Types in fields count, locals and parameters do not. `// tidy: allow(usize) REASON` on the line or above it
/// makes an exception.
pub(super) fn check(file: &str, text: &str) -> Vec<(usize, String)> {
    if !file.starts_with("core/src") && !file.starts_with("sim/src") {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut findings = Vec::new();
    for (number, held) in fields(&lines) {
        for (kind, what) in TYPES {
            if words(&held).any(|word| word == kind) && !is_allowed(&lines, number, kind) {
                findings.push((number, what.to_owned()));
            }
        }
    }
    let hashed = |line: &str| words(line).any(|word| ["HashMap", "HashSet"].contains(&word));
    for (index, line) in lines.iter().enumerate() {
        if hashed(&code(line)) {
            findings.push((index + 1, "no hash maps: their order differs between runs".to_owned()));
        }
    }
    findings
}

/// What stands inside the declarations of structs and enums, by line number.
fn fields(lines: &[&str]) -> Vec<(usize, String)> {
    let mut fields = Vec::new();
    let mut depth = 0_u32;
    let mut declares = false;
    for (index, line) in lines.iter().enumerate() {
        let mut rest = code(line);
        if !declares {
            let Some(start) = declaration(&rest) else { continue };
            rest = rest.split_off(start);
            declares = true;
        }
        let mut held = String::new();
        for c in rest.chars() {
            match c {
                '{' | '(' => depth += 1,
                '}' | ')' => depth = depth.saturating_sub(1),
                _ if depth > 0 => held.push(c),
                _ => {}
            }
            if depth == 0 && ['}', ')', ';'].contains(&c) {
                declares = false;
                break;
            }
            if ['{', '(', '}', ')'].contains(&c) {
                held.push(' ');
            }
        }
        fields.push((index + 1, held));
    }
    fields
}

/// Where a struct or an enum begins in a line of code.
fn declaration(code: &str) -> Option<usize> {
    let mut item = code.trim_start();
    if let Some(public) = item.strip_prefix("pub") {
        let restricted = public.strip_prefix('(').and_then(|inside| inside.split_once(')'));
        item = restricted.map_or(public, |(_, after)| after).trim_start();
    }
    let begins = item.starts_with("struct ") || item.starts_with("enum ");
    begins.then(|| code.len() - item.len())
}

/// The line without its comment and without what its strings say.
fn code(line: &str) -> String {
    let mut code = String::new();
    let mut in_string = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => drop(chars.next()),
            '"' => in_string = !in_string,
            '/' if !in_string && chars.peek() == Some(&'/') => break,
            _ if !in_string => code.push(c),
            _ => {}
        }
    }
    code
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn is_allowed(lines: &[&str], number: usize, kind: &str) -> bool {
    let mark = format!("// tidy: allow({kind})");
    let excuses = |line: &&str| line.split_once(&mark).is_some_and(|(_, reason)| !reason.trim().is_empty());
    let first = number.saturating_sub(2);
    lines[first..number].iter().any(excuses)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_differs_between_machines_is_found_wherever_it_is_kept() {
        let table = [
            ("struct A {\n    pub(crate) b: usize,\n}", 2, "no usize"),
            ("struct A {\n    b: Option<usize>,\n}", 2, "no usize"),
            ("pub(crate) struct A(pub(crate) usize);", 1, "no usize"),
            ("pub enum A {\n    B { size_2: usize, max: u32 },\n}", 2, "no usize"),
            ("enum A {\n    B,\n    C(usize),\n}", 3, "no usize"),
            ("struct A {\n    // tidy: allow(usize)\n    b: usize,\n}", 3, "no usize"),
            ("struct A {\n    // tidy: allow(f64) reason\n    b: usize,\n}", 3, "no usize"),
            ("struct A {\n    b: f64,\n}", 2, "no floats"),
            ("struct A {\n    b: (u8, f32),\n}", 2, "no floats"),
            ("use std::collections::HashMap;", 1, "no hash maps"),
            ("fn a() {\n    let b = HashSet::new();\n}", 2, "no hash maps"),
        ];
        for (text, line, expected) in table {
            let findings = check("sim/src/a.rs", text);
            assert!(
                findings.len() == 1 && findings[0].0 == line && findings[0].1.starts_with(expected),
                "{text:?}: {findings:?}"
            );
        }
    }

    #[test]
    fn what_is_not_kept_is_left_alone() {
        let fine = [
            "struct A {\n    b: u64, // a usize would differ\n}\nfn c(\n    d: usize,\n) -> f64 {\n}",
            "struct A;\nfn c(d: usize) {}",
            "struct A<const N: usize>([u8; N]);",
            "struct A {\n    #[serde(rename = \"usize\")]\n    b: u64,\n}",
            "struct A {\n    // tidy: allow(usize) an index into the frame at hand\n    b: usize,\n}",
            "struct A {\n    b: usize, // tidy: allow(usize) an index into the frame at hand\n}",
            "/// Not a HashMap.\nstruct A;",
        ];
        for text in fine {
            assert_eq!(check("core/src/a.rs", text), [], "{text:?}");
        }
        assert_eq!(check("server/src/a.rs", "struct A(usize);\nuse std::collections::HashMap;"), []);
    }
}
