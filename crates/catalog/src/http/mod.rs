//! Pages and JSON of the catalogue.

pub(crate) mod api;
mod filter;
pub(crate) mod html;
pub(crate) mod staff;
mod passport;
mod view;
