//! The second step of a sign-in by other means than the code that was sent, and the face of somebody who is signed in.

use contracts::{Ctx, Principal};
use kernel::id::{SessionId, SubjectId};
use storage::{Batch, CommitError};

use super::factors::{Proved, account, prove, ways};
use super::flow::{self, Begun, Data};
use super::sessions::{known_device, open, remember};
use super::sign_in::tell_new_device;
use super::throttle::{Gate, enter, forgive};
use super::{IdentityError, Origin, face, locks};
use crate::domain::factor::{self, Factor, Proof};
use crate::domain::throttle::Bucket;
use crate::store::factors as rows;
use crate::store::{self, FlowRow, PersonRow};

/// What a wish to show one's face led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facing {
    /// The browser goes to this page of MyID; the flow's token.
    Leave {
        page: String,
        flow: String,
    },
    /// MyID is not connected or does not answer.
    Away,
    Held {
        until: kernel::clock::Timestamp,
    },
    Gone,
}

/// What MyID saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Faced {
    /// And the page that was asked for.
    Proved(Proved, String),
    Waiting,
    Away,
}

async fn halfway(ctx: &Ctx, token: &str) -> Result<Option<(String, FlowRow, PersonRow)>, IdentityError> {
    // Only a sign-in whose password was right has a second step, and its person is known to the reader by then.
    let Some((hash, row, Data::Person { owner, by_password: true, replaces: None, .. })) =
        flow::load(ctx, token).await?
    else {
        return Ok(None);
    };
    if row.done_at.is_some() {
        return Ok(None);
    }
    let person = store::person(&ctx.db, SubjectId::from_uuid(owner)).await?;
    Ok(person.map(|person| (hash, row, person)))
}

/// The other means of the person whose password was right; `None` when the sign-in is over.
///
/// # Errors
/// When the database fails.
pub async fn others(ctx: &Ctx, token: &str) -> Result<Option<Vec<Factor>>, IdentityError> {
    let Some((_, _, person)) = halfway(ctx, token).await? else { return Ok(None) };
    let Some(ways) = ways(ctx, person.person.subject).await? else { return Ok(None) };
    Ok(Some(factor::reaching(contracts::Assurance::Otp, &[Factor::Password], &ways.has)))
}

/// Judges what was typed as the second step.
///
/// # Errors
/// When the database fails.
pub async fn answer(
    ctx: &Ctx,
    token: &str,
    factor: Factor,
    typed: &str,
    origin: &Origin,
    remember_device: bool,
) -> Result<Proved, IdentityError> {
    let Some((hash, mut row, person)) = halfway(ctx, token).await? else { return Ok(Proved::Gone) };
    let subject = person.person.subject;
    // Counted for the person from everywhere: a password is known already, a code has six digits.
    let counted = [
        Bucket::Pair { login: format!("second|{subject}"), address: origin.address.clone() },
        Bucket::Strangers { login: format!("second|{subject}") },
    ];
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Proved::Held { until });
    }
    let mut batch = Batch::new(subject);
    if factor == Factor::Password || !prove(ctx, &mut batch, &person, factor, typed).await? {
        return Ok(Proved::Wrong);
    }
    if locks::frozen(ctx, subject).await? {
        ctx.db.commit(batch).await?;
        return Ok(Proved::Frozen);
    }
    forgive(ctx, &mut batch, &counted);
    row.done_at = Some(ctx.now());
    rows::update_flow_data(&mut batch, &hash, &row);
    let proofs = [Proof::new(Factor::Password, ctx.now()), Proof::new(factor, ctx.now())];
    signed_in(ctx, batch, &person, &proofs, origin, remember_device).await
}

