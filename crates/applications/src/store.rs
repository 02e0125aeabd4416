//! SQL of the context, and rows to types. Nothing else.

use std::collections::BTreeMap;

use contracts::{Channel, UnitRef};
use definition::{Answers, Registers, Represented, VersionHash};
use kernel::clock::{Timestamp, micros};
use kernel::id::{CaseId, DraftId, FileId, StaffId, SubjectId};
use storage::{Batch, Db, Error, Row, Sha256Hex, params, statement};

use crate::domain::case::{Case, FoldError, Stored};
use crate::domain::flow::Ledger;

pub mod claims;
pub mod load;

/// Stands for "no due date" in columns that are sorted by.
pub const NO_DUE: i64 = i64::MAX;

/// Label of the guard on a case's version.
pub const STALE: &str = "applications.case_version";
/// Label of the guard on a draft's version.
pub const DRAFT_STALE: &str = "applications.draft_version";

pub mod represented;

statement!(
    DRAFT_INSERT,
    "insert into applications_drafts (subject_id, draft_id, service, version, channel, answers, registers, sources, page, seq, created_at, updated_at, behalf, behalf_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 1, 1, $9, $9, $10, $11)"
);
statement!(
    DRAFT_GET,
    "select draft_id, service, version, channel, answers, registers, sources, page, seq, created_at, updated_at, case_id, behalf, behalf_key
     from applications_drafts where subject_id = $1 and draft_id = $2"
);
statement!(
    DRAFT_OPEN,
    "select draft_id, service, version, channel, answers, registers, sources, page, seq, created_at, updated_at, case_id, behalf, behalf_key
     from applications_drafts where subject_id = $1 and service = $2 and behalf_key = $3 and case_id is null"
);
statement!(
    DRAFTS_OPEN,
    "select draft_id, service, version, channel, answers, registers, sources, page, seq, created_at, updated_at, case_id, behalf, behalf_key
     from applications_drafts where subject_id = $1 and case_id is null order by updated_at desc limit 50"
);
statement!(
    DRAFT_SAVE,
    "update applications_drafts set answers = $4, page = $5, updated_at = $6, seq = seq + 1
     where subject_id = $1 and draft_id = $2 and seq = $3 and case_id is null"
);
statement!(
    DRAFT_REGISTERS,
    "update applications_drafts set registers = $4, sources = $5, updated_at = $6, seq = seq + 1
     where subject_id = $1 and draft_id = $2 and seq = $3 and case_id is null"
);
statement!(
    DRAFT_SUBMITTED,
    "update applications_drafts set case_id = $3, answers = '{}', registers = '{}', updated_at = $4, seq = seq + 1
     where subject_id = $1 and draft_id = $2 and case_id is null"
);
statement!(DRAFT_DELETE, "delete from applications_drafts where subject_id = $1 and draft_id = $2 and case_id is null");

