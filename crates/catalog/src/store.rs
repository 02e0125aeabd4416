//! SQL of the catalogue and nothing else.

use std::collections::BTreeMap;

use contracts::Ctx;
use definition::{Definition, VersionHash};
use kernel::clock::{Date, Timestamp};
use kernel::id::{RevisionId, StaffId, SubjectId};
use kernel::lang::Text;
use storage::{Batch, Db, Error, Row, params};

use crate::domain::class::Class;
use crate::domain::life::Mark;
use crate::domain::revision::{Stage, Standing};

/// Label of the guard on a revision's version.
pub(crate) const STALE: &str = "catalog.revision_version";
/// Label of the guard on a publication that waits for its day.
pub(crate) const WAITS: &str = "catalog.publication_waits";

storage::statement!(CURRENT, "select code, hash from catalog_services order by code");
storage::statement!(CURRENT_OF, "select hash from catalog_services where code = $1");
storage::statement!(VERSION, "select json from catalog_versions where hash = $1");
storage::statement!(
    CURRENT_JSON,
    "select s.code, v.json from catalog_services s join catalog_versions v on v.hash = s.hash where s.code > $1 order by s.code limit 200"
);
storage::statement!(
    PUT_VERSION,
    "insert into catalog_versions (hash, code, class, published_at, json) values ($1, $2, $3, $4, $5)
     on conflict (hash) do nothing"
);
storage::statement!(TEXT, "select yaml from catalog_texts where hash = $1");
storage::statement!(
    PUT_TEXT,
    "insert into catalog_texts (hash, yaml) values ($1, $2) on conflict (hash) do update set yaml = excluded.yaml"
);
storage::statement!(
    PUT_SERVICE,
    "insert into catalog_services (code, hash, since) values ($1, $2, $3)
     on conflict (code) do update set hash = excluded.hash, since = excluded.since"
);
storage::statement!(SOURCES, "select code, file, fingerprint, hash from catalog_sources order by code");
storage::statement!(
    PUT_SOURCE,
    "insert into catalog_sources (code, file, fingerprint, hash) values ($1, $2, $3, $4)
     on conflict (code) do update set file = excluded.file, fingerprint = excluded.fingerprint, hash = excluded.hash"
);
storage::statement!(STANDINGS, "select code, standing, notice, since from catalog_standing order by code");
storage::statement!(
    PUT_STANDING,
    "insert into catalog_standing (code, standing, notice, since) values ($1, $2, $3, $4)
     on conflict (code) do update set standing = excluded.standing, notice = excluded.notice, since = excluded.since"
);
storage::statement!(GENERATION, "select n from catalog_generation where name = 'catalogue'");
storage::statement!(
    RAISE,
    "insert into catalog_generation (name, n) values ('catalogue', 1)
     on conflict (name) do update set n = catalog_generation.n + 1"
);
storage::statement!(
    PUT_PUBLICATION,
    "insert into catalog_publications
     (publication_id, code, action, state, hash, class, note, notice, author, reviewer, publisher, at, effective, revision_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
);
storage::statement!(
    HISTORY,
    "select publication_id, code, action, state, hash, class, note, notice, author, reviewer, publisher, at, effective, revision_id
     from catalog_publications where code = $1 order by at desc, publication_id desc limit 100"
);
storage::statement!(
    PUBLICATION,
    "select publication_id, code, action, state, hash, class, note, notice, author, reviewer, publisher, at, effective, revision_id
     from catalog_publications where publication_id = $1"
);
storage::statement!(
    DUE,
    "select publication_id, code, action, state, hash, class, note, notice, author, reviewer, publisher, at, effective, revision_id
     from catalog_publications where state = 'waiting' and effective <= $1 order by effective, publication_id limit 100"
);
storage::statement!(
    WAITING,
    "select publication_id, code, action, state, hash, class, note, notice, author, reviewer, publisher, at, effective, revision_id
     from catalog_publications where state = 'waiting' order by effective, publication_id limit 1000"
);
storage::statement!(
    SETTLE,
    "update catalog_publications set state = $2, class = $3 where publication_id = $1 and state = 'waiting'"
);
storage::statement!(
    REVISION_INSERT,
    "insert into catalog_revisions
     (revision_id, code, owner, stage, seq, yaml, base, note, author_name, writers, reviewer_name, comment, created_at, updated_at)
     values ($1, $2, $3, 'writing', 1, $4, $5, '', $6, $7, '', '', $8, $8)"
);
storage::statement!(
    REVISION,
    "select revision_id, code, owner, stage, seq, yaml, base, note, author_name, writers, reviewer, reviewer_name, comment, created_at, updated_at
     from catalog_revisions where revision_id = $1"
);
storage::statement!(
    REVISION_OPEN,
    "select revision_id, code, owner, stage, seq, yaml, base, note, author_name, writers, reviewer, reviewer_name, comment, created_at, updated_at
     from catalog_revisions where code = $1 and stage in ('writing', 'review', 'approved')"
);
storage::statement!(
    REVISIONS_OPEN,
    "select revision_id, code, owner, stage, seq, '', base, note, author_name, writers, reviewer, reviewer_name, comment, created_at, updated_at
     from catalog_revisions where stage in ('writing', 'review', 'approved') order by updated_at desc limit 1000"
);
storage::statement!(
    REVISION_SAVE,
    "update catalog_revisions set owner = $3, stage = $4, yaml = $5, note = $6, author_name = $7, writers = $8,
       reviewer = $9, reviewer_name = $10, comment = $11, updated_at = $12, seq = seq + 1
     where revision_id = $1 and seq = $2"
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

storage::statement!(
    MISSED,
    "insert into catalog_missed (question, day, asked) values ($1, $2, $3)
     on conflict (question, day) do update set asked = catalog_missed.asked + excluded.asked"
);
storage::statement!(FORGET_MISSED, "delete from catalog_missed where day < $1");
storage::statement!(
    MISSED_BETWEEN,
    "select question, cast(sum(asked) as bigint), max(day) from catalog_missed where day >= $1 and day <= $2
     group by question having cast(sum(asked) as bigint) >= $3 order by 2 desc, 1 limit 1000"
);

/// Code and hash of the version in force, of every service.
pub(crate) async fn current(db: &Db) -> Result<Vec<(String, String)>, Error> {
    let rows = db.query(&CURRENT, params![]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Hash of the version in force of a service.
pub(crate) async fn current_of(db: &Db, code: &str) -> Result<Option<String>, Error> {
    let row = db.query_opt(&CURRENT_OF, params![code]).await?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// Canonical JSON of what is in force, by code, 200 services after this code.
pub(crate) async fn current_json(db: &Db, after: &str) -> Result<Vec<(String, String)>, Error> {
    let rows = db.query(&CURRENT_JSON, params![after]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Canonical JSON of a version.
pub(crate) async fn version_json(db: &Db, hash: &VersionHash) -> Result<Option<String>, Error> {
    let row = db.query_opt(&VERSION, params![hash.as_str()]).await?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// Text of a version as its author wrote it; versions of older programs have none.
pub(crate) async fn text(db: &Db, hash: &str) -> Result<Option<String>, Error> {
    let row = db.query_opt(&TEXT, params![hash]).await?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// What a file of the folder held when it was last compiled.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) code: String,
    pub(crate) file: String,
    pub(crate) fingerprint: String,
    pub(crate) hash: String,
}

pub(crate) async fn sources(db: &Db) -> Result<Vec<Source>, Error> {
    let rows = db.query(&SOURCES, params![]).await?;
    rows.iter()
        .map(|row| {
            Ok(Source {
                code: row.text(0)?.to_owned(),
                file: row.text(1)?.to_owned(),
                fingerprint: row.text(2)?.to_owned(),
                hash: row.text(3)?.to_owned(),
            })
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
pub(crate) fn put_source(batch: &mut Batch, source: &Source) {
    let Source { code, file, fingerprint, hash } = source;
    batch.step(&PUT_SOURCE, params![code, file, fingerprint, hash]);
}

/// What stands beside the version in force of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Stands {
    pub standing: Standing,
    /// Public words on why a service is suspended.
    pub notice: Option<Text>,
    pub since: Timestamp,
}

pub(crate) async fn standings(db: &Db) -> Result<Vec<(String, Stands)>, Error> {
    let rows = db.query(&STANDINGS, params![]).await?;
    rows.iter()
        .map(|row| {
            let standing = Standing::parse(row.text(1)?).ok_or_else(|| Error::Json("not a standing".to_owned()))?;
            Ok((row.text(0)?.to_owned(), Stands { standing, notice: notice(row.text(2)?)?, since: row.timestamp(3)? }))
        })
        .collect()
}

fn notice(json: &str) -> Result<Option<Text>, Error> {
    if json.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(json).map(Some).map_err(|err| Error::Json(err.to_string()))
}

/// How often what is in force has changed.
pub(crate) async fn generation(db: &Db) -> Result<i64, Error> {
    let row = db.query_opt(&GENERATION, params![]).await?;
    row.map_or(Ok(0), |row| row.i64(0))
}

/// Adds a version to a batch, with the text that it was made of. May be repeated.
pub(crate) fn put_version(batch: &mut Batch, now: Timestamp, definition: &Definition, class: Class, yaml: &str) {
    let hash = definition.version().as_str();
    batch.step(&PUT_VERSION, params![hash, definition.code().as_str(), class.name(), now, definition.canonical_json()]);
    batch.step(&PUT_TEXT, params![hash, yaml]);
}

/// Puts a version in force: other instances notice.
pub(crate) fn put_in_force(batch: &mut Batch, now: Timestamp, code: &str, hash: &str) {
    batch.step(&PUT_SERVICE, params![code, hash, now]);
    raise(batch);
}

pub(crate) fn put_standing(batch: &mut Batch, code: &str, stands: &Stands) -> Result<(), Error> {
    batch.step(&PUT_STANDING, params![code, stands.standing.name(), notice_json(&stands.notice)?, stands.since]);
    raise(batch);
    Ok(())
}

fn notice_json(notice: &Option<Text>) -> Result<String, Error> {
    match notice {
        None => Ok(String::new()),
        Some(text) => serde_json::to_string(text).map_err(|err| Error::Json(err.to_string())),
    }
}

fn raise(batch: &mut Batch) {
    batch.step(&RAISE, params![]);
}

/// A step that changed what is in force, or will on a date.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    pub id: String,
    pub code: String,
    /// `publish`, `roll_back`, `suspend`, `resume`, `retire`.
    pub action: String,
    /// `waiting` for its day, `done`, `cancelled`.
    pub state: String,
    /// The version that it puts in force; that in force, where it concerns the standing alone.
    pub hash: String,
    /// [`Class::name`]; empty where it concerns the standing alone.
    pub class: String,
    /// Why.
    pub note: String,
    pub notice: Option<Text>,
    /// Names; empty where nobody was needed, or for what came from the folder of definitions.
    pub author: String,
    pub reviewer: String,
    pub publisher: String,
    pub at: Timestamp,
    /// When it comes, or came, in force.
    pub effective: Timestamp,
    /// The revision that it is of; none of the folder of definitions, or where it concerns the standing alone.
    pub revision: Option<RevisionId>,
}

pub(crate) fn put_publication(batch: &mut Batch, one: &Publication) -> Result<(), Error> {
    let notice = notice_json(&one.notice)?;
    batch.step(
        &PUT_PUBLICATION,
        params![
            &one.id,
            &one.code,
            &one.action,
            &one.state,
            &one.hash,
            &one.class,
            &one.note,
            notice,
            &one.author,
            &one.reviewer,
            &one.publisher,
            one.at,
            one.effective,
            one.revision
        ],
    );
    Ok(())
}

fn publication(row: &Row) -> Result<Publication, Error> {
    let text = |n: usize| row.text(n).map(str::to_owned);
    Ok(Publication {
        id: text(0)?,
        code: text(1)?,
        action: text(2)?,
        state: text(3)?,
        hash: text(4)?,
        class: text(5)?,
        note: text(6)?,
        notice: notice(row.text(7)?)?,
        author: text(8)?,
        reviewer: text(9)?,
        publisher: text(10)?,
        at: row.timestamp(11)?,
        effective: row.timestamp(12)?,
        revision: row.opt_uuid(13)?.map(RevisionId::from_uuid),
    })
}

/// The newest hundred publications of a service, newest first.
pub(crate) async fn history(db: &Db, code: &str) -> Result<Vec<Publication>, Error> {
    db.query(&HISTORY, params![code]).await?.iter().map(publication).collect()
}

pub(crate) async fn publication_of(db: &Db, id: &str) -> Result<Option<Publication>, Error> {
    db.query_opt(&PUBLICATION, params![id]).await?.as_ref().map(publication).transpose()
}

/// What is to come in force by now, the earliest first.
pub(crate) async fn due(db: &Db, now: Timestamp) -> Result<Vec<Publication>, Error> {
    db.query(&DUE, params![now]).await?.iter().map(publication).collect()
}

/// What waits for its day.
pub(crate) async fn waiting(db: &Db) -> Result<Vec<Publication>, Error> {
    db.query(&WAITING, params![]).await?.iter().map(publication).collect()
}

/// Ends the waiting of a publication; fails when somebody else has ended it.
pub(crate) fn settle(batch: &mut Batch, id: &str, state: &str, class: &str) {
    batch.expect(&SETTLE, params![id, state, class], 1, WAITS);
}

/// A definition that an author is changing.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    pub id: RevisionId,
    pub code: String,
    /// Code of the agency that answers for the service.
    pub owner: String,
    pub stage: Stage,
    /// The version of the revision that a screen was made from.
    pub seq: i64,
    pub yaml: String,
    /// Hash of the version in force when it was begun; empty for a new service.
    pub base: String,
    /// Why, in the author's words.
    pub note: String,
    pub author_name: String,
    /// Everybody who wrote in it.
    pub writers: Vec<StaffId>,
    pub reviewer: Option<StaffId>,
    pub reviewer_name: String,
    /// What the reviewer said.
    pub comment: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|err| Error::Json(err.to_string()))
}

pub(crate) fn insert_revision(batch: &mut Batch, one: &Revision) -> Result<(), Error> {
    batch.step(
        &REVISION_INSERT,
        params![
            one.id,
            &one.code,
            &one.owner,
            &one.yaml,
            &one.base,
            &one.author_name,
            json(&one.writers)?,
            one.created_at
        ],
    );
    Ok(())
}

/// Saves a revision as its reader changed it; fails with [`STALE`] when somebody else was first.
pub(crate) fn save_revision(batch: &mut Batch, ctx: &Ctx, one: &Revision) -> Result<(), Error> {
    batch.expect(
        &REVISION_SAVE,
        params![
            one.id,
            one.seq,
            &one.owner,
            one.stage.name(),
            &one.yaml,
            &one.note,
            &one.author_name,
            json(&one.writers)?,
            one.reviewer,
            &one.reviewer_name,
            &one.comment,
            ctx.now()
        ],
        1,
        STALE,
    );
    Ok(())
}

fn revision_row(row: &Row) -> Result<Revision, Error> {
    let text = |n: usize| row.text(n).map(str::to_owned);
    Ok(Revision {
        id: RevisionId::from_uuid(row.uuid(0)?),
        code: text(1)?,
        owner: text(2)?,
        stage: Stage::parse(row.text(3)?).ok_or_else(|| Error::Json("not a stage".to_owned()))?,
        seq: row.i64(4)?,
        yaml: text(5)?,
        base: text(6)?,
        note: text(7)?,
        author_name: text(8)?,
        writers: row.json(9)?,
        reviewer: row.opt_uuid(10)?.map(StaffId::from_uuid),
        reviewer_name: text(11)?,
        comment: text(12)?,
        created_at: row.timestamp(13)?,
        updated_at: row.timestamp(14)?,
    })
}

pub(crate) async fn revision(db: &Db, id: RevisionId) -> Result<Option<Revision>, Error> {
    db.query_opt(&REVISION, params![id]).await?.as_ref().map(revision_row).transpose()
}

pub(crate) async fn open_revision(db: &Db, code: &str) -> Result<Option<Revision>, Error> {
    db.query_opt(&REVISION_OPEN, params![code]).await?.as_ref().map(revision_row).transpose()
}

/// Every open revision without its text, the latest changed first.
pub(crate) async fn open_revisions(db: &Db) -> Result<Vec<Revision>, Error> {
    db.query(&REVISIONS_OPEN, params![]).await?.iter().map(revision_row).collect()
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
