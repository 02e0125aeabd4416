//! The saved answer of a request that may arrive twice.
//!
//! `lookup` before the work, `record` in the same batch as the work. When two copies race, the second commit fails
//! with [`crate::CommitError::is_replay`]; look up again and answer what is saved.

use kernel::Timestamp;
use kernel::id::SubjectId;

use crate::{Batch, Db, Error, params};

crate::statement!(
    IDEMPOTENCY_INSERT,
    "insert into storage_idempotency (subject_id, key, request_hash, answer, created_at) values ($1, $2, $3, $4, $5)"
);
crate::statement!(
    IDEMPOTENCY_FIND,
    "select request_hash, answer from storage_idempotency where subject_id = $1 and key = $2"
);
crate::statement!(
    pub(crate) IDEMPOTENCY_PURGE,
    "delete from storage_idempotency where created_at < $1"
);

/// The label of [`crate::CommitError::Unique`] when a key was recorded twice.
pub const LABEL: &str = "IDEMPOTENCY_INSERT";

/// What is known about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Never seen: do the work.
    Fresh,
    /// Done before, with this answer: give it again.
    Replay(String),
    /// The key was used for another request: refuse.
    Mismatch,
}

/// Saves the answer under the key, within the subject. `request_hash` tells a repetition from a misuse.
pub fn record(batch: &mut Batch, now: Timestamp, key: &str, request_hash: &str, answer: &str) {
    let subject = batch.subject();
    batch.step(&IDEMPOTENCY_INSERT, params![subject, key, request_hash, answer, now]);
}

/// Looks a key up.
///
/// # Errors
/// When the store fails.
pub async fn lookup(db: &Db, subject: SubjectId, key: &str, request_hash: &str) -> Result<Lookup, Error> {
    match db.query_opt(&IDEMPOTENCY_FIND, params![subject, key]).await? {
        None => Ok(Lookup::Fresh),
        Some(row) if row.text(0)? == request_hash => Ok(Lookup::Replay(row.text(1)?.to_owned())),
        Some(_) => Ok(Lookup::Mismatch),
    }
}

/// Forgets keys recorded before an instant. The worker does this by itself for keys older than a week.
///
/// # Errors
/// When the store fails.
pub async fn purge(db: &Db, before: Timestamp) -> Result<(), Error> {
    let mut batch = Batch::system();
    batch.step(&IDEMPOTENCY_PURGE, params![before]);
    Ok(db.commit(batch).await?)
}
