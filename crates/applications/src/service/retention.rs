//! Data of closed cases are erased when they have been kept long enough.

use contracts::Ctx;
use futures_util::future::BoxFuture;
use kernel::id::{CaseId, SubjectId};
use storage::{Batch, JobError};

use super::{Error, load, save};
use crate::domain::case::{Actor, ErasedBody, Event};
use crate::domain::flow::{ActionError, Ledger};
use crate::domain::{chain, retention};
use crate::store;

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
    ctx.db.commit(batch).await?;
    for sha256 in &files {
        let elsewhere = store::file_refs(&ctx.db, sha256).await? > 0;
        if !elsewhere && !ctx.ports.documents.holds(ctx, sha256.as_str()).await? {
            ctx.blobs.delete(sha256).await?;
        }
    }
    tracing::info!(files = files.len(), "the data of a closed case were erased");
    Ok(())
}
