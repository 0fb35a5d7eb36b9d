//! `docs/RABBITMQ.md` has the table of behaviours that RabbitMQ's releases differ in, with the conversations that show
//! each, and a table of what Warren does not follow. `WARREN_BLESS=1` writes both.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use warren_core::{Behaviour, Release};
use warren_talk::Conversation;

use crate::collection::{files, read};

#[test]
fn the_tables_of_differences_are_true() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/RABBITMQ.md");
    let written = fs::read_to_string(&page).expect("the page is there");
    let conversations = conversations();
    let mut true_text = with_table(&written, "behaviours", &behaviours(&conversations));
    for release in Release::ALL {
        true_text = with_table(&true_text, release.as_str(), &not_followed(&conversations, release));
    }
    if std::env::var_os("WARREN_BLESS").is_some() {
        fs::write(&page, true_text).expect("the page can be written");
        return;
    }
    assert!(
        written == true_text,
        "docs/RABBITMQ.md is not what the conversations say; WARREN_BLESS=1 writes it"
    );
}

#[test]
fn every_behaviour_is_shown_by_a_conversation() {
    let conversations = conversations();
    assert!(
        Behaviour::ALL.is_sorted_by_key(|behaviour| behaviour.name()),
        "they are in the order of their names"
    );
    for behaviour in Behaviour::ALL {
        let before = |release: &Release| !release.has(*behaviour);
        let shows = |conversation: &Conversation| {
            let releases = conversation.recorded_releases().into_iter().filter(before);
            conversation.shows.contains(behaviour)
                && releases.into_iter().any(|release| conversation.differs_between_releases(release))
        };
        let shown = conversations.iter().any(|(_, conversation)| shows(conversation));
        assert!(shown, "no conversation shows {}: its answers have to differ", behaviour.name());
    }
}

#[test]
fn every_conversation_names_the_behaviours_that_it_shows() {
    for (name, conversation) in conversations() {
        for release in conversation.recorded_releases() {
            let lacking = conversation.shows.iter().any(|behaviour| !release.has(*behaviour));
            let differs = conversation.differs_between_releases(release);
            let explained = conversation.differs.contains_key(&release);
            assert!(!lacking || differs, "{name}: {release} answers like 4.3 and lacks what this shows");
            // What differs from 4.3 may be what Warren does not follow there.
            let explained = explained || conversation.differs.contains_key(&Release::default());
            assert!(lacking || !differs || explained, "{name}: say which behaviours {release} lacks here");
        }
        for why in conversation.differs.values() {
            assert!(!why.starts_with('('), "{name}: say why Warren does not follow");
        }
        assert!(conversation.shows.is_sorted(), "{name}: name behaviours in alphabetical order");
    }
}

#[test]
fn every_conversation_says_who_gave_its_answers() {
    for (name, conversation) in conversations() {
        assert!(
            conversation.recorded.is_some() || conversation.core_only.is_some(),
            "{name}: record it (`cargo xtask fidelity --record conversations/{name}`), or say why it is core only"
        );
    }
}

type Named = (String, Conversation);

fn conversations() -> Vec<Named> {
    files().iter().map(|file| read(file).expect("a conversation")).collect()
}

/// The page with this table in its place.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = page.split_once(&begin).expect("the page has a place for each table");
    let (_, after) = rest.split_once(&end).expect("the table ends");
    format!("{before}{begin}{table}{end}{after}")
}

/// One row for each behaviour.
fn behaviours(conversations: &[Named]) -> String {
    let mut table = String::from("| behaviour | since | what | where it shows |\n|---|---|---|---|\n");
    for behaviour in Behaviour::ALL {
        let shows = conversations.iter().filter(|(_, conversation)| conversation.shows.contains(behaviour));
        let shown: Vec<String> = shows.map(|(name, _)| link(name)).collect();
        let (name, since, what) = (behaviour.name(), behaviour.since(), behaviour.what());
        let _ = writeln!(table, "| `{name}` | {since} | {what} | {} |", shown.join(", "));
    }
    table
}

/// One row for each reason why Warren does not follow a release.
fn not_followed(conversations: &[Named], release: Release) -> String {
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, conversation) in conversations {
        if let Some(why) = conversation.differs.get(&release) {
            rows.entry(why).or_default().push(link(name));
        }
    }
    let mut table = String::from("| what differs | where it shows |\n|---|---|\n");
    for (why, names) in rows {
        let _ = writeln!(table, "| {why} | {} |", names.join(", "));
    }
    table
}

fn link(name: &str) -> String {
    let name = name.trim_end_matches(".talk");
    format!("[{name}](../conversations/{name}.talk)")
}