statement!(
    EVENT_INSERT,
    "insert into applications_events (subject_id, case_id, seq, kind, body, hash) values ($1, $2, $3, $4, $5, $6)"
);
statement!(
    EVENTS,
    "select seq, body, hash from applications_events where subject_id = $1 and case_id = $2 order by seq"
);
statement!(
    CASE_INSERT,
    "insert into applications_cases (subject_id, case_id, number, service, version, state, stage, status, unit, due, seq, submitted_at, updated_at, ended_at, limit_key, behalf, erase_after)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
);
statement!(
    CASE_UPDATE,
    "update applications_cases set state = $4, stage = $5, status = $6, unit = $7, due = $8, seq = $9, updated_at = $10, ended_at = $11,
       erase_after = $12, erased_at = $13, version = $14
     where subject_id = $1 and case_id = $2 and seq = $3"
);
statement!(
    CASES_PAGE,
    "select case_id, number, service, version, state, stage, status, unit, due, seq, submitted_at, updated_at, ended_at, behalf, erased_at
     from applications_cases where subject_id = $1 and case_id < $2 order by case_id desc limit $3"
);
statement!(
    CASES_PAGE_OPEN,
    "select case_id, number, service, version, state, stage, status, unit, due, seq, submitted_at, updated_at, ended_at, behalf, erased_at
     from applications_cases where subject_id = $1 and case_id < $2 and ended_at is null order by case_id desc limit $3"
);
statement!(
    CASES_PAGE_ENDED,
    "select case_id, number, service, version, state, stage, status, unit, due, seq, submitted_at, updated_at, ended_at, behalf, erased_at
     from applications_cases where subject_id = $1 and case_id < $2 and ended_at is not null order by case_id desc limit $3"
);
statement!(
    CASES_OPEN_COUNT,
    "select count(*) from applications_cases where subject_id = $1 and service = $2 and limit_key = $3 and ended_at is null"
);
statement!(CASES_OPEN_BY_KEY, "select count(*) from applications_cases where limit_key = $1 and ended_at is null");
statement!(
    CASES_TO_ERASE,
    "select subject_id, case_id from applications_cases where erase_after <= $1 and erased_at is null order by erase_after limit $2"
);
statement!(EVENT_ERASE, "update applications_events set body = $4 where subject_id = $1 and case_id = $2 and seq = $3");
statement!(CASE_BEHALF_ERASE, "update applications_cases set behalf = '' where subject_id = $1 and case_id = $2");
statement!(
    FILES_OF_CASE,
    "select sha256 from applications_files where subject_id = $1 and case_id = $2 order by file_id"
);
statement!(FILE_REFS, "select count(*) from applications_files where sha256 = $1");
statement!(FILES_ERASE, "delete from applications_files where subject_id = $1 and case_id = $2");
statement!(DRAFT_OF_CASE_DELETE, "delete from applications_drafts where subject_id = $1 and case_id = $2");

statement!(ROUTE_FIND, "select subject_id, case_id from applications_routes where number = $1");
statement!(
    ROUTE_PUT,
    "insert into applications_routes (number, subject_id, case_id) values ($1, $2, $3) on conflict (number) do nothing"
);

statement!(QUEUE_CLEAR, "delete from applications_queue where subject_id = $1 and case_id = $2");
statement!(
    QUEUE_PUT,
    "insert into applications_queue (subject_id, case_id, item, kind, agency, area, number, service, state, title, officer, officer_name, due, submitted_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     on conflict (subject_id, case_id, item) do update set kind = excluded.kind, agency = excluded.agency, area = excluded.area,
       state = excluded.state, title = excluded.title, officer = excluded.officer, officer_name = excluded.officer_name, due = excluded.due"
);
statement!(
    QUEUE_UNIT,
    "select subject_id, case_id, item, kind, agency, area, number, service, state, title, officer, officer_name, due, submitted_at
     from applications_queue where agency = $1 and area >= $2 and area < $3 order by due, submitted_at, case_id limit $4"
);
statement!(
    QUEUE_OF_CASE,
    "select subject_id, case_id, item, kind, agency, area, number, service, state, title, officer, officer_name, due, submitted_at
     from applications_queue where subject_id = $1 and case_id = $2"
);
statement!(
    QUEUE_POSITION,
    "select count(*) from applications_queue
     where service = $1 and state = $2 and kind = 'wait' and agency = $3 and area = $4 and submitted_at < $5"
);

statement!(DONE_CLEAR, "delete from applications_done where subject_id = $1 and case_id = $2");
statement!(
    DONE_PUT,
    "insert into applications_done (subject_id, case_id, agency, area, service, officer, officer_name, outcome, late, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (subject_id, case_id) do update set outcome = excluded.outcome, late = excluded.late, ended_at = excluded.ended_at,
       officer = excluded.officer, officer_name = excluded.officer_name"
);
statement!(
    DONE_UNIT,
    "select service, officer_name, outcome, late, count(*) from applications_done
     where agency = $1 and area >= $2 and area < $3 and ended_at >= $4
     group by service, officer_name, outcome, late order by service, officer_name, outcome, late"
);

