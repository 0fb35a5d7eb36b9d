//! The simulator's page: the world, drawn.

mod app;
mod components;
mod editor;
mod exports;
mod files;
mod i18n;
mod player;
mod scene;
mod stage;
mod story;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
