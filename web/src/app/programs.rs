//! Actors that play code of the visitor's, or of a link.

use yew::{Html, html};

use super::App;
use crate::{
    components::{Code, CodeState, Notice},
    interpreter,
    player::{Most, Player, Printed},
};

/// So many lines of what a program has printed are shown below its code; the log has all of them.
const SHOWN: usize = 12;

impl App {
    /// The visitor has seen the code of an actor, and runs it. It plays as soon as its interpreter is there.
    pub(super) fn run_code(&mut self, actor: &str, code: String) {
        let mut player = self.player.borrow_mut();
        player.run_code(actor, code);
        self.notice = player.complaint.clone().map(Notice::Refused);
        drop(player);
        self.keep();
    }

    pub(super) fn interpreter_is_there(&mut self, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.player.borrow_mut().play_anew(),
            Err(why) => {
                let text = self.lang.say(
                    "The interpreter of JavaScript could not be loaded, so the code does not run. Check the connection and press Run again.");
                self.notice = Some(Notice::Refused(format!("{text} ({why})")));
            }
        }
    }

    /// What an actor's program has printed lately, oldest first.
    pub(super) fn printed(&self, player: &Player, actor: &str) -> Vec<Printed> {
        let key = (player.era(), actor.to_owned());
        let of_actor = |event: &_| Printed::of(player.scenario(), actor, event);
        let mut printed = self.printed.borrow_mut();
        printed.follow(key, player.history().past(), Most::Last(SHOWN), of_actor).cloned().collect()
    }

    /// The tab with programs.
    pub(super) fn code(&self, player: &Player) -> Html {
        let (scenario, on) = (player.shared_scenario(), &self.handlers);
        let wanted = self.code.1.as_str();
        let actor =
            scenario.actor_names().find(|actor| *actor == wanted).or_else(|| scenario.actor_names().next());
        let actor = actor.unwrap_or_default().to_owned();
        let code = scenario.programs().find(|(name, _)| *name == actor).map(|(_, code)| code);
        let state = code.map_or(CodeState::Unread, CodeState::of);
        let printed = self.printed(player, &actor);
        html! {
            <Code
                lang={self.lang}
                {scenario}
                document={player.document}
                {state}
                {printed}
                language={self.code.0}
                {actor}
                on_run={on.run_code.clone()}
                on_remove={on.remove_code.clone()}
                on_language={on.code_language.clone()}
                on_actor={on.code_actor.clone()}
            />
        }
    }

    /// Whose code does not run because the visitor has not run it.
    pub(super) fn unread_code(&self, player: &Player) -> Html {
        let mut programs = player.scenario().programs();
        let Some((actor, _)) = programs.find(|(_, code)| !interpreter::is_allowed(code)) else {
            return Html::default();
        };
        let actor = actor.to_owned();
        let text =
            self.lang.say("plays code of its own. It does nothing until you have read it and pressed Run.");
        let on_read = self.handlers.read_code.reform({
            let actor = actor.clone();
            move |_| actor.clone()
        });
        html! {
            <div class="panel unread" role="status" data-testid="unread-code">
                <p><b>{ actor }</b>{ " " }{ text }</p>
                <button data-testid="read-code" onclick={on_read}>{ self.lang.say("Read the code") }</button>
            </div>
        }
    }
}
