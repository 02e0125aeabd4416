//! Inbox, SMS, e-mail: what happened is told to the person on the ways that suit it.
//!
//! Where things are: `domain/delivery.rs` which ways, what becomes of a try · `domain/words.rs` the words of a notice ·
//! `channels/` providers (Playmobile, Eskiz, SMTP, the demo phone, a failing one for tests) · `service.rs` use cases ·
//! `jobs.rs` which events they act on · `store.rs` SQL · `http/` inbox and demo phone.
//!
//! Absent on purpose: any effect on what the notice tells of (a provider that is away delays a notice, never a case);
//! one-time codes in the inbox or in a log.

pub mod channels;
pub mod domain;
mod http;
mod jobs;
pub mod service;
mod store;

pub use service::Port;
pub use store::MIGRATIONS;

/// The texts of this context.
pub const LOCALES: &[(&str, &str)] = web::locales!();

/// The manifest of notifications.
pub fn module() -> web::Module {
    web::Module {
        name: "notifications",
        migrations: MIGRATIONS,
        html: http::html::routes(),
        api: http::api::routes(),
        subscribers: jobs::subscribers(),
        periodic: jobs::periodic(),
        cards: vec![std::sync::Arc::new(http::html::MessagesCard)],
        locales: LOCALES,
    }
}
