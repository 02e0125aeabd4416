//! Who signed in, when, from where, by what; and the report on recoveries.

use std::collections::BTreeMap;

use contracts::Ctx;
use kernel::clock::Timestamp;
use kernel::id::SubjectId;
use uuid::Uuid;

use super::IdentityError;
use crate::domain::factor::{self, Factor};
use crate::domain::report::{Attempt, Line, lines};
use crate::store::factors as rows;

/// A sign-in that was.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub id: Uuid,
    pub at: Timestamp,
    /// Browser and system in two words.
    pub device: String,
    /// Network address.
    pub place: String,
    pub means: Vec<Factor>,
}

/// The newest sign-ins of a person, or those before one.
///
/// # Errors
/// When the database fails.
pub async fn sign_ins(
    ctx: &Ctx,
    subject: SubjectId,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<SignedIn>, IdentityError> {
    let rows = rows::sign_ins(&ctx.db, subject, before, most).await?;
    Ok(rows
        .into_iter()
        .map(|row| SignedIn {
            id: row.entry,
            at: row.at,
            device: row.device,
            place: row.place,
            means: factor::read(&row.means).into_iter().map(|proof| proof.factor).collect(),
        })
        .collect())
}

/// By what each live session of a person was proved, by the session's id.
///
/// # Errors
/// When the database fails.
pub async fn means_of_sessions(ctx: &Ctx, subject: SubjectId) -> Result<BTreeMap<Uuid, Vec<Factor>>, IdentityError> {
    Ok(rows::sessions_proofs(&ctx.db, subject.uuid())
        .await?
        .into_iter()
        .map(|(session, proofs)| (session, proofs.into_iter().map(|proof| proof.factor).collect()))
        .collect())
}

/// Recoveries begun in a period, by method: attempts, successes, median time. Nothing in it is about a person.
///
/// # Errors
/// When the database fails.
pub async fn report(ctx: &Ctx, from: Timestamp, until: Timestamp) -> Result<Vec<Line>, IdentityError> {
    let found = rows::recoveries(&ctx.db, from, until).await?;
    let attempts = found.into_iter().map(|row| Attempt {
        done: row.state == "done",
        seconds: row.ended_at.map(|ended| (ended.as_second() - row.begun_at.as_second()).max(0)),
        method: row.method,
    });
    Ok(lines(attempts))
}
