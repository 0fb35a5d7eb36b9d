//! Logging: structured records to stderr, which may be slow, full or gone without an effect on the broker.

mod escape;
mod limit;
mod lines;

use std::{
    backtrace::Backtrace,
    io::{self, IsTerminal, Write},
    panic,
    sync::{Arc, OnceLock, mpsc},
    thread,
    time::Duration,
};

use clap::ValueEnum;
use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{fmt, layer::SubscriberExt, util::SubscriberInitExt};

use self::{
    limit::{Limit, LimitLayer},
    lines::Lines,
};

/// The least important record that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// How a record is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    // A line for people, coloured on a terminal.
    #[default]
    Text,
    // One JSON object a line.
    Json,
}

/// How long the end of the process waits for a stderr that takes nothing.
const PATIENCE: Duration = Duration::from_secs(1);

static LOG: OnceLock<Lines> = OnceLock::new();

/// From here on, records go to stderr, and so does the message of a panic.
pub(crate) fn start(level: LogLevel, format: LogFormat) {
    let limit = Arc::new(Limit::default());
    let lines = LOG.get_or_init(|| Lines::start(limit.clone()));
    let ansi = io::stderr().is_terminal();
    let records = tracing_subscriber::registry().with(filter(level)).with(LimitLayer(limit));
    match format {
        LogFormat::Text => {
            let text = fmt::layer().with_target(false).with_ansi(ansi).fmt_fields(escape::fields());
            records.with(text.with_writer(lines)).init();
        }
        LogFormat::Json => {
            records.with(fmt::layer().json().flatten_event(true).with_writer(lines)).init();
        }
    }
    panic::set_hook(Box::new(|panic| {
        let trace = Backtrace::capture();
        finish();
        say(&format!("warren: a defect of this program has stopped it: {panic}\n{trace}\n"));
    }));
}

/// Log lines that could not be written since the start.
pub(crate) fn dropped_lines() -> u64 {
    LOG.get().map_or(0, Lines::dropped)
}

/// Waits until everything is written, but not for long.
pub(crate) fn finish() {
    if let Some(lines) = LOG.get() {
        lines.finish(PATIENCE);
    }
}

/// Writes to stderr what is to be read even without a log. A stderr that takes nothing holds nobody up for long.
pub(crate) fn say(text: &str) {
    let _ = write_aside(io::stderr(), text.to_owned()).recv_timeout(PATIENCE);
}

/// Writes a line to stdout, and waits for nothing.
pub(crate) fn print_line(line: &str) {
    drop(write_aside(io::stdout(), format!("{line}\n")));
}

/// Has a thread of its own write the text, because a pipe that nobody reads takes for ever; tells when it is done.
fn write_aside(mut to: impl Write + Send + 'static, text: String) -> mpsc::Receiver<()> {
    let (done, is_done) = mpsc::channel();
    // Without a thread there is nobody who may wait for the reader, and then nothing is said.
    let _ = thread::Builder::new().spawn(move || {
        let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
        let _ = done.send(());
    });
    is_done
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
