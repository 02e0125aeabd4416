//! The catalogue: publishes, serves and finds services.
//!
//! Definitions come from the program itself or from a folder, are compiled when it starts, and are published: each version
//! is kept for ever under its hash, one version of each service is in force. Pages and the search read a shelf in memory
//! that a publication replaces as a whole.
//!
//! Where things are: `service.rs` publish, serve · `search.rs` finding · `domain/class.rs` how far a new version is from the
//! last (rule CAT-CLASS) · `domain/price.rs` price ranges (CAT-PRICE) · `http/passport.rs` the blocks of a passport ·
//! `http/html.rs` pages · `http/api.rs` JSON · `store.rs` SQL.
//!
//! Absent on purpose: rules of a single service (they are data in `services/`), counting of cases (asked from
//! `applications` through its port).

pub mod domain;
mod http;
pub mod search;
mod service;
mod store;

pub use domain::skeleton::skeleton;
pub use http::diff::words;
pub use service::{PublishError, Published, Shelf, Sources, authoring, is_offered};
pub use store::{Publication, Revision, Stands};

/// The tables of this context.
pub const MIGRATIONS: &[storage::Migration] = &[
    storage::Migration {
        module: "catalog",
        version: 1,
        name: "versions_services",
        sql: include_str!("../migrations/0001_catalog.sql"),
    },
    storage::Migration {
        module: "catalog",
        version: 2,
        name: "publications",
        sql: include_str!("../migrations/0002_publications.sql"),
    },
];

/// What this context offers to the program.
pub fn module() -> web::Module {
    web::Module {
        name: "catalog",
        migrations: MIGRATIONS,
        html: http::html::routes().merge(http::authoring::routes()),
        periodic: vec![web::module::Periodic {
            name: "catalog.due",
            every: std::time::Duration::from_secs(30),
            run: service::due,
        }],
        api: http::api::routes(),
        locales: web::locales!(),
        ..web::Module::default()
    }
}