statement!(
    PROJECTED_GET,
    "select seq, status, stars from applications_projected where subject_id = $1 and case_id = $2"
);
statement!(
    PROJECTED_INSERT,
    "insert into applications_projected (subject_id, case_id, seq, service, status, stars) values ($1, $2, $3, $4, $5, $6)"
);
statement!(
    PROJECTED_UPDATE,
    "update applications_projected set seq = $4, status = $5, stars = $6 where subject_id = $1 and case_id = $2 and seq = $3"
);
statement!(
    STATS_ADD,
    "insert into applications_stats (service, counter, bucket, n) values ($1, $2, $3, $4)
     on conflict (service, counter, bucket) do update set n = applications_stats.n + excluded.n"
);
statement!(
    STATS_OF,
    "select counter, cast(sum(n) as bigint) from applications_stats where service = $1 group by counter order by counter"
);

statement!(
    FILE_INSERT,
    "insert into applications_files (subject_id, file_id, draft_id, case_id, field, name, kind, bytes, sha256, uploaded_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);
statement!(
    FILE_GET,
    "select file_id, draft_id, case_id, field, name, kind, bytes, sha256, created_at from applications_files
     where subject_id = $1 and file_id = $2"
);
statement!(
    FILES_TO_CASE,
    "update applications_files set case_id = $3 where subject_id = $1 and draft_id = $2 and case_id is null"
);
statement!(FILE_DELETE, "delete from applications_files where subject_id = $1 and file_id = $2 and case_id is null");

/// Answers on their way to an application.
#[derive(Clone, Debug)]
pub struct Draft {
    pub subject: SubjectId,
    pub id: DraftId,
    pub service: String,
    pub version: VersionHash,
    pub channel: Channel,
    pub answers: Answers,
    /// What the registers said when the form was opened.
    pub registers: Registers,
    /// Register → name of the source and the moment, shown beside what it filled in.
    pub sources: BTreeMap<String, Source>,
    /// The page where the person was last, from 1.
    pub page: u32,
    pub seq: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The case that it became.
    pub case: Option<CaseId>,
    /// For whom it is; `None` = for the person.
    pub behalf: Option<Represented>,
    /// Keyed hash of who that is; empty = the person.
    pub behalf_key: String,
}

/// Where a prefilled value comes from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Source {
    pub name: kernel::lang::Text,
    pub as_of: Timestamp,
}

/// A row of a person's list of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRow {
    pub id: CaseId,
    pub number: String,
    pub service: String,
    pub version: VersionHash,
    pub state: String,
    pub stage: String,
    pub status: String,
    pub unit: UnitRef,
    pub due: Option<Timestamp>,
    pub seq: i64,
    pub submitted_at: Timestamp,
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Name of the one for whom it is; empty = for the person.
    pub behalf: String,
    /// When the data were erased.
    pub erased_at: Option<Timestamp>,
}

/// Something that lies before a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRow {
    pub subject: SubjectId,
    pub case: CaseId,
    /// `case` or the id of a task.
    pub item: String,
    /// `case`, `task`, `vote`, `appeal`, `wait`.
    pub kind: String,
    pub unit: UnitRef,
    pub number: String,
    pub service: String,
    pub state: String,
    /// Title of a task in the language of the agency (JSON of a text); empty for a case.
    pub title: String,
    pub officer: Option<StaffId>,
    pub officer_name: String,
    pub due: Option<Timestamp>,
    pub submitted_at: Timestamp,
}

/// An uploaded file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    pub id: FileId,
    pub draft: Option<DraftId>,
    pub case: Option<CaseId>,
    pub field: String,
    pub name: String,
    pub kind: String,
    pub bytes: i64,
    pub sha256: Sha256Hex,
    pub created_at: Timestamp,
}

