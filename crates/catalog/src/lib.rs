//! The catalogue: publishes, serves and finds services.
//!
//! Definitions come from the program itself or from a folder, are compiled when it starts, and are published: each version
//! is kept for ever under its hash, one version of each service is in force. Pages and the search read a shelf in memory
//! that a publication replaces as a whole.
//!
//! Where things are: `service/` publish, serve, count missed searches · `service/authoring.rs` revisions and publications ·
//! `search/` finding (CAT-FOLD, CAT-STEM, CAT-TYPO) · `domain/facet.rs` counts beside choices (CAT-FACET) ·
//! `domain/missed.rs` which searches are counted (CAT-MISSED) · `domain/class.rs` how far a new version is from the last
//! (CAT-CLASS) · `domain/diff.rs` the difference · `domain/price.rs` price ranges (CAT-PRICE) · `domain/simple.rs` how simple a
//! service is (CAT-SIMPLE) · `domain/life.rs` where a person stands in a life situation (CAT-LIFE) · `http/passport.rs` the blocks
//! of a passport · `http/html.rs` pages · `http/filter.rs` the filter of lists ·
//! `http/leaflet.rs`, `http/statistics.rs`, `http/life.rs`, `http/simplification.rs` what is made for each service or over all ·
//! `http/schema_org.rs` mark-up · `http/authoring.rs` and `http/staff.rs` pages
//! of staff · `http/api.rs` JSON · `store.rs` SQL.
//!
//! Absent on purpose: rules of a single service (they are data in `services/`), counting of cases (asked from
//! `applications` through its port).

pub mod domain;
mod http;
pub mod search;
pub mod service;
mod store;

pub use domain::skeleton::skeleton;
pub use http::diff::words;
pub use service::{PublishError, Published, Shelf, Sources, authoring, is_offered, missed, search_entries};
pub use store::{Missed, Publication, Revision, Stands};

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
    storage::Migration {
        module: "catalog",
        version: 3,
        name: "life",
        sql: include_str!("../migrations/0003_life.sql"),
    },
    storage::Migration {
        module: "catalog",
        version: 4,
        name: "missed_searches",
        sql: include_str!("../migrations/0004_missed_searches.sql"),
    },
    storage::Migration {
        module: "catalog",
        version: 5,
        name: "publication_revision",
        sql: include_str!("../migrations/0005_publication_revision.sql"),
    },
];

/// What this context offers to the program.
pub fn module() -> web::Module {
    web::Module {
        name: "catalog",
        migrations: MIGRATIONS,
        html: http::html::routes().merge(http::authoring::routes()).merge(http::staff::routes()),
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
