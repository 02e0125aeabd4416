//! Signing in: PINFL, passport or phone with a password, then a code on a new device; or a code alone; staff always both.

use std::collections::BTreeMap;

use contracts::notifications::{Arg, NoticeRequested, Urgency};
use contracts::{Ctx, Principal, emit};
use kernel::clock::Timestamp;
use kernel::id::{SessionId, StaffId, SubjectId};
use kernel::lang::Text;
use kernel::person::Phone;
use storage::Batch;
use uuid::Uuid;

use super::flow::{self, Answer, Begun, Data, Resent, Target};
use super::sessions::{Account, known_device, open, remember};
use super::throttle::{Gate, enter, forgive};
use super::{IdentityError, Origin, claim, hashing, locks};
use crate::domain::factor::{self, Factor, Proof};
use crate::domain::login::Login;
use crate::domain::session::Owner;
use crate::domain::throttle::{Attempt, Bucket, buckets};
use crate::store::factors as rows;
use crate::store::{self, PersonRow};

/// What a sign-in led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in: the password was right and the device is known.
    Done { session: String, device: Option<String> },
    /// A code was sent (or seems to have been); the flow's token and, when the password was right, the masked phone.
    Code { flow: String, phone: Option<String> },
    /// Login or password is wrong; never which.
    Refused,
    /// Too many tries from here.
    Held { until: Timestamp },
    /// The password was right; the second step is one that nothing is sent for.
    Other { flow: String },
    /// The password was right, but somebody pressed "this was not me": only a recovery helps.
    Frozen,
}

/// Signs a person in by login and password.
///
/// An unknown login takes as long and looks the same as a wrong password.
///
/// # Errors
/// When the database or the hashing fails; a refusal is an answer.
pub async fn sign_in(ctx: &Ctx, typed: &str, password: &str, origin: &Origin) -> Result<SignIn, IdentityError> {
    let (person, key) = find(ctx, typed).await?;
    let device = match &person {
        Some(row) => known_device(ctx, row.person.subject.uuid(), origin).await?,
        None => None,
    };
    let counted = buckets(&Attempt { login: &key, known_device: device.as_deref(), address: &origin.address });
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(SignIn::Held { until });
    }
    let right = hashing::verify(password, person.as_ref().map(|row| row.password_hash.as_str())).await?;
    let (Some(row), true) = (person, right) else { return Ok(SignIn::Refused) };
    let subject = row.person.subject;
    let mut batch = Batch::new(subject);
    forgive(ctx, &mut batch, &counted);
    let guard = rows::guard(&ctx.db, subject).await?;
    if guard.frozen_at.is_some() {
        ctx.db.commit(batch).await?;
        return Ok(SignIn::Frozen);
    }
    if device.is_some() {
        let proofs = [Proof::new(Factor::Password, ctx.now())];
        let session = open(ctx, &mut batch, &account(&row), &proofs, origin);
        let device = remember(ctx, &mut batch, subject.uuid(), origin);
        ctx.db.commit(batch).await?;
        return Ok(SignIn::Done { session, device: Some(device) });
    }
    ctx.db.commit(batch).await?;
    let Some((target, to)) = target(&row, &guard) else {
        return Err(IdentityError::Broken("a person without a phone".to_owned()));
    };
    let data =
        Data::Person { owner: subject.uuid(), phone: to, lang: row.person.lang, by_password: true, replaces: None };
    if guard.code_by == Factor::Totp.name() && has_totp(ctx, subject).await? {
        return Ok(match flow::begin(ctx, &data, None, None).await? {
            Begun::Flow(flow) => SignIn::Other { flow },
            Begun::Held(until) => SignIn::Held { until },
        });
    }
    code_step(flow::begin(ctx, &data, Some((&target, row.person.lang)), None).await?, Some(&target))
}

