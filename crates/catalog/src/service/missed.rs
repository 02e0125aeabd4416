//! Searches that found nothing: counted in memory, written together, read by staff.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::Ctx;
use kernel::clock::Date;
use storage::Batch;

use crate::domain::missed::{SHOWN_FROM, countable};
use crate::store;

/// Counts that wait to be written together, off the way of a request.
#[derive(Default)]
pub(super) struct MissedBuffer {
    counts: HashMap<String, u64>,
    /// Whether a task is under way that will write them.
    writing: bool,
}

/// Different questions that wait at most; more within [`WRITE_MISSED`] is a robot.
const MOST_WAITING: usize = 500;
/// How long counts wait. So much is lost when the program is killed.
const WRITE_MISSED: Duration = Duration::from_secs(30);
/// Days for which counts are kept.
const KEEP_MISSED_DAYS: i32 = 180;

/// Writes the waiting counts; they count for the day of writing.
pub(super) async fn write_missed(ctx: &Ctx, waiting: &Mutex<MissedBuffer>) -> Result<(), storage::CommitError> {
    let counts = {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.writing = false;
        std::mem::take(&mut waiting.counts)
    };
    if counts.is_empty() {
        return Ok(());
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort();
    let today = ctx.today();
    let mut batch = Batch::system();
    let oldest = today.saturating_sub(jiff::Span::new().days(KEEP_MISSED_DAYS));
    store::count_missed(&mut batch, today, &counts, oldest);
    ctx.db.commit(batch).await
}

/// Questions of these days that found nothing and were asked often enough to be shown, the most asked first, at most 1 000.
///
/// # Errors
/// When the database fails.
pub async fn missed(ctx: &Ctx, from: Date, to: Date) -> Result<Vec<store::Missed>, storage::Error> {
    store::missed(&ctx.db, from, to, SHOWN_FROM).await
}

/// Counts a question, when it may be counted, and sees to it that the counts are written soon.
pub(super) fn note(ctx: &Ctx, buffer: &Arc<Mutex<MissedBuffer>>, question: &str) {
    let Some(question) = countable(question) else { return };
    let mut waiting = buffer.lock().unwrap_or_else(PoisonError::into_inner);
    if waiting.counts.len() < MOST_WAITING || waiting.counts.contains_key(&question) {
        *waiting.counts.entry(question).or_default() += 1;
    }
    if !waiting.writing {
        waiting.writing = true;
        let (ctx, buffer) = (ctx.clone(), buffer.clone());
        tokio::spawn(async move {
            tokio::time::sleep(WRITE_MISSED).await;
            if let Err(err) = write_missed(&ctx, &buffer).await {
                tracing::warn!(%err, "missed searches were not counted");
            }
        });
    }
}
