//! One run: its timeline, its ledger, and what the checks say.

use serde_json::json;
use warren_sim::{Scenario, Trial, WorldEvent, report, trial};

use super::{args::SimArgs, findings::Finding, print};
use crate::failure::Failure;

/// Plays the scenario to its end, then prints.
pub(super) fn run(args: &SimArgs) -> Result<(), Failure> {
    let base = args.read()?;
    let scenario = args.scenario(base.as_ref(), args.seed);
    if args.print_scenario {
        return print(&scenario.to_toml());
    }
    if args.check_determinism {
        check_determinism(&scenario, args)?;
    }
    let mut events: Vec<WorldEvent> = Vec::new();
    let trial = Trial::new(&scenario, args.seed).wishing(&args.demand);
    let outcome = trial.run(args.ending(), |event| events.push(event.clone()));
    if args.json {
        let mut json = report::json(&scenario, args.seed, &events, &outcome.ledger);
        json["exercised"] = json!(outcome.exercised);
        json["violations"] = json!(outcome.violations);
        print(&format!("{json}\n"))?;
    } else {
        let until = humantime::format_duration(scenario.until);
        let title = format!("{} (seed {}, {until})", scenario.title.en, args.seed);
        let timeline = report::timeline(&scenario, &events);
        let ledger = report::ledger(&scenario, &outcome.ledger);
        let checks = print::checks(&outcome);
        let summary = &scenario.summary.en;
        print(&format!("{title}\n{summary}\n\n{timeline}\nLedger\n{ledger}\n{checks}"))?;
    }
    match outcome.violation() {
        None => Ok(()),
        Some(violation) => {
            let finding = Finding::of(args, &scenario, args.seed, violation);
            let file = finding.write(&args.replays)?;
            Err(Failure::found(format!("{} does not hold; see {file}", violation.property.name())))
        }
    }
}

/// Two runs of one seed have to be the same, event by event.
pub(super) fn check_determinism(scenario: &Scenario, args: &SimArgs) -> Result<(), Failure> {
    let play = || trial(scenario, args.seed, args.ending(), &args.demand).1;
    let (first, second) = (play(), play());
    if first == second {
        return Ok(());
    }
    Err(Failure::found(format!(
        "seed {} is not the same twice: {first} and {second}; please report that",
        args.seed
    )))
}