/// A count of ended cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneRow {
    pub service: String,
    pub officer: String,
    pub outcome: String,
    pub late: bool,
    pub n: i64,
}

/// Why a case cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("could not read the case")]
    Store(#[from] Error),
    /// The stored events do not make a case: a defect or a change of the past.
    #[error("the stored case is broken")]
    Broken(#[from] FoldError),
}

fn json(text: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(text).map_err(|err| Error::Json(err.to_string()))
}

fn channel(name: &str) -> Channel {
    match name {
        "api" => Channel::Api,
        "mobile" => Channel::Mobile,
        "dxm" => Channel::Dxm,
        "kiosk" => Channel::Kiosk,
        _ => Channel::Web,
    }
}

fn version(text: &str) -> Result<VersionHash, Error> {
    VersionHash::parse(text).ok_or_else(|| Error::Json("not a version".to_owned()))
}

// --- drafts ---

pub fn insert_draft(batch: &mut Batch, draft: &Draft) -> Result<(), Error> {
    batch.step(
        &DRAFT_INSERT,
        params![
            draft.subject,
            draft.id,
            draft.service.as_str(),
            draft.version.as_str(),
            draft.channel.name(),
            json(&draft.answers)?,
            json(&draft.registers)?,
            json(&draft.sources)?,
            draft.created_at,
            match &draft.behalf {
                Some(represented) => json(represented)?,
                None => String::new(),
            },
            draft.behalf_key.as_str()
        ],
    );
    Ok(())
}

fn read_draft(subject: SubjectId, row: &Row) -> Result<Draft, Error> {
    Ok(Draft {
        subject,
        id: DraftId::from_uuid(row.uuid(0)?),
        service: row.text(1)?.to_owned(),
        version: version(row.text(2)?)?,
        channel: channel(row.text(3)?),
        answers: row.json(4)?,
        registers: row.json(5)?,
        sources: row.json(6)?,
        page: u32::try_from(row.i64(7)?).unwrap_or(1),
        seq: row.i64(8)?,
        created_at: row.timestamp(9)?,
        updated_at: row.timestamp(10)?,
        case: row.opt_uuid(11)?.map(CaseId::from_uuid),
        behalf: match row.text(12)? {
            "" => None,
            _ => Some(row.json(12)?),
        },
        behalf_key: row.text(13)?.to_owned(),
    })
}

pub async fn draft(db: &Db, subject: SubjectId, id: DraftId) -> Result<Option<Draft>, Error> {
    let row = db.query_opt(&DRAFT_GET, params![subject, id]).await?;
    row.map(|row| read_draft(subject, &row)).transpose()
}

/// The open draft of a service for one and the same; `behalf_key` is empty for the person's own.
pub async fn open_draft(db: &Db, subject: SubjectId, service: &str, behalf_key: &str) -> Result<Option<Draft>, Error> {
    let row = db.query_opt(&DRAFT_OPEN, params![subject, service, behalf_key]).await?;
    row.map(|row| read_draft(subject, &row)).transpose()
}

pub async fn open_drafts(db: &Db, subject: SubjectId) -> Result<Vec<Draft>, Error> {
    let rows = db.query(&DRAFTS_OPEN, params![subject]).await?;
    rows.iter().map(|row| read_draft(subject, row)).collect()
}

/// Saves answers of the draft as it was read; another device that saved in between makes the commit fail.
pub fn save_draft(batch: &mut Batch, draft: &Draft, now: Timestamp) -> Result<(), Error> {
    batch.expect(
        &DRAFT_SAVE,
        params![draft.subject, draft.id, draft.seq, json(&draft.answers)?, draft.page, now],
        1,
        DRAFT_STALE,
    );
    Ok(())
}

pub fn save_draft_registers(batch: &mut Batch, draft: &Draft, now: Timestamp) -> Result<(), Error> {
    batch.expect(
        &DRAFT_REGISTERS,
        params![draft.subject, draft.id, draft.seq, json(&draft.registers)?, json(&draft.sources)?, now],
        1,
        DRAFT_STALE,
    );
    Ok(())
}

/// Turns the draft into a case; fails when it has become one already.
pub fn submit_draft(batch: &mut Batch, draft: &Draft, case: CaseId, now: Timestamp) {
    batch.expect(&DRAFT_SUBMITTED, params![draft.subject, draft.id, case, now], 1, DRAFT_STALE);
    batch.step(&FILES_TO_CASE, params![draft.subject, draft.id, case]);
}

pub fn delete_draft(batch: &mut Batch, subject: SubjectId, id: DraftId) {
    batch.step(&DRAFT_DELETE, params![subject, id]);
}

// --- cases ---

/// Loads a case by folding its events; `None` when the person has no such case.
pub async fn case(db: &Db, subject: SubjectId, id: CaseId) -> Result<Option<(Case, Vec<Stored>)>, LoadError> {
    let rows = db.query(&EVENTS, params![subject, id]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        stored.push(Stored::read(row.i64(0)?, row.text(1)?, row.blob(2)?)?);
    }
    Ok(Some((Case::fold(&stored)?, stored)))
}

/// Writes what is new about a case: the events and the row of its present state, guarded by the version that was read.
/// `limit_key` is what open cases are counted by, `erase_after` when the data of an ended one are to go.
pub fn save_case(batch: &mut Batch, ledger: &Ledger, now: Timestamp, limit_key: &str, erase_after: Option<Timestamp>) {
    let case = &ledger.case;
    for event in &ledger.new {
        batch.step(
            &EVENT_INSERT,
            params![
                case.subject,
                case.id,
                event.recorded.seq,
                event.recorded.event.name(),
                event.body.as_str(),
                event.hash.bytes()
            ],
        );
    }
    let unit = case.stage.unit().map_or("", UnitRef::as_str);
    let due = case.due();
    if ledger.stored_seq() == 0 {
        batch.step(
            &CASE_INSERT,
            params![
                case.subject,
                case.id,
                case.submitted.number.as_str(),
                case.submitted.service.as_str(),
                case.submitted.version.as_str(),
                case.state.as_str(),
                case.stage.name(),
                case.stage.status(),
                unit,
                due,
                case.seq,
                case.submitted_at,
                now,
                case.ended_at,
                limit_key,
                case.submitted.behalf.as_ref().map_or("", |_| case.submitted.applicant.as_str()),
                erase_after
            ],
        );
    } else {
        batch.expect(
            &CASE_UPDATE,
            params![
                case.subject,
                case.id,
                ledger.stored_seq(),
                case.state.as_str(),
                case.stage.name(),
                case.stage.status(),
                unit,
                due,
                case.seq,
                now,
                case.ended_at,
                erase_after,
                case.erased_at,
                case.version.as_str()
            ],
            1,
            STALE,
        );
    }
}

/// Which cases of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseFilter {
    #[default]
    All,
    Open,
    Ended,
}

