//! Who looked at or changed a person's data, why; shown to that person.

use kernel::Timestamp;
use kernel::id::{EventId, SubjectId};
use kernel::rng::Rng;
use uuid::Uuid;

use crate::{Batch, Db, Error, Row, params};

crate::statement!(
    AUDIT_INSERT,
    "insert into storage_audit (subject_id, id, at, actor, actor_name, action, reason, object)
     values ($1, $2, $3, $4, $5, $6, $7, $8)"
);
crate::statement!(
    AUDIT_LATEST,
    "select id, at, actor, actor_name, action, reason, object from storage_audit
     where subject_id = $1 order by id desc limit $2"
);
crate::statement!(
    AUDIT_BEFORE,
    "select id, at, actor, actor_name, action, reason, object from storage_audit
     where subject_id = $1 and id < $2 order by id desc limit $3"
);

/// One look or act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// The official or device that acted.
    pub actor: Uuid,
    /// The name and post as the person may read them.
    pub actor_name: String,
    /// A stable code such as `case.view`.
    pub action: String,
    /// Why, in words or as a code.
    pub reason: String,
    /// What was looked at, such as a case number.
    pub object: String,
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its id, the key of the next page.
    pub id: Uuid,
    /// The entry.
    pub entry: AuditEntry,
}

/// Adds an entry about the subject of the batch.
pub fn record(batch: &mut Batch, rng: &dyn Rng, entry: AuditEntry) {
    let subject = batch.subject();
    let id = EventId::new(entry.at, rng);
    let AuditEntry { at, actor, actor_name, action, reason, object } = entry;
    batch.step(&AUDIT_INSERT, params![subject, id, at, actor, actor_name, action, reason, object]);
}

/// The newest entries about a subject, or those before an entry of the page shown last.
///
/// # Errors
/// When the store fails.
pub async fn for_subject(
    db: &Db,
    subject: SubjectId,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Recorded>, Error> {
    let rows = match before {
        None => db.query(&AUDIT_LATEST, params![subject, limit]).await?,
        Some(id) => db.query(&AUDIT_BEFORE, params![subject, id, limit]).await?,
    };
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Recorded, Error> {
    Ok(Recorded {
        id: row.uuid(0)?,
        entry: AuditEntry {
            at: row.timestamp(1)?,
            actor: row.uuid(2)?,
            actor_name: row.text(3)?.to_owned(),
            action: row.text(4)?.to_owned(),
            reason: row.text(5)?.to_owned(),
            object: row.text(6)?.to_owned(),
        },
    })
}
