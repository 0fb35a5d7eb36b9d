//! What the page's script and its wasm call one another: names of a letter or two, instead of what wasm-bindgen makes
//! up, which has a hash in each that no compression makes smaller.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// The pass of wasm-opt that gives the names, and prints them.
pub(super) const PASS: &str = "--minify-imports-and-exports-and-modules";
/// What the pass calls the one module that the wasm imports from.
const MODULE: &str = "a";

/// The script with the new names. What the pass has printed has module, old and new name of each import, and old and new
/// name of each export.
pub(super) fn put_into(script: &str, printed: &str) -> Result<String> {
    let printed: BTreeMap<String, Vec<Vec<String>>> =
        serde_json::from_str(printed).context("what wasm-opt has printed of names")?;
    let (mut imports, mut exports, mut module) = (BTreeMap::new(), BTreeMap::new(), "");
    for line in printed.values().flatten() {
        match &line[..] {
            [from, old, new] => {
                imports.insert(&**old, &**new);
                module = from;
            }
            [old, new] => drop(exports.insert(&**old, &**new)),
            _ => bail!("wasm-opt has printed {line:?} as names"),
        }
    }
    let mut left = String::new();
    let mut rest = script;
    while let Some(start) = rest.find(is_of_a_name) {
        let name = &rest[start..];
        let name = &name[..name.find(|c| !is_of_a_name(c)).unwrap_or(name.len())];
        left.push_str(&rest[..start]);
        rest = &rest[start + name.len()..];
        let names = if left.ends_with("wasm.") { &exports } else { &imports };
        left.push_str(names.get(name).copied().unwrap_or(name));
    }
    left.push_str(rest);
    Ok(left.replace(&format!("\"{module}\""), &format!("\"{MODULE}\"")))
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::put_into;

    #[test]
    fn names_are_replaced_where_they_are_the_wasms() {
        let printed = r#"{"imports": [["./w_bg.js", "__wbg_now_1f", "b"]], "exports": [["main", "c"]]}"#;
        let script =
            "const i = { __wbg_now_1f: main, __wbg_now_1f2: 0 }; wasm.main(); x = { \"./w_bg.js\": i };";
        let expected = "const i = { b: main, __wbg_now_1f2: 0 }; wasm.c(); x = { \"a\": i };";
        assert_eq!(put_into(script, printed).ok().as_deref(), Some(expected));
    }
}