/// A page of a person's cases, newest first, before `before`.
pub async fn cases(
    db: &Db,
    subject: SubjectId,
    filter: CaseFilter,
    before: Option<CaseId>,
    limit: u32,
) -> Result<Vec<CaseRow>, Error> {
    let before = before.map_or(uuid::Uuid::max(), CaseId::uuid);
    let statement = match filter {
        CaseFilter::All => &CASES_PAGE,
        CaseFilter::Open => &CASES_PAGE_OPEN,
        CaseFilter::Ended => &CASES_PAGE_ENDED,
    };
    let rows = db.query(statement, params![subject, before, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(CaseRow {
                id: CaseId::from_uuid(row.uuid(0)?),
                number: row.text(1)?.to_owned(),
                service: row.text(2)?.to_owned(),
                version: version(row.text(3)?)?,
                state: row.text(4)?.to_owned(),
                stage: row.text(5)?.to_owned(),
                status: row.text(6)?.to_owned(),
                unit: UnitRef::parse(row.text(7)?),
                due: row.opt_timestamp(8)?,
                seq: row.i64(9)?,
                submitted_at: row.timestamp(10)?,
                updated_at: row.timestamp(11)?,
                ended_at: row.opt_timestamp(12)?,
                behalf: row.text(13)?.to_owned(),
                erased_at: row.opt_timestamp(14)?,
            })
        })
        .collect()
}

