//! Payments: invoices, their life, the protocol of the provider, credits and refunds.
//!
//! Where things are: `domain/invoice.rs` expiry and credits · `domain/number.rs` the number with its check digit ·
//! `domain/payme.rs` the Payme Merchant API as a pure function · `service.rs` use cases · `store.rs` SQL ·
//! `http/refunds.rs` what is to go back, for whoever pays it back · `http/payme.rs` what the provider calls · `http/html.rs` the payer's pages · `http/api.rs` JSON · `jobs.rs` what others' events cause.
//!
//! Absent on purpose: calls to the provider (it calls us), card data (we never see any), what a fee should be (the
//! definition says it, `applications` quotes it).

pub mod domain;
mod http;
mod jobs;
pub mod service;
pub mod store;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::payments::{CreditView, InvoiceView, Invoices};
use contracts::{Ctx, PortError};
use kernel::id::{CaseId, SubjectId};
use kernel::money::Tiyin;

/// The tables of this context.
pub const MIGRATIONS: &[storage::Migration] = &[
    storage::Migration {
        module: "payments",
        version: 1,
        name: "invoices",
        sql: include_str!("../migrations/0001_invoices.sql"),
    },
    storage::Migration {
        module: "payments",
        version: 2,
        name: "refunds",
        sql: include_str!("../migrations/0002_refunds.sql"),
    },
];

/// What the context offers.
pub fn module() -> web::Module {
    web::Module {
        name: "payments",
        migrations: MIGRATIONS,
        html: http::html::routes().merge(http::refunds::routes()),
        api: http::api::routes(),
        subscribers: jobs::subscribers(),
        periodic: jobs::periodic(),
        cards: vec![Arc::new(http::html::InvoicesCard)],
        locales: web::locales!(),
    }
}

/// Invoices as other contexts see them.
pub struct Port;

#[async_trait]
impl Invoices for Port {
    async fn credit(
        &self,
        ctx: &Ctx,
        subject: SubjectId,
        service: &str,
        total: Tiyin,
    ) -> Result<Option<CreditView>, PortError> {
        let now = ctx.now();
        let credits = store::credits(&ctx.db, subject, service, now).await?;
        let found = domain::invoice::covering(total, &credits, now);
        Ok(found.map(|credit| CreditView { amount: credit.amount, until: credit.until }))
    }

    async fn for_case(&self, ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<InvoiceView>, PortError> {
        let found = store::by_case(&ctx.db, subject, case).await?;
        Ok(found
            .into_iter()
            .map(|invoice| InvoiceView {
                invoice: invoice.id,
                refund_due: invoice.awaits_refund(),
                number: invoice.number,
                case: invoice.case,
                amount: invoice.amount,
                state: invoice.state,
                expires: invoice.expires,
            })
            .collect())
    }
}
