//! Payments on both databases: issuing, paying by the provider's protocol, expiry, credits, refunds, pages, and the
//! demo bank as a real counterpart over HTTP.

mod bank;
mod pages;
mod protocol;
mod world;
