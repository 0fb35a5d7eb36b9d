//! `docs/RABBITMQ.md` lists every conversation in which RabbitMQ 3.10 answers otherwise. `WARREN_BLESS=1` writes it.

use std::{fs, path::Path};

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

fn table() -> String {
    let mut table = String::from("| conversation | what differs |\n|---|---|\n");
    for file in files() {
        let (name, conversation) = read(&file).expect("a conversation");
        if let Some(why) = conversation.differs {
            assert!(!why.starts_with('('), "{name}: say why the answers differ");
            let name = name.trim_end_matches(".talk");
            table += &format!("| [{name}](../conversations/{name}.talk) | {why} |\n");
        }
    }
    table
}
