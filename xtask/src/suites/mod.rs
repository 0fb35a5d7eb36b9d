//! `cargo xtask suites`: the test suites of AMQP's clients, as their authors publish them, against Warren or any
//! other broker. Nothing of them is in this repository but the names of the tests that pass against RabbitMQ.

mod broker;
mod catalogue;
mod docker;
mod door;
mod fetch;
mod play;
mod results;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{rabbitmq::Release, shell};
use broker::{Broker, Player};
use catalogue::{SUITES, Suite};
use results::{Difference, Results};

/// Fetches the named suites (all without a name), plays them, and says how they differ from RabbitMQ.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let demand = Demand::read(arguments)?;
    let broker = Broker::start(&demand.player, demand.release)?;
    println!("against {} at {}", broker.name, broker.address);
    door::open(broker.address)?;
    let docker = docker::pretend()?;
    let mut differences = Vec::new();
    for suite in &demand.suites {
        println!("    ...  {} {}", suite.name, suite.version);
        let folder = fetch::fetch(suite)?;
        let found = play::play(suite, &folder, docker)?;
        let baseline = baseline(suite, demand.release);
        if demand.record {
            found.write(&baseline)?;
        }
        differences.push(Difference::new(suite, &Results::read(&baseline)?, &found));
    }
    let recorded = format!("RabbitMQ {}", demand.release);
    print!("\n{}", results::table(&broker.name, &recorded, &differences));
    if differences.iter().any(|difference| !difference.lost.is_empty()) {
        bail!("some tests pass against the recorded {recorded} only; docs/CLIENT-SUITES.md says why some do");
    }
    Ok(())
}

/// What the command line asks for.
struct Demand {
    suites: Vec<&'static Suite>,
    player: Player,
    /// The release whose outcomes are compared with, or recorded.
    release: Release,
    record: bool,
}

impl Demand {
    fn read(arguments: &[String]) -> Result<Demand> {
        let mut demand = Demand {
            suites: Vec::new(),
            player: Player::Warren,
            release: Release::FOLLOWED.parse()?,
            record: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = |example| {
                arguments.next().with_context(|| format!("{argument} needs a value, such as {example}"))
            };
            match argument.as_str() {
                "--record" => demand.record = true,
                "--compat" => demand.release = value("3.10")?.parse()?,
                "--rabbitmq" => {
                    demand.release = value("4.3")?.parse()?;
                    demand.player = demand.player.or_rabbitmq();
                }
                "--address" => demand.player = Player::At(address(value("127.0.0.1:5673")?)?),
                name => demand.suites.push(find(name)?),
            }
        }
        if demand.suites.is_empty() {
            demand.suites = SUITES.iter().collect();
        }
        if demand.record && matches!(demand.player, Player::Warren) {
            bail!("--record keeps what passes against RabbitMQ: say --rabbitmq VERSION");
        }
        Ok(demand)
    }
}

fn address(text: &str) -> Result<SocketAddr> {
    text.parse().with_context(|| format!("{text:?} is no IP:PORT"))
}

fn find(name: &str) -> Result<&'static Suite> {
    let known = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
    SUITES
        .iter()
        .find(|suite| suite.name == name)
        .with_context(|| format!("no suite {name:?}; there are: {}", known()))
}

/// Where the outcomes against a release of RabbitMQ are kept.
fn baseline(suite: &Suite, release: Release) -> PathBuf {
    shell::root().join(format!("tests/suites/rabbitmq-{release}/{}.txt", suite.name))
}
