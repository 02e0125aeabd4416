//! What a context offers to the program.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::Ctx;
use futures_util::future::BoxFuture;
use kernel::id::SubjectId;

use crate::assets::Assets;
use crate::cache::PublicCache;
use crate::i18n::{Catalogue, T};

/// The manifest of a bounded context.
#[derive(Default)]
pub struct Module {
    /// Name of the context; its tables, routes' files and text keys start with it.
    pub name: &'static str,
    /// In order; applied by `storage` at start.
    pub migrations: &'static [storage::Migration],
    /// Pages, without the language segment (`/cabinet/cases`).
    pub html: axum::Router<AppState>,
    /// JSON API; paths start with `/api/v1` or are a partner's protocol.
    pub api: utoipa_axum::router::OpenApiRouter<AppState>,
    /// Who acts on which event.
    pub subscribers: Vec<Subscriber>,
    /// What is done again and again.
    pub periodic: Vec<Periodic>,
    /// What the cabinet's first page shows of this context.
    pub cards: Vec<Arc<dyn CabinetCard>>,
    /// [`crate::locales!`].
    pub locales: &'static [(&'static str, &'static str)],
}

/// Acts on one topic; called at least once for each event, so it must tolerate a repetition.
pub struct Subscriber {
    pub topic: &'static str,
    /// Stable: a job is known by event and subscriber.
    pub name: &'static str,
    pub run: fn(Ctx, storage::Delivery) -> BoxFuture<'static, Result<(), storage::JobError>>,
}

/// A task that one instance at a time does every so often.
pub struct Periodic {
    pub name: &'static str,
    pub every: Duration,
    pub run: fn(Ctx) -> BoxFuture<'static, Result<(), storage::JobError>>,
}

/// A summary of a context's matters for a person, shown on the cabinet's first page.
#[async_trait]
pub trait CabinetCard: Send + Sync {
    /// `None` hides the card.
    async fn card(&self, ctx: &Ctx, t: &T, subject: SubjectId) -> Result<Option<Card>, crate::WebError>;
}

/// What a [`CabinetCard`] shows.
pub struct Card {
    pub title: String,
    /// One line of summary, such as "2 open, 1 waits for you".
    pub summary: String,
    /// Up to three entries.
    pub lines: Vec<CardLine>,
    /// Path without the language.
    pub link: &'static str,
    pub link_text: String,
    /// Something waits for the person: the card comes first and is marked.
    pub urgent: bool,
}

/// An entry of a [`Card`].
pub struct CardLine {
    pub text: String,
    pub note: String,
    /// Path without the language.
    pub href: String,
}

/// An entry of the cabinet's side navigation: path without language, text key.
#[derive(Clone, Copy)]
pub struct NavItem {
    pub path: &'static str,
    pub key: &'static str,
}

/// The navigation of the cabinet, the same on each of its pages.
pub const CABINET_NAV: &[NavItem] = &[
    NavItem { path: "/cabinet", key: "common-cabinet-home" },
    NavItem { path: "/cabinet/cases", key: "common-cabinet-cases" },
    NavItem { path: "/cabinet/documents", key: "common-cabinet-documents" },
    NavItem { path: "/cabinet/invoices", key: "common-cabinet-invoices" },
    NavItem { path: "/cabinet/messages", key: "common-cabinet-messages" },
    NavItem { path: "/cabinet/mandates", key: "common-cabinet-mandates" },
    NavItem { path: "/cabinet/profile", key: "common-cabinet-profile" },
    NavItem { path: "/cabinet/access", key: "common-cabinet-access" },
    NavItem { path: "/cabinet/security", key: "common-cabinet-security" },
];

/// The running program, as handlers see it.
pub struct App {
    pub ctx: Ctx,
    pub i18n: Catalogue,
    pub assets: Assets,
    pub cards: Vec<Arc<dyn CabinetCard>>,
    pub cache: PublicCache,
    /// Key of the CSRF tokens.
    pub csrf_key: [u8; 32],
    /// The OpenAPI document, as JSON.
    pub openapi: std::sync::OnceLock<String>,
}

/// Shared state of all handlers.
#[derive(Clone)]
pub struct AppState(Arc<App>);

impl AppState {
    pub fn new(app: App) -> Self {
        Self(Arc::new(app))
    }
}

impl Deref for AppState {
    type Target = App;
    fn deref(&self) -> &App {
        &self.0
    }
}
