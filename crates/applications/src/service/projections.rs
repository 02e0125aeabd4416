//! What is read often and written after the commit: the route by number, queues, what units have ended, counters.
//!
//! Each is rewritten from the case as it stands, so that a repeated or late event does no harm.

use contracts::applications::ServiceStats;
use contracts::{Ctx, UnitRef, decode};
use futures_util::future::BoxFuture;
use storage::{Batch, CommitError, Delivery, JobError};

use super::CaseChanged;
use super::acting::organisation_key;
use crate::domain::case::{Actor, Case, Event, Place, Stage, Stored};
use crate::store::represented::{self, RepresentedRow};
use crate::store::{self, Done, Projected, QueueRow};

/// Brings the projections of a case up to date.
pub fn project(ctx: Ctx, delivery: Delivery) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let changed: CaseChanged = decode(&delivery)?;
        let before = store::projected(&ctx.db, changed.subject, changed.case).await?;
        if before.as_ref().is_some_and(|before| before.seq >= changed.seq) {
            return Ok(());
        }
        let found = store::case(&ctx.db, changed.subject, changed.case)
            .await
            .map_err(|error| JobError::Retry(error.to_string()))?;
        let Some((case, history)) = found else { return Ok(()) };
        let mut batch = Batch::new(changed.subject);
        let after = Projected {
            seq: case.seq,
            status: case.stage.status().to_owned(),
            stars: i64::from(case.rating.unwrap_or(0)),
        };
        store::project_stats(&mut batch, case.subject, case.id, &case.submitted.service, before.as_ref(), &after);
        if before.is_none() {
            let day = kernel::clock::tashkent_date(case.submitted_at);
            let month = format!("{MONTH}{:04}-{:02}", day.year(), day.month());
            store::count(&mut batch, &case.submitted.service, &month);
            store::put_route(&mut batch, &case.submitted.number, case.subject, case.id);
        }
        store::replace_queue(&mut batch, case.subject, case.id, &queue_rows(&case));
        // Read from the cache of versions; a service that gives out nothing by load costs no more than this.
        let definition = ctx.ports.catalog.applied(&ctx, &case.version).await;
        let definition = definition.map_err(|error| JobError::Retry(error.to_string()))?;
        for unit in definition.map(|definition| definition.load_candidates()).unwrap_or_default() {
            store::load::count(&mut batch, &UnitRef::parse(&unit.to_string()));
        }
        match done(&case, &history) {
            Some(done) => store::put_done(&mut batch, case.subject, case.id, &case.submitted.service, &done),
            None => store::clear_done(&mut batch, case.subject, case.id),
        }
        put_represented(&ctx, &mut batch, &case);
        match ctx.db.commit(batch).await {
            Ok(()) => Ok(()),
            // The event of a later change was handled in the same moment.
            Err(CommitError::Guard(_) | CommitError::Unique(_)) => {
                Err(JobError::Retry("projected in the same moment".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// Keeps the list of what was sent for an organisation.
fn put_represented(ctx: &Ctx, batch: &mut Batch, case: &Case) {
    let Some(behalf) = &case.submitted.behalf else { return };
    let Some(stir) = &behalf.represented.stir else { return };
    let row = RepresentedRow {
        case: case.id,
        subject: case.subject,
        number: case.submitted.number.clone(),
        service: case.submitted.service.clone(),
        stage: case.stage.name().to_owned(),
        status: case.stage.status().to_owned(),
        actor: if case.erased_at.is_none() { behalf.actor.clone() } else { String::new() },
        submitted_at: case.submitted_at,
    };
    represented::put(batch, &organisation_key(ctx, stir), &row);
}

/// What lies before units because of a case.
///
/// Rule: APP-QUEUE-ROWS.
/// Source: issue of the first release: routing by region and unit, parallel agencies, commission, appeal to the unit above.
pub fn queue_rows(case: &Case) -> Vec<QueueRow> {
    let row = |item: String, kind: &str, unit: &UnitRef| QueueRow {
        subject: case.subject,
        case: case.id,
        item,
        kind: kind.to_owned(),
        unit: unit.clone(),
        number: case.submitted.number.clone(),
        service: case.submitted.service.clone(),
        state: case.state.clone(),
        title: String::new(),
        officer: case.stage.officer().map(|officer| officer.staff),
        officer_name: case.stage.officer().map_or_else(String::new, |officer| officer.name.clone()),
        due: case.due(),
        submitted_at: case.submitted_at,
    };
    let mut rows = Vec::new();
    match &case.stage {
        Stage::Work { unit, .. } => rows.push(row("case".to_owned(), "case", unit)),
        Stage::Appeal { unit, .. } => rows.push(row("case".to_owned(), "appeal", unit)),
        Stage::Queue { unit, .. } => rows.push(row("case".to_owned(), "wait", unit)),
        Stage::Commission { unit, .. } => rows.push(row("case".to_owned(), "vote", unit)),
        Stage::Tasks { .. }
        | Stage::Moving
        | Stage::Payment { .. }
        | Stage::Auto { .. }
        | Stage::Returned { .. }
        | Stage::Approved { .. }
        | Stage::Refused { .. }
        | Stage::Withdrawn { .. }
        | Stage::Expired { .. } => {}
    }
    for task in case.stage.tasks().iter().filter(|task| task.answer.is_none()) {
        let mut entry = row(task.id.to_string(), "task", &task.unit);
        entry.title = serde_json::to_string(&task.title).unwrap_or_default();
        entry.officer = None;
        entry.officer_name = String::new();
        entry.due = task.due;
        rows.push(entry);
    }
    rows
}

/// How a unit ended the case; `None` while it goes on or when no unit had it.
fn done(case: &Case, history: &[Stored]) -> Option<Done> {
    let ended_at = case.ended_at?;
    let outcome = match &case.stage {
        Stage::Approved { .. } => "approved",
        Stage::Refused { .. } => "refused",
        Stage::Withdrawn { .. } => "withdrawn",
        Stage::Expired { .. } => "expired",
        _ => return None,
    };
    let unit = history.iter().rev().find_map(|stored| match &stored.recorded.event {
        Event::Entered(entered) => match &entered.place {
            Place::Work { unit, .. }
            | Place::Tasks { unit, .. }
            | Place::Commission { unit, .. }
            | Place::Queue { unit } => Some(unit.clone()),
            _ => None,
        },
        _ => None,
    })?;
    let last = history.iter().rev().find(|stored| {
        matches!(&stored.recorded.event, Event::Entered(entered) if matches!(entered.place, Place::Approved | Place::Refused { .. }))
    });
    let (officer, officer_name) = match last.map(|stored| &stored.recorded.by) {
        Some(Actor::Official { staff, name, .. }) => (Some(*staff), name.clone()),
        _ => (None, String::new()),
    };
    let late = match case.deadline {
        crate::domain::deadline::Deadline::Over { due: Some(due) } => due < ended_at,
        _ => false,
    };
    Some(Done { unit, officer, officer_name, outcome, late, ended_at })
}

/// What the names of the counters of months begin with; the month follows, `2026-11`.
const MONTH: &str = "month_";

/// Applications received in each month, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn by_month(ctx: &Ctx, service: &str) -> Result<Vec<(String, u64)>, storage::Error> {
    let counters = store::stats(&ctx.db, service).await?;
    let months = counters
        .into_iter()
        .filter_map(|(counter, n)| Some((counter.strip_prefix(MONTH)?.to_owned(), u64::try_from(n).unwrap_or(0))));
    Ok(months.collect())
}

/// Counters of a service.
///
/// # Errors
/// When the store fails.
pub async fn stats(ctx: &Ctx, service: &str) -> Result<ServiceStats, storage::Error> {
    let mut stats = ServiceStats::default();
    for (counter, n) in store::stats(&ctx.db, service).await? {
        let n = u64::try_from(n).unwrap_or(0);
        match counter.as_str() {
            "new" => stats.new = n,
            "in_progress" => stats.in_progress = n,
            "finished" => stats.finished = n,
            "refused" => stats.refused = n,
            "awaiting_payment" => stats.awaiting_payment = n,
            "cancelled" => stats.cancelled = n,
            other => {
                let stars = other.strip_prefix("stars_").and_then(|stars| stars.parse::<usize>().ok());
                if let Some(slot) = stars.and_then(|stars| stats.ratings.get_mut(stars.wrapping_sub(1))) {
                    *slot = n;
                }
            }
        }
    }
    Ok(stats)
}
