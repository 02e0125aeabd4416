//! What decisions cause here, and what is tidied up.

use std::time::Duration;

use contracts::applications::CaseDecided;
use contracts::{Ctx, Event, decode};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use storage::{Delivery, JobError};
use web::module::{Periodic, Subscriber};

use crate::service;

pub(crate) fn subscribers() -> Vec<Subscriber> {
    vec![Subscriber { topic: CaseDecided::TOPIC, name: "documents.issue", run: issue }]
}

pub(crate) fn periodic() -> Vec<Periodic> {
    vec![Periodic { name: "documents.forget_guesses", every: Duration::from_secs(3600), run: forget }]
}

fn issue(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    async move {
        let decided: CaseDecided = decode(&delivery)?;
        service::issue(&ctx, delivery.event_id, &decided).await?;
        Ok(())
    }
    .boxed()
}

fn forget(ctx: Ctx) -> BoxFuture<'static, Result<(), JobError>> {
    async move { Ok(service::forget_guesses(&ctx).await?) }.boxed()
}
