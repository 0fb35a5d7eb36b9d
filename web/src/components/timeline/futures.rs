//! The futures of a history in a table: what was done in each, and what came of it.

use warren_sim::{BranchView, Fault, warren_core::Instant};
use yew::prelude::{Html, classes, html};

use super::TimelineProps;
use crate::story;

/// What was done in a future, in order; if nothing was, what it begins with.
fn done(props: &TimelineProps, branch: &BranchView) -> String {
    let lang = props.lang;
    if branch.deeds.is_empty() {
        return if props.is_as_given {
            lang.say("nothing: as the lesson goes").to_owned()
        } else {
            lang.say("nothing more than under “What goes wrong”").to_owned()
        };
    }
    branch.deeds.iter().map(|deed| said(props, deed)).collect::<Vec<_>>().join("; ")
}

/// What was done in a future last: that is what makes it another one.
pub(super) fn latest(props: &TimelineProps, branch: &BranchView) -> String {
    match branch.deeds.last() {
        Some(deed) => said(props, deed),
        None if props.is_as_given => props.lang.say("as in the lesson").to_owned(),
        None => props.lang.say("nothing done").to_owned(),
    }
}

fn said(props: &TimelineProps, deed: &Fault) -> String {
    let what = story::mishap(props.lang, &props.scenario, &deed.what);
    format!("{}: {} {what}", props.lang.moment(Instant::ZERO + deed.at), deed.what.whom())
}

/// Where somebody has acted in the past there is more than one future.
pub(super) fn table(props: &TimelineProps) -> Html {
    let lang = props.lang;
    if props.branches.len() < 2 {
        return Html::default();
    }
    let row = |(index, branch): (u32, &BranchView)| {
        let (name, from) = (done(props, branch), lang.moment(branch.from.unwrap_or_default()));
        let ledger = &branch.ledger;
        html! {
            <tr class={classes!((index == props.branch).then_some("current"))}>
                <th scope="row">
                    <button
                        data-testid={format!("branch-{index}")}
                        aria-pressed={(index == props.branch).to_string()}
                        onclick={props.on_branch.reform(move |_| index)}
                    >
                        { name }
                    </button>
                </th>
                <td>{ from }</td>
                <td>{ lang.moment(branch.played_to) }</td>
                <td>{ ledger.processed }</td>
                <td>{ ledger.redelivered }</td>
                <td>{ ledger.lost() }</td>
            </tr>
        }
    };
    html! {
        <table class="futures" data-testid="futures">
            <caption>{ lang.say("Futures") }</caption>
            <thead><tr>
                <th scope="col">{ lang.say("what was done") }</th>
                <th scope="col">{ lang.say("from") }</th>
                <th scope="col">{ lang.say("played to") }</th>
                <th scope="col">{ lang.say("processed") }</th>
                <th scope="col">{ lang.say_in("the table of futures", "redelivered") }</th>
                <th scope="col">{ lang.say("lost") }</th>
            </tr></thead>
            <tbody>{ for (0..).zip(&props.branches).map(row) }</tbody>
        </table>
    }
}
