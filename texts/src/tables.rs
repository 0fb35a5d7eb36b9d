//! The files of translations in a program: what its build script makes of them.

use std::{fmt::Write, fs, path::Path};

use crate::po::PoFile;

/// Rust code of all languages whose files are in a folder: `PACKED`, a constant with each one's code, its rule of plurals, and
/// what [`Catalogue::unpacked`](crate::Catalogue::unpacked) takes. `Plurals` has to be in scope where it stands.
///
/// # Errors
///
/// Which file is wrong, and what about it.
pub fn tables(folder: &Path) -> Result<String, String> {
    let found = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> =
        found.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".po"));
    names.sort();
    let mut code = String::from("const PACKED: &[(&str, Plurals, &str)] = &[\n");
    for name in names {
        let text = fs::read_to_string(folder.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        let file = PoFile::parse(&text).map_err(|wrong| format!("{name}: {wrong}"))?;
        let (language, plurals) = file.language(&name)?;
        // Writing to a string cannot fail.
        let _ = writeln!(code, "({language:?}, Plurals::{plurals:?}, {:?}),", file.packed());
    }
    code.push_str("];\n");
    Ok(code)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::tables;

    #[test]
    fn the_languages_of_the_page_are_in_the_table() {
        let code = tables(Path::new("../web/texts")).expect("good files");
        assert!(code.contains("(\"ru\", Plurals::Slavic, \""), "{}", &code[..80]);
        assert!(tables(Path::new("nowhere")).is_err_and(|wrong| wrong.starts_with("nowhere: ")));
    }
}
