//! Changing the locks: at once or after the cooling period, telling the owner, freezing, and what ripens.

use std::collections::BTreeMap;

use contracts::identity::SessionsEnded;
use contracts::notifications::{Arg, NoticeRequested, Urgency};
use contracts::{Ctx, Principal, emit};
use kernel::clock::Timestamp;
use kernel::id::{SessionId, SubjectId};
use kernel::lang::Text;
use kernel::person::Phone;
use serde::{Deserialize, Serialize};
use storage::{Batch, CommitError};
use uuid::Uuid;

use super::{IdentityError, claim, sealed, sessions, token_hex};
use crate::domain::factor::{self, Factor};
use crate::domain::locks::{self, Change, Standing, Verdict, judge, just_recovered};
use crate::domain::session::plus;
use crate::store::factors::{self as rows, ChangeRow, FactorRow};
use crate::store::{self};

/// What is to be changed, with all that is needed to do it later. Sealed when it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Pending {
    Password { hash: String },
    Recover { hash: String },
    Phone { phone: String },
    Email { email: String },
    Way { factor: Uuid, kind: Factor, name: String, secret: String, step: i64 },
    Printed { hashes: Vec<String> },
    Remove { factor: Uuid },
}

impl Serialize for Factor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Factor::parse(&text).ok_or_else(|| serde::de::Error::custom("not a factor"))
    }
}

impl Pending {
    pub(crate) fn change(&self) -> Change {
        match self {
            Pending::Password { .. } => Change::Password,
            Pending::Recover { .. } => Change::Recover,
            Pending::Phone { .. } => Change::Phone,
            Pending::Email { .. } => Change::Email,
            Pending::Way { .. } | Pending::Printed { .. } => Change::AddWay,
            Pending::Remove { .. } => Change::RemoveWay,
        }
    }
}

/// What a wish to change the locks led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It waits until then.
    After {
        due: Timestamp,
    },
    /// More has to be proved first.
    Missing,
    /// Only a recovery opens a frozen account.
    Frozen,
}

/// A change that waits, as its owner sees it.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: Uuid,
    pub change: Change,
    pub asked: Timestamp,
    pub due: Timestamp,
}

/// What the link "this was not me" led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMe {
    /// The account is frozen now, or was by this very link.
    Frozen,
    /// No such link, or it is too old.
    Unknown,
}

pub(crate) async fn standing(ctx: &Ctx, subject: SubjectId) -> Result<Standing, IdentityError> {
    let guard = rows::guard(&ctx.db, subject).await?;
    let email = match guard.email_at {
        Some(_) => store::person(&ctx.db, subject).await?.and_then(|row| row.person.email),
        None => None,
    };
    Ok(Standing {
        frozen: guard.frozen_at.is_some(),
        mail_confirmed: email.is_some_and(|email| !email.is_empty()),
        just_recovered: just_recovered(guard.recovered_at, ctx.now()),
    })
}

/// Asks for a change by what the session that asks has proved lately.
pub(crate) async fn by_session(ctx: &Ctx, principal: &Principal, pending: Pending) -> Result<Outcome, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Outcome::Missing) };
    let proofs = rows::session_proofs(&ctx.db, subject.uuid(), principal.session).await?;
    let fresh = factor::fresh(&proofs, ctx.now());
    request(ctx, Batch::new(subject), &fresh, pending, Some(principal.session)).await
}

/// Asks for a change by what was proved; `batch` holds what the proofs themselves change.
///
/// `keep`: the session that asks, which outlives a change of the password.
pub(crate) async fn request(
    ctx: &Ctx,
    mut batch: Batch,
    proved: &[Factor],
    pending: Pending,
    keep: Option<SessionId>,
) -> Result<Outcome, IdentityError> {
    let subject = batch.subject();
    let now = ctx.now();
    let change = pending.change();
    let outcome = match judge(change, proved, standing(ctx, subject).await?) {
        Verdict::Missing { .. } => return Ok(Outcome::Missing),
        Verdict::Frozen => return Ok(Outcome::Frozen),
        Verdict::AtOnce => {
            apply(ctx, &mut batch, subject, &pending, keep).await?;
            tell(
                ctx,
                &mut batch,
                subject,
                if change == Change::Recover { "account-recovered" } else { "locks-changed" },
                now,
            );
            Outcome::Done
        }
        Verdict::After => {
            let due = locks::due(now);
            let id = SessionId::new(now, &*ctx.rng).uuid();
            let data = serde_json::to_vec(&pending).map_err(|error| IdentityError::Broken(error.to_string()))?;
            // A new wish of the same kind takes the place of the old one, or each would ripen in turn.
            rows::end_changes_of_kind(&mut batch, subject, change.name(), "replaced", now);
            let proved: Vec<&str> = proved.iter().map(|factor| factor.name()).collect();
            let row = ChangeRow {
                subject,
                change: id,
                kind: change.name().to_owned(),
                data: sealed::seal(ctx, &words(subject, id), &data)?,
                proved: proved.join(" "),
                state: "open".to_owned(),
                asked_at: now,
                due_at: due,
            };
            rows::insert_change(&mut batch, &row);
            tell(ctx, &mut batch, subject, "locks-asked", due);
            Outcome::After { due }
        }
    };
    ctx.db.commit(batch).await?;
    tracing::info!(change = change.name(), ?outcome, "the locks of an account");
    Ok(outcome)
}

