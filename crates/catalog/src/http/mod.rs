//! Pages and JSON of the catalogue.

pub(crate) mod api;
mod csv;
pub(crate) mod html;
mod leaflet;
mod life;
mod passport;
mod schema_org;
mod simplification;
mod statistics;
mod view;
