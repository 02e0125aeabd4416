//! Documents: made from decisions, kept, shown to their owner, checked by anybody.
//!
//! Where things are: `render.rs` a paper becomes a PDF · `templates/paper/` its layouts · `domain/number.rs` number and code ·
//! `domain/record.rs` what is signed, the mark in the file · `domain/verdict.rs` what a check says · `service.rs` use cases ·
//! `store.rs` SQL · `http/` pages and JSON · `jobs.rs` what decisions cause here.
//!
//! Absent on purpose: what a document says (the definition and `applications` order it), the owner's signature.

pub mod domain;
mod http;
mod jobs;
pub mod render;
pub mod service;
pub mod store;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::documents::{DocumentView, Documents, Leaflet};
use contracts::{Ctx, PortError};
use kernel::id::{CaseId, SubjectId};

/// The tables of this context.
pub const MIGRATIONS: &[storage::Migration] = &[
    storage::Migration {
        module: "documents",
        version: 1,
        name: "documents",
        sql: include_str!("../migrations/0001_documents.sql"),
    },
    storage::Migration {
        module: "documents",
        version: 2,
        name: "by_hash",
        sql: include_str!("../migrations/0002_by_hash.sql"),
    },
];

/// The texts of this context, also those of papers.
pub(crate) const LOCALES: &[(&str, &str)] = web::locales!();

/// What the context offers.
pub fn module() -> web::Module {
    web::Module {
        name: "documents",
        migrations: MIGRATIONS,
        html: http::html::routes(),
        api: http::api::routes(),
        subscribers: jobs::subscribers(),
        periodic: jobs::periodic(),
        cards: vec![Arc::new(http::html::DocumentsCard)],
        locales: LOCALES,
    }
}

/// Documents as other contexts see them.
pub struct Port;

#[async_trait]
impl Documents for Port {
    async fn holds(&self, ctx: &Ctx, sha256: &str) -> Result<bool, PortError> {
        Ok(store::holds(&ctx.db, sha256).await?)
    }

    async fn for_case(&self, ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<DocumentView>, PortError> {
        let found = store::by_case(&ctx.db, subject, case).await?;
        Ok(found
            .into_iter()
            .map(|document| DocumentView {
                document: document.id,
                number: domain::number::shown(&document.number),
                case: document.case,
                title: document.title,
                issued_at: document.issued_at,
                revoked: document.revoked.is_some(),
            })
            .collect())
    }

    async fn leaflet(&self, _: &Ctx, leaflet: Leaflet) -> Result<Vec<u8>, PortError> {
        service::leaflet(leaflet).await.map_err(|err| PortError::Broken(format!("leaflet: {err}")))
    }
}
