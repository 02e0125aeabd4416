//! Ways to sign in that a person has, and proving one of them.

use contracts::{Assurance, Ctx, Principal};
use kernel::clock::Timestamp;
use kernel::id::{SessionId, SubjectId};
use storage::{Batch, CommitError};
use uuid::Uuid;

use super::locks::{self, Outcome, Pending};
use super::sessions::{Account, open};
use super::throttle::{Gate, enter, forgive};
use super::{IdentityError, Origin, face, hashing, mac, sealed};
use crate::domain::factor::{self, Factor, Proof};
use crate::domain::locks::{Change, Standing, Verdict, judge, just_recovered};
use crate::domain::session::Owner;
use crate::domain::throttle::Bucket;
use crate::domain::{code, totp};
use crate::store::factors::{self as rows, FactorRow};
use crate::store::{self, PersonRow};

/// How many printed codes there are on a sheet.
pub const PRINTED: usize = 10;
/// Letters and digits of printed codes: none that is taken for another.
const PRINTED_LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Letters of a printed code: 31^10, some 49 bits.
const PRINTED_LENGTH: usize = 10;

/// A way to sign in that the person added.
#[derive(Clone, Debug)]
pub struct Way {
    pub id: Uuid,
    pub factor: Factor,
    /// As the person called it.
    pub name: String,
    pub since: Timestamp,
    pub used: Option<Timestamp>,
}

/// How a person can prove who they are, and how the account stands.
#[derive(Clone, Debug)]
pub struct Ways {
    /// Every factor that the person can prove, the added ones without repetition.
    pub has: Vec<Factor>,
    /// Apps and passkeys, one by one.
    pub added: Vec<Way>,
    /// Printed codes that are left.
    pub printed: usize,
    pub email: Option<String>,
    pub email_confirmed: bool,
    /// Masked.
    pub phone: Option<String>,
    /// Where codes go: `sms`, `email` or `totp`.
    pub code_by: String,
    pub standing: Standing,
}

/// What proving a factor led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// Right: the token of the session that takes the place of the old one, and of the device when it is to be remembered.
    Done {
        session: String,
        device: Option<String>,
    },
    Wrong,
    Held {
        until: Timestamp,
    },
    /// Somebody pressed "this was not me": only a recovery helps.
    Frozen,
    /// The sign-in is over: start again.
    Gone,
}

/// A secret for an app for codes that is not enrolled yet.
#[derive(Clone, Debug)]
pub struct NewTotp {
    /// The secret, closed: the page carries it to the confirmation.
    pub sealed: String,
    /// For typing.
    pub key: String,
    /// For the QR code.
    pub uri: String,
}

/// What an enrolment led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolled {
    Locks(Outcome),
    /// The first code of the app is wrong: its clock, or a typing mistake.
    WrongCode,
    /// As many as one person may have.
    TooMany,
}

/// The ways of a person.
///
/// # Errors
/// When the database fails.
pub async fn ways(ctx: &Ctx, subject: SubjectId) -> Result<Option<Ways>, IdentityError> {
    let Some(person) = store::person(&ctx.db, subject).await? else { return Ok(None) };
    let guard = rows::guard(&ctx.db, subject).await?;
    let found = rows::factors(&ctx.db, subject).await?;
    let email_confirmed = guard.email_at.is_some() && person.person.email.is_some();
    let kinds = |kind: Factor| found.iter().any(|row| row.kind == kind.name());
    let mut has = vec![Factor::Password];
    for (factor, there) in [
        (Factor::Sms, person.person.phone.is_some()),
        (Factor::Email, email_confirmed),
        (Factor::Totp, kinds(Factor::Totp)),
        (Factor::Printed, kinds(Factor::Printed)),
        (Factor::Passkey, kinds(Factor::Passkey)),
        (Factor::Face, face::offered(ctx) && (person.person.pinfl.is_some() || person.passport.is_some())),
    ] {
        if there {
            has.push(factor);
        }
    }
    let added = found
        .iter()
        .filter(|row| row.kind != Factor::Printed.name())
        .filter_map(|row| {
            Some(Way {
                id: row.factor,
                factor: Factor::parse(&row.kind)?,
                name: row.name.clone(),
                since: row.created_at,
                used: row.used_at,
            })
        })
        .collect();
    Ok(Some(Ways {
        has,
        added,
        printed: found.iter().filter(|row| row.kind == Factor::Printed.name()).count(),
        email_confirmed,
        phone: person.person.phone.as_ref().map(|phone| phone.masked()),
        email: person.person.email,
        code_by: guard.code_by.clone(),
        standing: Standing {
            frozen: guard.frozen_at.is_some(),
            mail_confirmed: email_confirmed,
            just_recovered: just_recovered(guard.recovered_at, ctx.now()),
        },
    }))
}

