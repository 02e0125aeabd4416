//! The identity provider: other systems sign people in by the portal (OpenID Connect, OneID dialect).
//!
//! Where things are: `domain/` rules (requests, addresses, claims, consent, signatures, keys, dialect) · `service/` use cases ·
//! `store.rs` SQL · `http/machine.rs` what programs call, `http/pages.rs` what people see, `http/staff.rs` clients and their
//! operator, `http/api.rs` the same for programs, `http/oneid.rs` the dialect · `jobs.rs` rotation, logout, clean-up.
//!
//! Absent on purpose: implicit flow, password grant, plain PKCE, `none` and HMAC signatures, fetching of anything that a
//! request names; tokens, codes and secrets in clear in the database; personal data in an ID token unless it was asked there.

pub mod domain;
mod http;
mod jobs;
pub mod service;
mod store;

use std::sync::Arc;

pub use store::MIGRATIONS;

/// The manifest of the provider.
pub fn module() -> web::Module {
    let memory = Arc::new(service::Memory::default());
    web::Module {
        name: "provider",
        migrations: MIGRATIONS,
        html: http::pages::routes()
            .merge(http::staff::routes())
            .merge(http::machine::routes())
            .merge(http::oneid::routes())
            .layer(axum::Extension(memory)),
        api: http::api::routes(),
        subscribers: jobs::subscribers(),
        periodic: jobs::periodic(),
        locales: web::locales!(),
        ..web::Module::default()
    }
}
