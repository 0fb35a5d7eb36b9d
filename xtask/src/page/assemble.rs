//! `index.html` and what it names, as the files of the page: what stands in the links marked `data-trunk` is put in
//! place as `trunk serve` puts it, under names with a hash of the content, so that browsers may keep them for ever.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hasher},
    path::Path,
};

use anyhow::{Context, Result, bail};

use super::{Files, compile::Code, style};

/// Where the next link for trunk begins and ends.
const MARK: &str = "data-trunk";

/// The page's files: `index.html`, and what it names.
pub(super) fn assemble(root: &Path, code: Code) -> Result<Files> {
    let index = fs::read_to_string(root.join("index.html")).context("index.html")?;
    let mut files = Files::new();
    let mut page = String::new();
    let mut rest = &*index;
    let code_names = add_code(code, &mut files);
    while let Some((before, link, after)) = next_link(rest) {
        page.push_str(before);
        page.push_str(&replace(root, &attributes(link), &code_names, &mut files)?);
        rest = after;
    }
    page.push_str(rest);
    files.insert("index.html".into(), without_indentation(&page).into_bytes());
    Ok(files)
}

/// Puts in what a link names, and returns what stands in its place.
fn replace(root: &Path, link: &BTreeMap<&str, &str>, code: &CodeNames, files: &mut Files) -> Result<String> {
    let (kind, href) = (link.get("rel").copied(), link.get("href").context("a link has no href")?);
    let read = || fs::read(root.join(href)).with_context(|| (*href).to_owned());
    let path = Path::new(href);
    match kind {
        Some("copy-file") => {
            let name = path.file_name().with_context(|| format!("{href} names no file"))?;
            files.insert(name.to_string_lossy().into_owned(), read()?);
            Ok(String::new())
        }
        Some("css") => {
            let short = style::minify(&String::from_utf8(read()?).with_context(|| (*href).to_owned())?);
            let stem = path.file_stem().with_context(|| format!("{href} names no file"))?;
            let name = format!("{}-{}.css", stem.to_string_lossy(), hash_of(&[short.as_bytes()]));
            let link = format!("<link rel=\"stylesheet\" href=\"./{name}\" />");
            files.insert(name, short.into_bytes());
            Ok(link)
        }
        Some("rust") => Ok(start(code)),
        other => bail!("index.html: `cargo xtask page` knows no links with rel={other:?}"),
    }
}

struct CodeNames {
    script: String,
    wasm: String,
}

/// One hash for both: the script fits no other wasm.
fn add_code(code: Code, files: &mut Files) -> CodeNames {
    let stem = format!("{}-{}", Code::STEM, hash_of(&[code.script.as_bytes(), &code.wasm]));
    let names = CodeNames { script: format!("{stem}.js"), wasm: format!("{stem}_bg.wasm") };
    let script = code.script.replace(&format!("{}_bg.wasm", Code::STEM), &names.wasm);
    files.insert(names.script.clone(), script.into_bytes());
    files.insert(names.wasm.clone(), code.wasm);
    files.insert(format!("{stem}.d.ts"), code.types.into_bytes());
    names
}

/// What loads the code, both files of it at once, and says that it is there, in trunk's words.
fn start(code: &CodeNames) -> String {
    let CodeNames { script, wasm } = code;
    format!(
        "<link rel=\"modulepreload\" href=\"./{script}\" crossorigin />\n\
         <link rel=\"preload\" href=\"./{wasm}\" crossorigin as=\"fetch\" type=\"application/wasm\" />\n\
         <script type=\"module\">\n\
         import init, * as bindings from \"./{script}\";\n\
         const wasm = await init({{ module_or_path: \"./{wasm}\" }});\n\
         window.wasmBindings = bindings;\n\
         dispatchEvent(new CustomEvent(\"TrunkApplicationStarted\", {{ detail: {{ wasm }} }}));\n\
         </script>"
    )
}

