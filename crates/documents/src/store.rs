//! Rows of documents. SQL and conversion, nothing else.

use kernel::clock::{Date, Timestamp};
use kernel::id::{CaseId, DocumentId, EventId, SubjectId};
use kernel::lang::{Lang, Text};
use storage::{Batch, Db, Error, Row, params, statement};
use uuid::Uuid;

/// A document as stored.
#[derive(Clone, Debug)]
pub struct Document {
    pub subject: SubjectId,
    pub id: DocumentId,
    /// The decision that called for it.
    pub event: EventId,
    /// Name of the output in the definition.
    pub output: String,
    pub number: String,
    pub code: String,
    pub case: CaseId,
    pub case_number: String,
    pub service: String,
    pub title: Text,
    /// Code of the agency.
    pub agency: String,
    /// Surname and initials.
    pub holder: String,
    pub lang: Lang,
    /// Address of the PDF in the blob store.
    pub sha256: String,
    /// Bytes of the PDF.
    pub size: u64,
    pub valid_until: Option<Date>,
    pub revocable: bool,
    pub issued_at: Timestamp,
    pub revoked: Option<Revoked>,
    /// The signed text.
    pub record: String,
    pub signature: Vec<u8>,
}

/// When and why a document lost its force.
#[derive(Clone, Debug)]
pub struct Revoked {
    pub at: Timestamp,
    pub reason: String,
}

statement!(
    INSERT,
    "insert into documents_documents (subject_id, document_id, event_id, output, number, code, case_id, case_number, service,
        title, agency, holder, lang, sha256, size, valid_until, revocable, state, issued_at, record, signature)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'valid', $18, $19, $20)"
);
statement!(
    BY_ID,
    "select subject_id, document_id, event_id, output, number, code, case_id, case_number, service, title, agency, holder, lang,
        sha256, size, valid_until, revocable, issued_at, revoked_at, revoke_reason, record, signature
     from documents_documents where subject_id = $1 and document_id = $2"
);
statement!(
    BY_ORDER,
    "select document_id from documents_documents where subject_id = $1 and event_id = $2 and output = $3"
);
statement!(
    BY_CASE,
    "select subject_id, document_id, event_id, output, number, code, case_id, case_number, service, title, agency, holder, lang,
        sha256, size, valid_until, revocable, issued_at, revoked_at, revoke_reason, record, signature
     from documents_documents where subject_id = $1 and case_id = $2 order by document_id"
);
statement!(
    OF_SUBJECT,
    "select subject_id, document_id, event_id, output, number, code, case_id, case_number, service, title, agency, holder, lang,
        sha256, size, valid_until, revocable, issued_at, revoked_at, revoke_reason, record, signature
     from documents_documents where subject_id = $1 and document_id < $2 order by document_id desc limit $3"
);
statement!(
    REVOKE,
    "update documents_documents set state = 'revoked', revoked_at = $3, revoke_reason = $4
     where subject_id = $1 and document_id = $2 and state = 'valid'"
);
statement!(HOLDS, "select count(*) from documents_documents where sha256 = $1");
statement!(CLAIM, "insert into documents_routes (number, owner, document_id) values ($1, $2, $3)");
statement!(ROUTE, "select owner, document_id from documents_routes where number = $1");
statement!(
    GUESS,
    "insert into documents_guesses (number, since, wrong) values ($1, $2, 1)
     on conflict (number) do update set
        wrong = case when documents_guesses.since < $3 then 1 else documents_guesses.wrong + 1 end,
        since = case when documents_guesses.since < $3 then excluded.since else documents_guesses.since end"
);
statement!(GUESSED, "select since, wrong from documents_guesses where number = $1 and since >= $2");
statement!(FORGET_GUESSES, "delete from documents_guesses where since < $1");

/// Whether a document has this content.
pub async fn holds(db: &Db, sha256: &str) -> Result<bool, Error> {
    let row = db.query_opt(&HOLDS, params![sha256]).await?;
    row.map_or(Ok(false), |row| Ok(row.i64(0)? > 0))
}

