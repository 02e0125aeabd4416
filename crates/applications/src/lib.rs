//! The case: from a draft to the decision, its appeal and its rating.
//!
//! Where things are: `domain/` the rules (life cycle, clock, flow, number, files) · `service/` the use cases · `store.rs`
//! SQL · `http/citizen` and `http/official` the pages · `http/api.rs` JSON · `service/projections.rs` queues and counters.
//!
//! Tables: `applications_events` is the truth and is only ever added to; `applications_cases`, `_queue`, `_done`, `_stats`
//! and `_routes` are read models that are rewritten from it.
//!
//! Absent on purpose: invoices, documents, notices (other contexts act on our events); knowledge of any particular service.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::applications::{CaseStanding, Cases, PersonCase, ServiceStats};
use contracts::payments::{InvoiceExpired, InvoicePaid};
use contracts::{Ctx, Event as _, PortError, UnitRef};
use kernel::id::{CaseId, SubjectId};
use web::module::{Periodic, Subscriber};

pub mod domain;
mod http;
pub mod service;
pub mod store;

/// The tables of the context.
pub const MIGRATIONS: &[storage::Migration] = &[
    storage::Migration {
        module: "applications",
        version: 1,
        name: "cases",
        sql: include_str!("../migrations/0001_cases.sql"),
    },
    storage::Migration {
        module: "applications",
        version: 2,
        name: "life_cycle",
        sql: include_str!("../migrations/0002_life_cycle.sql"),
    },
    storage::Migration {
        module: "applications",
        version: 3,
        name: "claims",
        sql: include_str!("../migrations/0003_claims.sql"),
    },
    storage::Migration {
        module: "applications",
        version: 4,
        name: "load",
        sql: include_str!("../migrations/0004_load.sql"),
    },
    storage::Migration {
        module: "applications",
        version: 9,
        name: "represented",
        sql: include_str!("../migrations/0009_represented.sql"),
    },
];

/// The texts of the context.
pub const LOCALES: &[(&str, &str)] = web::locales!();

/// What the context offers to the program.
pub fn module() -> web::Module {
    web::Module {
        name: "applications",
        migrations: MIGRATIONS,
        html: http::html(),
        api: http::api::router(),
        subscribers: vec![
            Subscriber {
                topic: service::CaseChanged::TOPIC,
                name: "applications.project",
                run: service::projections::project,
            },
            Subscriber {
                topic: InvoicePaid::TOPIC,
                name: "applications.invoice_paid",
                run: service::system::invoice_paid,
            },
            Subscriber {
                topic: InvoiceExpired::TOPIC,
                name: "applications.invoice_expired",
                run: service::system::invoice_expired,
            },
            Subscriber { topic: service::Wake::TOPIC, name: "applications.wake", run: service::system::woken },
            Subscriber { topic: service::TermWake::TOPIC, name: "applications.term", run: service::terms::woken },
            Subscriber {
                topic: service::EvidenceErased::TOPIC,
                name: "applications.delete_evidence",
                run: service::retention::delete_evidence,
            },
        ],
        periodic: vec![Periodic {
            name: "applications.erase",
            every: Duration::from_secs(3600),
            run: service::retention::periodic,
        }],
        cards: vec![Arc::new(http::citizen::card::CasesCard)],
        locales: LOCALES,
    }
}

/// What other contexts may ask about cases.
pub struct CasesPort;

#[async_trait]
impl Cases for CasesPort {
    async fn stats(&self, ctx: &Ctx, service: &str) -> Result<ServiceStats, PortError> {
        Ok(service::projections::stats(ctx, service).await?)
    }

    async fn by_month(&self, ctx: &Ctx, service: &str) -> Result<Vec<(String, u64)>, PortError> {
        Ok(service::projections::by_month(ctx, service).await?)
    }

    async fn of_person(&self, ctx: &Ctx, subject: SubjectId) -> Result<Vec<PersonCase>, PortError> {
        let rows = store::cases(&ctx.db, subject, store::CaseFilter::All, None, 100).await?;
        let standing = |status: &str| match status {
            "finished" => CaseStanding::Given,
            "refused" => CaseStanding::Refused,
            "cancelled" => CaseStanding::Cancelled,
            _ => CaseStanding::Open,
        };
        let cases = rows.into_iter().map(|row| PersonCase {
            case: row.id,
            standing: standing(&row.status),
            service: row.service,
            number: row.number,
        });
        Ok(cases.collect())
    }

    async fn visible_to(&self, ctx: &Ctx, subject: SubjectId, case: CaseId, unit: &UnitRef) -> Result<bool, PortError> {
        let found = store::case(&ctx.db, subject, case).await.map_err(|error| match error {
            store::LoadError::Store(error) => PortError::Storage(error),
            store::LoadError::Broken(error) => PortError::Broken(error.to_string()),
        })?;
        let Some((case, history)) = found else { return Ok(false) };
        Ok(service::office::visible_to_unit(unit, &case.stage, &history).is_some())
    }
}
