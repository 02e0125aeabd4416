//! What happens when time passes: reminders before the end of a term, and its end.

use contracts::{Ctx, decode};
use futures_util::future::BoxFuture;
use kernel::clock::Timestamp;
use storage::{Delivery, JobError};

use super::system::{finish, resume};
use super::{TermWake, commit};
use crate::domain::case::{Actor, Case, Event, Stage, Stored};
use crate::domain::flow::{self, ActionError};

/// The term that runs now, and whether it is the agency's; otherwise it is the applicant's own.
pub fn running(case: &Case) -> Option<(Timestamp, bool)> {
    if let Some(due) = case.deadline.due().filter(|_| !case.stage.is_final()) {
        return Some((due, true));
    }
    match &case.stage {
        Stage::Returned { answer_by, .. } => answer_by.map(|due| (due, false)),
        Stage::Payment { expires, paid: false, .. } => Some((*expires, false)),
        _ => None,
    }
}

/// Looks at a term: reminds before its end, and at the end lets happen what the definition says.
pub fn woken(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let wake: TermWake = decode(&delivery)?;
        let Some((loaded, mut ledger)) = resume(&ctx, wake.subject, wake.case).await? else { return Ok(()) };
        // The case was decided, returned or given a new term meanwhile: another wake looks after that one.
        let Some((due, agency)) = running(&loaded.case) else { return Ok(()) };
        if due != wake.due || told(&loaded.history, &wake) {
            return Ok(());
        }
        let result = match wake.left {
            Some(left) if due > ctx.now() => {
                ledger.push(ctx.now(), Actor::System, Event::Reminded { due, left }).map_err(ActionError::from)
            }
            None if agency && due <= ctx.now() => flow::term_passed(&mut ledger, loaded.world(&ctx), due),
            Some(_) | None => return Ok(()),
        };
        match result {
            Ok(()) => finish(commit(&ctx, &ledger, &loaded).await),
            Err(error) => Err(JobError::Discard(error.to_string())),
        }
    })
}

/// Whether this was done before: an event may be delivered twice, and two states may ask for the same.
fn told(history: &[Stored], wake: &TermWake) -> bool {
    history.iter().any(|row| match (&row.recorded.event, wake.left) {
        (Event::Reminded { due, left }, Some(before)) => *due == wake.due && *left == before,
        (Event::TermPassed { due, .. }, None) => *due == wake.due,
        _ => false,
    })
}
