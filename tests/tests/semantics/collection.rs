//! The conversations in `conversations/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use warren_talk::Conversation;

/// The folder of all of them.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conversations")
}

/// All of them, in the order of their names.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    find(&root(), &mut files);
    files
}

/// A file's name from the folder of all, and what it says.
pub(crate) fn read(path: &Path) -> Result<(String, Conversation), String> {
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let conversation = Conversation::parse(&name, &text).map_err(|mistake| mistake.to_string())?;
    Ok((name, conversation))
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "talk") {
            files.push(path);
        }
    }
}
