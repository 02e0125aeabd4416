//! Pages and JSON of the catalogue.

pub(crate) mod api;
pub(crate) mod authoring;
pub(crate) mod diff;
mod filter;
pub(crate) mod html;
mod leaflet;
mod life;
mod passport;
mod schema_org;
mod simplification;
pub(crate) mod staff;
mod statistics;
mod view;
