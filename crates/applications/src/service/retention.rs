//! Data of closed cases are erased when they have been kept long enough.

use contracts::{Ctx, decode, emit};
use futures_util::future::BoxFuture;
use kernel::id::{CaseId, SubjectId};
use storage::{Batch, Delivery, JobError, Sha256Hex};

use super::{Error, EvidenceErased, load, save};
use crate::domain::case::{Actor, ErasedBody, Event};
use crate::domain::flow::{ActionError, Ledger};
use crate::domain::{chain, retention};
use crate::store::{self, claims};

/// Cases that one run erases; the rest waits for the next.
const AT_ONCE: u32 = 500;

/// The periodic task.
pub fn periodic(ctx: Ctx) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move { erase_due(&ctx).await.map(drop).map_err(|error| JobError::Retry(error.to_string())) })
}

/// Erases the data of all cases whose time is over; says how many.
///
/// # Errors
/// When the store fails. A case that changed in the same moment is left for the next run.
pub async fn erase_due(ctx: &Ctx) -> Result<usize, Error> {
    let mut count = 0;
    for (subject, case) in store::to_erase(&ctx.db, ctx.now(), AT_ONCE).await? {
        match erase(ctx, subject, case).await {
            Ok(()) => count += 1,
            Err(Error::Stale) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

async fn erase(ctx: &Ctx, subject: SubjectId, id: CaseId) -> Result<(), Error> {
    let loaded = load(ctx, subject, id).await?;
    let files = store::files_of_case(&ctx.db, subject, id).await?;
    let bodies = retention::erase(&loaded.history).map_err(ActionError::from)?;
    let mut ledger = Ledger::resume(loaded.case.clone());
    let digests = bodies.iter().map(|(seq, body)| ErasedBody { seq: *seq, sha256: chain::digest(body) }).collect();
    ledger.push(ctx.now(), Actor::System, Event::Erased { bodies: digests }).map_err(ActionError::from)?;
    let mut batch = Batch::new(subject);
    store::erase(&mut batch, subject, id, &bodies);
    save(ctx, &mut batch, &ledger, &loaded.definition, &loaded.facts);
    if !files.is_empty() {
        let sha256 = files.iter().map(|sha256| sha256.as_str().to_owned()).collect();
        emit(ctx, &mut batch, &EvidenceErased { subject, sha256 });
    }
    ctx.db.commit(batch).await?;
    tracing::info!(files = files.len(), "the data of a closed case were erased");
    Ok(())
}

/// Deletes contents that no row refers to any more. Tried again until the store of files has done it.
///
/// A content that somebody else has, or takes up in the same moment, stays: it is reserved first, by a mark that a further
/// use refuses and that fails when it was used since its references were counted.
pub fn delete_evidence(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let erased: EvidenceErased = decode(&delivery)?;
        let job = delivery.event_id.to_string();
        for text in &erased.sha256 {
            let sha256: Sha256Hex = text.parse().map_err(|_| JobError::Discard("not an address".to_owned()))?;
            delete_content(&ctx, delivery.subject, &sha256, &job).await?;
        }
        Ok(())
    })
}

async fn delete_content(ctx: &Ctx, subject: SubjectId, sha256: &Sha256Hex, job: &str) -> Result<(), JobError> {
    let known = claims::content(&ctx.db, sha256).await?;
    match known.as_ref().map(|(seq, deleting)| (*seq, deleting.as_str())) {
        // An earlier try of this job reserved it and could not delete it.
        Some((_, deleting)) if deleting == job => {}
        // The job of another case has it in hand.
        Some((_, deleting)) if !deleting.is_empty() => {
            return Err(JobError::Retry("the content is being deleted".to_owned()));
        }
        free => {
            let held = ctx.ports.documents.holds(ctx, sha256.as_str()).await;
            if held.map_err(|error| JobError::Retry(error.to_string()))? || store::file_refs(&ctx.db, sha256).await? > 0
            {
                return Ok(());
            }
            let mut batch = Batch::new(subject);
            claims::mark_content(&mut batch, sha256, free.map(|(seq, _)| seq), job);
            ctx.db.commit(batch).await?;
        }
    }
    ctx.blobs.delete(sha256).await.map_err(|error| JobError::Retry(error.to_string()))?;
    let mut batch = Batch::new(subject);
    claims::content_gone(&mut batch, sha256, job);
    Ok(ctx.db.commit(batch).await?)
}
