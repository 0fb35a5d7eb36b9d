//! HTTP: the health resource, the page, and paths that do not exist.

use crate::process::Server;

#[test]
fn health_tells_version_uptime_and_totals() {
    let server = Server::start(&[]);
    let answer = server.get("/api/health");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("application/json"), "{head}");
    let health: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(health["status"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert!(health["uptime_ms"].is_u64());
    assert_eq!(health["totals"]["queues"], 0);
    assert_eq!(health["totals"]["ready"], 0);
}

#[test]
fn the_root_is_a_page_that_is_looked_for_anew_every_time() {
    let server = Server::start(&[]);
    let answer = server.get("/").to_lowercase();
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(answer.contains("content-type: text/html; charset=utf-8"), "{answer}");
    assert!(answer.contains("cache-control: no-cache"), "{answer}");
    assert!(answer.contains("<!doctype html>"), "{answer}");
}

#[test]
fn paths_that_do_not_exist_say_what_does() {
    let server = Server::start(&[]);
    let page = server.get("/nope.html");
    assert!(page.starts_with("HTTP/1.1 404"), "{page}");
    assert!(page.ends_with("there is no /nope.html; the page is at /\n"), "{page}");
    let resource = server.get("/api/nope");
    assert!(resource.starts_with("HTTP/1.1 404"), "{resource}");
    assert!(resource.contains("there is no /api/nope; there is /api/health"), "{resource}");
}
