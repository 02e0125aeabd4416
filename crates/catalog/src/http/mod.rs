//! Pages and JSON of the catalogue.

pub(crate) mod api;
pub(crate) mod authoring;
pub(crate) mod diff;
mod filter;
pub(crate) mod html;
mod passport;
pub(crate) mod staff;
mod view;
