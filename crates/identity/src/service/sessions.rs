//! Sessions and known devices.

use contracts::identity::{SessionFacts, SessionsEnded};
use contracts::{Channel, Ctx, Principal, Who, emit};
use kernel::clock::Timestamp;
use kernel::id::{AccountId, SessionId, StaffId, SubjectId};
use storage::Batch;
use uuid::Uuid;

use super::{IdentityError, Origin, token_hash, token_hex};
use crate::domain::factor::{self, Factor, Proof, level};
use crate::domain::session::{self, Owner, alive, device_name, plus, touched};
use crate::store::factors::{self as rows, SignInRow};
use crate::store::{self, SessionRow};

/// How long a device is remembered after its last sign-in, in seconds: 90 days.
const DEVICE_LIFETIME_S: i64 = 90 * 86_400;

/// How long sign-ins are kept for their owner to see, in seconds: a year.
const HISTORY_S: i64 = 365 * 86_400;

/// A session, for the list that its owner sees.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub session: SessionId,
    /// Browser and system in two words.
    pub device: String,
    /// Network address.
    pub place: String,
    pub begun: Timestamp,
    pub seen: Timestamp,
    /// The one that asks.
    pub current: bool,
}

/// For whom a session is opened.
pub(crate) struct Account {
    pub(crate) owner: Uuid,
    pub(crate) kind: Owner,
    pub(crate) account: AccountId,
    pub(crate) name: String,
}

/// Adds a new session to the batch and returns its token: 32 random bytes, which only the holder will have.
pub(crate) fn open(ctx: &Ctx, batch: &mut Batch, account: &Account, proofs: &[Proof], origin: &Origin) -> String {
    let now = ctx.now();
    let token = ctx.rng.token(32);
    let factors = || proofs.iter().map(|proof| proof.factor);
    let row = SessionRow {
        session: SessionId::new(now, &*ctx.rng),
        owner: account.owner,
        kind: account.kind,
        account: account.account,
        display_name: account.name.clone(),
        assurance: level(factors()),
        channel: origin.channel,
        by_code: !factors().any(|factor| factor == Factor::Password),
        device: device_name(&origin.user_agent),
        place: origin.address.clone(),
        created_at: now,
        life: session::begin(account.kind, now),
    };
    store::insert_session(batch, &token_hash(&token), &row);
    rows::set_proofs(batch, &token_hash(&token), proofs);
    let entry = SignInRow {
        entry: SessionId::new(now, &*ctx.rng).uuid(),
        at: now,
        device: row.device.clone(),
        place: row.place.clone(),
        means: factor::write(proofs),
    };
    rows::insert_sign_in(batch, SubjectId::from_uuid(account.owner), &entry);
    if account.kind == Owner::Staff {
        store::grants::seen(batch, account.owner, now);
    }
    token
}

/// Remembers the browser for this account and returns the device token for its cookie: the one it has, or a new one.
pub(crate) fn remember(ctx: &Ctx, batch: &mut Batch, owner: Uuid, origin: &Origin) -> String {
    let now = ctx.now();
    let token = origin.device.clone().unwrap_or_else(|| ctx.rng.token(32));
    store::remember_device(batch, owner, &token_hex(&token), now, plus(now, DEVICE_LIFETIME_S));
    token
}

/// The hash of the device's token, when the device is known for this account.
pub(crate) async fn known_device(ctx: &Ctx, owner: Uuid, origin: &Origin) -> Result<Option<String>, IdentityError> {
    let Some(device) = &origin.device else { return Ok(None) };
    let hash = token_hex(device);
    Ok(store::device_known(&ctx.db, owner, &hash, ctx.now()).await?.then_some(hash))
}

/// Who is behind a token; notes its use, at most every few minutes.
pub(crate) async fn principal(ctx: &Ctx, token: &str) -> Result<Option<Principal>, IdentityError> {
    // Tokens of ours are 43 characters; anything else is not worth a look.
    if token.len() > 100 {
        return Ok(None);
    }
    let hash = token_hash(token);
    let Some(row) = store::session(&ctx.db, &hash).await? else { return Ok(None) };
    let now = ctx.now();
    if !alive(&row.life, now) {
        return Ok(None);
    }
    let who = match row.kind {
        Owner::Citizen => Who::Citizen { subject: SubjectId::from_uuid(row.owner) },
        Owner::Staff => {
            // Roles are read afresh each time: a right that was taken away ends with the next request.
            let staff = StaffId::from_uuid(row.owner);
            match store::staff(&ctx.db, staff).await? {
                Some(found) if found.active => {
                    Who::Official { staff, unit: found.member.unit, roles: found.member.roles }
                }
                _ => return Ok(None),
            }
        }
    };
    if let Some(life) = touched(row.kind, &row.life, now) {
        let mut batch = Batch::new(SubjectId::from_uuid(row.owner));
        store::touch_session(&mut batch, &hash, &life);
        if row.kind == Owner::Staff {
            store::grants::seen(&mut batch, row.owner, now);
        }
        // A busy database must not turn a reader away for a note on the time.
        if let Err(error) = ctx.db.commit(batch).await {
            tracing::warn!(%error, "the use of a session was not noted");
        }
    }
    Ok(Some(Principal {
        account: row.account,
        session: row.session,
        who,
        display_name: row.display_name,
        assurance: row.assurance,
        channel: row.channel,
    }))
}

fn owner_of(principal: &Principal) -> Uuid {
    match &principal.who {
        Who::Citizen { subject } => subject.uuid(),
        Who::Official { staff, .. } => staff.uuid(),
    }
}

