//! The page: what `cargo xtask page` has put into `dist/`, embedded in the program (read from disk by debug builds).

use axum::{
    http::{
        HeaderMap, HeaderName, StatusCode, Uri,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// Shown in the page's place by a program that was built without it.
const NOT_BUILT: &str = include_str!("page_not_built.html");

/// A file of the page; `/` is `index.html`. Compressed, if the browser can read that.
pub(super) async fn get(uri: Uri, asked: HeaderMap) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    match Dist::get(path) {
        Some(plain) => send(path, plain, &asked),
        None if path == "index.html" => ([(CACHE_CONTROL, "no-cache")], Html(NOT_BUILT)).into_response(),
        None => (StatusCode::NOT_FOUND, format!("there is no /{path}; the page is at /\n")).into_response(),
    }
}

fn send(path: &str, plain: EmbeddedFile, asked: &HeaderMap) -> Response {
    let content_type = content_type(plain.metadata.mimetype());
    let packed = Dist::get(&format!("{path}.br")).filter(|_| takes_brotli(asked));
    let is_packed = packed.is_some();
    let file = packed.unwrap_or(plain);
    let tag = tag_of(&file);
    let mut headers = vec![
        (CACHE_CONTROL, caching(path).to_owned()),
        (VARY, "accept-encoding".to_owned()),
        (ETAG, tag.clone()),
    ];
    if says(asked, &IF_NONE_MATCH, |known| known == tag || known == "*") {
        return (StatusCode::NOT_MODIFIED, array_of(headers)).into_response();
    }
    headers.push((CONTENT_TYPE, content_type));
    if is_packed {
        headers.push((CONTENT_ENCODING, "br".to_owned()));
    }
    (array_of(headers), file.data).into_response()
}

fn array_of(headers: Vec<(HeaderName, String)>) -> HeaderMap {
    headers.into_iter().filter_map(|(name, value)| Some((name, value.parse().ok()?))).collect()
}

/// Whether a header that is a list has such an element.
fn says(asked: &HeaderMap, header: &HeaderName, is_it: impl Fn(&str) -> bool) -> bool {
    let values = asked.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|element| is_it(element.trim()))
}

fn takes_brotli(asked: &HeaderMap) -> bool {
    // With `br;q=0` a client says that it does not.
    says(asked, &ACCEPT_ENCODING, |coding| {
        let (name, quality) = coding.split_once(";q=").unwrap_or((coding, "1"));
        name.trim() == "br" && quality.trim().parse::<f32>().is_ok_and(|quality| quality > 0.0)
    })
}

/// The beginning of its SHA-256.
fn tag_of(file: &EmbeddedFile) -> String {
    let hash: String =
        file.metadata.sha256_hash().iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    format!("\"{hash}\"")
}

/// The page's build puts a hash of its content into a file's name, so such a file never changes.
fn caching(path: &str) -> &'static str {
    if has_hash(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Whether the file is named like `warren-web-8f3a66a8b1c4d5e2_bg.wasm`. `trunk` writes no leading zeros.
fn has_hash(path: &str) -> bool {
    path.split(['-', '.', '_', '/'])
        .any(|part| (12..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn content_type(mime: &str) -> String {
    let is_text = mime.starts_with("text/") && !mime.contains("charset");
    if is_text { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

    use super::{caching, takes_brotli};

    #[test]
    fn who_can_read_brotli_says_so() {
        let takes = |value: &'static str| {
            takes_brotli(&HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().expect("a value"))]))
        };
        for yes in ["br", "gzip, deflate, br", "gzip;q=1, br;q=0.5", "br ;q=1"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "gzip", "br;q=0", "brotli", "br;q=much"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn only_what_has_a_hash_in_its_name_is_kept_without_asking() {
        for kept in ["style-c502379a8ad7bef1.css", "warren-web-cb6bc8ec9ea0a94_bg.wasm"] {
            assert!(caching(kept).contains("immutable"), "{kept}");
        }
        for asked in ["index.html", "service-worker.js", "warren.js", "icon-maskable-512.png", "decade.css"] {
            assert_eq!(caching(asked), "no-cache", "{asked}");
        }
    }
}
