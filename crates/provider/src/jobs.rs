//! What happens after the commit and again and again: keys, logout, clean-up.

use std::time::Duration;

use contracts::identity::SessionsEnded;
use contracts::{Ctx, Event as _, decode};
use storage::{Batch, Delivery, JobError};
use web::module::{Periodic, Subscriber};

use crate::service::logout::{self, LogoutDue};
use crate::service::{Memory, ProviderError, keys, plus};
use crate::store;

/// How long a client has to answer a logout token.
const PATIENCE: Duration = Duration::from_secs(10);

impl From<ProviderError> for JobError {
    fn from(error: ProviderError) -> Self {
        JobError::Retry(error.to_string())
    }
}

pub(crate) fn subscribers() -> Vec<Subscriber> {
    vec![
        Subscriber {
            topic: SessionsEnded::TOPIC,
            name: "provider.sessions_ended",
            run: |ctx, delivery| Box::pin(async move { Ok(logout::sessions_ended(&ctx, &decode(&delivery)?).await?) }),
        },
        Subscriber {
            topic: LogoutDue::TOPIC,
            name: "provider.logout",
            run: |ctx, delivery| Box::pin(tell(ctx, delivery)),
        },
    ]
}

/// Tells a client that a session has ended; tried again when it does not answer.
async fn tell(ctx: Ctx, delivery: Delivery) -> Result<(), JobError> {
    let due: LogoutDue = decode(&delivery)?;
    let id = delivery.event_id.to_string();
    let Some((uri, token)) = logout::token(&ctx, &Memory::default(), &due, &id).await? else { return Ok(()) };
    let sent = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        agent.post(&uri).send_form([("logout_token", token.as_str())]).map(|response| response.status().as_u16())
    });
    match sent.await {
        Ok(Ok(200..=299)) => Ok(()),
        // The client understood and could not: trying again with the same token would not help. Source: Back-Channel Logout §2.8.
        Ok(Ok(400)) => {
            tracing::warn!(client = due.client_id, "a client refused a logout token");
            Ok(())
        }
        Ok(Ok(status)) => Err(JobError::Retry(format!("the client {} answered {status}", due.client_id))),
        Ok(Err(error)) => Err(JobError::Retry(format!("the client {}: {error}", due.client_id))),
        Err(error) => Err(JobError::Retry(error.to_string())),
    }
}

pub(crate) fn periodic() -> Vec<Periodic> {
    vec![
        Periodic {
            name: "provider.rotate_keys",
            every: Duration::from_secs(3600),
            run: |ctx| Box::pin(async move { Ok(keys::rotate(&ctx).await?) }),
        },
        Periodic {
            name: "provider.forget_ended",
            every: Duration::from_secs(600),
            run: |ctx| {
                Box::pin(async move {
                    let now = ctx.now();
                    let mut batch = Batch::system();
                    store::forget(&mut batch, now, plus(now, -86_400));
                    Ok(ctx.db.commit(batch).await?)
                })
            },
        },
    ]
}
