//! Parts of the page that keep something for themselves: whether they are open, what the hand points at.
//!
//! Yew compiles the life of a component anew for each of them, which is two kilobytes of the download. So there is one
//! for all that need one, and what it draws is a function. All other parts are functions themselves.

use std::rc::Rc;

use yew::{
    functional::{Hook, HookContext},
    prelude::{Html, Properties, function_component, html},
    virtual_dom::Key,
};

/// A part that is drawn with hooks. `key` tells it from others that may stand in its place, with other hooks, or that
/// are to begin anew.
pub(crate) fn hooked(key: impl Into<Key>, draw: impl Fn(&mut HookContext) -> Html + 'static) -> Html {
    html! { <Hooked key={key.into()} drawing={Drawing(Rc::new(draw))} /> }
}

#[derive(Properties, PartialEq)]
struct HookedProps {
    drawing: Drawing,
}

#[derive(Clone)]
struct Drawing(Rc<dyn Fn(&mut HookContext) -> Html>);

/// What it draws may always be something else.
impl PartialEq for Drawing {
    fn eq(&self, _: &Drawing) -> bool {
        false
    }
}

impl Hook for &Drawing {
    type Output = Html;

    fn run(self, hooks: &mut HookContext) -> Html {
        (self.0)(hooks)
    }
}

#[function_component]
fn Hooked(props: &HookedProps) -> Html {
    use_drawing(&props.drawing)
}

/// By its name Yew knows that it is a hook.
const fn use_drawing(drawing: &Drawing) -> &Drawing {
    drawing
}
