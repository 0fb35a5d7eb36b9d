//! From the crate to the page's script, wasm and types: cargo compiles, wasm-bindgen writes what stands between
//! JavaScript and Rust, wasm-opt makes it smaller.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::{TOOLS, names};
use crate::shell;

/// What makes it smaller when it is compressed. `-Oz` would make the plain file four percent smaller and the compressed
/// one a little larger: it puts functions into one another, and what was the same twice is not the same any more.
const PASSES: [&str; 33] = [
    // They may look for as long as they like.
    "--optimize-level=2",
    "--shrink-level=2",
    "--code-folding",
    "--vacuum",
    "--duplicate-function-elimination",
    "--remove-unused-module-elements",
    "--vacuum",
    "--rse",
    "--dce",
    "--coalesce-locals",
    "--reorder-locals",
    "--merge-blocks",
    "--remove-unused-brs",
    "--remove-unused-names",
    "--optimize-instructions",
    "--merge-locals",
    "--coalesce-locals",
    "--simplify-locals-notee-nostructure",
    "--precompute-propagate",
    "--directize",
    "--dae-optimizing",
    // rustc puts nothing below 1 KB that could be reached by an offset that wraps around.
    "--low-memory-unused",
    "--optimize-added-constants",
    "--simplify-locals-notee-nostructure",
    "--coalesce-locals",
    "--vacuum",
    "--reorder-locals",
    // What says that memory is aligned helps no processor that there is, and differs where nothing else does.
    "--dealign",
    // What is called most gets the shortest numbers.
    "--reorder-functions",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    names::PASS,
];

/// What rustc's wasm uses, and every browser has.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What the page runs.
pub(super) struct Code {
    /// The module that loads the wasm.
    pub(super) script: String,
    pub(super) wasm: Vec<u8>,
    /// The module's types, for editors.
    pub(super) types: String,
}

impl Code {
    /// What the files' names begin with: the crate's name.
    pub(super) const STEM: &str = "warren-web";

    /// Compiles it, with nothing in it that is for tests.
    pub(super) fn compile() -> Result<Code> {
        let target = shell::target_directory()?;
        let folder = target.join("page-code");
        compile_crate()?;
        generate_script(&target, &folder)?;
        Code::read(&folder)
    }

    /// Replaces the wasm by a smaller one that does the same.
    pub(super) fn shrink(self) -> Result<Code> {
        let wasm_opt = shell::cache()?.join("wasm-opt/node_modules/binaryen/bin/wasm-opt");
        ensure!(wasm_opt.exists(), "wasm-opt is not installed: run `cargo xtask setup --only page`");
        let folder = shell::target_directory()?.join("page-code");
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let (from, to) = (path(&format!("{}_bg.wasm", Code::STEM)), path("small.wasm"));
        println!("$ wasm-opt {from} -o {to}");
        let wasm_opt = wasm_opt.to_string_lossy();
        let mut arguments = vec![&*wasm_opt, &from, "-o", &to];
        arguments.extend(PASSES);
        arguments.extend(FEATURES);
        let printed = shell::output("node", &arguments).context("wasm-opt has failed")?;
        let script = names::put_into(&without_descriptions(&self.script), &printed)?;
        Ok(Code { script, wasm: fs::read(to)?, types: self.types })
    }

    fn read(folder: &Path) -> Result<Code> {
        let path = |end: &str| folder.join(format!("{}{end}", Code::STEM));
        let text = |end: &str| fs::read_to_string(path(end)).context("wasm-bindgen has written no code");
        Ok(Code { script: text(".js")?, wasm: fs::read(path("_bg.wasm"))?, types: text(".d.ts")? })
    }
}

fn compile_crate() -> Result<()> {
    let options = ["--profile", "page", "--target", "wasm32-unknown-unknown"];
    shell::cargo_labelled("page", &[&["build", "--package", Code::STEM], &options[..]].concat())
}

/// Has wasm-bindgen write the script and its types into a folder.
fn generate_script(target: &Path, folder: &Path) -> Result<()> {
    let wasm = target.join(format!("wasm32-unknown-unknown/page/{}.wasm", Code::STEM));
    let (wasm, folder) = (wasm.to_string_lossy(), folder.to_string_lossy());
    shell::cargo_labelled("page", &[&TOOLS[..], &["bindgen", &wasm, &folder]].concat())
}

/// wasm-bindgen's code without what it says of each function; the types say it, too.
fn without_descriptions(script: &str) -> String {
    let mut is_inside = false;
    let mut left = String::new();
    for line in script.lines() {
        is_inside |= line.trim_start().starts_with("/**");
        if !is_inside {
            left.push_str(line.trim_start());
            left.push('\n');
        }
        is_inside &= !line.trim_end().ends_with("*/");
    }
    left
}
