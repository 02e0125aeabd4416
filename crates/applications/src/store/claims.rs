//! What is unique over all cabinets: places under a limit, contents that several cases may share.

use kernel::id::{CaseId, SubjectId};
use storage::{Batch, Db, Error, Sha256Hex, params, statement};

/// Label of the guard on a place under a limit: somebody else took it in the same moment.
pub const PLACE_TAKEN: &str = "applications.limit_place";
/// Label of the guard on a content: it is being deleted, or was used in the same moment.
pub const CONTENT_MOVED: &str = "applications.content";

statement!(LIMIT_PLACES, "select place, subject_id, case_id from applications_limits where limit_key = $1");
statement!(
    LIMIT_CLAIM,
    "insert into applications_limits (limit_key, place, subject_id, case_id) values ($1, $2, $3, $4)
     on conflict (limit_key, place) do nothing"
);
statement!(LIMIT_RELEASE, "delete from applications_limits where subject_id = $1 and case_id = $2");
statement!(
    LIMIT_REOPEN,
    "insert into applications_limits (limit_key, place, subject_id, case_id)
     select limit_key, cast($3 as bigint), subject_id, case_id from applications_cases
     where subject_id = $1 and case_id = $2 and limit_key <> ''
     on conflict (limit_key, place) do nothing"
);
statement!(CASE_ENDED, "select 1 from applications_cases where subject_id = $1 and case_id = $2 and ended_at is null");

statement!(
    CONTENT_USE,
    "insert into applications_blobs (sha256, seq, deleting) values ($1, 1, '')
     on conflict (sha256) do update set seq = applications_blobs.seq + 1 where applications_blobs.deleting = ''"
);
statement!(CONTENT_GET, "select seq, deleting from applications_blobs where sha256 = $1");
statement!(
    CONTENT_MARK_NEW,
    "insert into applications_blobs (sha256, seq, deleting) values ($1, 0, $2) on conflict (sha256) do nothing"
);
statement!(
    CONTENT_MARK,
    "update applications_blobs set deleting = $3 where sha256 = $1 and seq = $2 and deleting = ''"
);
statement!(CONTENT_GONE, "delete from applications_blobs where sha256 = $1 and deleting = $2");

/// A place that is taken, and by which case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub place: i64,
    pub subject: SubjectId,
    pub case: CaseId,
}

/// The places that are taken under a key.
///
/// # Errors
/// When the store fails.
pub async fn places(db: &Db, limit_key: &str) -> Result<Vec<Place>, Error> {
    let rows = db.query(&LIMIT_PLACES, params![limit_key]).await?;
    rows.iter()
        .map(|row| {
            Ok(Place {
                place: row.i64(0)?,
                subject: SubjectId::from_uuid(row.uuid(1)?),
                case: CaseId::from_uuid(row.uuid(2)?),
            })
        })
        .collect()
}

/// Whether the case that holds a place is still open.
///
/// # Errors
/// When the store fails.
pub async fn is_open(db: &Db, place: &Place) -> Result<bool, Error> {
    Ok(db.query_opt(&CASE_ENDED, params![place.subject, place.case]).await?.is_some())
}

/// Takes a place; the commit fails with [`PLACE_TAKEN`] when it is not free any more.
pub fn claim(batch: &mut Batch, limit_key: &str, place: i64, subject: SubjectId, case: CaseId) {
    batch.expect(&LIMIT_CLAIM, params![limit_key, place, subject, case], 1, PLACE_TAKEN);
}

/// Gives up whatever place a case has.
pub fn release(batch: &mut Batch, subject: SubjectId, case: CaseId) {
    batch.step(&LIMIT_RELEASE, params![subject, case]);
}

/// Counts a case again that was opened anew.
pub fn reopen(batch: &mut Batch, subject: SubjectId, case: CaseId, place: i64) {
    batch.step(&LIMIT_REOPEN, params![subject, case, place]);
}

/// Notes that a content is referred to once more; the commit fails with [`CONTENT_MOVED`] while it is being deleted.
pub fn use_content(batch: &mut Batch, sha256: &Sha256Hex) {
    batch.expect(&CONTENT_USE, params![sha256], 1, CONTENT_MOVED);
}

/// How often a content was used (`None` = not since that is counted), and the job that is deleting it (empty = none).
///
/// # Errors
/// When the store fails.
pub async fn content(db: &Db, sha256: &Sha256Hex) -> Result<Option<(i64, String)>, Error> {
    let row = db.query_opt(&CONTENT_GET, params![sha256]).await?;
    row.map(|row| Ok((row.i64(0)?, row.text(1)?.to_owned()))).transpose()
}

/// Reserves a content for deletion as it was read; the commit fails with [`CONTENT_MOVED`] when it was used since.
pub fn mark_content(batch: &mut Batch, sha256: &Sha256Hex, seq: Option<i64>, job: &str) {
    match seq {
        None => batch.expect(&CONTENT_MARK_NEW, params![sha256, job], 1, CONTENT_MOVED),
        Some(seq) => batch.expect(&CONTENT_MARK, params![sha256, seq, job], 1, CONTENT_MOVED),
    };
}

/// Forgets a content that was deleted.
pub fn content_gone(batch: &mut Batch, sha256: &Sha256Hex, job: &str) {
    batch.step(&CONTENT_GONE, params![sha256, job]);
}
