//! Another phone number, another e-mail address, where codes go.

use contracts::{Ctx, Principal};
use kernel::clock::Timestamp;
use kernel::person::Phone;
use storage::Batch;

use super::flow::{self, Answer, Begun, Data, Target};
use super::locks::{self, Outcome, Pending};
use super::{IdentityError, claim, factors};
use crate::domain::factor::Factor;
use crate::store;
use crate::store::factors as rows;

/// What a wish to bind an address led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A code was sent there.
    Code {
        flow: String,
    },
    /// It cannot be a number or an address.
    Unreadable,
    /// It is bound already: to this person, or to another.
    Taken,
    Held {
        until: Timestamp,
    },
}

/// What the code from there led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Locks(Outcome),
    Code(Answer),
}

/// Sends a code to a new phone number or e-mail address of the person.
///
/// # Errors
/// When the database fails.
pub async fn start(ctx: &Ctx, principal: &Principal, typed: &str) -> Result<Binding, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Binding::Unreadable) };
    let Some(person) = store::person(&ctx.db, subject).await? else { return Ok(Binding::Unreadable) };
    let Some(target) = Target::parse(typed.trim()) else { return Ok(Binding::Unreadable) };
    let to = match &target {
        Target::Phone(phone) => {
            if store::claim_owner(&ctx.db, &claim(ctx, &format!("phone|{}", phone.as_str()))).await?.is_some() {
                return Ok(Binding::Taken);
            }
            phone.as_str().to_owned()
        }
        Target::Email(email) => email.clone(),
    };
    let data = Data::Bind { owner: subject.uuid(), to, lang: person.person.lang };
    Ok(match flow::begin(ctx, &data, Some((&target, person.person.lang)), None).await? {
        Begun::Flow(flow) => Binding::Code { flow },
        Begun::Held(until) => Binding::Held { until },
    })
}

/// Takes the code that came to the new number or address, and asks for the change.
///
/// # Errors
/// When the database fails.
pub async fn confirm(ctx: &Ctx, principal: &Principal, token: &str, typed: &str) -> Result<Bound, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Bound::Code(Answer::Gone)) };
    // Whose the flow is, is looked at before a try is counted.
    match flow::load(ctx, token).await? {
        Some((_, _, Data::Bind { owner, .. })) if owner == subject.uuid() => {}
        _ => return Ok(Bound::Code(Answer::Gone)),
    }
    let mut right = match flow::judge(ctx, token, typed).await? {
        Ok(right) => right,
        Err(answer) => return Ok(Bound::Code(answer)),
    };
    let Data::Bind { to, .. } = &right.data else { return Ok(Bound::Code(Answer::Gone)) };
    let pending = match Phone::parse(to) {
        Ok(phone) => Pending::Phone { phone: phone.as_str().to_owned() },
        Err(_) => Pending::Email { email: to.clone() },
    };
    let mut batch = Batch::new(subject);
    right.flow.done_at = Some(ctx.now());
    right.flow.proved_at = Some(ctx.now());
    store::update_flow(&mut batch, &right.hash, &right.flow);
    let fresh = factors::fresh(ctx, principal).await?;
    match locks::request(ctx, batch, &fresh, pending, Some(principal.session)).await {
        Ok(outcome) => Ok(Bound::Locks(outcome)),
        Err(IdentityError::Stale) => Ok(Bound::Code(Answer::Gone)),
        Err(error) => Err(error),
    }
}

/// To where a binding's code went, masked; `None` when the flow is over.
///
/// # Errors
/// When the database fails.
pub async fn target(ctx: &Ctx, principal: &Principal, token: &str) -> Result<Option<String>, IdentityError> {
    Ok(match flow::load(ctx, token).await? {
        Some((_, row, Data::Bind { owner, to, .. }))
            if row.done_at.is_none() && principal.subject().is_some_and(|subject| subject.uuid() == owner) =>
        {
            Target::parse(&to).map(|target| target.masked())
        }
        _ => None,
    })
}

/// Chooses where codes go: the phone, a confirmed address, or the app. It opens nothing new, so that no proof is asked for.
///
/// # Errors
/// When the database fails; [`IdentityError::Stale`] when the person changed it in another window.
pub async fn choose(ctx: &Ctx, principal: &Principal, by: Factor) -> Result<bool, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(false) };
    let Some(ways) = factors::ways(ctx, subject).await? else { return Ok(false) };
    if !matches!(by, Factor::Sms | Factor::Email | Factor::Totp) || !ways.has.contains(&by) {
        return Ok(false);
    }
    let mut guard = rows::guard(&ctx.db, subject).await?;
    guard.code_by = by.name().to_owned();
    let mut batch = Batch::new(subject);
    rows::save_guard(&mut batch, subject, &guard);
    ctx.db.commit(batch).await?;
    Ok(true)
}
