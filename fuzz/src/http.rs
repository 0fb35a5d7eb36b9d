//! Bytes as the path and the headers of an HTTP request: nothing but the page's files is sent, and never an error of the
//! server. There are no bodies: every resource is read only. hyper, which takes requests apart, has fuzz targets of its own.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Uri},
};
use futures_lite::future::block_on;

// The server is a program, and has no library.
#[path = "../../server/src/http/page.rs"]
mod page;

/// The first line is the path; each line behind it is a header, `name: value`.
pub fn run(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let Ok(uri) = Uri::try_from(lines.next().unwrap_or_default()) else { return };
    let headers: HeaderMap = lines.filter_map(header).collect();
    let response = block_on(page::get(uri.clone(), headers));
    let status = response.status().as_u16();
    assert!([200, 304, 404].contains(&status), "{status} for {uri}");
    assert!(status != 200 || is_inside(uri.path()), "{uri} is sent");
    let _: Body = response.into_body();
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let value = line[at + 1..].trim_ascii();
    Some((HeaderName::from_bytes(&line[..at]).ok()?, HeaderValue::from_bytes(value).ok()?))
}

/// Whether a path leads to a file of the page's folder.
fn is_inside(path: &str) -> bool {
    !path.split('/').any(|part| part == "..")
}
