//! A service definition as a value: parse, compile, ask.
//!
//! [`compile`] turns the YAML of `services/` into a [`Definition`]; everything that the portal does with a service is
//! a question to that value: which fields are shown, what is wrong with an answer, what it costs, where it goes, when
//! it is due, what the system does, which documents come out. Pure: no I/O, no clock.
//!
//! Where things are: `model` the types · `access` who may apply, when and how · `vocabulary` what definitions lean on · `compile` YAML → definition with diagnostics ·
//! `scope` names in expressions · `form` fields and answers · `browser` what the page evaluates by itself · `plus_code` places as text · `fee` money · `route` units and steps ·
//! `document` rows of documents · `golden` the cases · `migrate` answers of earlier versions · `schema` JSON Schema of the answers · `format` JSON Schema of the format itself.

mod access;
mod browser;
mod compile;
mod definition;
mod document;
mod fee;
mod form;
mod format;
mod golden;
mod migrate;
mod model;
mod plus_code;
mod registers;
mod route;
mod samples;
mod schema;
mod scope;
mod vocabulary;

pub use access::{
    Access, AssuranceRule, Attempt, BehalfKind, Denied, Limit, OnBehalf, OnlineOnly, Represented, Window,
};
pub use browser::BrowserForm;
pub use compile::Diagnostic;
pub use definition::{Definition, ReadError, compile, compile_with};
pub use form::{MAX_ANSWER_CHARS, MAX_TEXT, MAX_TEXTAREA};
pub use format::{format_schema, format_text, format_with_names};
pub use model::*;
pub use registers::RegisterInfo;
pub use samples::sample_people;
pub use vocabulary::{Vocabulary, register_info};
