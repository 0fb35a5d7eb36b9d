//! HTTP's connections: none stays without asking for something, or takes for ever to ask for it or to read the answer.

use std::{net::IpAddr, pin::pin, rc::Rc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::spawn_local,
    time::{sleep, timeout},
};
use tower_service::Service;

use crate::admission::{Admission, Place};

/// How long a request's head may take, and how long a connection may wait for the next request.
const HEAD: Duration = Duration::from_secs(10);
/// How long a request may take from its head to the beginning of its answer, its body included.
const REQUEST: Duration = Duration::from_secs(30);
/// How long a connection may last; what is under way then has a while to end.
const CONNECTION: Duration = Duration::from_secs(300);
const ENDING: Duration = Duration::from_secs(30);
/// Bytes that a request's head may have.
const LONGEST_HEAD: usize = 16 << 10;
/// Bytes that a request's body may have.
pub(super) const LONGEST_BODY: usize = 1 << 20;
/// How long to leave new connections in the kernel's hands when they cannot be accepted.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Takes in connections; for ever.
pub(super) async fn accept(listener: TcpListener, router: Router, admission: Rc<Admission>) {
    loop {
        admission.room().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let place = admission.admit(peer.ip());
                spawn_local(serve(stream, router.clone(), place, peer.ip()));
            }
            Err(error) => {
                tracing::debug!(%error, "cannot accept an HTTP connection");
                sleep(BACK_OFF).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router, place: Place, peer: IpAddr) {
    let closed = place.closed();
    let service = service_fn(move |request| answer(router.clone(), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LONGEST_HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let served = async {
        if let Ok(ended) = timeout(CONNECTION, connection.as_mut()).await {
            return ended;
        }
        connection.as_mut().graceful_shutdown();
        timeout(ENDING, connection).await.unwrap_or(Ok(()))
    };
    tokio::select! {
        ended = served => if let Err(error) = ended {
            tracing::debug!(%peer, %error, "an HTTP connection has failed");
        },
        () = closed.notified() => {}
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
) -> Result<Response, std::convert::Infallible> {
    if announced_bytes(&request) > LONGEST_BODY as u64 {
        let reason = format!("a request's body has at most {LONGEST_BODY} bytes\n");
        return Ok((StatusCode::PAYLOAD_TOO_LARGE, reason).into_response());
    }
    let answer = timeout(REQUEST, router.call(request.map(Body::new))).await;
    answer
        .unwrap_or_else(|_| Ok((StatusCode::REQUEST_TIMEOUT, "the request took too long\n").into_response()))
}

fn announced_bytes(request: &Request<Incoming>) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}