/// Sends a code to sign in without a password. Whether there is such an account is not told.
///
/// # Errors
/// When the database fails.
pub async fn sign_in_by_code(ctx: &Ctx, typed: &str, origin: &Origin) -> Result<SignIn, IdentityError> {
    let (person, key) = find(ctx, typed).await?;
    let device = match &person {
        Some(row) => known_device(ctx, row.person.subject.uuid(), origin).await?,
        None => None,
    };
    if device.is_none() {
        // Counted for the address, so that one visitor cannot set a thousand phones ringing.
        let counted = [
            Bucket::Address { address: origin.address.clone() },
            Bucket::Pair { login: format!("code|{key}"), address: origin.address.clone() },
        ];
        if let Gate::Held(until) = enter(ctx, &counted).await? {
            return Ok(SignIn::Held { until });
        }
    }
    let found = match person {
        Some(row) => {
            let guard = rows::guard(&ctx.db, row.person.subject).await?;
            target(&row, &guard).map(|(target, to)| (row.person.subject, target, to, row.person.lang))
        }
        None => None,
    };
    let Some((subject, target, to, lang)) = found else {
        return code_step(flow::begin(ctx, &Data::Nobody, None, None).await?, None);
    };
    let data = Data::Person { owner: subject.uuid(), phone: to, lang, by_password: false, replaces: None };
    code_step(flow::begin(ctx, &data, Some((&target, lang)), device.as_deref()).await?, None)
}

/// Sends a code to a person who is signed in by a password only, because a service asks for more certainty.
///
/// The right code opens a new session and ends the one that asked: what was known of the old token opens no more.
///
/// Rule: IDN-STEP-UP.
/// Source: NIST SP 800-63B §7.2 (reauthentication for a higher level); OWASP Session Management (a new token when rights grow).
///
/// # Errors
/// When the database fails, or the person has no phone.
pub async fn step_up(ctx: &Ctx, principal: &Principal, by: Factor, origin: &Origin) -> Result<SignIn, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(SignIn::Refused) };
    let Some(row) = store::person(&ctx.db, subject).await? else { return Ok(SignIn::Refused) };
    let mut guard = rows::guard(&ctx.db, subject).await?;
    by.name().clone_into(&mut guard.code_by);
    let Some((target, to)) = target(&row, &guard) else { return Ok(SignIn::Refused) };
    let device = known_device(ctx, subject.uuid(), origin).await?;
    let data = Data::Person {
        owner: subject.uuid(),
        phone: to,
        lang: row.person.lang,
        by_password: true,
        replaces: Some(principal.session.uuid()),
    };
    code_step(flow::begin(ctx, &data, Some((&target, row.person.lang)), device.as_deref()).await?, Some(&target))
}

/// Signs a member of staff in by login and password; a code follows always.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn staff_sign_in(ctx: &Ctx, login: &str, password: &str, origin: &Origin) -> Result<SignIn, IdentityError> {
    let key = staff_key(login);
    let found = match store::claim_owner(&ctx.db, &claim(ctx, &key)).await? {
        Some(owner) => store::staff(&ctx.db, StaffId::from_uuid(owner)).await?.filter(|row| row.active),
        None => None,
    };
    let device = match &found {
        Some(row) => known_device(ctx, row.member.staff.uuid(), origin).await?,
        None => None,
    };
    let counted = buckets(&Attempt { login: &key, known_device: device.as_deref(), address: &origin.address });
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(SignIn::Held { until });
    }
    let right = hashing::verify(password, found.as_ref().map(|row| row.password_hash.as_str())).await?;
    let (Some(row), true) = (found, right) else { return Ok(SignIn::Refused) };
    let owner = row.member.staff.uuid();
    let mut batch = Batch::new(SubjectId::from_uuid(owner));
    forgive(ctx, &mut batch, &counted);
    ctx.db.commit(batch).await?;
    let phone = Phone::parse(&row.phone).map_err(|_| IdentityError::Broken("phone of staff".to_owned()))?;
    let data = Data::Staff { owner, phone: phone.as_str().to_owned(), lang: row.lang };
    let phone = Target::Phone(phone);
    code_step(flow::begin(ctx, &data, Some((&phone, row.lang)), device.as_deref()).await?, Some(&phone))
}