/// Open cases that count against the limit of a service: with the same key, whoever applied, or without a key the person's own.
///
/// Whoever files under a key also claims a place in the same commit ([`claims`]).
pub async fn open_cases(db: &Db, subject: SubjectId, service: &str, limit_key: &str) -> Result<i64, Error> {
    let row = if limit_key.is_empty() {
        db.query_opt(&CASES_OPEN_COUNT, params![subject, service, limit_key]).await?
    } else {
        db.query_opt(&CASES_OPEN_BY_KEY, params![limit_key]).await?
    };
    row.map_or(Ok(0), |row| row.i64(0))
}

// --- retention ---

/// Cases whose data have been kept long enough.
pub async fn to_erase(db: &Db, now: Timestamp, limit: u32) -> Result<Vec<(SubjectId, CaseId)>, Error> {
    let rows = db.query(&CASES_TO_ERASE, params![now, limit]).await?;
    rows.iter().map(|row| Ok((SubjectId::from_uuid(row.uuid(0)?), CaseId::from_uuid(row.uuid(1)?)))).collect()
}

/// Hashes of the files of a case.
pub async fn files_of_case(db: &Db, subject: SubjectId, case: CaseId) -> Result<Vec<Sha256Hex>, Error> {
    let rows = db.query(&FILES_OF_CASE, params![subject, case]).await?;
    rows.iter().map(|row| row.text(0)?.parse().map_err(|_| Error::Json("not a hash".to_owned()))).collect()
}

/// How many files have this content.
pub async fn file_refs(db: &Db, sha256: &Sha256Hex) -> Result<i64, Error> {
    let row = db.query_opt(&FILE_REFS, params![sha256]).await?;
    row.map_or(Ok(0), |row| row.i64(0))
}

/// Puts the texts that know nothing of people in place of those that do, and takes files and draft away: the one change of
/// stored events, recorded by an event of its own in the same batch.
pub fn erase(batch: &mut Batch, subject: SubjectId, case: CaseId, bodies: &[(i64, String)]) {
    for (seq, body) in bodies {
        batch.step(&EVENT_ERASE, params![subject, case, *seq, body.as_str()]);
    }
    batch.step(&CASE_BEHALF_ERASE, params![subject, case]);
    batch.step(&FILES_ERASE, params![subject, case]);
    batch.step(&DRAFT_OF_CASE_DELETE, params![subject, case]);
}

// --- routes ---

pub async fn route(db: &Db, number: &str) -> Result<Option<(SubjectId, CaseId)>, Error> {
    let row = db.query_opt(&ROUTE_FIND, params![number]).await?;
    row.map(|row| Ok((SubjectId::from_uuid(row.uuid(0)?), CaseId::from_uuid(row.uuid(1)?)))).transpose()
}

pub fn put_route(batch: &mut Batch, number: &str, subject: SubjectId, case: CaseId) {
    batch.step(&ROUTE_PUT, params![number, subject, case]);
}

// --- queue ---

/// Replaces everything that lies before units because of a case.
pub fn replace_queue(batch: &mut Batch, subject: SubjectId, case: CaseId, rows: &[QueueRow]) {
    batch.step(&QUEUE_CLEAR, params![subject, case]);
    for row in rows {
        batch.step(
            &QUEUE_PUT,
            params![
                row.subject,
                row.case,
                row.item.as_str(),
                row.kind.as_str(),
                row.unit.agency(),
                row.unit.area(),
                row.number.as_str(),
                row.service.as_str(),
                row.state.as_str(),
                row.title.as_str(),
                row.officer,
                row.officer_name.as_str(),
                row.due.map_or(NO_DUE, micros),
                row.submitted_at
            ],
        );
    }
}

