//! Own data and own password.

use std::collections::BTreeMap;

use contracts::notifications::{NoticeRequested, Urgency};
use contracts::{Ctx, Principal, emit};
use kernel::clock::Timestamp;
use kernel::id::SubjectId;
use kernel::lang::Lang;
use storage::Batch;

use super::sessions::{end_others, may_set_password};
use super::throttle::{Gate, enter, forgive};
use super::{IdentityError, Origin, hashing, token_hex};
use crate::domain::password::{self, Weak};
use crate::domain::throttle::Bucket;
use crate::store::{self, PersonRow};

/// What a change of the password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Done,
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

/// Whether the new password may be set without the current one, see [`change_password`].
///
/// # Errors
/// When the database fails.
pub async fn needs_no_password(ctx: &Ctx, principal: &Principal) -> Result<bool, IdentityError> {
    may_set_password(ctx, principal).await
}

/// Changes the e-mail address and the language of notices.
///
/// # Errors
/// [`IdentityError::Stale`] when `version` is not the current one.
pub async fn update_profile(
    ctx: &Ctx,
    subject: SubjectId,
    email: Option<&str>,
    lang: Lang,
    version: i64,
) -> Result<(), IdentityError> {
    let mut batch = Batch::new(subject);
    store::update_profile(&mut batch, subject, email, lang, version);
    Ok(ctx.db.commit(batch).await?)
}

/// Changes the password, ends all other sessions and tells the person.
///
/// The current password is not asked for within 15 minutes of a sign-in by a code alone: that is how a forgotten one is replaced.
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
    // Who forgot the password signs in by a code and sets a new one at once.
    let forgotten = may_set_password(ctx, principal).await?;
    if !forgotten && !hashing::verify(current, Some(&row.password_hash)).await? {
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
    let hash = hashing::hash(&*ctx.rng, new).await?;
    store::update_password(&mut batch, subject, &hash, ctx.now(), row.version);
    end_others(ctx, &mut batch, subject.uuid(), principal.session, origin);
    emit(
        ctx,
        &mut batch,
        &NoticeRequested {
            subject,
            template: "password-changed".to_owned(),
            args: BTreeMap::new(),
            link: Some("/cabinet/security".to_owned()),
            urgency: Urgency::Important,
        },
    );
    ctx.db.commit(batch).await?;
    Ok(Changed::Done)
}
