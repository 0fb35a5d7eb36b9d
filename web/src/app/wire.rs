//! The wires, as the page looks at them.

use warren_sim::warren_core::ConnectionId;
use yew::{Html, html};

use super::App;
use crate::{
    components::Wire,
    player::{Player, wire},
    scene::Place,
};

impl App {
    pub(super) fn wire(&self, player: &Player) -> Html {
        let (world, connections) = (player.world(), wire::connections(player.world()));
        let connection = App::connection(player, &connections);
        let tape = world.tapes().find(|(id, _)| Some(*id) == connection);
        let frames = tape.map(|(_, tape)| wire::frames(tape, world.now())).unwrap_or_default();
        let on_look = self.handlers.look.clone();
        html! {
            <Wire lang={self.lang} {connections} {connection} {frames} chosen={player.look.frame} {on_look} />
        }
    }

    /// The chosen one; otherwise that of who is picked on the stage, or the first that there was.
    fn connection(player: &Player, there: &[(ConnectionId, String, bool)]) -> Option<ConnectionId> {
        let picked = match player.selection.only_place() {
            Some(Place::Producer(actor) | Place::Consumer(actor)) => {
                let mut its = player.world().tapes().filter(|(_, tape)| tape.owner() == *actor);
                its.next_back().map(|(id, _)| id)
            }
            _ => None,
        };
        let chosen = player.look.connection.filter(|chosen| there.iter().any(|(id, ..)| id == chosen));
        chosen.or(picked).or_else(|| there.first().map(|(id, ..)| *id))
    }
}