/// The live sessions of the one who asks, last used first.
pub async fn list(ctx: &Ctx, principal: &Principal) -> Result<Vec<OpenSession>, IdentityError> {
    let rows = store::sessions_of(&ctx.db, owner_of(principal), ctx.now()).await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenSession {
            current: row.session == principal.session,
            session: row.session,
            device: row.device,
            place: row.place,
            begun: row.created_at,
            seen: row.life.seen_at,
        })
        .collect())
}

/// Ends one session of the one who asks; another's session is not touched.
pub async fn revoke(ctx: &Ctx, principal: &Principal, session: SessionId) -> Result<(), IdentityError> {
    end(ctx, owner_of(principal), session).await
}

/// Ends a session of an owner and tells so.
pub(crate) async fn end(ctx: &Ctx, owner: Uuid, session: SessionId) -> Result<(), IdentityError> {
    let subject = SubjectId::from_uuid(owner);
    let mut batch = Batch::new(subject);
    store::revoke_session(&mut batch, owner, session, ctx.now());
    emit(ctx, &mut batch, &SessionsEnded { subject, session: Some(session), except: None });
    Ok(ctx.db.commit(batch).await?)
}

/// How and when a live session began.
pub(crate) async fn facts(
    ctx: &Ctx,
    subject: SubjectId,
    session: SessionId,
) -> Result<Option<SessionFacts>, IdentityError> {
    let live = store::sessions_of(&ctx.db, subject.uuid(), ctx.now()).await?;
    let proofs = rows::session_proofs(&ctx.db, subject.uuid(), session).await?;
    let factors: Vec<_> = proofs.iter().map(|proof| proof.factor).collect();
    Ok(live.into_iter().find(|row| row.session == session).map(|row| SessionFacts {
        session,
        begun: row.created_at,
        assurance: row.assurance,
        by_code: row.by_code,
        amr: factor::amr(&factors).into_iter().map(str::to_owned).collect(),
    }))
}

/// Ends all sessions but the one that asks, and forgets all devices but this one.
pub async fn revoke_others(ctx: &Ctx, principal: &Principal, origin: &Origin) -> Result<(), IdentityError> {
    let owner = owner_of(principal);
    let mut batch = Batch::new(SubjectId::from_uuid(owner));
    end_others(ctx, &mut batch, owner, principal.session, origin);
    Ok(ctx.db.commit(batch).await?)
}

/// Ends every session of a person and tells so: whoever changed the locks elsewhere is out, at other systems too.
pub(crate) fn end_all(ctx: &Ctx, batch: &mut Batch, subject: SubjectId) {
    rows::revoke_all(batch, subject.uuid(), ctx.now());
    emit(ctx, batch, &SessionsEnded { subject, session: None, except: None });
}

pub(crate) fn end_others(ctx: &Ctx, batch: &mut Batch, owner: Uuid, keep: SessionId, origin: &Origin) {
    let device = origin.device.as_deref().map(token_hex).unwrap_or_default();
    store::revoke_others(batch, owner, keep, ctx.now());
    let subject = SubjectId::from_uuid(owner);
    emit(ctx, batch, &SessionsEnded { subject, session: None, except: Some(keep) });
    store::forget_devices(batch, owner, &device);
}

/// Ends the session that asks.
pub async fn sign_out(ctx: &Ctx, principal: &Principal) -> Result<(), IdentityError> {
    revoke(ctx, principal, principal.session).await
}

/// Opens a session without asking for anything: for tests, measurements and the demo's own tools; no page calls it.
pub async fn open_for_person(ctx: &Ctx, subject: SubjectId, channel: Channel) -> Result<Option<String>, IdentityError> {
    let Some(row) = store::person(&ctx.db, subject).await? else { return Ok(None) };
    let account =
        Account { owner: subject.uuid(), kind: Owner::Citizen, account: row.account, name: row.person.full_name() };
    open_quietly(ctx, &account, channel).await.map(Some)
}

/// [`open_for_person`] for a member of staff.
pub async fn open_for_staff(ctx: &Ctx, staff: StaffId, channel: Channel) -> Result<Option<String>, IdentityError> {
    let Some(row) = store::staff(&ctx.db, staff).await? else { return Ok(None) };
    let account = Account { owner: staff.uuid(), kind: Owner::Staff, account: row.account, name: row.member.name };
    open_quietly(ctx, &account, channel).await.map(Some)
}

async fn open_quietly(ctx: &Ctx, account: &Account, channel: Channel) -> Result<String, IdentityError> {
    let origin = Origin { device: None, address: "–".to_owned(), user_agent: String::new(), channel };
    let mut batch = Batch::new(SubjectId::from_uuid(account.owner));
    let now = ctx.now();
    let proofs = [Proof::new(Factor::Password, now), Proof::new(Factor::Sms, now)];
    let token = open(ctx, &mut batch, account, &proofs, &origin);
    ctx.db.commit(batch).await?;
    Ok(token)
}

/// Forgets flows, sessions, devices and counters that have ended.
pub async fn forget_ended(ctx: &Ctx) -> Result<(), IdentityError> {
    let now = ctx.now();
    let mut batch = Batch::system();
    store::forget(&mut batch, now, plus(now, -2 * 86_400));
    rows::forget(&mut batch, now, plus(now, -HISTORY_S));
    store::mandates::forget_acting(&mut batch, plus(now, -2 * 86_400));
    Ok(ctx.db.commit(batch).await?)
}