fn read_queue(row: &Row) -> Result<QueueRow, Error> {
    let due = row.i64(12)?;
    Ok(QueueRow {
        subject: SubjectId::from_uuid(row.uuid(0)?),
        case: CaseId::from_uuid(row.uuid(1)?),
        item: row.text(2)?.to_owned(),
        kind: row.text(3)?.to_owned(),
        unit: UnitRef::new(row.text(4)?, row.text(5)?),
        number: row.text(6)?.to_owned(),
        service: row.text(7)?.to_owned(),
        state: row.text(8)?.to_owned(),
        title: row.text(9)?.to_owned(),
        officer: row.opt_uuid(10)?.map(StaffId::from_uuid),
        officer_name: row.text(11)?.to_owned(),
        due: (due != NO_DUE).then(|| kernel::clock::from_micros(due)),
        submitted_at: row.timestamp(13)?,
    })
}

/// What lies before a unit and the units below it, by due date.
pub async fn queue(db: &Db, unit: &UnitRef, limit: u32) -> Result<Vec<QueueRow>, Error> {
    let (from, to) = area_range(unit);
    let rows = db.query(&QUEUE_UNIT, params![unit.agency(), from, to, limit]).await?;
    rows.iter().map(read_queue).collect()
}

pub async fn queue_of_case(db: &Db, subject: SubjectId, case: CaseId) -> Result<Vec<QueueRow>, Error> {
    let rows = db.query(&QUEUE_OF_CASE, params![subject, case]).await?;
    rows.iter().map(read_queue).collect()
}

/// How many wait before this case in the same waiting list.
pub async fn waiting_before(
    db: &Db,
    service: &str,
    state: &str,
    unit: &UnitRef,
    submitted: Timestamp,
) -> Result<i64, Error> {
    let row = db.query_opt(&QUEUE_POSITION, params![service, state, unit.agency(), unit.area(), submitted]).await?;
    row.map_or(Ok(0), |row| row.i64(0))
}

/// Areas of a unit and below, as a range of texts: digits sort before letters in every collation.
fn area_range(unit: &UnitRef) -> (String, String) {
    (unit.area().to_owned(), format!("{}a", unit.area()))
}

// --- done ---

#[derive(Clone, Debug)]
pub struct Done {
    pub unit: UnitRef,
    pub officer: Option<StaffId>,
    pub officer_name: String,
    pub outcome: &'static str,
    pub late: bool,
    pub ended_at: Timestamp,
}

pub fn clear_done(batch: &mut Batch, subject: SubjectId, case: CaseId) {
    batch.step(&DONE_CLEAR, params![subject, case]);
}

pub fn put_done(batch: &mut Batch, subject: SubjectId, case: CaseId, service: &str, done: &Done) {
    batch.step(
        &DONE_PUT,
        params![
            subject,
            case,
            done.unit.agency(),
            done.unit.area(),
            service,
            done.officer,
            done.officer_name.as_str(),
            done.outcome,
            done.late,
            done.ended_at
        ],
    );
}

pub async fn done(db: &Db, unit: &UnitRef, since: Timestamp) -> Result<Vec<DoneRow>, Error> {
    let (from, to) = area_range(unit);
    let rows = db.query(&DONE_UNIT, params![unit.agency(), from, to, since]).await?;
    rows.iter()
        .map(|row| {
            Ok(DoneRow {
                service: row.text(0)?.to_owned(),
                officer: row.text(1)?.to_owned(),
                outcome: row.text(2)?.to_owned(),
                late: row.bool(3)?,
                n: row.i64(4)?,
            })
        })
        .collect()
}

