//! Pages and JSON of the catalogue.

pub(crate) mod api;
pub(crate) mod authoring;
pub(crate) mod diff;
pub(crate) mod html;
mod passport;
mod view;
