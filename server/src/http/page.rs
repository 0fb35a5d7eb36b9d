//! The page: what trunk has put into `dist/`, embedded in the program (read from disk by debug builds).

use axum::{
    http::{
        StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{Html, IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// Shown in the page's place by a program that was built without it.
const NOT_BUILT: &str = include_str!("page_not_built.html");

/// A file of the page; `/` is `index.html`.
pub(super) async fn get(uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    match Dist::get(path) {
        Some(file) => {
            let headers = [
                (CONTENT_TYPE, content_type(file.metadata.mimetype())),
                (CACHE_CONTROL, caching(path).to_owned()),
            ];
            (headers, file.data).into_response()
        }
        None if path == "index.html" => ([(CACHE_CONTROL, "no-cache")], Html(NOT_BUILT)).into_response(),
        None => (StatusCode::NOT_FOUND, format!("there is no /{path}; the page is at /\n")).into_response(),
    }
}

/// Trunk puts a hash of its content into a file's name, so such a file never changes.
fn caching(path: &str) -> &'static str {
    if has_hash(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Whether the file is named like `warren-web-8f3a66a8b1c4d5e2_bg.wasm`.
fn has_hash(path: &str) -> bool {
    path.split(['-', '.', '_', '/'])
        .any(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn content_type(mime: &str) -> String {
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}
