//! What the wasm-bindgen command does, and compression: a package of its own, so that only the commands that build the
//! page compile it.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match &arguments[..] {
        [command, wasm, folder] if command == "bindgen" => generate_script(wasm, folder),
        [command, files @ ..] if command == "compress" => files.iter().try_for_each(|file| compress(file)),
        _ => bail!("usage: bindgen WASM FOLDER, or compress FILES"),
    }
}

/// Writes the script that stands between JavaScript and the compiled page, and its types.
fn generate_script(wasm: &OsStr, folder: &OsStr) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.typescript(true).omit_default_module_path(false).input_path(wasm);
    bindgen.generate(folder).with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))
}

/// Writes a file's content as brotli makes it, at its best, into `FILE.br`.
fn compress(file: &OsStr) -> Result<()> {
    let content = fs::read(file).with_context(|| file.display().to_string())?;
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    brotli::BrotliCompress(&mut content.as_slice(), &mut compressed, &parameters)?;
    let mut name = file.to_owned();
    name.push(".br");
    fs::write(Path::new(&name), compressed).with_context(|| name.display().to_string())
}
