//! What events of others cause here, and what is done every minute.

use std::time::Duration;

use contracts::applications::{CaseDecided, PaymentDue};
use contracts::{Ctx, Event, decode};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use storage::{Delivery, JobError};
use web::module::{Periodic, Subscriber};

use crate::service;

pub(crate) fn subscribers() -> Vec<Subscriber> {
    vec![
        Subscriber { topic: PaymentDue::TOPIC, name: "payments.issue_invoice", run: issue },
        Subscriber { topic: CaseDecided::TOPIC, name: "payments.end_invoices", run: end },
    ]
}

pub(crate) fn periodic() -> Vec<Periodic> {
    vec![Periodic { name: "payments.expire", every: Duration::from_secs(60), run: expire }]
}

fn issue(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    async move {
        let due: PaymentDue = decode(&delivery)?;
        service::issue(&ctx, delivery.event_id, &due).await?;
        Ok(())
    }
    .boxed()
}

fn end(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    async move {
        let decided: CaseDecided = decode(&delivery)?;
        service::case_ended(&ctx, &decided).await?;
        Ok(())
    }
    .boxed()
}

fn expire(ctx: Ctx) -> BoxFuture<'static, Result<(), JobError>> {
    async move {
        let count = service::expire_overdue(&ctx).await?;
        if count > 0 {
            tracing::info!(count, "unpaid invoices expired");
        }
        Ok(())
    }
    .boxed()
}
