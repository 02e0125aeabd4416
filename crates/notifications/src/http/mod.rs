//! Pages and JSON of notifications.

pub(crate) mod api;
pub(crate) mod html;
