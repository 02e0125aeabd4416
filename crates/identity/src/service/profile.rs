//! Own data and own password.

use contracts::{Ctx, Principal};
use kernel::clock::Timestamp;
use kernel::id::SubjectId;
use kernel::lang::Lang;
use storage::Batch;

use super::locks::{self, Outcome, Pending};
use super::throttle::{Gate, enter, forgive};
use super::{IdentityError, Origin, factors, hashing, token_hex};
use crate::domain::factor::Factor;
use crate::domain::locks::{Change, Verdict, judge};
use crate::domain::password::{self, Weak};
use crate::domain::throttle::Bucket;
use crate::store::{self, PersonRow};

/// What a change of the password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The password was right and the new one is good: what the rule of the locks says.
    Locks(Outcome),
    /// The current password is wrong.
    Wrong,
    Weak(Weak),
    /// Too many tries.
    Held {
        until: Timestamp,
    },
}

/// The person's own data, with what only they and we know.
pub struct OwnData {
    pub person: contracts::identity::Person,
    /// Passport of any country.
    pub passport: Option<String>,
    /// Whether the population register told the name.
    pub from_register: bool,
    /// When the data were taken over.
    pub as_of: Timestamp,
    pub password_at: Timestamp,
    pub version: i64,
}

/// The own data of a person.
///
/// # Errors
/// When the database fails.
pub async fn data(ctx: &Ctx, subject: SubjectId) -> Result<Option<OwnData>, IdentityError> {
    Ok(store::person(&ctx.db, subject).await?.map(|row: PersonRow| OwnData {
        passport: row.passport,
        from_register: row.source == "population",
        as_of: row.source_at,
        password_at: row.password_at,
        version: row.version,
        person: row.person,
    }))
}

/// Changes the language of notices. An address or a number is bound by [`super::bind`]: it opens the account.
///
/// # Errors
/// [`IdentityError::Stale`] when `version` is not the current one.
pub async fn update_profile(ctx: &Ctx, subject: SubjectId, lang: Lang, version: i64) -> Result<(), IdentityError> {
    let mut batch = Batch::new(subject);
    store::update_profile(&mut batch, subject, lang, version);
    Ok(ctx.db.commit(batch).await?)
}

/// Whether more has to be proved than the current password, before a new one is taken.
///
/// # Errors
/// When the database fails.
pub async fn password_needs_more(ctx: &Ctx, principal: &Principal) -> Result<bool, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(true) };
    let mut proved = factors::fresh(ctx, principal).await?;
    proved.push(Factor::Password);
    let verdict = judge(Change::Password, &proved, locks::standing(ctx, subject).await?);
    Ok(!matches!(verdict, Verdict::AtOnce | Verdict::After))
}

/// Changes the password: the current one is one of the two proofs that a change of the locks needs.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn change_password(
    ctx: &Ctx,
    principal: &Principal,
    current: &str,
    new: &str,
    origin: &Origin,
) -> Result<Changed, IdentityError> {
    let Some(subject) = principal.subject() else {
        return Err(IdentityError::Broken("an official has no cabinet".to_owned()));
    };
    let Some(row) = store::person(&ctx.db, subject).await? else {
        return Err(IdentityError::Broken("a session without a person".to_owned()));
    };
    // Somebody who found a signed-in browser must not try passwords here: counted for the session's person and device.
    let device = origin.device.as_deref().map(token_hex).unwrap_or_else(|| principal.session.to_string());
    let counted = [Bucket::Device { login: format!("change|{subject}"), device }];
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Changed::Held { until });
    }
    if !hashing::verify(current, Some(&row.password_hash)).await? {
        return Ok(Changed::Wrong);
    }
    let pinfl = row.person.pinfl.as_ref().map(|pinfl| pinfl.as_str().to_owned()).unwrap_or_default();
    let phone = row.person.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default();
    let known = [pinfl.as_str(), phone.as_str(), row.person.surname.as_str(), row.person.name.as_str()];
    let mut batch = Batch::new(subject);
    forgive(ctx, &mut batch, &counted);
    if let Err(weak) = password::check(new, &known) {
        ctx.db.commit(batch).await?;
        return Ok(Changed::Weak(weak));
    }
    let mut proved = factors::fresh(ctx, principal).await?;
    if !proved.contains(&Factor::Password) {
        proved.push(Factor::Password);
    }
    let hash = hashing::hash(&*ctx.rng, new).await?;
    locks::request(ctx, batch, &proved, Pending::Password { hash }, Some(principal.session)).await.map(Changed::Locks)
}
