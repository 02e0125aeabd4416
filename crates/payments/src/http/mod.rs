//! How invoices are seen and how the provider talks to us.

pub(crate) mod api;
pub(crate) mod html;
mod payme;
pub(crate) mod refunds;
