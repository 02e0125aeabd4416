//! Evidence: uploaded by the applicant, read by whoever has the case.

use contracts::Ctx;
use definition::{FieldType, FileAnswer, FileRules};
use kernel::id::{CaseId, DraftId, FileId, SubjectId};
use storage::Batch;

use super::office::{Access, Officer};
use super::{Error, drafts, load, office};
use crate::domain::case::Stage;
use crate::domain::file::{FileKind, accept, clean_name};
use crate::store::{self, FileRow};

/// A file on its way to the reader.
pub struct Download {
    pub name: String,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
}

/// Stores a file for a field of a draft and puts it into the answers.
///
/// # Errors
/// [`Error::File`] when it is not taken; [`Error::NotFound`] when the form has no such field.
pub async fn upload(
    ctx: &Ctx,
    subject: SubjectId,
    draft: DraftId,
    field: &str,
    name: &str,
    bytes: &[u8],
) -> Result<FileAnswer, Error> {
    let mut open = drafts::get(ctx, subject, draft).await?;
    let rules = rules(&open.definition, field)?;
    let mut present = answers(open.draft.answers.get(field));
    let kind = accept(bytes, &rules.types, rules.max_mb, rules.count, present.len())?;
    let sha256 = ctx.blobs.put(bytes).await?;
    let now = ctx.now();
    let row = FileRow {
        id: FileId::new(now, &*ctx.rng),
        draft: Some(draft),
        case: None,
        field: field.to_owned(),
        name: clean_name(name),
        kind: kind.name().to_owned(),
        bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        sha256,
        created_at: now,
    };
    let answer = file_answer(&row);
    present.push(answer.clone());
    put_answer(&mut open.draft.answers, field, &present);
    let mut batch = Batch::new(subject);
    store::insert_file(&mut batch, &row, None);
    drafts::write_answers(ctx, &mut batch, &open.draft).await?;
    ctx.db.commit(batch).await?;
    still_there(ctx, bytes).await?;
    Ok(answer)
}

/// Takes a file out of a draft.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(ctx: &Ctx, subject: SubjectId, draft: DraftId, file: FileId) -> Result<(), Error> {
    let mut open = drafts::get(ctx, subject, draft).await?;
    let row = store::file(&ctx.db, subject, file).await?.ok_or(Error::NotFound)?;
    if row.draft != Some(draft) {
        return Err(Error::NotFound);
    }
    let mut present = answers(open.draft.answers.get(&row.field));
    let id = file.to_string();
    present.retain(|answer| answer.file != id);
    put_answer(&mut open.draft.answers, &row.field, &present);
    let mut batch = Batch::new(subject);
    store::delete_file(&mut batch, subject, file);
    drafts::write_answers(ctx, &mut batch, &open.draft).await?;
    Ok(ctx.db.commit(batch).await?)
}

/// Stores a file with which the applicant answers a return. It becomes part of the case when the correction is sent.
///
/// # Errors
/// As [`upload`]; [`Error::Stale`] when the case is not with the applicant.
pub async fn upload_to_case(
    ctx: &Ctx,
    subject: SubjectId,
    case: CaseId,
    field: &str,
    name: &str,
    bytes: &[u8],
    present: usize,
) -> Result<FileAnswer, Error> {
    let loaded = load(ctx, subject, case).await?;
    if !matches!(loaded.case.stage, Stage::Returned { .. }) {
        return Err(Error::Stale);
    }
    let rules = rules(&loaded.definition, field)?;
    let kind = accept(bytes, &rules.types, rules.max_mb, rules.count, present)?;
    let sha256 = ctx.blobs.put(bytes).await?;
    let now = ctx.now();
    let row = FileRow {
        id: FileId::new(now, &*ctx.rng),
        draft: None,
        case: Some(case),
        field: field.to_owned(),
        name: clean_name(name),
        kind: kind.name().to_owned(),
        bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        sha256,
        created_at: now,
    };
    let mut batch = Batch::new(subject);
    store::insert_file(&mut batch, &row, None);
    ctx.db.commit(batch).await?;
    still_there(ctx, bytes).await?;
    Ok(file_answer(&row))
}

/// Puts a content back that the deletion for another case took away between [`storage::Blobs::put`] and the commit: from the commit
/// on no deletion begins (`service::retention`). Costs a look at the store.
async fn still_there(ctx: &Ctx, bytes: &[u8]) -> Result<(), Error> {
    Ok(ctx.blobs.put(bytes).await.map(drop)?)
}

/// Reads a file of one's own.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn own(ctx: &Ctx, subject: SubjectId, file: FileId) -> Result<Download, Error> {
    let row = store::file(&ctx.db, subject, file).await?.ok_or(Error::NotFound)?;
    read(ctx, row).await
}

/// Reads a file of a case that the official has before them.
///
/// # Errors
/// [`Error::NotFound`], also when the case belongs to another unit.
pub async fn of_case(ctx: &Ctx, officer: &Officer, number: &str, file: FileId) -> Result<Download, Error> {
    let opened = office::open(ctx, officer, number).await?;
    let case = &opened.loaded.case;
    let row = store::file(&ctx.db, case.subject, file).await?.ok_or(Error::NotFound)?;
    if row.case != Some(case.id) {
        return Err(Error::NotFound);
    }
    let special = opened
        .loaded
        .definition
        .field(&row.field)
        .is_some_and(|(_, field)| field.privacy == definition::Privacy::Special);
    if special && opened.access != Access::Full {
        return Err(Error::NotFound);
    }
    read(ctx, row).await
}

async fn read(ctx: &Ctx, row: FileRow) -> Result<Download, Error> {
    let kind = FileKind::parse(&row.kind).ok_or(Error::NotFound)?;
    let bytes = ctx.blobs.get(&row.sha256).await?;
    Ok(Download { name: row.name, kind, bytes })
}

fn rules(definition: &definition::Definition, field: &str) -> Result<FileRules, Error> {
    let (_, field) = definition.field(field).ok_or(Error::NotFound)?;
    if field.kind != FieldType::File {
        return Err(Error::NotFound);
    }
    field.file.clone().ok_or(Error::NotFound)
}

fn file_answer(row: &FileRow) -> FileAnswer {
    FileAnswer {
        file: row.id.to_string(),
        name: row.name.clone(),
        kind: row.kind.clone(),
        bytes: u64::try_from(row.bytes).unwrap_or(0),
    }
}

/// Files in an answer; anything else counts as none.
pub fn answers(value: Option<&serde_json::Value>) -> Vec<FileAnswer> {
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}

/// Puts files into answers.
pub fn put_answer(answers: &mut definition::Answers, field: &str, files: &[FileAnswer]) {
    if files.is_empty() {
        answers.remove(field);
    } else if let Ok(value) = serde_json::to_value(files) {
        answers.insert(field.to_owned(), value);
    }
}