/// By what the session that asks was proved.
///
/// # Errors
/// When the database fails.
pub async fn proofs(ctx: &Ctx, principal: &Principal) -> Result<Vec<Proof>, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Vec::new()) };
    Ok(rows::session_proofs(&ctx.db, subject.uuid(), principal.session).await?)
}

/// The factors that the session that asks has proved lately enough to change the locks.
pub(crate) async fn fresh(ctx: &Ctx, principal: &Principal) -> Result<Vec<Factor>, IdentityError> {
    Ok(factor::fresh(&proofs(ctx, principal).await?, ctx.now()))
}

/// What the session that asks may do to the locks now.
///
/// # Errors
/// When the database fails.
pub async fn may_change(ctx: &Ctx, principal: &Principal, change: Change) -> Result<Verdict, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Verdict::Missing { weight: 2 }) };
    let fresh = fresh(ctx, principal).await?;
    Ok(judge(change, &fresh, locks::standing(ctx, subject).await?))
}

/// Judges what was typed for a factor of the person and adds what its use changes to the batch.
/// Passkeys and faces are not typed: their own modules judge them.
pub(crate) async fn prove(
    ctx: &Ctx,
    batch: &mut Batch,
    person: &PersonRow,
    factor: Factor,
    typed: &str,
) -> Result<bool, IdentityError> {
    let subject = person.person.subject;
    match factor {
        Factor::Password => hashing::verify(typed, Some(&person.password_hash)).await,
        Factor::Totp => {
            let Some(digits) = code::parse(typed) else { return Ok(false) };
            for row in rows::factors(&ctx.db, subject).await?.iter().filter(|row| row.kind == factor.name()) {
                let secret = sealed::open(ctx, &about(subject, row.factor), &row.secret)?;
                if let Some(step) = totp::accept(&secret, &digits, row.used_step, ctx.now()) {
                    rows::use_factor(batch, subject, row, step, &row.secret, ctx.now());
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Factor::Printed => {
            let Some(hash) = printed_hash(ctx, subject, typed) else { return Ok(false) };
            let found = rows::factors(&ctx.db, subject).await?;
            let fits = |row: &&FactorRow| {
                row.kind == factor.name()
                    && bool::from(subtle::ConstantTimeEq::ct_eq(row.secret.as_bytes(), hash.as_bytes()))
            };
            let Some(row) = found.iter().find(fits) else { return Ok(false) };
            // The guard on its version makes the code good once, even for two presses at the same moment.
            rows::use_factor(batch, subject, row, 0, "", ctx.now());
            rows::remove_factor(batch, subject, row.factor, ctx.now());
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Under which words the secret of a factor is sealed.
pub(crate) fn about(subject: SubjectId, factor: Uuid) -> String {
    format!("factor|{subject}|{factor}")
}

/// Keyed, with the person's id: the same code on two sheets is not the same hash.
fn printed_hash(ctx: &Ctx, subject: SubjectId, typed: &str) -> Option<String> {
    let bare: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .take(PRINTED_LENGTH + 1)
        .collect();
    (bare.len() == PRINTED_LENGTH).then(|| mac(&ctx.settings.key("identity.printed"), &format!("{subject}|{bare}")))
}

/// Proves a typed factor for somebody who is signed in; a right one gives a new session with all proofs of the old one.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn step_up_by(
    ctx: &Ctx,
    principal: &Principal,
    factor: Factor,
    typed: &str,
    origin: &Origin,
) -> Result<Proved, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Proved::Wrong) };
    let Some(person) = store::person(&ctx.db, subject).await? else { return Ok(Proved::Gone) };
    // Somebody who found a signed-in browser must not guess here: counted for the person and the session.
    let counted = [Bucket::Device { login: format!("prove|{subject}"), device: principal.session.to_string() }];
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Proved::Held { until });
    }
    let mut batch = Batch::new(subject);
    if !prove(ctx, &mut batch, &person, factor, typed).await? {
        return Ok(Proved::Wrong);
    }
    forgive(ctx, &mut batch, &counted);
    let session = raise(ctx, &mut batch, &person, principal.session, factor, origin).await?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Proved::Done { session, device: None }),
        Err(CommitError::Guard(_)) => Ok(Proved::Wrong),
        Err(error) => Err(error.into()),
    }
}

