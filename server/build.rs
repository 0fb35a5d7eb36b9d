//! Makes cargo look at `dist/`, so that the next release build embeds the page that trunk has built.

fn main() {
    // Cargo rebuilds every time while a watched path is missing, so the folder is made if it can be.
    let _ = std::fs::create_dir("../dist");
    println!("cargo::rerun-if-changed=../dist");
}
