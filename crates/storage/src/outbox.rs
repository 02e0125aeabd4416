//! What other contexts and channels must learn, promised in the same commit as the change itself.

use kernel::Timestamp;
use kernel::id::{EventId, SubjectId};
use kernel::rng::Rng;
use serde::Serialize;

use crate::{Batch, Value, params};

crate::statement!(
    pub(crate) OUTBOX_INSERT,
    "insert into storage_outbox (subject_id, id, lane, state, topic, payload, created_at, run_at)
     values ($1, $2, $3, 0, $4, $5, $6, $7)"
);

/// The subjects are spread over this many lanes; a worker leases lanes.
pub const LANES: i64 = 64;

/// The lane of a subject: the same for ever, on every machine.
pub fn lane(subject: SubjectId) -> i64 {
    // The last bytes of a uuid v7 are random, so their remainder is even.
    let bytes = subject.uuid().into_bytes();
    i64::from(bytes[15] ^ bytes[7]) % LANES
}

/// Promises an event: after the commit it is delivered to every subscriber of the topic, at least once.
///
/// The payload may hold personal data; it is removed when every subscriber has handled the event.
pub fn put(batch: &mut Batch, now: Timestamp, rng: &dyn Rng, topic: &'static str, payload: &impl Serialize) -> EventId {
    put_at(batch, now, now, rng, topic, payload)
}

/// [`put`], delivered not before `run_at` (a reminder, an expiry).
pub fn put_at(
    batch: &mut Batch,
    now: Timestamp,
    run_at: Timestamp,
    rng: &dyn Rng,
    topic: &'static str,
    payload: &impl Serialize,
) -> EventId {
    let id = EventId::new(now, rng);
    let subject = batch.subject();
    // A payload is a plain struct of ours. One that cannot be written as JSON (a map with keys that are not text)
    // is stored as null and its subscribers discard it, which the first test of that event shows.
    let payload = serde_json::to_string(payload).unwrap_or_else(|error| {
        tracing::error!(%error, topic, "the payload of an event cannot be written as JSON");
        "null".to_owned()
    });
    batch.step(&OUTBOX_INSERT, params![subject, id, lane(subject), topic, payload, now, run_at]);
    batch.wakes = true;
    id
}

/// Values of [`put`] for a caller that builds its own rows, such as the ceiling of the bench.
#[doc(hidden)]
pub fn row(subject: SubjectId, id: EventId, now: Timestamp, topic: &str, payload: &str) -> Vec<Value> {
    params![subject, id, lane(subject), topic, payload, now, now]
}
