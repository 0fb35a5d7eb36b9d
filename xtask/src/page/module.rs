//! The page's code under names that do not change, for scripts elsewhere: `warren.js` and its types, `warren.d.ts`.

use anyhow::{Context, Result};

use super::{Files, name_with};

/// Adds both. The types are needed under this name only.
pub(super) fn add(files: &mut Files) -> Result<()> {
    let (code, wasm, types) =
        (name_with(files, ".js")?, name_with(files, ".wasm")?, name_with(files, ".d.ts")?);
    let mut types = files.remove(&types).context("types")?;
    types.extend_from_slice(b"\n/** Where the compiled code is. */\nexport const wasm: URL;\n");
    files.insert("warren.d.ts".into(), types);
    files.insert("warren.js".into(), module(&code, &wasm).into_bytes());
    Ok(())
}

fn module(code: &str, wasm: &str) -> String {
    format!(
        "// Warren's world as a module: docs/JAVASCRIPT.md. It starts no page.\n\
         import init from \"./{code}\";\n\
         export * from \"./{code}\";\n\
         export const wasm = new URL(\"./{wasm}\", import.meta.url);\n\
         export default (from = wasm) => init({{ module_or_path: from }});\n"
    )
}
