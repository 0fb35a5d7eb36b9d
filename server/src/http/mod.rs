//! HTTP: one file per resource. It has a thread of its own and asks the broker's owner for what it shows.

mod connections;
mod health;
mod page;

use std::{io, thread, time::Instant};

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::{
    net::TcpListener,
    runtime::{Builder, LocalOptions},
};

use crate::{
    admission::{Admission, Limits},
    amqp::Inspector,
    failure::Failure,
};

/// What every resource can reach.
#[derive(Clone)]
struct Context {
    broker: Inspector,
    started: Instant,
}

/// Serves HTTP on a thread of its own until the process ends.
pub(crate) fn start(listener: TcpListener, limits: Limits, broker: Inspector) -> Result<(), Failure> {
    let context = Context { broker, started: Instant::now() };
    let serve = move |listener: std::net::TcpListener| -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            connections::accept(listener, router(context), Admission::new(limits)).await;
            Ok(())
        })
    };
    let spawned = listener.into_std().and_then(|listener| {
        thread::Builder::new().name("http".into()).spawn(move || {
            if let Err(error) = serve(listener) {
                tracing::error!(%error, "HTTP has stopped; AMQP goes on");
            }
        })
    });
    spawned.map(drop).map_err(|error| Failure::system(format!("cannot start HTTP: {error}")))
}

fn router(context: Context) -> Router {
    Router::new()
        .route("/api/health", get(health::get))
        .route("/api/{*rest}", get(no_such_resource))
        .route("/", get(page::get))
        .route("/{*path}", get(page::get))
        .layer(DefaultBodyLimit::max(connections::LONGEST_BODY))
        .with_state(context)
}

async fn no_such_resource(uri: Uri) -> Response {
    let reason = format!("there is no {}; there is /api/health", uri.path());
    (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found", "reason": reason }))).into_response()
}
