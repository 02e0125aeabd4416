//! What identity does again and again.

use std::time::Duration;

use storage::JobError;
use web::module::Periodic;

use crate::service;

/// Forgets what has ended, hourly; ends mandates that have run out, every quarter of an hour; ends roles of staff, every minute.
pub(crate) fn periodic() -> Vec<Periodic> {
    vec![
        Periodic {
            name: "identity.forget_ended",
            every: Duration::from_secs(3600),
            run: |ctx| {
                Box::pin(async move {
                    service::forget_ended(&ctx).await.map_err(|error| JobError::Retry(error.to_string()))
                })
            },
        },
        Periodic {
            name: "identity.expire_mandates",
            every: Duration::from_secs(900),
            run: |ctx| {
                Box::pin(async move {
                    service::mandates::expire(&ctx).await.map_err(|error| JobError::Retry(error.to_string()))
                })
            },
        },
        Periodic {
            name: "identity.expire_roles",
            every: Duration::from_secs(60),
            run: |ctx| {
                Box::pin(async move {
                    service::staffing::expire(&ctx).await.map_err(|error| JobError::Retry(error.to_string()))
                })
            },
        },
    ]
}
