//! People, staff, accounts, sign-in, sessions, roles.
//!
//! Where things are: `domain/` rules (codes, passwords, slowing down guesses, sessions, the registration form,
//! return paths) · `service/` use cases · `store.rs` SQL · `http/html.rs` pages, `http/api.rs` JSON · `jobs.rs` clean-up.
//!
//! Absent on purpose: a counter of failures per account alone (it would lock owners out); tokens, codes and
//! passwords in clear in the database; answers that tell whether somebody has an account.

pub mod domain;
mod http;
mod jobs;
pub mod service;
mod store;

pub use http::WEB_COOKIES;
pub use service::Port;
pub use store::MIGRATIONS;

/// The manifest of identity.
pub fn module() -> web::Module {
    web::Module {
        name: "identity",
        migrations: MIGRATIONS,
        html: http::html::routes()
            .merge(http::foreign::routes())
            .merge(http::mandates::routes())
            .merge(http::staffing::routes()),
        api: http::api::routes(),
        periodic: jobs::periodic(),
        locales: web::locales!(),
        ..web::Module::default()
    }
}
