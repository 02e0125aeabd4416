//! Pages and JSON of the catalogue.

pub(crate) mod api;
pub(crate) mod html;
mod passport;
mod view;
