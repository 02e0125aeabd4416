//! SQL of the catalogue and nothing else.

use std::collections::BTreeMap;

use contracts::Ctx;
use definition::{Definition, VersionHash};
use kernel::clock::Timestamp;
use kernel::id::SubjectId;
use storage::{Batch, Db, params};

use crate::domain::class::Class;
use crate::domain::life::Mark;

storage::statement!(CURRENT, "select code, hash from catalog_services order by code");
storage::statement!(VERSION, "select json from catalog_versions where hash = $1");
storage::statement!(
    PUT_VERSION,
    "insert into catalog_versions (hash, code, class, published_at, json) values ($1, $2, $3, $4, $5)
     on conflict (hash) do nothing"
);
storage::statement!(
    PUT_SERVICE,
    "insert into catalog_services (code, hash, since) values ($1, $2, $3)
     on conflict (code) do update set hash = excluded.hash, since = excluded.since"
);
storage::statement!(
    HISTORY,
    "select hash, class, published_at from catalog_versions where code = $1 order by published_at desc, hash limit 100"
);
storage::statement!(
    CHANGED,
    "select code, hash, published_at from catalog_versions
     where code in (select code from catalog_versions group by code having count(*) > 1)
     order by code, published_at, hash"
);
storage::statement!(MARKS, "select step, mark from catalog_life_marks where subject_id = $1 and situation = $2");
storage::statement!(
    PUT_MARK,
    "insert into catalog_life_marks (subject_id, situation, step, mark, at) values ($1, $2, $3, $4, $5)
     on conflict (subject_id, situation, step) do update set mark = excluded.mark, at = excluded.at"
);
storage::statement!(DROP_MARK, "delete from catalog_life_marks where subject_id = $1 and situation = $2 and step = $3");

/// Code and hash of the version in force, of every service.
pub(crate) async fn current(db: &Db) -> Result<Vec<(String, String)>, storage::Error> {
    let rows = db.query(&CURRENT, params![]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Canonical JSON of a version.
pub(crate) async fn version_json(db: &Db, hash: &VersionHash) -> Result<Option<String>, storage::Error> {
    let row = db.query_opt(&VERSION, params![hash.as_str()]).await?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// Adds a publication to a batch: the version and that it is in force now. May be repeated.
pub(crate) fn publish(batch: &mut Batch, ctx: &Ctx, definition: &Definition, class: Class) {
    let code = definition.code().as_str();
    let hash = definition.version().as_str();
    let now = ctx.now();
    batch.step(&PUT_VERSION, params![hash, code, class.name(), now, definition.canonical_json()]);
    batch.step(&PUT_SERVICE, params![code, hash, now]);
}

/// A publication of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub hash: String,
    /// [`Class::name`].
    pub class: String,
    pub at: Timestamp,
}

/// The newest hundred publications of a service, newest first.
pub(crate) async fn history(db: &Db, code: &str) -> Result<Vec<Publication>, storage::Error> {
    let rows = db.query(&HISTORY, params![code]).await?;
    rows.iter()
        .map(|row| {
            Ok(Publication { hash: row.text(0)?.to_owned(), class: row.text(1)?.to_owned(), at: row.timestamp(2)? })
        })
        .collect()
}

/// Code, hash and time of every version of the services that have more than one, oldest first within a service.
pub(crate) async fn changed(db: &Db) -> Result<Vec<(String, String, Timestamp)>, storage::Error> {
    let rows = db.query(&CHANGED, params![]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.timestamp(2)?))).collect()
}

/// What a person has said of the steps of a situation, by step. A mark that is not known any more is left out.
pub(crate) async fn marks(
    db: &Db,
    subject: SubjectId,
    situation: &str,
) -> Result<BTreeMap<String, Mark>, storage::Error> {
    let rows = db.query(&MARKS, params![subject, situation]).await?;
    let mut marks = BTreeMap::new();
    for row in &rows {
        if let Some(mark) = Mark::parse(row.text(1)?) {
            marks.insert(row.text(0)?.to_owned(), mark);
        }
    }
    Ok(marks)
}

/// Keeps what a person says of a step, or forgets it. May be repeated.
pub(crate) fn put_mark(batch: &mut Batch, situation: &str, step: &str, mark: Option<Mark>, now: Timestamp) {
    let subject = batch.subject();
    match mark {
        Some(mark) => batch.step(&PUT_MARK, params![subject, situation, step, mark.name(), now]),
        None => batch.step(&DROP_MARK, params![subject, situation, step]),
    };
}
