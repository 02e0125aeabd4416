//! The shell of every page and of every API answer.
//!
//! A context hands in a [`Module`]; this crate turns a request into a typed one ([`Page`], [`Citizen`],
//! [`Official`], [`Posted`], [`ApiCitizen`]) and an answer into bytes (layout, language, errors, headers).
//!
//! Where things are: `module.rs` what a context offers · `page.rs` request → page, layout · `who.rs` permission
//! as extractors · `posted.rs` forms and uploads · `error.rs` the one error and how it looks · `i18n.rs` texts ·
//! `lang.rs` the language in the address · `csrf.rs` · `headers.rs` · `assets.rs` · `cache.rs` public pages ·
//! `api.rs` JSON.
//!
//! Absent on purpose: SQL, rules, knowledge of any context.

pub mod api;
pub mod assets;
pub mod cache;
pub mod csrf;
pub mod csv;
pub mod error;
pub mod gallery;
pub mod headers;
pub mod i18n;
pub mod lang;
pub mod module;
pub mod page;
pub mod posted;
pub mod prefs;
pub mod qr;
pub mod ui;
pub mod who;

pub use api::{ApiCitizen, ApiError, ApiJson, ApiOfficial, ApiVisitor};
pub use error::{FieldProblem, WebError};
pub use i18n::{Arg, T};
pub use module::{App, AppState, CabinetCard, Module, NavItem};
pub use page::{Meta, Page};
pub use posted::{Posted, PostedOpen, Upload};
pub use who::{CatalogueStaff, Citizen, Head, Official, Operator, Publisher, Reviewer, ServiceAuthor};

/// The four files of a context's texts, in the order that [`Module::locales`] wants.
#[macro_export]
macro_rules! locales {
    () => {
        &[
            ("uz", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/uz.ftl"))),
            ("kaa", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/kaa.ftl"))),
            ("ru", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/ru.ftl"))),
            ("en", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl"))),
        ]
    };
}

/// This crate's own texts (`common-…`).
pub const LOCALES: &[(&str, &str)] = locales!();

/// A text as a value in the query of an address.
pub fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
