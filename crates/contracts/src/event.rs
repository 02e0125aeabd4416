//! Events: facts that one context tells and others act on, at least once, after the commit.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Ctx;

/// A fact with a stable name. The payload is what subscribers get; fields are only ever added.
pub trait Event: Serialize + DeserializeOwned {
    /// `context.fact`, stable for ever.
    const TOPIC: &'static str;
}

/// Puts an event into the batch, so that it is sent exactly when the change that it tells of is committed.
pub fn emit<E: Event>(ctx: &Ctx, batch: &mut storage::Batch, event: &E) -> kernel::id::EventId {
    storage::outbox::put(batch, ctx.now(), &*ctx.rng, E::TOPIC, event)
}

/// Reads an event from a delivery.
///
/// # Errors
/// [`storage::JobError::Discard`] when the payload is not such an event: trying again would not help.
pub fn decode<E: Event>(delivery: &storage::Delivery) -> Result<E, storage::JobError> {
    serde_json::from_str(&delivery.payload).map_err(|err| storage::JobError::Discard(format!("{}: {err}", E::TOPIC)))
}