/// Adds to the batch: the old session ends, one with a proof more takes its place. Answers its token.
pub(crate) async fn raise(
    ctx: &Ctx,
    batch: &mut Batch,
    person: &PersonRow,
    old: SessionId,
    factor: Factor,
    origin: &Origin,
) -> Result<String, IdentityError> {
    let subject = person.person.subject;
    // A session that has ended in between lifts nothing.
    let known = rows::live_proofs(&ctx.db, subject.uuid(), old).await?.ok_or(IdentityError::Stale)?;
    let proofs = factor::with(&known, Proof::new(factor, ctx.now()));
    store::revoke_session(batch, subject.uuid(), old, ctx.now());
    Ok(open(ctx, batch, &account(person), &proofs, origin))
}

pub(crate) fn account(row: &PersonRow) -> Account {
    Account {
        owner: row.person.subject.uuid(),
        kind: Owner::Citizen,
        account: row.account,
        name: row.person.full_name(),
    }
}

/// Makes a secret for an app; nothing is stored until its first code is right.
///
/// # Errors
/// When sealing fails.
pub fn new_totp(ctx: &Ctx, subject: SubjectId, name: &str) -> Result<NewTotp, IdentityError> {
    let mut secret = [0; totp::SECRET_BYTES];
    ctx.rng.fill(&mut secret);
    shown(ctx, subject, name, &secret)
}

fn shown(ctx: &Ctx, subject: SubjectId, name: &str, secret: &[u8]) -> Result<NewTotp, IdentityError> {
    Ok(NewTotp {
        sealed: sealed::seal(ctx, &format!("totp-new|{subject}"), secret)?,
        key: totp::spaced(secret),
        uri: totp::uri(secret, "Peshtoq", name),
    })
}

/// Shows the same secret again, after a wrong first code.
///
/// # Errors
/// When what the page sent back does not open for this person.
pub fn same_totp(ctx: &Ctx, subject: SubjectId, name: &str, sealed: &str) -> Result<NewTotp, IdentityError> {
    let secret = sealed::open(ctx, &format!("totp-new|{subject}"), sealed)?;
    shown(ctx, subject, name, &secret)
}

/// Enrols an app whose first code is right.
///
/// # Errors
/// When the database fails.
pub async fn confirm_totp(
    ctx: &Ctx,
    principal: &Principal,
    sealed: &str,
    name: &str,
    typed: &str,
) -> Result<Enrolled, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Enrolled::WrongCode) };
    let Ok(secret) = sealed::open(ctx, &format!("totp-new|{subject}"), sealed) else { return Ok(Enrolled::WrongCode) };
    let found = rows::factors(&ctx.db, subject).await?;
    if found.iter().filter(|row| row.kind == Factor::Totp.name()).count() >= totp::MOST {
        return Ok(Enrolled::TooMany);
    }
    let step = code::parse(typed).and_then(|digits| totp::accept(&secret, &digits, 0, ctx.now()));
    let Some(step) = step else { return Ok(Enrolled::WrongCode) };
    let factor = SessionId::new(ctx.now(), &*ctx.rng).uuid();
    let sealed = sealed::seal(ctx, &about(subject, factor), &secret)?;
    let pending = Pending::Way { factor, kind: Factor::Totp, name: name.to_owned(), secret: sealed, step };
    Ok(Enrolled::Locks(locks::by_session(ctx, principal, pending).await?))
}

