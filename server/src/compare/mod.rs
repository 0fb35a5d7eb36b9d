//! `warren compare`: plays conversations with two brokers and shows where their answers first differ.

mod seeds;

use std::{
    collections::btree_map::Entry,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use warren_talk::{
    Address, Conversation, Difference, Kind, Management, Mistake, Played, Release, first_difference, play,
};

use crate::failure::Failure;
use seeds::Brokers;

/// How long a live broker may be quiet before it is believed to have had its say.
const QUIET: Duration = Duration::from_millis(15);
/// The same when it seemed to differ: a busy machine must not make a difference.
const VERY_QUIET: Duration = Duration::from_millis(150);

/// The options of `warren compare`.
#[derive(Args)]
pub(crate) struct CompareArgs {
    /// One broker: host:port, core, or file.
    #[arg(value_name = "A")]
    one: Address,
    /// The other broker.
    #[arg(value_name = "B")]
    other: Address,
    /// Conversations, or folders of them.
    #[arg(value_name = "FILE", required_unless_present = "seeds", conflicts_with = "seeds")]
    files: Vec<PathBuf>,
    /// Make up this many conversations instead, and make what differs small.
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// The first seed of those.
    #[arg(long, value_name = "SEED", default_value_t = 0, requires = "seeds")]
    from: u64,
    /// Only seeds of this kind: general, transactions, limits, consumers, quorum, streams, replies, policies, users, timing.
    #[arg(long, value_name = "KIND", requires = "seeds")]
    kind: Option<Kind>,
    /// Write the answers into the files: A's as they are, and B's where they are others.
    #[arg(long)]
    record: bool,
    /// The release of RabbitMQ that a live broker is, that the core answers like, and whose answers `file` gives: 3.10,
    /// 4.0 or 4.3.
    #[arg(long, value_name = "VERSION", default_value = "4.3")]
    rabbitmq: Release,
}

/// Plays every file; the first difference of each is shown.
pub(crate) fn run(args: &CompareArgs) -> Result<(), Failure> {
    if let Some(count) = args.seeds {
        let seeds = args.from..args.from.saturating_add(count);
        let brokers = Brokers { one: &args.one, other: &args.other, release: args.rabbitmq };
        let kinds = args.kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]);
        let counted = seeds::run(brokers, seeds, &kinds).map_err(|mistake| wrong(&mistake))?;
        counted.iter().for_each(|count| println!("{count}"));
        return verdict(args, counted.iter().map(|count| count.different).sum());
    }
    let mut files = Vec::new();
    for path in &args.files {
        find(path, &mut files).map_err(|error| unreadable(path, &error))?;
    }
    let (mut different, mut played) = (0, 0);
    let has_operator = has_operator(&args.one) && has_operator(&args.other);
    for path in &files {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let mut conversation = Conversation::parse(&name, &text).map_err(|mistake| wrong(&mistake))?;
        let live = args.other != Address::Core;
        let is_for = conversation.is_for(args.rabbitmq) && (has_operator || !conversation.needs_operator());
        if live && !is_for {
            continue;
        }
        played += 1;
        let difference = compare(args, &name, &conversation)?;
        if args.record {
            record(args, &mut conversation, &difference, path)?;
        } else if let (Some(difference), (one, _)) = &difference {
            different += 1;
            let names = (args.one.to_string(), args.other.to_string());
            println!("{name}\n{}", difference.shown(&conversation, one, (&names.0, &names.1)));
        }
    }
    let left = files.len() - played;
    let kind = if has_operator {
        "for the core or another version"
    } else {
        "for the core, another version, or a broker with its management plugin"
    };
    println!("{played} conversations played, {left} {kind}, {different} differ");
    verdict(args, different)
}

fn verdict(args: &CompareArgs, different: u64) -> Result<(), Failure> {
    match different {
        0 => Ok(()),
        _ => Err(Failure::system(format!("{} and {} answer differently", args.one, args.other))),
    }
}

/// Whether an operator can ask something of the broker: RabbitMQ has a plugin for that, 10000 ports above AMQP.
fn has_operator(address: &Address) -> bool {
    match address {
        Address::Core | Address::File => true,
        Address::Tcp(place) => Management::find(place).is_some(),
    }
}

type Compared = (Option<Difference>, (Played, Played));

/// What seems to differ is played again, with more patience.
fn compare(args: &CompareArgs, name: &str, conversation: &Conversation) -> Result<Compared, Failure> {
    let both = |quiet| -> Result<Compared, Failure> {
        let one =
            play(name, conversation, (&args.one, args.rabbitmq), quiet).map_err(|mistake| wrong(&mistake))?;
        let other = play(name, conversation, (&args.other, args.rabbitmq), quiet)
            .map_err(|mistake| wrong(&mistake))?;
        Ok((first_difference(&one, &other), (one, other)))
    };
    let compared = both(QUIET)?;
    if compared.0.is_none() { Ok(compared) } else { both(VERY_QUIET) }
}

fn record(
    args: &CompareArgs,
    conversation: &mut Conversation,
    (difference, (one, other)): &Compared,
    path: &Path,
) -> Result<(), Failure> {
    let release = args.rabbitmq;
    for (step, (one, other)) in conversation.steps.iter_mut().zip(one.0.iter().zip(&other.0)) {
        if release == Release::default() {
            step.set_warren_answers(release, one.clone());
        }
        step.set_rabbitmq_answers(release, other.clone());
        step.set_warren_answers(release, one.clone());
    }
    if difference.is_none() {
        conversation.differs.remove(&release);
    } else if let Entry::Vacant(reason) = conversation.differs.entry(release) {
        println!("{}: the answers differ from {release}; say why at the beginning", path.display());
        reason.insert("(say why)".into());
    }
    let shown = conversation.shows.iter().any(|behaviour| !release.has(*behaviour));
    if !shown
        && !conversation.differs.contains_key(&release)
        && conversation.differs_between_releases(release)
    {
        println!("{}: {release} answers otherwise than 4.3; add `# shows: behaviour`", path.display());
    }
    conversation.add_recorded(release);
    fs::write(path, conversation.render()).map_err(|error| unreadable(path, &error))
}

/// Adds the conversations at a path, in the order of their names.
fn find(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let wanted = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|kind| kind == "talk");
    entries.iter().filter(|path| wanted(path)).try_for_each(|path| find(path, files))
}

fn wrong(mistake: &Mistake) -> Failure {
    Failure::usage(mistake.to_string())
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot use {}: {error}", path.display()))
}
