//! Rules of the provider: pure.

pub mod acr;
pub mod claims;
pub mod client;
pub mod consent;
pub mod decide;
pub mod dpop;
pub mod error;
pub mod jose;
pub mod oneid;
pub mod redirect;
pub mod request;
pub mod rotation;
pub mod subject;
pub mod user_code;
