//! What identity does again and again.

use std::time::Duration;

use storage::JobError;
use web::module::Periodic;

use crate::service;

fn retry(error: impl std::fmt::Display) -> JobError {
    JobError::Retry(error.to_string())
}

/// Forgets what has ended; ends mandates and roles of staff that have run out; brings changes of the locks into force that have waited, seals secrets anew after a change of key.
pub(crate) fn periodic() -> Vec<Periodic> {
    vec![
        Periodic {
            name: "identity.forget_ended",
            every: Duration::from_secs(3600),
            run: |ctx| Box::pin(async move { service::forget_ended(&ctx).await.map_err(retry) }),
        },
        Periodic {
            name: "identity.ripen",
            every: Duration::from_secs(60),
            run: |ctx| Box::pin(async move { service::locks::ripen(&ctx).await.map(|_| ()).map_err(retry) }),
        },
        Periodic {
            name: "identity.reseal",
            every: Duration::from_secs(600),
            run: |ctx| Box::pin(async move { service::factors::reseal(&ctx).await.map(|_| ()).map_err(retry) }),
        },
        Periodic {
            name: "identity.expire_mandates",
            every: Duration::from_secs(900),
            run: |ctx| Box::pin(async move { service::mandates::expire(&ctx).await.map_err(retry) }),
        },
        Periodic {
            name: "identity.expire_roles",
            every: Duration::from_secs(60),
            run: |ctx| Box::pin(async move { service::staffing::expire(&ctx).await.map_err(retry) }),
        },
    ]
}
