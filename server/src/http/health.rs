//! `GET /api/health`: whether the broker answers, and its totals.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use warren_core::view::Totals;

use super::Context;
use crate::log;

#[derive(Serialize)]
struct Health {
    /// `ok`, or `degraded` while publishers are paused.
    status: &'static str,
    /// Why they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    version: &'static str,
    /// ms since the server's start.
    uptime_ms: u64,
    /// Since the server's start: the log could not be written, or not fast enough.
    log_lines_dropped: u64,
    /// Virtual hosts that the configuration does not name any more.
    closed_vhosts: usize,
    totals: Totals,
}

/// 200 with the totals, degraded or not, because it answers; 503 while the broker goes down.
pub(super) async fn get(State(context): State<Context>) -> Response {
    let uptime_ms = u64::try_from(context.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let version = env!("CARGO_PKG_VERSION");
    let log_lines_dropped = log::dropped_lines();
    let health = context.broker.ask(move |view| {
        let reasons: Vec<String> = view.alarms().iter().map(ToString::to_string).collect();
        Health {
            status: if reasons.is_empty() { "ok" } else { "degraded" },
            reasons,
            version,
            uptime_ms,
            log_lines_dropped,
            closed_vhosts: view.closed_vhosts().len(),
            totals: view.totals(),
        }
    });
    match health.await {
        Some(health) => Json(health).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "stopping" }))).into_response(),
    }
}
