//! What happens without anybody's hand: a payment arrives or does not, a register answers at last, a time runs out.

use contracts::payments::{InvoiceExpired, InvoicePaid};
use contracts::{Ctx, decode};
use definition::AskAt;
use futures_util::future::BoxFuture;
use storage::{Batch, Delivery, JobError};

use super::drafts::ask_registers;
use super::{Error, Loaded, Wake, commit, in_minutes, load, wake_at};
use crate::domain::case::Stage;
use crate::domain::flow::{self, ActionError, Ledger};

/// A register that does not answer is asked again after 1, 2, 4 … minutes, at most every six hours.
const MAX_WAIT_MINUTES: i64 = 360;

/// An invoice was paid: the case goes on.
pub fn invoice_paid(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let event: InvoicePaid = decode(&delivery)?;
        let Some((loaded, mut ledger)) = resume(&ctx, event.subject, event.case).await? else { return Ok(()) };
        match flow::paid(&mut ledger, loaded.world(&ctx), &event.state, event.invoice, event.amount) {
            Ok(()) => finish(commit(&ctx, &ledger, &loaded).await),
            // Delivered before, or the case has ended meanwhile; payments returns the money of an ended case.
            Err(ActionError::NotOffered(..) | ActionError::Step(_)) => Ok(()),
            Err(error) => Err(JobError::Discard(error.to_string())),
        }
    })
}

/// An invoice was not paid in time: the case ends as the definition says.
pub fn invoice_expired(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let event: InvoiceExpired = decode(&delivery)?;
        let Some((loaded, mut ledger)) = resume(&ctx, event.subject, event.case).await? else { return Ok(()) };
        if !matches!(loaded.case.stage, Stage::Payment { .. }) {
            return Ok(());
        }
        match flow::lapse(&mut ledger, loaded.world(&ctx), &event.state) {
            Ok(()) => finish(commit(&ctx, &ledger, &loaded).await),
            Err(ActionError::NotOffered(..) | ActionError::Step(_)) => Ok(()),
            Err(error) => Err(JobError::Discard(error.to_string())),
        }
    })
}

/// Looks again at a case that waits for a register or for its applicant.
pub fn woken(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let wake: Wake = decode(&delivery)?;
        let Some((mut loaded, mut ledger)) = resume(&ctx, wake.subject, wake.case).await? else { return Ok(()) };
        if loaded.case.state != wake.state {
            return Ok(());
        }
        match &loaded.case.stage {
            Stage::Auto { .. } => {
                // A case keeps what the registers said when it was filed; only what was missing is asked.
                let asked =
                    ask_registers(&ctx, &loaded.definition, &loaded.person, &mut loaded.facts, AskAt::Submit).await;
                if let Err(error) = asked {
                    tracing::debug!(%error, "a register does not answer yet");
                }
                let moved = flow::automatic(&mut ledger, loaded.world(&ctx))
                    .map_err(|error| JobError::Discard(error.to_string()))?;
                if moved {
                    return finish(commit(&ctx, &ledger, &loaded).await);
                }
                let minutes = (1_i64 << wake.tries.min(9)).min(MAX_WAIT_MINUTES);
                let mut batch = Batch::new(wake.subject);
                wake_at(&ctx, &mut batch, &loaded.case, in_minutes(ctx.now(), minutes), wake.tries + 1);
                Ok(ctx.db.commit(batch).await?)
            }
            Stage::Returned { answer_by: Some(by), .. } if *by <= ctx.now() && loaded.case.seq == wake.seq => {
                match flow::lapse(&mut ledger, loaded.world(&ctx), &wake.state) {
                    Ok(()) => finish(commit(&ctx, &ledger, &loaded).await),
                    Err(error) => Err(JobError::Discard(error.to_string())),
                }
            }
            _ => Ok(()),
        }
    })
}

/// Gives places of a waiting list to those who wait longest; for the demo and for agencies' own systems.
///
/// # Errors
/// As [`super::office::act`].
pub async fn offer_place(ctx: &Ctx, subject: kernel::id::SubjectId, case: kernel::id::CaseId) -> Result<bool, Error> {
    let loaded = load(ctx, subject, case).await?;
    let mut ledger = Ledger::resume(loaded.case.clone());
    let moved = flow::automatic(&mut ledger, loaded.world(ctx))?;
    if moved {
        commit(ctx, &ledger, &loaded).await?;
    }
    Ok(moved)
}

pub(crate) async fn resume(
    ctx: &Ctx,
    subject: kernel::id::SubjectId,
    case: kernel::id::CaseId,
) -> Result<Option<(Loaded, Ledger)>, JobError> {
    match load(ctx, subject, case).await {
        Ok(loaded) => {
            let ledger = Ledger::resume(loaded.case.clone());
            Ok(Some((loaded, ledger)))
        }
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(JobError::Retry(error.to_string())),
    }
}

pub(crate) fn finish(result: Result<(), Error>) -> Result<(), JobError> {
    // Somebody moved the case in the same moment: look again.
    result.map_err(|error| JobError::Retry(error.to_string()))
}
