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

use crate::shell;
use broker::Broker;
use catalogue::{SUITES, Suite};
use results::{Difference, Results};

const BASELINE: &str = "RabbitMQ 3.10";

/// Fetches the named suites (all without a name), plays them, and says how they differ from RabbitMQ.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let wish = Wish::read(arguments)?;
    let broker = Broker::at(wish.address)?;
    println!("against {} at {}", broker.name, broker.address);
    door::open(broker.address)?;
    let docker = docker::pretend()?;
    let mut differences = Vec::new();
    for suite in wish.suites {
        println!("    ...  {} {}", suite.name, suite.version);
        let folder = fetch::fetch(suite)?;
        let found = play::play(suite, &folder, docker)?;
        if wish.record {
            found.write(&baseline(suite))?;
        }
        differences.push(Difference::new(suite, &Results::read(&baseline(suite))?, &found));
    }
    print!("\n{}", results::table(&broker.name, BASELINE, &differences));
    if differences.iter().any(|difference| !difference.lost.is_empty()) {
        bail!("some tests pass against {BASELINE} only; docs/CLIENT-SUITES.md says why some do");
    }
    Ok(())
}

/// What the command line asks for.
struct Wish {
    suites: Vec<&'static Suite>,
    address: Option<SocketAddr>,
    record: bool,
}

impl Wish {
    fn read(arguments: &[String]) -> Result<Wish> {
        let mut wish = Wish { suites: Vec::new(), address: None, record: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--record" => wish.record = true,
                "--address" => {
                    let address =
                        arguments.next().context("--address needs HOST:PORT, such as 127.0.0.1:5673")?;
                    wish.address =
                        Some(address.parse().with_context(|| format!("{address:?} is no IP:PORT"))?);
                }
                name => wish.suites.push(find(name)?),
            }
        }
        if wish.suites.is_empty() {
            wish.suites = SUITES.iter().collect();
        }
        if wish.record && wish.address.is_none() {
            bail!("--record keeps what passes against the RabbitMQ at --address HOST:PORT");
        }
        Ok(wish)
    }
}

fn find(name: &str) -> Result<&'static Suite> {
    let known = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
    SUITES
        .iter()
        .find(|suite| suite.name == name)
        .with_context(|| format!("no suite {name:?}; there are: {}", known()))
}

/// Where the outcomes against RabbitMQ are kept.
fn baseline(suite: &Suite) -> PathBuf {
    shell::root().join("tests/suites/rabbitmq-3.10").join(format!("{}.txt", suite.name))
}
