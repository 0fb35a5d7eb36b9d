//! What a crash of the broker would cost.

use warren_texts::said;

use super::{Finding, Rule, Spot, flow::Flow, hint, problem, queues::is_a};
use crate::{Mishap, Queue, Scenario};

pub(super) fn check(scenario: &Scenario, flow: &Flow, found: &mut Vec<Finding>) {
    for queue in &scenario.queues {
        found.extend(queue_and_messages(scenario, flow, queue));
    }
    let crashes = scenario
        .faults
        .iter()
        .any(|fault| matches!(fault.what, Mishap::CrashBroker { .. } | Mishap::StopBroker));
    if crashes && scenario.disk.is_none() && scenario.queues.iter().any(|queue| queue.durable) {
        let text = said!(
            "The broker goes down in this scenario and has no disk: nothing is kept, however durable it is said to be."
        );
        found.push(problem(Rule::NoDisk, Spot::Disk, text));
    }
    for producer in scenario.producers.iter().filter(|producer| producer.persistent) {
        if !producer.confirms && producer.transaction == 0 && producer.count > 0 {
            let text = said!(
                "Its messages are persistent, but without confirms it never knows whether the broker has them."
            );
            found.push(hint(Rule::Unconfirmed, Spot::Producer(producer.name.clone()), text));
        }
    }
}

fn queue_and_messages(scenario: &Scenario, flow: &Flow, queue: &Queue) -> Option<Finding> {
    let sources = flow.sources(scenario, &queue.name);
    let spot = Spot::Queue(queue.name.clone());
    if !queue.durable && !queue.exclusive {
        let who = &sources.iter().find(|producer| producer.persistent)?.name;
        let text = said!(
            "{who} sends persistent messages here, and a restart forgets the queue with all that is in it: it is not durable.",
            who
        );
        return Some(problem(Rule::TransientQueue, spot, text));
    }
    // These keep every message, whatever it says of itself.
    if !queue.durable || is_a(queue, "quorum") || is_a(queue, "stream") {
        return None;
    }
    let who = &sources.iter().find(|producer| !producer.persistent && producer.reply_to.is_none())?.name;
    let text = said!(
        "The queue survives a restart, and the messages of {who} do not: they are not persistent.",
        who
    );
    Some(hint(Rule::TransientMessages, spot, text))
}
