//! Makes the page's languages out of `texts/*.po`: one text each, without what only translators need.

use std::{env, error::Error, fmt::Write, fs, path::Path};

use warren_texts::po::PoFile;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=texts");
    let mut names: Vec<String> = fs::read_dir("texts")?
        .map(|file| Ok(file?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, std::io::Error>>()?;
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "po"));
    names.sort();
    let mut code = String::from("const PACKED: &[(&str, Plurals, &str)] = &[\n");
    for name in names {
        let file = PoFile::parse(&fs::read_to_string(Path::new("texts").join(&name))?)
            .map_err(|wrong| format!("web/texts/{name}: {wrong}"))?;
        let (language, plurals) = file.language(&name).map_err(|wrong| format!("web/texts/{wrong}"))?;
        writeln!(code, "({language:?}, Plurals::{plurals:?}, {:?}),", file.packed())?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("translations.rs"), code)?;
    Ok(())
}
