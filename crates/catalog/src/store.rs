//! SQL of the catalogue and nothing else.

use contracts::Ctx;
use definition::{Definition, VersionHash};
use kernel::clock::{Date, Timestamp};
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

storage::statement!(
    MISSED,
    "insert into catalog_missed (question, day, asked) values ($1, $2, $3)
     on conflict (question, day) do update set asked = catalog_missed.asked + excluded.asked"
);
storage::statement!(FORGET_MISSED, "delete from catalog_missed where day < $1");
storage::statement!(
    MISSED_BETWEEN,
    "select question, cast(sum(asked) as bigint), max(day) from catalog_missed where day >= $1 and day <= $2
     group by question having sum(asked) >= $3 order by 2 desc, 1 limit 1000"
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

/// A question that found nothing in some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Folded.
    pub question: String,
    /// How often it was asked in these days.
    pub asked: u64,
    /// The last of these days on which it was asked.
    pub last: Date,
}

/// Adds counts of a day, and forgets days before `oldest`.
pub(crate) fn count_missed(batch: &mut Batch, day: Date, counts: &[(String, u64)], oldest: Date) {
    for (question, asked) in counts {
        let asked = i64::try_from(*asked).unwrap_or(i64::MAX);
        batch.step(&MISSED, params![question.as_str(), day, asked]);
    }
    batch.step(&FORGET_MISSED, params![oldest]);
}

/// Questions of the days from `from` to `to` that found nothing at least `least` times, the most asked first, at most 1 000.
pub(crate) async fn missed(db: &Db, from: Date, to: Date, least: u64) -> Result<Vec<Missed>, storage::Error> {
    let least = i64::try_from(least).unwrap_or(i64::MAX);
    let rows = db.query(&MISSED_BETWEEN, params![from, to, least]).await?;
    rows.iter()
        .map(|row| {
            let asked = u64::try_from(row.i64(1)?).unwrap_or(0);
            Ok(Missed { question: row.text(0)?.to_owned(), asked, last: row.date(2)? })
        })
        .collect()
}
