//! What decisions cause here, and what is tidied up.

use std::time::Duration;

use contracts::applications::{CaseDecided, DocumentsOrdered};
use contracts::{Ctx, Event, decode};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use storage::{Delivery, JobError};
use web::module::{Periodic, Subscriber};

use crate::service;

pub(crate) fn subscribers() -> Vec<Subscriber> {
    vec![
        Subscriber { topic: CaseDecided::TOPIC, name: "documents.issue", run: issue },
        Subscriber { topic: DocumentsOrdered::TOPIC, name: "documents.issue_on_the_way", run: issue_on_the_way },
    ]
}

pub(crate) fn periodic() -> Vec<Periodic> {
    vec![Periodic { name: "documents.forget_guesses", every: Duration::from_secs(3600), run: forget }]
}

fn issue(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    async move {
        let decided: CaseDecided = decode(&delivery)?;
        service::issue(&ctx, delivery.event_id, &decided.into()).await?;
        Ok(())
    }
    .boxed()
}

fn issue_on_the_way(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    async move {
        let ordered: DocumentsOrdered = decode(&delivery)?;
        service::issue(&ctx, delivery.event_id, &ordered.into()).await?;
        Ok(())
    }
    .boxed()
}

fn forget(ctx: Ctx) -> BoxFuture<'static, Result<(), JobError>> {
    async move { Ok(service::forget_guesses(&ctx).await?) }.boxed()
}
