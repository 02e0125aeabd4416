//! SQL of the catalogue and nothing else.

use contracts::Ctx;
use definition::{Definition, VersionHash};
use kernel::clock::Timestamp;
use storage::{Batch, Db, params};

use crate::domain::class::Class;

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
