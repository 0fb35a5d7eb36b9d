//! Programs at work: a server, a process for each actor, and what they say.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::{Duration, Instant},
};

use lapin::{Channel, Connection, ConnectionProperties, options::QueueDeclareOptions, types::FieldTable};
use tokio::runtime::Runtime;
use warren_sim::{Consumer, Scenario};
use warren_tests::Server;

use super::expected::{Seen, count, expected};

/// No scenario takes nearly as long, even on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(90);
/// In this time, what comes too much has come.
const GRACE: Duration = Duration::from_millis(400);

/// Plays a scenario with programs, and compares what comes of it with the world. `run` starts an actor's program.
pub(crate) fn play(name: &str, scenario: &Scenario, mut run: impl FnMut(&str) -> Command) {
    let wanted = expected(scenario);
    let server = Server::start();
    let url = format!("amqp://guest:guest@{}", server.amqp);
    let (to, lines) = mpsc::channel();
    let mut start = |actor: &str| {
        let mut command = run(actor);
        command.env("AMQP_URL", &url).env("PYTHONUNBUFFERED", "1").stdout(Stdio::piped());
        Running::start(actor, command, to.clone())
    };
    // Consumers first, as the programs of a producer do not wait for them.
    let (late, early): (Vec<&Consumer>, Vec<&Consumer>) =
        scenario.consumers.iter().partition(|consumer| !consumer.start.is_zero());
    let began_at = Instant::now();
    let mut consumers: Vec<Running> = early.iter().map(|consumer| start(&consumer.name)).collect();
    let producers: Vec<Running> = scenario.producers.iter().map(|producer| start(&producer.name)).collect();
    // A program starts when it is started: who comes late in the scenario has to be started late.
    for consumer in late {
        thread::sleep((began_at + consumer.start).saturating_duration_since(Instant::now()));
        consumers.push(start(&consumer.name));
    }
    for mut producer in producers {
        let status = producer.child.wait().expect("it ends");
        assert!(status.success(), "{name}: {} did not end well: {status}", producer.actor);
    }
    let mut seen = hear(scenario, &lines, &wanted);
    // All at once: one that lives a moment longer would be given what comes back from the others.
    for consumer in &mut consumers {
        let _ = consumer.child.kill();
    }
    drop(consumers);
    seen.left = Runtime::new().expect("a runtime").block_on(left(&url, &wanted));
    if name == "expired" {
        // What comes too late is a matter of milliseconds: but all of it ends in one of the two queues.
        return assert_eq!(merged(&seen), merged(&wanted), "{name}");
    }
    assert_eq!(seen, wanted, "{name}");
}

/// A program that runs; it is killed when this goes.
struct Running {
    actor: String,
    child: Child,
}

impl Running {
    fn start(actor: &str, mut command: Command, to: Sender<(String, String)>) -> Running {
        let mut child = command.spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let actor = actor.to_owned();
        let who = actor.clone();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if to.send((who.clone(), line)).is_err() {
                    break;
                }
            }
        });
        Running { actor, child }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Listens until all that is wanted has been done, and a little longer.
fn hear(scenario: &Scenario, lines: &Receiver<(String, String)>, wanted: &Seen) -> Seen {
    let total = |seen: &Seen| {
        let done: u32 = seen.done.values().flat_map(|counts| counts.values()).sum();
        done + seen.answered.values().sum::<u32>()
    };
    let queues: BTreeMap<&str, &str> = (scenario.consumers.iter())
        .map(|consumer| (consumer.name.as_str(), consumer.queue.as_str()))
        .collect();
    let (mut seen, deadline) = (Seen::default(), Instant::now() + PATIENCE);
    loop {
        let is_enough = total(&seen) >= total(wanted);
        let wait = if is_enough { GRACE } else { deadline.saturating_duration_since(Instant::now()) };
        let Ok((actor, line)) = lines.recv_timeout(wait) else { return seen };
        if let Some(body) = line.strip_prefix("done ") {
            count(seen.done.entry(queues[actor.as_str()].to_owned()).or_default(), body);
        } else if let Some(answer) = line.strip_prefix("answered ") {
            count(&mut seen.answered, answer);
        }
    }
}

/// What is in the queues, once that is as it should be, or has had time enough to become so.
async fn left(url: &str, wanted: &Seen) -> BTreeMap<String, u64> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.expect("a connection");
    let channel = connection.create_channel().await.expect("a channel");
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let mut left = BTreeMap::new();
        for queue in wanted.left.keys() {
            left.insert(queue.clone(), ready(&channel, queue).await);
        }
        if left == wanted.left || Instant::now() > deadline {
            return left;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn ready(channel: &Channel, queue: &str) -> u64 {
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let declared = channel.queue_declare(queue.into(), passive, FieldTable::default()).await;
    declared.expect("the queue is there").message_count().into()
}

/// The same without saying from which queue.
fn merged(seen: &Seen) -> Seen {
    let mut done = BTreeMap::new();
    for (body, count) in seen.done.values().flatten() {
        *done.entry(body.clone()).or_default() += count;
    }
    Seen { done: BTreeMap::from([("all".to_owned(), done)]), ..Seen::default() }
}