async fn signed_in(
    ctx: &Ctx,
    mut batch: Batch,
    person: &PersonRow,
    proofs: &[Proof],
    origin: &Origin,
    remember_device: bool,
) -> Result<Proved, IdentityError> {
    let subject = person.person.subject;
    let known = known_device(ctx, subject.uuid(), origin).await?.is_some();
    let session = open(ctx, &mut batch, &account(person), proofs, origin);
    let device = (remember_device || known).then(|| remember(ctx, &mut batch, subject.uuid(), origin));
    if !known {
        tell_new_device(ctx, &mut batch, person, origin);
    }
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Proved::Done { session, device }),
        // The same answer twice at the same moment: one of them wins.
        Err(CommitError::Guard(_)) => Ok(Proved::Gone),
        Err(error) => Err(error.into()),
    }
}

/// Opens a session of MyID for somebody who is signed in, or whose password was right.
///
/// # Errors
/// When the database fails.
pub async fn face_begin(
    ctx: &Ctx,
    principal: Option<&Principal>,
    token: Option<&str>,
    next: &str,
    origin: &Origin,
) -> Result<Facing, IdentityError> {
    let (owner, replaces, proved) = match (principal.and_then(Principal::subject), principal, token) {
        (Some(subject), Some(principal), _) => {
            let proofs = rows::session_proofs(&ctx.db, subject.uuid(), principal.session).await?;
            (subject, Some(principal.session.uuid()), factor::write(&proofs))
        }
        (_, _, Some(token)) => {
            let Some((_, _, person)) = halfway(ctx, token).await? else { return Ok(Facing::Gone) };
            (person.person.subject, None, factor::write(&[Proof::new(Factor::Password, ctx.now())]))
        }
        _ => return Ok(Facing::Gone),
    };
    let counted = [Bucket::Pair { login: format!("face|{owner}"), address: origin.address.clone() }];
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Facing::Held { until });
    }
    let external = SessionId::new(ctx.now(), &*ctx.rng).to_string();
    let Some(session) = face::open(ctx, &external, &origin.address).await? else { return Ok(Facing::Away) };
    let data = Data::Face { owner: owner.uuid(), session: session.id, replaces, proved, next: next.to_owned() };
    Ok(match flow::begin(ctx, &data, None, None).await? {
        Begun::Flow(flow) => Facing::Leave { page: session.page, flow },
        Begun::Held(until) => Facing::Held { until },
    })
}

/// Asks MyID what it saw; the right face signs in or lifts the session.
///
/// # Errors
/// When the database fails.
pub async fn face_check(ctx: &Ctx, token: &str, origin: &Origin) -> Result<Faced, IdentityError> {
    let Some((hash, mut row, Data::Face { owner, session, replaces, proved, next })) = flow::load(ctx, token).await?
    else {
        return Ok(Faced::Proved(Proved::Gone, String::new()));
    };
    if row.done_at.is_some() {
        return Ok(Faced::Proved(Proved::Gone, next));
    }
    let Some(seen) = face::seen(ctx, &session).await? else { return Ok(Faced::Away) };
    if seen == face::Seen::Waiting {
        return Ok(Faced::Waiting);
    }
    let subject = SubjectId::from_uuid(owner);
    let Some(person) = store::person(&ctx.db, subject).await? else { return Ok(Faced::Proved(Proved::Gone, next)) };
    let mut batch = Batch::new(subject);
    // A session of MyID is good once, whatever it saw.
    row.done_at = Some(ctx.now());
    rows::update_flow_data(&mut batch, &hash, &row);
    if !face::is(&seen, &person) {
        ctx.db.commit(batch).await?;
        return Ok(Faced::Proved(Proved::Wrong, next));
    }
    if locks::frozen(ctx, subject).await? {
        ctx.db.commit(batch).await?;
        return Ok(Faced::Proved(Proved::Frozen, next));
    }
    let old = match replaces {
        Some(session) => {
            let session = SessionId::from_uuid(session);
            let Some(live) = rows::live_proofs(&ctx.db, owner, session).await? else {
                return Ok(Faced::Proved(Proved::Gone, next));
            };
            store::revoke_session(&mut batch, owner, session, ctx.now());
            live
        }
        None => factor::read(&proved),
    };
    let proofs = factor::with(&old, Proof::new(Factor::Face, ctx.now()));
    signed_in(ctx, batch, &person, &proofs, origin, false).await.map(|proved| Faced::Proved(proved, next))
}