fn words(subject: SubjectId, change: Uuid) -> String {
    format!("change|{subject}|{change}")
}

/// Tells the owner on every channel, with a link by which it is undone. The link holds a random token and nothing else.
fn tell(ctx: &Ctx, batch: &mut Batch, subject: SubjectId, template: &str, at: Timestamp) {
    let token = ctx.rng.token(24);
    let until = plus(locks::due(ctx.now()), 24 * 3600);
    rows::insert_undo(batch, &token_hex(&token), subject, Uuid::nil(), until);
    let link = format!("/not-me/{token}");
    let url = Text::each(|lang| format!("{}/{}{link}", ctx.settings.public_url, lang.code()));
    let at = Text::each(|lang| kernel::format::datetime(at, lang));
    let args = BTreeMap::from([("url".to_owned(), Arg::Localized(url)), ("at".to_owned(), Arg::Localized(at))]);
    emit(
        ctx,
        batch,
        &NoticeRequested {
            subject,
            template: template.to_owned(),
            args,
            link: Some(link),
            urgency: Urgency::Important,
        },
    );
}

/// Adds what the change does to the batch.
async fn apply(
    ctx: &Ctx,
    batch: &mut Batch,
    subject: SubjectId,
    pending: &Pending,
    keep: Option<SessionId>,
) -> Result<(), IdentityError> {
    let now = ctx.now();
    match pending {
        Pending::Password { hash } => {
            rows::set_password(batch, subject, hash, now);
            match keep {
                Some(session) => {
                    store::revoke_others(batch, subject.uuid(), session, now);
                    emit(ctx, batch, &SessionsEnded { subject, session: None, except: Some(session) });
                }
                None => sessions::end_all(ctx, batch, subject),
            }
            store::forget_devices(batch, subject.uuid(), "");
        }
        Pending::Recover { hash } => {
            rows::set_password(batch, subject, hash, now);
            sessions::end_all(ctx, batch, subject);
            store::forget_devices(batch, subject.uuid(), "");
            rows::end_changes(batch, subject, "recovered", now);
            let mut guard = rows::guard(&ctx.db, subject).await?;
            guard.frozen_at = None;
            guard.recovered_at = Some(now);
            rows::save_guard(batch, subject, &guard);
        }
        Pending::Phone { phone } => {
            if let Some(old) = store::person(&ctx.db, subject).await?.and_then(|row| row.person.phone) {
                rows::delete_claim(batch, &phone_claim(ctx, &old), subject.uuid());
            }
            let phone = Phone::parse(phone).map_err(|_| IdentityError::Broken("phone of a change".to_owned()))?;
            store::insert_claim(batch, &phone_claim(ctx, &phone), "phone", subject.uuid(), now);
            rows::update_phone(batch, subject, phone.as_str(), now);
        }
        Pending::Email { email } => {
            rows::update_email(batch, subject, email);
            let mut guard = rows::guard(&ctx.db, subject).await?;
            guard.email_at = Some(now);
            rows::save_guard(batch, subject, &guard);
        }
        Pending::Way { factor, kind, name, secret, step } => {
            rows::insert_factor(batch, subject, &factor_row(*factor, *kind, name, secret, *step, now));
        }
        Pending::Printed { hashes } => {
            rows::remove_factors(batch, subject, Factor::Printed.name(), now);
            for hash in hashes {
                let id = SessionId::new(now, &*ctx.rng).uuid();
                rows::insert_factor(batch, subject, &factor_row(id, Factor::Printed, "", hash, 0, now));
            }
        }
        Pending::Remove { factor } => rows::remove_factor(batch, subject, *factor, now),
    }
    Ok(())
}

fn factor_row(factor: Uuid, kind: Factor, name: &str, secret: &str, used_step: i64, now: Timestamp) -> FactorRow {
    FactorRow {
        factor,
        kind: kind.name().to_owned(),
        name: name.to_owned(),
        secret: secret.to_owned(),
        used_step,
        created_at: now,
        used_at: None,
        version: 1,
    }
}

fn phone_claim(ctx: &Ctx, phone: &Phone) -> String {
    claim(ctx, &format!("phone|{}", phone.as_str()))
}

