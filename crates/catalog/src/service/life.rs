//! What a person has said of the steps of a life situation.

use std::collections::BTreeMap;

use contracts::Ctx;
use kernel::id::SubjectId;
use storage::Batch;

use crate::domain::life::Mark;
use crate::store;

/// The marks of a person, by step.
///
/// # Errors
/// When the database fails.
pub async fn marks(ctx: &Ctx, subject: SubjectId, situation: &str) -> Result<BTreeMap<String, Mark>, storage::Error> {
    store::marks(&ctx.db, subject, situation).await
}

/// Keeps a mark, or forgets it. Saying the same twice changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn put_mark(
    ctx: &Ctx,
    subject: SubjectId,
    situation: &str,
    step: &str,
    mark: Option<Mark>,
) -> Result<(), storage::CommitError> {
    let mut batch = Batch::new(subject);
    store::put_mark(&mut batch, situation, step, mark, ctx.now());
    ctx.db.commit(batch).await
}
