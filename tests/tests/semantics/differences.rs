//! `docs/RABBITMQ.md` lists every conversation in which RabbitMQ 3.10 answers otherwise. `WARREN_BLESS=1` writes it.

use std::{collections::BTreeMap, fs, path::Path};

use crate::collection::{files, read};

const BEGIN: &str = "<!-- differences: begin -->\n";
const END: &str = "<!-- differences: end -->";

#[test]
fn the_table_of_differences_is_true() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/RABBITMQ.md");
    let text = fs::read_to_string(&page).expect("the page is there");
    let (before, rest) = text.split_once(BEGIN).expect("the table begins");
    let (written, after) = rest.split_once(END).expect("the table ends");
    let table = table();
    if std::env::var_os("WARREN_BLESS").is_some() {
        fs::write(&page, format!("{before}{BEGIN}{table}{END}{after}")).expect("the page can be written");
        return;
    }
    assert!(written == table, "docs/RABBITMQ.md is not what the conversations say; WARREN_BLESS=1 writes it");
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

/// One row for each difference, with the conversations that show it.
fn table() -> String {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files() {
        let (name, conversation) = read(&file).expect("a conversation");
        if let Some(why) = conversation.differs {
            assert!(!why.starts_with('('), "{name}: say why the answers differ");
            let name = name.trim_end_matches(".talk");
            rows.entry(why).or_default().push(format!("[{name}](../conversations/{name}.talk)"));
        }
    }
    let row = |(why, names): (String, Vec<String>)| format!("| {why} | {} |\n", names.join(", "));
    let head = String::from("| what differs | where it shows |\n|---|---|\n");
    rows.into_iter().map(row).fold(head, |table, row| table + &row)
}