// --- statistics ---

/// Under which counters a case has been counted, up to which event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    pub seq: i64,
    pub status: String,
    pub stars: i64,
}

pub async fn projected(db: &Db, subject: SubjectId, case: CaseId) -> Result<Option<Projected>, Error> {
    let row = db.query_opt(&PROJECTED_GET, params![subject, case]).await?;
    row.map(|row| Ok(Projected { seq: row.i64(0)?, status: row.text(1)?.to_owned(), stars: row.i64(2)? })).transpose()
}

/// Moves a case from the counters where it stood to those where it stands.
pub fn project_stats(
    batch: &mut Batch,
    subject: SubjectId,
    case: CaseId,
    service: &str,
    before: Option<&Projected>,
    after: &Projected,
) {
    match before {
        None => batch
            .step(&PROJECTED_INSERT, params![subject, case, after.seq, service, after.status.as_str(), after.stars]),
        Some(before) => batch.expect(
            &PROJECTED_UPDATE,
            params![subject, case, before.seq, after.seq, after.status.as_str(), after.stars],
            1,
            "applications.projected",
        ),
    };
    let bucket = bucket(subject);
    let mut add = |counter: &str, n: i64| {
        batch.step(&STATS_ADD, params![service, counter, bucket, n]);
    };
    let old = before.map(|before| before.status.as_str());
    if old != Some(after.status.as_str()) {
        if let Some(old) = old {
            add(old, -1);
        }
        add(&after.status, 1);
    }
    if after.stars > 0 && before.is_none_or(|before| before.stars == 0) {
        add(&format!("stars_{}", after.stars), 1);
    }
}

/// Sixteen buckets: workers of different subjects seldom meet on one row.
fn bucket(subject: SubjectId) -> i64 {
    i64::from(subject.uuid().as_bytes()[15] & 15)
}

/// Adds one to a counter of a service.
pub fn count(batch: &mut Batch, service: &str, counter: &str) {
    let bucket = bucket(batch.subject());
    batch.step(&STATS_ADD, params![service, counter, bucket, 1_i64]);
}

pub async fn stats(db: &Db, service: &str) -> Result<Vec<(String, i64)>, Error> {
    let rows = db.query(&STATS_OF, params![service]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.i64(1)?))).collect()
}

// --- files ---

/// The content lies in the blob store before the commit, and is looked for once more after it (`service::files`).
pub fn insert_file(batch: &mut Batch, file: &FileRow, by: Option<StaffId>) {
    let subject = batch.subject();
    claims::use_content(batch, &file.sha256);
    batch.step(
        &FILE_INSERT,
        params![
            subject,
            file.id,
            file.draft,
            file.case,
            file.field.as_str(),
            file.name.as_str(),
            file.kind.as_str(),
            file.bytes,
            &file.sha256,
            by,
            file.created_at
        ],
    );
}

pub async fn file(db: &Db, subject: SubjectId, id: FileId) -> Result<Option<FileRow>, Error> {
    let row = db.query_opt(&FILE_GET, params![subject, id]).await?;
    row.map(|row| {
        Ok(FileRow {
            id: FileId::from_uuid(row.uuid(0)?),
            draft: row.opt_uuid(1)?.map(DraftId::from_uuid),
            case: row.opt_uuid(2)?.map(CaseId::from_uuid),
            field: row.text(3)?.to_owned(),
            name: row.text(4)?.to_owned(),
            kind: row.text(5)?.to_owned(),
            bytes: row.i64(6)?,
            sha256: row.text(7)?.parse().map_err(|_| Error::Json("not a hash".to_owned()))?,
            created_at: row.timestamp(8)?,
        })
    })
    .transpose()
}

pub fn delete_file(batch: &mut Batch, subject: SubjectId, id: FileId) {
    batch.step(&FILE_DELETE, params![subject, id]);
}
