//! People, staff, accounts, sign-in, sessions, roles.
//!
//! Where things are: `domain/` rules (codes, passwords, slowing down guesses, sessions, the registration form,
//! return paths; `factor.rs` levels, `locks.rs` who changes the locks, `takeover.rs` the search for a way around them) ·
//! `service/` use cases · `store.rs`, `store/` SQL · `http/html.rs` pages, `ways.rs` ways to sign in, `prove.rs` one proof
//! more, `recover.rs` the way back in, `http/api.rs` JSON · `jobs.rs` clean-up, what ripens.
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
        html: http::pages()
            .merge(http::foreign::routes())
            .merge(http::mandates::routes())
            .merge(http::staffing::routes()),
        api: http::api::routes(),
        periodic: jobs::periodic(),
        locales: web::locales!(),
        ..web::Module::default()
    }
}