fn document(row: &Row) -> Result<Document, Error> {
    let reason = row.opt_text(19)?.unwrap_or_default().to_owned();
    Ok(Document {
        subject: SubjectId::from_uuid(row.uuid(0)?),
        id: DocumentId::from_uuid(row.uuid(1)?),
        event: EventId::from_uuid(row.uuid(2)?),
        output: row.text(3)?.to_owned(),
        number: row.text(4)?.to_owned(),
        code: row.text(5)?.to_owned(),
        case: CaseId::from_uuid(row.uuid(6)?),
        case_number: row.text(7)?.to_owned(),
        service: row.text(8)?.to_owned(),
        title: row.json(9)?,
        agency: row.text(10)?.to_owned(),
        holder: row.text(11)?.to_owned(),
        lang: Lang::parse(row.text(12)?).unwrap_or(Lang::Uz),
        sha256: row.text(13)?.to_owned(),
        size: u64::try_from(row.i64(14)?).unwrap_or(0),
        valid_until: row.opt_date(15)?,
        revocable: row.i64(16)? != 0,
        issued_at: row.timestamp(17)?,
        revoked: row.opt_timestamp(18)?.map(|at| Revoked { at, reason }),
        record: row.text(20)?.to_owned(),
        signature: row.blob(21)?.to_vec(),
    })
}

/// A new document.
pub fn insert(batch: &mut Batch, new: &Document) -> Result<(), Error> {
    let title = serde_json::to_string(&new.title).map_err(|err| Error::Json(err.to_string()))?;
    batch.step(
        &INSERT,
        params![
            new.subject,
            new.id,
            new.event,
            new.output.as_str(),
            new.number.as_str(),
            new.code.as_str(),
            new.case,
            new.case_number.as_str(),
            new.service.as_str(),
            title,
            new.agency.as_str(),
            new.holder.as_str(),
            new.lang.code(),
            new.sha256.as_str(),
            i64::try_from(new.size).unwrap_or(i64::MAX),
            new.valid_until,
            new.revocable,
            new.issued_at,
            new.record.as_str(),
            new.signature.clone()
        ],
    );
    Ok(())
}

pub async fn by_id(db: &Db, subject: SubjectId, id: DocumentId) -> Result<Option<Document>, Error> {
    db.query_opt(&BY_ID, params![subject, id]).await?.as_ref().map(document).transpose()
}

/// Whether the decision's document was made already.
pub async fn made(db: &Db, subject: SubjectId, event: EventId, output: &str) -> Result<bool, Error> {
    Ok(db.query_opt(&BY_ORDER, params![subject, event, output]).await?.is_some())
}

pub async fn by_case(db: &Db, subject: SubjectId, case: CaseId) -> Result<Vec<Document>, Error> {
    db.query(&BY_CASE, params![subject, case]).await?.iter().map(document).collect()
}

/// The newest first, those before `before` when given.
pub async fn of_subject(
    db: &Db,
    subject: SubjectId,
    before: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<Document>, Error> {
    let before = before.unwrap_or(DocumentId::from_uuid(Uuid::max()));
    db.query(&OF_SUBJECT, params![subject, before, i64::from(limit)]).await?.iter().map(document).collect()
}

/// Takes the force of a document, unless that was done already (guard `revoked`).
pub fn revoke(batch: &mut Batch, of: &Document, reason: &str, at: Timestamp) {
    batch.expect(&REVOKE, params![of.subject, of.id, at, reason], 1, "revoked");
}

/// Takes a number for a document; a number that is taken fails the commit as not unique.
pub fn claim(batch: &mut Batch, number: &str, document: DocumentId) {
    let subject = batch.subject();
    batch.step(&CLAIM, params![number, subject, document]);
}

pub async fn route(db: &Db, number: &str) -> Result<Option<(SubjectId, DocumentId)>, Error> {
    let row = db.query_opt(&ROUTE, params![number]).await?;
    row.map(|row| Ok((SubjectId::from_uuid(row.uuid(0)?), DocumentId::from_uuid(row.uuid(1)?)))).transpose()
}

/// Counts a wrong code; what is older than `since` counts no more.
pub fn count_guess(batch: &mut Batch, number: &str, now: Timestamp, since: Timestamp) {
    batch.step(&GUESS, params![number, now, since]);
}

/// Since when and how many wrong codes were given.
pub async fn guesses(db: &Db, number: &str, since: Timestamp) -> Result<Option<(Timestamp, i64)>, Error> {
    let row = db.query_opt(&GUESSED, params![number, since]).await?;
    row.map(|row| Ok((row.timestamp(0)?, row.i64(1)?))).transpose()
}

pub fn forget_guesses(batch: &mut Batch, before: Timestamp) {
    batch.step(&FORGET_GUESSES, params![before]);
}
