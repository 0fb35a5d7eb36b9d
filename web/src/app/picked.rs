//! Beside the stage: what is picked.

use yew::prelude::{Html, html};

use super::App;
use crate::{
    components::{Folded, Inspector, Story},
    player::Player,
    scene::Place,
};

impl App {
    /// What is picked: a message with its story, or a thing with its fields.
    pub(super) fn inspector(&self, player: &Player) -> Html {
        let (lang, on) = (self.lang, &self.handlers);
        let on_close = on.deselect.clone();
        if let Some(message) = player.selected() {
            return html! { <Story {lang} message={self.inspected(player, message)} {on_close} /> };
        }
        if player.selection.is_empty() {
            return Html::default();
        }
        let (layout, picked) = (player.latest_layout(), player.selection.only_place());
        let fold = match picked {
            Some(Place::Queues(exchange) | Place::Consumers(exchange)) => layout.folds.of_exchange(exchange),
            _ => None,
        };
        if let Some(fold) = fold {
            let are_consumers = matches!(picked, Some(Place::Consumers(_)));
            return html! {
                <Folded
                    {lang}
                    scenario={player.shared_scenario()}
                    fold={fold.clone()}
                    {are_consumers}
                    on_fold={on.fold.clone()}
                    on_select={on.select.clone()}
                    {on_close}
                />
            };
        }
        let is_folded = match picked {
            Some(Place::Exchange(exchange)) => layout.folds.of_foldable(player.scenario(), exchange),
            _ => None,
        };
        html! {
            <Inspector
                {lang}
                {is_folded}
                on_fold={on.fold.clone()}
                scenario={player.shared_scenario()}
                document={player.document}
                selection={player.selection.clone()}
                refusals={self.refusals(player)}
                on_edit={on.edit.clone()}
                on_select={on.select.clone()}
                {on_close}
            />
        }
    }
}