/// Makes a new sheet of printed codes; the old ones stop being good when it comes into force. The codes are told once.
///
/// # Errors
/// When the database fails.
pub async fn new_printed(ctx: &Ctx, principal: &Principal) -> Result<(Outcome, Vec<String>), IdentityError> {
    let Some(subject) = principal.subject() else { return Ok((Outcome::Missing, Vec::new())) };
    let mut codes = Vec::with_capacity(PRINTED);
    let mut hashes = Vec::with_capacity(PRINTED);
    while codes.len() < PRINTED {
        let code = random_code(ctx);
        if let Some(hash) = printed_hash(ctx, subject, &code) {
            hashes.push(hash);
            codes.push(format!("{}-{}", &code[..PRINTED_LENGTH / 2], &code[PRINTED_LENGTH / 2..]));
        }
    }
    let outcome = locks::by_session(ctx, principal, Pending::Printed { hashes }).await?;
    let told = matches!(outcome, Outcome::Done | Outcome::After { .. });
    Ok((outcome, if told { codes } else { Vec::new() }))
}

fn random_code(ctx: &Ctx) -> String {
    let mut out = String::with_capacity(PRINTED_LENGTH);
    let limit = 256 - 256 % PRINTED_LETTERS.len();
    while out.len() < PRINTED_LENGTH {
        let mut byte = [0; 1];
        ctx.rng.fill(&mut byte);
        // Bytes beyond the last whole round would make the first letters likelier.
        if usize::from(byte[0]) < limit {
            out.push(char::from(PRINTED_LETTERS[usize::from(byte[0]) % PRINTED_LETTERS.len()]));
        }
    }
    out
}

/// Removes a way; another's is not found.
///
/// # Errors
/// When the database fails.
pub async fn remove(ctx: &Ctx, principal: &Principal, way: Uuid) -> Result<Option<Outcome>, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(None) };
    if !rows::factors(&ctx.db, subject).await?.iter().any(|row| row.factor == way) {
        return Ok(None);
    }
    locks::by_session(ctx, principal, Pending::Remove { factor: way }).await.map(Some)
}

/// Seals anew what still lies under an earlier key; answers how many were.
///
/// # Errors
/// When the database fails, or a secret does not open with any key.
pub async fn reseal(ctx: &Ctx) -> Result<usize, IdentityError> {
    let found = rows::sealed_otherwise(&ctx.db, &sealed::key_in_use(ctx)?).await?;
    let count = found.len();
    for (subject, factor, secret, version) in found {
        let words = about(subject, factor);
        let secret = sealed::seal(ctx, &words, &sealed::open(ctx, &words, &secret)?)?;
        let mut batch = Batch::new(subject);
        rows::reseal(&mut batch, subject, factor, &secret, version);
        ctx.db.commit(batch).await?;
    }
    Ok(count)
}

/// The means by which a person who is signed in reaches a level, or proves enough to change the locks.
///
/// # Errors
/// When the database fails.
pub async fn means(ctx: &Ctx, principal: &Principal, wanted: Option<Assurance>) -> Result<Vec<Factor>, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Vec::new()) };
    let Some(ways) = ways(ctx, subject).await? else { return Ok(Vec::new()) };
    let proofs = proofs(ctx, principal).await?;
    Ok(match wanted {
        Some(wanted) => {
            let proved: Vec<Factor> = proofs.iter().map(|proof| proof.factor).collect();
            factor::reaching(wanted, &proved, &ways.has)
        }
        None => {
            let fresh = factor::fresh(&proofs, ctx.now());
            // A code over a network adds nothing to the locks.
            let counts = |factor: &Factor| {
                judge(Change::AddWay, &[*factor], Standing { mail_confirmed: true, ..Standing::default() })
                    == Verdict::After
            };
            ways.has.into_iter().filter(|factor| !fresh.contains(factor) && counts(factor)).collect()
        }
    })
}
