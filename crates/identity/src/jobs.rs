//! What identity does again and again.

use std::time::Duration;

use storage::JobError;
use web::module::Periodic;

use crate::service;

/// Forgets what has ended, hourly.
pub(crate) fn periodic() -> Vec<Periodic> {
    vec![Periodic {
        name: "identity.forget_ended",
        every: Duration::from_secs(3600),
        run: |ctx| {
            Box::pin(
                async move { service::forget_ended(&ctx).await.map_err(|error| JobError::Retry(error.to_string())) },
            )
        },
    }]
}