/// Judges a code; a right one signs in (or, in a registration, proves the phone).
///
/// `remember_device`: ask for the password only from now on, on this browser.
///
/// # Errors
/// When the database fails.
pub async fn answer_code(
    ctx: &Ctx,
    flow_token: &str,
    typed: &str,
    origin: &Origin,
    remember_device: bool,
) -> Result<Answer, IdentityError> {
    // A code that binds a new number, or a flow that has none, is not a sign-in.
    if let Some((_, _, data)) = flow::load(ctx, flow_token).await?
        && !matches!(data, Data::Register(_) | Data::Person { .. } | Data::Staff { .. } | Data::Nobody)
    {
        return Ok(Answer::Gone);
    }
    let mut right = match flow::judge(ctx, flow_token, typed).await? {
        Ok(right) => right,
        Err(answer) => return Ok(answer),
    };
    let now = ctx.now();
    let mut batch = Batch::new(flow::subject_of(&right.data));
    right.flow.proved_at = Some(now);
    let signed_in = match &right.data {
        Data::Register(_)
        | Data::Nobody
        | Data::Passkey { .. }
        | Data::Face { .. }
        | Data::Recover { .. }
        | Data::Bind { .. } => None,
        Data::Person { owner, phone, by_password, replaces, .. } => {
            let Some(row) = store::person(&ctx.db, SubjectId::from_uuid(*owner)).await? else {
                return Ok(Answer::Gone);
            };
            if locks::frozen(ctx, row.person.subject).await? {
                return Ok(Answer::Frozen);
            }
            let known = known_device(ctx, *owner, origin).await?.is_some();
            let old = match replaces {
                Some(old) => {
                    let old = SessionId::from_uuid(*old);
                    // A session that has ended in between lifts nothing.
                    let Some(proofs) = rows::live_proofs(&ctx.db, *owner, old).await? else {
                        return Ok(Answer::Gone);
                    };
                    store::revoke_session(&mut batch, *owner, old, now);
                    proofs
                }
                None if *by_password => vec![Proof::new(Factor::Password, now)],
                None => Vec::new(),
            };
            let by = if phone.contains('@') { Factor::Email } else { Factor::Sms };
            let proofs = factor::with(&old, Proof::new(by, now));
            let session = open(ctx, &mut batch, &account(&row), &proofs, origin);
            let device = (remember_device || known).then(|| remember(ctx, &mut batch, *owner, origin));
            if !known {
                tell_new_device(ctx, &mut batch, &row, origin);
            }
            tracing::info!(by_password, known, "a person signed in");
            Some((session, device, false))
        }
        Data::Staff { owner, .. } => {
            let Some(row) = store::staff(&ctx.db, StaffId::from_uuid(*owner)).await?.filter(|row| row.active) else {
                return Ok(Answer::Gone);
            };
            let account =
                Account { owner: *owner, kind: Owner::Staff, account: row.account, name: row.member.name.clone() };
            let proofs = [Proof::new(Factor::Password, now), Proof::new(Factor::Sms, now)];
            let session = open(ctx, &mut batch, &account, &proofs, origin);
            // Remembered only so that failures elsewhere cannot block it; the code is asked for all the same.
            let device = Some(remember(ctx, &mut batch, *owner, origin));
            Some((session, device, true))
        }
    };
    if signed_in.is_some() {
        right.flow.done_at = Some(now);
    }
    store::update_flow(&mut batch, &right.hash, &right.flow);
    match ctx.db.commit(batch).await {
        Ok(()) => {}
        // The same right code twice at the same moment: one of them wins.
        Err(storage::CommitError::Guard(_)) => return Ok(Answer::Gone),
        Err(error) => return Err(error.into()),
    }
    Ok(match signed_in {
        Some((session, device, staff)) => Answer::SignedIn { session, device, staff },
        None => Answer::Proved,
    })
}

/// Sends the code of a flow again.
///
/// # Errors
/// When the database fails.
pub async fn resend_code(ctx: &Ctx, flow_token: &str, origin: &Origin) -> Result<Resent, IdentityError> {
    let device = match flow::load(ctx, flow_token).await? {
        Some((_, row, _)) => match row.owner {
            Some(owner) => known_device(ctx, owner, origin).await?,
            None => None,
        },
        None => None,
    };
    flow::resend(ctx, flow_token, device.as_deref()).await
}

