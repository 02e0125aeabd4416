//! Slowing down guesses: the rule is in `domain::throttle`, the counters are in the database.

use contracts::Ctx;
use kernel::clock::Timestamp;
use storage::{Batch, CommitError};

use super::{IdentityError, mac};
use crate::domain::session::plus;
use crate::domain::throttle::{Bucket, Count, after_failure, held_until};
use crate::store;

/// Whether a try may go on.
pub(crate) enum Gate {
    Open,
    Held(Timestamp),
}

fn name(ctx: &Ctx, bucket: &Bucket) -> String {
    mac(&ctx.settings.key("identity.throttle"), &bucket.text())
}

/// Counts a try *before* it is judged, so that a thousand parallel guesses are not all "the first". A try that
/// turns out right is forgiven afterwards.
pub(crate) async fn enter(ctx: &Ctx, buckets: &[Bucket]) -> Result<Gate, IdentityError> {
    for _ in 0..8 {
        let now = ctx.now();
        let mut batch = Batch::system();
        for bucket in buckets {
            let name = name(ctx, bucket);
            let old = store::bucket(&ctx.db, &name).await?;
            let count = old.unwrap_or(Count::fresh(now));
            if let Some(until) = held_until(&count, now) {
                return Ok(Gate::Held(until));
            }
            store::save_bucket(&mut batch, &name, old, after_failure(bucket, count, now));
        }
        match ctx.db.commit(batch).await {
            Ok(()) => return Ok(Gate::Open),
            // Another try was counted in between: look again.
            Err(CommitError::Guard(_) | CommitError::Unique(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // So many tries at the same moment are not a person's.
    Ok(Gate::Held(plus(ctx.now(), 2)))
}

/// Takes the count of a right try back: the device's or the pair's counter starts anew, the shared ones lose one.
pub(crate) fn forgive(ctx: &Ctx, batch: &mut Batch, buckets: &[Bucket]) {
    for bucket in buckets {
        let name = name(ctx, bucket);
        match bucket {
            Bucket::Device { .. } | Bucket::Pair { .. } => store::clear_bucket(batch, &name),
            Bucket::Strangers { .. } | Bucket::Address { .. } => store::forgive_bucket(batch, &name),
            Bucket::Sms { .. } => {}
        }
    }
}
