//! The texts that the code says: what stands in quotes in `lang.say("…")`, `say!(lang, "…")`, `said!("…")` and the like.
//! The code is read as tokens, because most of it is inside of other macros.

use std::str::FromStr;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Said;

/// What is found in a file.
#[derive(Default, Debug)]
pub(super) struct Found {
    pub(super) said: Vec<Said>,
    /// What is said, and cannot be found.
    pub(super) wrong: Vec<String>,
}

/// What releases of RabbitMQ differ in: the page says it, and the core knows nothing of languages.
const BEHAVIOURS: &str = "core/src/compat/behaviour.rs";

/// Whether a file may say something to visitors of the page.
pub(super) fn is_read(path: &str) -> bool {
    let folders = ["web/src/", "sim/src/", "programs/src/", "texts/src/", BEHAVIOURS];
    folders.iter().any(|folder| path.starts_with(folder)) && !path.ends_with("/tests.rs")
}

/// The texts of a file.
pub(super) fn texts(path: &str, text: &str) -> Result<Found> {
    let tokens = TokenStream::from_str(text).map_err(|error| anyhow!("{path}: {error}"))?;
    let mut found = Found::default();
    if path == BEHAVIOURS {
        found.said.extend(behaviours(tokens));
        return Ok(found);
    }
    // The sim has other things that are called `say`.
    let has_methods = !path.starts_with("sim/");
    collect(&tokens.into_iter().collect::<Vec<_>>(), has_methods, &mut found);
    found.wrong.iter_mut().for_each(|wrong| wrong.insert_str(0, &format!("{path}: ")));
    Ok(found)
}

/// The sentences of `behaviours! { Variant "name" V4_0 "sentence" … }`.
fn behaviours(tokens: TokenStream) -> Vec<Said> {
    let table = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    // The definition of the macro comes first.
    let table: Vec<TokenTree> = table.last().into_iter().flatten().collect();
    let sentence = |row: &[TokenTree]| Some(Said { context: None, text: literal(row.last()?)?, many: None });
    table.chunks(4).filter_map(sentence).collect()
}

fn collect(tokens: &[TokenTree], has_methods: bool, found: &mut Found) {
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        if let Some(length) = tests(rest) {
            at += length;
            continue;
        }
        if let Some((name, arguments)) = call(rest, has_methods) {
            say(name, &arguments, found);
        }
        if let TokenTree::Group(group) = &tokens[at] {
            collect(&group.stream().into_iter().collect::<Vec<_>>(), has_methods, found);
        }
        at += 1;
    }
}

/// How many tokens a module of tests has: `#[cfg(test)] mod tests { … }`.
fn tests(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), TokenTree::Ident(keyword), _, ..] = tokens
    else {
        return None;
    };
    let is_test = hash.as_char() == '#' && attribute.stream().to_string().replace(' ', "") == "cfg(test)";
    (is_test && (keyword == "mod" || keyword == "impl")).then_some(5)
}

/// A call that may say something: its name, with `!` if it is a macro, and its arguments.
fn call(tokens: &[TokenTree], has_methods: bool) -> Option<(&'static str, Vec<TokenTree>)> {
    let arguments = |group: &proc_macro2::Group| {
        (group.delimiter() == Delimiter::Parenthesis).then(|| group.stream().into_iter().collect())
    };
    match tokens {
        [TokenTree::Ident(name), TokenTree::Punct(mark), TokenTree::Group(group), ..]
            if mark.as_char() == '!' =>
        {
            let known = ["text", "said", "say", "said_of"].into_iter().find(|known| name == known)?;
            Some((known, arguments(group)?))
        }
        [TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(group), ..]
            if dot.as_char() == '.' && has_methods =>
        {
            let known = [(".say", "say"), (".say_in", "say_in"), (".text_in", "text_in")];
            let (known, _) = known.into_iter().find(|(_, plain)| name == plain)?;
            Some((known, arguments(group)?))
        }
        _ => None,
    }
}

/// Adds what a call says.
fn say(name: &'static str, arguments: &[TokenTree], found: &mut Found) {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
    let mut parts = arguments.split(is_comma).map(|part| part.first().and_then(literal));
    let mut next = || parts.next().flatten();
    let said = match name {
        "text" | "said" | ".say" => next().map(|text| Said { context: None, text, many: None }),
        "say" => {
            next();
            next().map(|text| Said { context: None, text, many: None })
        }
        "said_of" => {
            next();
            next().zip(next()).map(|(text, many)| Said { context: None, text, many: Some(many) })
        }
        _ => next().zip(next()).map(|(context, text)| Said { context: Some(context), text, many: None }),
    };
    match said {
        Some(said) => found.said.push(said),
        // A macro's definition, or another method with this name.
        None if arguments
            .iter()
            .any(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '$')) => {}
        None if name.starts_with('.') && arguments.split(is_comma).count() != 1 => {}
        None => {
            let arguments: TokenStream = arguments.iter().cloned().collect();
            found.wrong.push(format!("{name}({arguments}) says a text that does not stand in quotes there"));
        }
    }
}

/// What stands in quotes.
fn literal(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Said, texts};

    #[test]
    fn texts_are_found_inside_of_other_macros() {
        let code = r#"
            fn a(lang: Lang) -> Html {
                html! { <p title={lang.say("one \"quoted\" \
                    line")}>{ say!(lang, "two {n}", n = lang.say_in("context", "three")) }</p> }
            }
            fn b() { said_of!(count, "{count} word", "{count} words", what = said!("four")); }
            const C: &str = text!("five");
            #[cfg(test)]
            mod tests { fn d() { said!("not this"); } }
        "#;
        let found = texts("web/src/a.rs", code).expect("tokens");
        let said = |context: Option<&str>, text: &str, many: Option<&str>| Said {
            context: context.map(str::to_owned),
            text: text.into(),
            many: many.map(str::to_owned),
        };
        let mut expected = vec![
            said(None, "one \"quoted\" line", None),
            said(None, "two {n}", None),
            said(Some("context"), "three", None),
            said(None, "{count} word", Some("{count} words")),
            said(None, "four", None),
            said(None, "five", None),
        ];
        expected.sort();
        let mut all = found.said;
        all.sort();
        assert_eq!(all, expected);
        assert_eq!(found.wrong, Vec::<String>::new());
    }

    #[test]
    fn what_releases_differ_in_is_found_in_its_table() {
        let code = r#"
            macro_rules! behaviours { ($($variant:ident $name:literal)*) => { enum Behaviour { $($variant,)* } } }
            behaviours! { One "one" V4_0 "It does; before, not" Two "two" V4_3 "It does not" }
        "#;
        let found = texts("core/src/compat/behaviour.rs", code).expect("tokens");
        let said: Vec<&str> = found.said.iter().map(|said| said.text.as_str()).collect();
        assert_eq!(said, ["It does; before, not", "It does not"]);
    }

    #[test]
    fn a_text_that_cannot_be_found_is_named() {
        let found = texts("web/src/a.rs", "fn a() { lang.say(name) }").expect("tokens");
        assert!(found.wrong[0].starts_with("web/src/a.rs: .say(name)"), "{:?}", found.wrong);
        let found = texts("sim/src/a.rs", "fn a() { self.say(name) }").expect("tokens");
        assert!(found.wrong.is_empty());
    }
}
