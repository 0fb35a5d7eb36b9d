//! As much of Docker as aiormq's and aio-pika's suites ask for: every container that they start is the broker
//! behind the door.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use anyhow::Result;

/// Answers on a free port, which it returns, for as long as this process lives.
pub(super) fn pretend() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // Who goes away in the middle of a question wants no answer.
            let _ = answer(&client);
        }
    });
    Ok(port)
}

fn answer(mut client: &TcpStream) -> Result<()> {
    let mut question = BufReader::new(client);
    let (mut first, mut length) = (String::new(), 0);
    question.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        question.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    question.take(length).read_to_end(&mut Vec::new())?;
    let body = body(&first);
    write!(client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    Ok(())
}

fn body(request: &str) -> &'static str {
    match request.split(' ').nth(1).unwrap_or_default() {
        "/containers/create" => r#"{"Id": "warren"}"#,
        path if path.ends_with("/json") => {
            r#"{"NetworkSettings": {"Ports": {"5672/tcp": [{"HostPort": "5672"}]}}}"#
        }
        _ => "",
    }
}