/// The changes of a person that wait.
///
/// # Errors
/// When the database fails.
pub async fn waiting(ctx: &Ctx, subject: SubjectId) -> Result<Vec<Waiting>, IdentityError> {
    let rows = rows::open_changes(&ctx.db, subject).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Waiting { id: row.change, change: Change::parse(&row.kind)?, asked: row.asked_at, due: row.due_at })
        })
        .collect())
}

/// Takes a change back that waits; one that is over or another's is left alone.
///
/// # Errors
/// When the database fails.
pub async fn cancel(ctx: &Ctx, subject: SubjectId, change: Uuid) -> Result<bool, IdentityError> {
    let mut batch = Batch::new(subject);
    rows::end_change(&mut batch, subject, change, "cancelled", ctx.now());
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(true),
        Err(CommitError::Guard(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Brings changes into force whose time has come. A frozen account's are not: the freeze has ended them.
///
/// # Errors
/// When the database fails.
pub async fn ripen(ctx: &Ctx) -> Result<usize, IdentityError> {
    let now = ctx.now();
    let due = rows::due_changes(&ctx.db, now).await?;
    let mut done = 0;
    for row in due {
        let data = sealed::open(ctx, &words(row.subject, row.change), &row.data)?;
        let pending: Pending =
            serde_json::from_slice(&data).map_err(|error| IdentityError::Broken(error.to_string()))?;
        let mut batch = Batch::new(row.subject);
        // Judged again by what was proved then: a freeze that came between the wish and its writing holds all the same.
        let proved: Vec<Factor> = row.proved.split(' ').filter_map(Factor::parse).collect();
        if let Verdict::Missing { .. } | Verdict::Frozen =
            judge(pending.change(), &proved, standing(ctx, row.subject).await?)
        {
            rows::end_change(&mut batch, row.subject, row.change, "frozen", now);
            match ctx.db.commit(batch).await {
                Ok(()) | Err(CommitError::Guard(_)) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        rows::end_change(&mut batch, row.subject, row.change, "done", now);
        apply(ctx, &mut batch, row.subject, &pending, None).await?;
        let template = if pending.change() == Change::Recover { "account-recovered" } else { "locks-changed" };
        tell(ctx, &mut batch, row.subject, template, now);
        match ctx.db.commit(batch).await {
            Ok(()) => done += 1,
            // Ended in between: by a freeze, by its owner, by another instance.
            Err(CommitError::Guard(_)) => {}
            // The number belongs to somebody else by now.
            Err(CommitError::Unique(_)) => {
                let mut batch = Batch::new(row.subject);
                rows::end_change(&mut batch, row.subject, row.change, "failed", now);
                ctx.db.commit(batch).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// Whether a link "this was not me" is known; nothing is changed by looking.
///
/// # Errors
/// When the database fails.
pub async fn not_me_known(ctx: &Ctx, token: &str) -> Result<bool, IdentityError> {
    Ok(rows::undo(&ctx.db, &token_hex(token), ctx.now()).await?.is_some_and(|row| row.used_at.is_none()))
}

/// "This was not me": freezes the account, ends what waits, all sessions and all known devices.
///
/// The link is good once: who has it later cannot freeze an account again that its owner has recovered.
///
/// # Errors
/// When the database fails.
pub async fn not_me(ctx: &Ctx, token: &str) -> Result<NotMe, IdentityError> {
    let hash = token_hex(token);
    let now = ctx.now();
    let Some(found) = rows::undo(&ctx.db, &hash, now).await? else { return Ok(NotMe::Unknown) };
    if found.used_at.is_some() {
        let frozen = rows::guard(&ctx.db, found.subject).await?.frozen_at.is_some();
        return Ok(if frozen { NotMe::Frozen } else { NotMe::Unknown });
    }
    let subject = found.subject;
    let mut batch = Batch::new(subject);
    rows::use_undo(&mut batch, &hash, now);
    let mut guard = rows::guard(&ctx.db, subject).await?;
    guard.frozen_at = Some(now);
    rows::save_guard(&mut batch, subject, &guard);
    rows::end_changes(&mut batch, subject, "frozen", now);
    sessions::end_all(ctx, &mut batch, subject);
    store::forget_devices(&mut batch, subject.uuid(), "");
    emit(
        ctx,
        &mut batch,
        &NoticeRequested {
            subject,
            template: "account-frozen".to_owned(),
            args: BTreeMap::new(),
            link: Some("/recover".to_owned()),
            urgency: Urgency::Important,
        },
    );
    match ctx.db.commit(batch).await {
        // Pressed twice at the same moment: the other press has frozen it.
        Ok(()) | Err(CommitError::Guard(_)) => Ok(NotMe::Frozen),
        Err(error) => Err(error.into()),
    }
}

/// Whether the account is frozen.
pub(crate) async fn frozen(ctx: &Ctx, subject: SubjectId) -> Result<bool, IdentityError> {
    Ok(rows::guard(&ctx.db, subject).await?.frozen_at.is_some())
}
