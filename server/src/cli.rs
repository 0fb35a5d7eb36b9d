//! The command line: what can be asked for, and who does it.

use clap::{Parser, Subcommand, error::ErrorKind};

use crate::{
    code::{self, CodeArgs},
    compare::{self, CompareArgs},
    config::{ServeArgs, Settings},
    failure::Failure,
    journal::{self, JournalArgs},
    serve,
    sim::{self, LintArgs, ReplayArgs, SimArgs},
    upgrade::{self, UpgradeArgs},
};

const EXAMPLES: &str = "\
Examples:
  warren                            start the broker: AMQP on 127.0.0.1:5672, page on http://127.0.0.1:15672
  warren --amqp 0.0.0.0:5672        let other machines connect (guest/guest may log in from this one only)
  warren --memory                   keep nothing on the disk: for tests
  warren --config warren.toml       users, virtual hosts, policies and limits from a file
  warren sim crash-with-ack         play a lesson in virtual time: timeline and ledger
  warren code crash-with-ack        the same as Python programs that you can run against it

Clients connect with amqp://guest:guest@127.0.0.1:5672";

const SERVE_EXAMPLES: &str = "\
The file of --config is TOML; the command line wins over it. Every key, with its default:
  amqp = \"127.0.0.1:5672\"
  http = \"127.0.0.1:15672\"
  memory = false                  # keep nothing on the disk
  data = \"~/.local/share/warren\"
  sync = \"always\"                 # a confirmed message survives a power cut; with \"never\" or \"100ms\" it
                                  # survives the end of the broker, and a power cut once the disk has it
  segment_size = \"32 MiB\"         # how long a file of the journal becomes; space is given back a file at a time
  memory_budget = \"16 MiB\"        # messages beyond it are on the disk only (default: 1/1024 of the memory, if more)
  log = \"info\"
  log_format = \"text\"
  compat = \"4.3\"                  # the release of RabbitMQ to answer like: \"3.10\", \"4.0\" or \"4.3\"
  strict = false                  # deny the deprecated features that this RabbitMQ denies by default
  deprecated_features.permit.global_qos = true  # or queue_master_locator, transient_nonexcl_queues: permitted or denied
  product = \"Warren\"              # what clients are told; \"RabbitMQ\" for programs that insist on it
  heartbeat = \"60s\"
  frame_max = \"128 KiB\"
  channel_max = 2047
  memory_limit = \"4 GiB\"          # publishers wait while queues hold more
  max_message_size = \"16 MiB\"     # with compat = \"3.10\": 128 MiB
  max_transaction_size = \"128 MiB\"  # what is published in one transaction; half of memory_limit at most
  consumer_timeout = \"30m\"        # how long a delivery of a quorum queue may be unacked
  send_timeout = \"30s\"            # a client that reads nothing for so long while bytes wait for it is cut off
  [[vhosts]]                      # max_connections and max_queues limit one (default: no limit)
  name = \"/\"
  [[users]]                       # tags = [\"impersonator\"], max_connections and max_channels may be added
  name = \"guest\"
  password = \"guest\"              # or password_hash = \"…\", as RabbitMQ has it
  loopback_only = true            # may log in from this machine only (default: false)
  [[permissions]]                 # regular expressions; without any [[permissions]], everybody may do everything
  user = \"guest\"
  vhost = \"/\"
  configure = \".*\"
  write = \".*\"
  read = \".*\"
  # What is taken out of the file is undone at the next start; a virtual host is closed, and keeps its queues.
  # There may also be:
  # delete_vhosts = [\"old\"]        # above the lists: delete virtual hosts that were closed so, with all that is in them
  [[topic_permissions]]           # the keys that a user may use with a topic exchange
  user = \"guest\"
  vhost = \"/\"
  exchange = \"amq.topic\"
  write = \"^{username}\\\\.\"
  read = \".*\"
  [[policies]]                    # arguments for queues and exchanges whose names match
  name = \"short\"
  pattern = \"^q\"
  vhost = \"/\"                     # the default, as are:
  apply_to = \"all\"                # or exchanges, queues, classic_queues, quorum_queues, streams
  priority = 0
  operator = false                # an operator's policy: its limits hold if they are lower
  definition = { max-length = 1000, overflow = \"reject-publish\" }";

const SIM_EXAMPLES: &str = "\
Examples:
  warren sim hello                       a lesson that comes with Warren
  warren sim crash-without-ack           a worker dies, and its messages with it
  warren sim my.toml --seed 7 --until 1m play a file of your own for a minute of virtual time
  warren sim topic --json | jq .ledger   for programs
  warren sim my.toml --seeds 0..10000    sweep: what crashes, cuts and full disks do to it in ten thousand runs
  warren sim my.toml --seeds 0..10000 --demand nothing-lost
                                         find, shrink and explain a way to lose a message
  warren sim definitions.json --seeds 0..1000
                                         what RabbitMQ's management plugin has exported, under a made-up load
  warren sim definitions.json --print-scenario > my.toml
                                         the same as a file to go on with
  warren sim --generate --seeds 0..1000  topologies that nobody has thought of

Exit code 1: a property does not hold, or was never looked at in a large sweep; 2: the file or an option is wrong.";

const REPLAY_EXAMPLES: &str = "\
Examples:
  warren replay nothing-lost-17.toml           the whole timeline, and what does not hold
  warren replay nothing-lost-17.toml --why 3   what became of message 3
  warren replay nothing-lost-17.toml --step    event by event
  warren replay nothing-lost-17.toml --link    a link that shows it on the page of a running Warren

Exit code 1: what the file shows is still so; 0: it is not any more; 2: the file is wrong.";

const CODE_EXAMPLES: &str = "\
Examples:
  warren code hello                                a lesson's programs, in Python with pika
  warren code rpc --actor server-1 > server-1.py   one of them, to run against `warren`
  warren code my.toml --language java              a file of your own: python, javascript, rust, java, go
  warren code definitions.json --actor producer-orders --language go
                                                   what RabbitMQ's management plugin has exported

The programs connect to AMQP_URL, or to amqp://guest:guest@localhost:5672. What they do otherwise than the scenario,
they say at their top.";
const LINT_EXAMPLES: &str = "\
Examples:
  warren lint my.toml                   keys that reach no queue, messages that are lost without a trace …
  warren lint definitions.json          the topology that RabbitMQ's management plugin has exported
  warren lint my.toml --json | jq '.findings[] | select(.severity == \"problem\")'

What a producer's key reaches the broker's core is asked; nothing is guessed. Problems lose messages or keep them for
ever; hints may be meant so. docs/SCENARIOS.md lists the rules.

Exit code 1: there is a problem; 0: there are hints at most; 2: the file is wrong.";

const UPGRADE_EXAMPLES: &str = "\
Examples:
  warren upgrade-check definitions.json                from the version that has exported it to 4.3
  warren upgrade-check definitions.json --from 3.13 --to 4.0
  warren upgrade-check definitions.json --scenario load.toml --swarm
                                                       play your own load in both, and let things go wrong
  warren upgrade-check definitions.json --format sarif > upgrade.sarif

Warren has been compared with RabbitMQ 3.10.8, 4.0.5 and 4.3.6; another version counts as the nearest of them that is
not newer. Everything in the file is declared with the core as both releases answer, and a load is played in both.

Exit code 1: something breaks; 0: nothing does, but it may change; 2: the file or an option is wrong.";

const COMPARE_EXAMPLES: &str = "\
A broker is host:port, or amqp://host:port, or
  core   Warren's core in this process, in virtual time
  file   RabbitMQ as it is recorded in the files (--rabbitmq: which version)

Examples:
  warren compare core localhost:5672 conversations/          Warren against a live RabbitMQ
  warren compare file localhost:5672 conversations/queues    are the recorded answers still true?
  warren compare core localhost:5672 my.talk --record        write both brokers' answers into the file
  warren compare core localhost:5672 --seeds 1000            a thousand that nobody has thought of

Exit code 1: the answers differ; 2: a file is wrong, or a broker is not there.";

/// An AMQP 0-9-1 broker that you can see, stop, crash and rewind.
#[derive(Parser)]
#[command(
    name = "warren",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    // Lines are written to fit; wrapping would depend on what else is built with clap (the benches turn it on).
    term_width = 0,
    after_help = EXAMPLES
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Start the broker (this is what `warren` alone does).
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Play a scenario in virtual time, once or from thousands of seeds: what is lost, duplicated or stuck, and why.
    #[command(after_help = SIM_EXAMPLES)]
    Sim(SimArgs),
    /// Play a failure again, byte for byte, from the file that `warren sim` wrote.
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
    /// Print the programs that do what a scenario's actors do, in Python, JavaScript, Rust, Java or Go.
    #[command(after_help = CODE_EXAMPLES)]
    Code(CodeArgs),
    /// Look for mistakes in a topology: keys that reach no queue, messages that nobody would miss.
    #[command(after_help = LINT_EXAMPLES)]
    Lint(LintArgs),
    /// Say what of a topology breaks or behaves otherwise when its RabbitMQ is upgraded.
    #[command(after_help = UPGRADE_EXAMPLES)]
    UpgradeCheck(UpgradeArgs),
    /// Look at the files of a broker that is not running, or save what can be read of damaged ones.
    Journal(JournalArgs),
    /// Play conversations with two brokers and show where their answers first differ.
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArgs),
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result<(), Failure> {
    let cli = parse()?;
    match cli.command {
        None => serve::run(Settings::gather(&cli.serve)?),
        Some(Command::Serve(args)) => serve::run(Settings::gather(&args)?),
        Some(Command::Journal(args)) => journal::run(&args),
        Some(Command::Sim(args)) => sim::run(&args),
        Some(Command::Replay(args)) => sim::replay::run(&args),
        Some(Command::Code(args)) => code::run(&args),
        Some(Command::Lint(args)) => sim::lint::run(&args),
        Some(Command::UpgradeCheck(args)) => upgrade::run(&args),
        Some(Command::Compare(args)) => compare::run(&args),
    }
}

/// A wrong value is answered in one line; the rest (help, version, typos) is clap's to print.
fn parse() -> Result<Cli, Failure> {
    Cli::try_parse().map_err(|error| match error.kind() {
        ErrorKind::ValueValidation => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            Failure::usage(line.strip_prefix("error: ").unwrap_or(line))
        }
        _ => error.exit(),
    })
}
