//! `docs/RABBITMQ.md` lists every conversation in which a version of RabbitMQ answers otherwise. `WARREN_BLESS=1` writes it.

use std::{collections::BTreeMap, fs, path::Path};

use warren_talk::Version;

use crate::collection::{files, read};

#[test]
fn the_tables_of_differences_are_true() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/RABBITMQ.md");
    let written = fs::read_to_string(&page).expect("the page is there");
    let true_text = Version::ALL.into_iter().fold(written.clone(), with_table);
    if std::env::var_os("WARREN_BLESS").is_some() {
        fs::write(&page, true_text).expect("the page can be written");
        return;
    }
    assert!(
        written == true_text,
        "docs/RABBITMQ.md is not what the conversations say; WARREN_BLESS=1 writes it"
    );
}

/// The page with the table of what differs from this version, if it has a place for that.
fn with_table(page: String, version: Version) -> String {
    let (begin, end) = (format!("<!-- {version}: begin -->\n"), format!("<!-- {version}: end -->"));
    let table = table(version);
    let Some((before, rest)) = page.split_once(&begin) else {
        assert!(table.is_none(), "docs/RABBITMQ.md has no place for what differs from {version}");
        return page;
    };
    let (_, after) = rest.split_once(&end).expect("the table ends");
    format!("{before}{begin}{}{end}{after}", table.unwrap_or_default())
}

#[test]
fn every_conversation_says_who_gave_its_answers() {
    for file in files() {
        let (name, conversation) = read(&file).expect("a conversation");
        assert!(
            conversation.recorded.is_some() || conversation.core_only.is_some(),
            "{name}: record it (`cargo xtask fidelity --record conversations/{name}`), or say why it is core only"
        );
    }
}

/// One row for each difference to this version, with the conversations that show it; nothing, if there is none.
fn table(version: Version) -> Option<String> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files() {
        let (name, mut conversation) = read(&file).expect("a conversation");
        if let Some(why) = conversation.differs.remove(&version) {
            assert!(!why.starts_with('('), "{name}: say why the answers differ from {version}");
            let name = name.trim_end_matches(".talk");
            rows.entry(why).or_default().push(format!("[{name}](../conversations/{name}.talk)"));
        }
    }
    if rows.is_empty() {
        return None;
    }
    let row = |(why, names): (String, Vec<String>)| format!("| {why} | {} |\n", names.join(", "));
    let head = String::from("| what differs | where it shows |\n|---|---|\n");
    Some(rows.into_iter().map(row).fold(head, |table, row| table + &row))
}
