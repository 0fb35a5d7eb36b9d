//! In and out of the page: links, files, pictures. Nothing leaves the browser but what the visitor takes along.

mod download;
mod film;
mod ground;
mod open;
mod png;
mod svg;

pub(crate) use download::{copy, save};
pub(crate) use film::Film;
pub(crate) use open::open;
pub(crate) use png::{save_png, save_stage};
pub(crate) use svg::svg;
