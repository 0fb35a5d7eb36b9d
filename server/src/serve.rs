//! `warren serve`: puts the broker, its listeners and HTTP together, and takes them down in order.

use std::{
    cell::RefCell,
    io::{self, ErrorKind},
    net::SocketAddr,
    rc::Rc,
};

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::{Builder, LocalOptions},
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::spawn_local,
};
use warren_core::{Behaviour, Broker, Input, Release, view::ClosedVhost};

use crate::{
    amqp::{self, Clock, End, Inspector, Owner},
    config::Settings,
    disk::{Answers, Directory, Disk},
    failure::Failure,
    files::{self, Share},
    http, log,
    log::LogFormat,
    shutdown::{self, Signals},
};

/// Connections that the kernel holds until they are accepted.
const BACKLOG: u32 = 1024;

/// Runs the broker until a signal ends it.
pub(crate) fn run(settings: Settings) -> Result<(), Failure> {
    log::start(settings.log, settings.log_format);
    let files = files::share();
    // One thread owns the sockets and the broker: no lock, and no wake-up from one thread to another.
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .map_err(|error| Failure::system(format!("cannot start: {error}")))?;
    runtime.block_on(serve(settings, &files))
}

async fn serve(settings: Settings, files: &Share) -> Result<(), Failure> {
    let mut signals =
        Signals::watch().map_err(|error| Failure::system(format!("cannot watch signals: {error}")))?;
    let amqp = listen(settings.amqp).map_err(|error| cannot_listen("--amqp", settings.amqp, &error))?;
    let http = listen(settings.http).map_err(|error| cannot_listen("--http", settings.http, &error))?;
    let ready = ready_line(settings.log_format, &amqp, &http);

    let (ends, mut ended) = unbounded_channel();
    let keeps_data = settings.data.is_some();
    let owner = start_broker(&settings, files, ends)?;
    http::start(http, files.http, Inspector::new(owner.clone()))?;
    spawn_local(amqp::keep_time(owner.clone()));
    let listener = spawn_local(amqp::accept(owner.clone(), amqp, files.amqp));
    log::print_line(&ready);

    let halted = tokio::select! {
        () = signals.next() => None,
        end = ended.recv() => end.and_then(reason),
    };
    if let Some(reason) = halted {
        return Err(Failure::system(reason));
    }
    listener.abort();
    shutdown::close_connections(&owner, &mut signals).await;
    if keeps_data { shutdown::write_down(&owner, &mut ended, &mut signals).await } else { Ok(()) }
}

/// A broker with what the journal holds, or with nothing.
fn start_broker(
    settings: &Settings,
    files: &Share,
    ends: UnboundedSender<End>,
) -> Result<Rc<RefCell<Owner>>, Failure> {
    let clock = Clock::start();
    let Some(data) = settings.data.as_deref() else {
        tell_compat(settings.compat(), false);
        let config = settings.broker_config(|_| None);
        return Ok(Owner::shared(Broker::new(config), clock, None, ends, settings.send_timeout));
    };
    let directory = Directory::open(data)?;
    tell_compat(settings.compat(), true);
    let recovered = directory.recover(clock.now())?;
    let config = settings.broker_config(|user| recovered.configured_password(user));
    let (disk, answers) = Disk::start(directory, files.read_segments)?;
    let broker = Broker::from_journal(config, recovered, clock.now());
    tell_closed_vhosts(&broker);
    let owner = Owner::shared(broker, clock, Some(disk), ends, settings.send_timeout);
    spawn_local(hear_disk(owner.clone(), answers));
    Ok(owner)
}

/// Hands the disk's answers to the broker; for ever.
async fn hear_disk(owner: Rc<RefCell<Owner>>, mut answers: Answers) {
    while let Some((op, result)) = answers.recv().await {
        owner.borrow_mut().handle(Input::Disk { op, result });
    }
}

/// Says which release of RabbitMQ the broker answers like, and that what is on the disk may come from another one.
fn tell_compat(compat: Release, keeps_data: bool) {
    if compat == Release::default() {
        return tracing::info!("answers like RabbitMQ {compat}");
    }
    let lacking: Vec<&str> = compat.lacks().map(Behaviour::name).collect();
    tracing::info!("answers like RabbitMQ {compat}, without {}", lacking.join(", "));
    if keeps_data {
        tracing::info!(
            "queues, exchanges and bindings that are on the disk stay as they were declared, also where RabbitMQ {compat} \
             would not have taken them"
        );
    }
}

/// Virtual hosts that the configuration does not name any more are told of at every start, until they are deleted.
fn tell_closed_vhosts(broker: &Broker) {
    for ClosedVhost { name, queues, messages } in broker.view().closed_vhosts() {
        tracing::warn!(
            queues,
            messages,
            "virtual host '{name}' is not in the configuration any more: it is closed and keeps its queues; \
             delete_vhosts = [\"{name}\"] in the configuration file deletes them"
        );
    }
}

fn reason(end: End) -> Option<String> {
    match end {
        End::Stopped => None,
        End::Halted(reason) => Some(reason),
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait until the connections of the run before have left TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn cannot_listen(option: &str, address: SocketAddr, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        ErrorKind::AddrInUse => "another program has this port; stop it or choose another port",
        ErrorKind::AddrNotAvailable => "this machine has no such address; choose one of its own",
        ErrorKind::PermissionDenied => "this port needs more rights; choose one above 1023",
        _ => {
            return Failure::system(format!(
                "cannot listen on {address}: {error}; choose another with {option} ADDR"
            ));
        }
    };
    Failure::system(format!("cannot listen on {address}: {advice} with {option} ADDR"))
}

/// For people, and for programs that start a broker on port 0 and need to know the ports.
fn ready_line(format: LogFormat, amqp: &TcpListener, http: &TcpListener) -> String {
    let [amqp, http] =
        [amqp, http].map(|listener| listener.local_addr().map_or(String::new(), |at| at.to_string()));
    let version = env!("CARGO_PKG_VERSION");
    match format {
        LogFormat::Text => format!("Warren {version} is ready: AMQP on {amqp}, page on http://{http}/"),
        LogFormat::Json => {
            json!({ "ready": true, "version": version, "amqp": amqp, "http": http }).to_string()
        }
    }
}
