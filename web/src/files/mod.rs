//! In and out of the page: links, files, pictures. Nothing leaves the browser but what the visitor takes along.

mod download;
mod open;
mod svg;

pub(crate) use download::{copy, offer, save};
pub(crate) use open::open;
pub(crate) use svg::svg;
