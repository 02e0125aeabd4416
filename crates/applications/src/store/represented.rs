//! SQL of the cases by the organisation for which they were sent.

use kernel::clock::Timestamp;
use kernel::id::{CaseId, SubjectId};
use storage::{Batch, Db, Error, params, statement};

statement!(
    REPRESENTED_PUT,
    "insert into applications_represented (represented, case_id, subject_id, number, service, stage, status, actor, submitted_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (represented, case_id) do update set stage = excluded.stage, status = excluded.status, actor = excluded.actor"
);
statement!(
    REPRESENTED_PAGE,
    "select case_id, subject_id, number, service, stage, status, actor, submitted_at
     from applications_represented where represented = $1 and case_id < $2 order by case_id desc limit $3"
);

/// A case that somebody sent for an organisation.
#[derive(Clone, Debug)]
pub struct RepresentedRow {
    pub case: CaseId,
    /// Whose cabinet it lies in: who sent it.
    pub subject: SubjectId,
    pub number: String,
    pub service: String,
    pub stage: String,
    pub status: String,
    /// Name of who sent it; empty once the case is erased.
    pub actor: String,
    pub submitted_at: Timestamp,
}

pub(crate) fn put(batch: &mut Batch, represented: &str, row: &RepresentedRow) {
    batch.step(
        &REPRESENTED_PUT,
        params![
            represented,
            row.case,
            row.subject,
            row.number.as_str(),
            row.service.as_str(),
            row.stage.as_str(),
            row.status.as_str(),
            row.actor.as_str(),
            row.submitted_at
        ],
    );
}

/// A page of the cases sent for an organisation, newest first, before `before`.
pub(crate) async fn page(
    db: &Db,
    represented: &str,
    before: Option<CaseId>,
    limit: u32,
) -> Result<Vec<RepresentedRow>, Error> {
    let before = before.map_or(uuid::Uuid::max(), CaseId::uuid);
    let rows = db.query(&REPRESENTED_PAGE, params![represented, before, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(RepresentedRow {
                case: CaseId::from_uuid(row.uuid(0)?),
                subject: SubjectId::from_uuid(row.uuid(1)?),
                number: row.text(2)?.to_owned(),
                service: row.text(3)?.to_owned(),
                stage: row.text(4)?.to_owned(),
                status: row.text(5)?.to_owned(),
                actor: row.text(6)?.to_owned(),
                submitted_at: row.timestamp(7)?,
            })
        })
        .collect()
}
