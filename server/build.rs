//! Makes cargo look at `dist/`, so that the next release build embeds the page as it was built last; and packs the page's
//! languages, which findings are written in for programs.

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo rebuilds every time while a watched path is missing, so the folder is made if it can be.
    let _ = fs::create_dir("../dist");
    println!("cargo::rerun-if-changed=../dist");
    name_the_commit();
    println!("cargo::rerun-if-changed=../web/texts");
    let code = warren_texts::tables(Path::new("../web/texts"))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("translations.rs"), code)?;
    println!("cargo::rerun-if-changed=../conversations");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("shown.rs"), shown(Path::new("../conversations"))?)?;
    Ok(())
}

/// Which conversations show which behaviour, as Rust.
fn shown(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "talk")) {
        let text = fs::read_to_string(file)?;
        let name = file.strip_prefix("..")?.to_string_lossy().into_owned();
        for names in text.lines().filter_map(|line| line.strip_prefix("# shows: ")) {
            for behaviour in names.split(", ") {
                shown.entry(behaviour.trim().to_owned()).or_default().push(name.clone());
            }
        }
    }
    let rows: String =
        shown.iter().map(|(behaviour, files)| format!("({behaviour:?}, &{files:?}),\n")).collect();
    Ok(format!("static SHOWN: &[(&str, &[&str])] = &[\n{rows}];\n"))
}

/// Replay files say which commit wrote them.
fn name_the_commit() {
    // HEAD itself names a branch, and stays the same when that moves; its log does not. Without git there is neither.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) {
        println!("cargo::rustc-env=WARREN_COMMIT={commit}");
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
