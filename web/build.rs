//! Makes the page's languages out of `texts/*.po`: one text each, without what only translators need.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=texts");
    let code = warren_texts::tables(Path::new("texts"))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("translations.rs"), code)?;
    Ok(())
}