/// What stands before the next link for trunk, the link, and what stands behind.
fn next_link(html: &str) -> Option<(&str, &str, &str)> {
    let mark = html.find(MARK)?;
    let start = html[..mark].rfind("<link")?;
    let end = mark + html[mark..].find('>')? + 1;
    Some((&html[..start], &html[start..end], &html[end..]))
}

/// Names and values of a link's attributes; those that have no value are left out.
fn attributes(link: &str) -> BTreeMap<&str, &str> {
    let mut rest = link;
    let mut found = BTreeMap::new();
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let (value, behind) = after.split_once('"').unwrap_or((after, ""));
        found.insert(name, value);
        rest = behind;
    }
    found
}

/// Lines without what stands before them, without empty ones and without comments of one line. Nothing in the page's
/// text depends on white space.
fn without_indentation(html: &str) -> String {
    let is_comment = |line: &str| line.starts_with("<!--") && line.ends_with("-->");
    let lines = html.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Sixteen hexadecimal digits that differ when the content does.
fn hash_of(contents: &[&[u8]]) -> String {
    let mut hash = DefaultHasher::new();
    for content in contents {
        hash.write_usize(content.len());
        hash.write(content);
    }
    format!("{:016x}", hash.finish())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::{super::Files, Code, assemble};

    #[test]
    fn links_for_trunk_become_files_with_hashes_in_their_names() {
        let root = folder("assembled");
        let index = "<head>\n  <!-- b -->\n  <link rel=\"icon\" href=\"i.svg\" />\n  \
                     <link data-trunk rel=\"copy-file\" href=\"web/i.svg\" />\n  \
                     <link data-trunk rel=\"css\" href=\"web/style.css\" data-integrity=\"none\" />\n  \
                     <link\n    data-trunk\n    rel=\"rust\"\n    href=\"web/Cargo.toml\"\n  />\n</head>\n";
        write(&root, index);
        let files = assemble(&root, code("a")).expect("a page");
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        let [icon, page, style, types, script, wasm] = names[..] else {
            panic!("{names:?}");
        };
        assert_eq!((icon, page), ("i.svg", "index.html"));
        for (name, start, end) in [
            (style, "style-", ".css"),
            (script, "warren-web-", ".js"),
            (wasm, "warren-web-", "_bg.wasm"),
            (types, "warren-web-", ".d.ts"),
        ] {
            let hash = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            let hash = hash.unwrap_or_else(|| panic!("{name} is not {start}HASH{end}"));
            assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        }
        assert_eq!(text(&files, script), format!("a \"{wasm}\""));
        let html = text(&files, page);
        assert!(
            html.starts_with("<head>\n<link rel=\"icon\" href=\"i.svg\" />\n<link rel=\"stylesheet\""),
            "{html}"
        );
        for name in [style, script, wasm] {
            assert!(html.contains(&format!("\"./{name}\"")), "{name} is linked: {html}");
        }
        assert!(!html.contains("data-trunk"), "{html}");
        // A name tells contents apart.
        assert!(!assemble(&root, code("b")).expect("a page").contains_key(script));
    }

    #[test]
    fn a_link_that_only_trunk_knows_is_refused() {
        let root = folder("refused");
        write(&root, "<link data-trunk rel=\"sass\" href=\"web/a.scss\" />");
        let refused = assemble(&root, code("a")).expect_err("nobody knows it").to_string();
        assert!(refused.contains("sass"), "{refused}");
    }

    fn code(script: &str) -> Code {
        let script = format!("{script} \"warren-web_bg.wasm\"");
        Code { script, wasm: vec![1], types: String::new() }
    }

    fn text(files: &Files, name: &str) -> String {
        String::from_utf8(files[name].clone()).expect("a text")
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("warren-xtask-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("web")).expect("a folder");
        folder
    }

    fn write(root: &std::path::Path, index: &str) {
        fs::write(root.join("index.html"), index).expect("a file");
        fs::write(root.join("web/i.svg"), "<svg/>").expect("a file");
        fs::write(root.join("web/style.css"), "a { top: 0; }").expect("a file");
    }
}
