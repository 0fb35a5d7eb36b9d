//! The page's code under names that do not change, for scripts elsewhere: `warren.js` and its types, `warren.d.ts`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{has_extension, name_of};

/// Writes both beside the page.
pub(super) fn write(files: &[PathBuf]) -> Result<()> {
    let with = |ending: &str| files.iter().find(|file| name_of(file).ends_with(ending));
    let code = files.iter().find(|file| has_extension(file, "js")).context("trunk has made no code")?;
    let wasm = with(".wasm").context("trunk has made no wasm")?;
    fs::write(code.with_file_name("warren.js"), module(code, wasm))?;
    if let Some(inner) = with("_bg.wasm.d.ts") {
        fs::remove_file(inner)?;
    }
    let is_of_types =
        |file: &&PathBuf| name_of(file).ends_with(".d.ts") && !name_of(file).ends_with(".wasm.d.ts");
    let types = files.iter().find(is_of_types);
    let types = types.context("trunk has made no types")?;
    let text = fs::read_to_string(types)?;
    fs::remove_file(types)?;
    let more = "\n/** Where the compiled code is. */\nexport const wasm: URL;\n";
    fs::write(code.with_file_name("warren.d.ts"), text + more)?;
    Ok(())
}

fn module(code: &Path, wasm: &Path) -> String {
    let (code, wasm) = (name_of(code), name_of(wasm));
    format!(
        "// Warren's world as a module: docs/JAVASCRIPT.md. It starts no page.\n\
         import init from \"./{code}\";\n\
         export * from \"./{code}\";\n\
         export const wasm = new URL(\"./{wasm}\", import.meta.url);\n\
         export default (from = wasm) => init({{ module_or_path: from }});\n"
    )
}
