//! State registers: what the state already knows of a person, asked once and told to the person.
//!
//! Two sources behind the port [`contracts::registries::Registers`], chosen by configuration for each register:
//! - a table (`registries_records`), for the embedded and demo set-up, filled by [`demo::import`];
//! - a real register over HTTP, when `registries.<name>.url` is set ([`http`]).
//!
//! Whoever answers, the question is recorded for the person ([`storage::audit`], action [`AUDIT_ACTION`]), with the
//! service that asked and the register that was asked.
//!
//! Where things are: `port.rs` the port · `http.rs` real registers · `store.rs` the table · `demo.rs` invented people.
//! Names and shapes of the registers: `services/registers.yaml`, read by `definition`.
//!
//! Absent on purpose: caching of answers (what the state says today is asked today), pages, knowledge of what
//! definitions do with an answer.

pub mod demo;
pub mod http;
mod port;
mod store;

pub use port::{AUDIT_ACTION, Faults, Port};

/// The tables of this context.
pub const MIGRATIONS: &[storage::Migration] = &[storage::Migration {
    module: "registries",
    version: 1,
    name: "records",
    sql: include_str!("../migrations/0001_registries.sql"),
}];

/// What this context offers to the program: its table; it has no pages.
pub fn module() -> web::Module {
    web::Module { name: "registries", migrations: MIGRATIONS, ..web::Module::default() }
}