/// The masked phone of a flow, when the reader has proved enough to see it; `None` when the flow is gone.
///
/// # Errors
/// When the database fails.
pub async fn flow_phone(ctx: &Ctx, flow_token: &str) -> Result<Option<Option<String>>, IdentityError> {
    let Some((_, row, data)) = flow::load(ctx, flow_token).await? else { return Ok(None) };
    if row.done_at.is_some() {
        return Ok(None);
    }
    let shown = match &data {
        Data::Register(_) | Data::Person { by_password: true, .. } | Data::Staff { .. } => true,
        Data::Person { by_password: false, .. } | Data::Nobody => false,
        Data::Passkey { .. } | Data::Face { .. } | Data::Recover { .. } | Data::Bind { .. } => return Ok(None),
    };
    Ok(Some(flow::recipient(&data).filter(|_| shown).map(|(target, _)| target.masked())))
}

/// The person behind what was typed, and the text that failures are counted under: the owner's id when there is
/// one, so that three logins of a person are not three times the guesses.
pub(crate) async fn find(ctx: &Ctx, typed: &str) -> Result<(Option<PersonRow>, String), IdentityError> {
    let Some(login) = Login::parse(typed) else {
        let typed: String = typed.trim().to_lowercase().chars().take(64).collect();
        return Ok((None, format!("unreadable|{typed}")));
    };
    let owner: Option<Uuid> = store::claim_owner(&ctx.db, &claim(ctx, &login.key())).await?;
    match owner {
        Some(owner) => Ok((store::person(&ctx.db, SubjectId::from_uuid(owner)).await?, owner.to_string())),
        None => Ok((None, login.key())),
    }
}

pub(crate) fn staff_key(login: &str) -> String {
    let login: String = login.trim().to_lowercase().chars().take(64).collect();
    format!("staff|{login}")
}

pub(crate) fn account(row: &PersonRow) -> Account {
    Account {
        owner: row.person.subject.uuid(),
        kind: Owner::Citizen,
        account: row.account,
        name: row.person.full_name(),
    }
}

/// Where a person's codes go: the confirmed address when they chose it, else the phone.
fn target(row: &PersonRow, guard: &rows::GuardRow) -> Option<(Target, String)> {
    if let (true, Some(_), Some(email)) =
        (guard.code_by == Factor::Email.name(), guard.email_at, row.person.email.as_deref())
        && let Some(target) = Target::parse(email)
    {
        return Some((target, email.to_owned()));
    }
    let phone = row.person.phone.as_ref()?;
    Some((Target::Phone(*phone), phone.as_str().to_owned()))
}

async fn has_totp(ctx: &Ctx, subject: SubjectId) -> Result<bool, IdentityError> {
    Ok(rows::factors(&ctx.db, subject).await?.iter().any(|row| row.kind == Factor::Totp.name()))
}

fn code_step(begun: Begun, to: Option<&Target>) -> Result<SignIn, IdentityError> {
    Ok(match begun {
        Begun::Flow(flow) => SignIn::Code { flow, phone: to.map(Target::masked) },
        Begun::Held(until) => SignIn::Held { until },
    })
}

/// Tells a person that a device signed in that was not known.
pub(crate) fn tell_new_device(ctx: &Ctx, batch: &mut Batch, row: &PersonRow, origin: &Origin) {
    emit(ctx, batch, &new_device_notice(ctx, row, origin));
}

fn new_device_notice(ctx: &Ctx, row: &PersonRow, origin: &Origin) -> NoticeRequested {
    // Told in the language in which the message is read, which may not be today's.
    let at = Text::each(|lang| kernel::format::datetime(ctx.now(), lang));
    NoticeRequested {
        subject: row.person.subject,
        template: "sign-in-new-device".to_owned(),
        args: BTreeMap::from([
            ("device".to_owned(), Arg::Text(crate::domain::session::device_name(&origin.user_agent))),
            ("place".to_owned(), Arg::Text(origin.address.clone())),
            ("at".to_owned(), Arg::Localized(at)),
        ]),
        link: Some("/cabinet/security".to_owned()),
        urgency: Urgency::Normal,
    }
}
