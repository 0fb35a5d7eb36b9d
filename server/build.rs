//! Makes cargo look at `dist/`, so that the next release build embeds the page that trunk has built.

fn main() {
    // Cargo rebuilds every time while a watched path is missing, so the folder is made if it can be.
    let _ = std::fs::create_dir("../dist");
    println!("cargo::rerun-if-changed=../dist");
    name_the_commit();
}

/// Replay files say which commit wrote them.
fn name_the_commit() {
    println!("cargo::rerun-if-changed=../.git/HEAD");
    let git = std::process::Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    if let Some(commit) = git.ok().filter(|git| git.status.success()) {
        println!("cargo::rustc-env=WARREN_COMMIT={}", String::from_utf8_lossy(&commit.stdout).trim());
    }
}
