//! Passkeys: keys in devices of the person's, by WebAuthn.
//!
//! The challenge lies with us between the two halves of a ceremony, in a flow; the page carries the flow's token.

use contracts::{Ctx, Principal};
use data_encoding::BASE64URL_NOPAD;
use kernel::id::{SessionId, SubjectId};
use serde::{Deserialize, Serialize};
use storage::{Batch, CommitError};
use url::Url;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::factors::{Enrolled, Proved, about};
use super::flow::{self, Data};
use super::locks::{self, Pending};
use super::sessions::{known_device, remember};
use super::sign_in::tell_new_device;
use super::{IdentityError, Origin, claim, sealed, token_hex};
use crate::domain::factor::{Factor, Proof};
use crate::domain::session::plus;
use crate::store::factors as rows;
use crate::store::{self, FlowRow, PersonRow};

/// Most passkeys that one person has.
const MOST: usize = 10;
/// How long a ceremony may take, in seconds: half an hour; nobody is hurried.
const LIFETIME_S: i64 = 30 * 60;

/// What a page gives the browser: the options for `navigator.credentials` and the token of the ceremony.
#[derive(Clone, Debug, Serialize)]
pub struct Ceremony {
    pub ceremony: String,
    /// JSON of the WebAuthn options.
    pub options: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
enum State {
    New(PasskeyRegistration),
    Use(DiscoverableAuthentication),
}

/// The relying party: the host of the public address, or of `identity.passkeys.origin`.
fn party(ctx: &Ctx) -> Result<Webauthn, IdentityError> {
    let address = ctx.settings.get("identity.passkeys.origin").filter(|text| !text.is_empty());
    let address = address.unwrap_or(&ctx.settings.public_url);
    let broken = |what: String| IdentityError::Broken(format!("identity.passkeys.origin: {what}"));
    let origin = Url::parse(address).map_err(|error| broken(error.to_string()))?;
    let host = origin.host_str().ok_or_else(|| broken("no host".to_owned()))?.to_owned();
    // An address of numbers is no domain: passkeys do not work there, localhost does.
    let (host, origin) = if host == "127.0.0.1" {
        let mut local = origin.clone();
        local.set_host(Some("localhost")).map_err(|error| broken(error.to_string()))?;
        ("localhost".to_owned(), local)
    } else {
        (host, origin)
    };
    WebauthnBuilder::new(&host, &origin)
        .map(|builder| builder.rp_name("Peshtoq"))
        .and_then(WebauthnBuilder::build)
        .map_err(|error| broken(error.to_string()))
}

async fn keep(ctx: &Ctx, owner: Option<SubjectId>, state: &State) -> Result<String, IdentityError> {
    let now = ctx.now();
    let token = ctx.rng.token(32);
    let state = serde_json::to_string(state).map_err(|error| IdentityError::Broken(error.to_string()))?;
    let data = Data::Passkey { state };
    let flow = FlowRow {
        kind: "passkey".to_owned(),
        owner: owner.map(|subject| subject.uuid()),
        data: serde_json::to_string(&data).map_err(|error| IdentityError::Broken(error.to_string()))?,
        code_hash: None,
        code_expires_at: now,
        tries: 0,
        sends: 0,
        proved_at: None,
        done_at: None,
        version: 1,
        expires_at: plus(now, LIFETIME_S),
    };
    let mut batch = owner.map_or_else(Batch::system, Batch::new);
    store::insert_flow(&mut batch, &token_hex(&token), &flow, now);
    ctx.db.commit(batch).await?;
    Ok(token)
}

/// The state of a ceremony; its flow is ended in `batch`, so that no answer is good twice.
async fn take(
    ctx: &Ctx,
    token: &str,
    owner: Option<SubjectId>,
) -> Result<Option<(String, FlowRow, State)>, IdentityError> {
    let Some((hash, row, data)) = flow::load(ctx, token).await? else { return Ok(None) };
    let Data::Passkey { state } = data else { return Ok(None) };
    if row.done_at.is_some() || row.owner != owner.map(|subject| subject.uuid()) {
        return Ok(None);
    }
    let state = serde_json::from_str(&state).map_err(|error| IdentityError::Broken(error.to_string()))?;
    Ok(Some((hash, row, state)))
}

async fn own(ctx: &Ctx, subject: SubjectId) -> Result<Vec<(rows::FactorRow, Passkey)>, IdentityError> {
    let mut out = Vec::new();
    for row in rows::factors(&ctx.db, subject).await? {
        if row.kind == Factor::Passkey.name() {
            let json = sealed::open(ctx, &about(subject, row.factor), &row.secret)?;
            let key = serde_json::from_slice(&json).map_err(|error| IdentityError::Broken(error.to_string()))?;
            out.push((row, key));
        }
    }
    Ok(out)
}

/// Begins to make a passkey for the person who is signed in.
///
/// # Errors
/// When the database fails or the address of the portal is none that passkeys work on.
pub async fn start_new(ctx: &Ctx, principal: &Principal) -> Result<Option<Ceremony>, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(None) };
    let Some(person) = store::person(&ctx.db, subject).await? else { return Ok(None) };
    let known = own(ctx, subject).await?.into_iter().map(|(_, key)| key.cred_id().clone()).collect();
    let name = person.person.full_name();
    let (challenge, state) = party(ctx)?
        .start_passkey_registration(subject.uuid(), &name, &name, Some(known))
        .map_err(|error| IdentityError::Broken(error.to_string()))?;
    let mut options = serde_json::to_value(challenge).map_err(|error| IdentityError::Broken(error.to_string()))?;
    // Kept in the device where it can, so that it is offered without a login.
    if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
        selection["residentKey"] = "preferred".into();
    }
    let ceremony = keep(ctx, Some(subject), &State::New(state)).await?;
    Ok(Some(Ceremony { ceremony, options }))
}

/// Takes the browser's new passkey.
///
/// # Errors
/// When the database fails.
pub async fn finish_new(
    ctx: &Ctx,
    principal: &Principal,
    ceremony: &str,
    credential: &str,
    name: &str,
) -> Result<Enrolled, IdentityError> {
    let Some(subject) = principal.subject() else { return Ok(Enrolled::WrongCode) };
    let Some((hash, mut row, State::New(state))) = take(ctx, ceremony, Some(subject)).await? else {
        return Ok(Enrolled::WrongCode);
    };
    let Ok(credential) = serde_json::from_str::<RegisterPublicKeyCredential>(credential) else {
        return Ok(Enrolled::WrongCode);
    };
    let key = match party(ctx)?.finish_passkey_registration(&credential, &state) {
        Ok(key) => key,
        Err(error) => {
            tracing::info!(%error, "a new passkey was refused");
            return Ok(Enrolled::WrongCode);
        }
    };
    if own(ctx, subject).await?.len() >= MOST {
        return Ok(Enrolled::TooMany);
    }
    row.done_at = Some(ctx.now());
    let mut batch = Batch::new(subject);
    rows::update_flow_data(&mut batch, &hash, &row);
    let factor = SessionId::new(ctx.now(), &*ctx.rng).uuid();
    // No two accounts have the same credential (W3C WebAuthn §7.1, step 26); and by this claim its owner is found.
    store::insert_claim(&mut batch, &credential_claim(ctx, key.cred_id()), "passkey", subject.uuid(), ctx.now());
    let json = serde_json::to_vec(&key).map_err(|error| IdentityError::Broken(error.to_string()))?;
    let secret = sealed::seal(ctx, &about(subject, factor), &json)?;
    let pending = Pending::Way { factor, kind: Factor::Passkey, name: name.to_owned(), secret, step: 0 };
    let fresh = super::factors::fresh(ctx, principal).await?;
    match locks::request(ctx, batch, &fresh, pending, Some(principal.session)).await {
        Ok(outcome) => Ok(Enrolled::Locks(outcome)),
        // Sent twice, or a credential that another account has.
        Err(IdentityError::Stale) => Ok(Enrolled::WrongCode),
        Err(error) => Err(error),
    }
}

fn credential_claim(ctx: &Ctx, id: &[u8]) -> String {
    claim(ctx, &format!("passkey|{}", BASE64URL_NOPAD.encode(id)))
}

/// Begins to use a passkey, whosever it is: the device says which it has.
///
/// # Errors
/// When the database fails or the address of the portal is none that passkeys work on.
pub async fn start_use(ctx: &Ctx) -> Result<Ceremony, IdentityError> {
    let (challenge, state) =
        party(ctx)?.start_discoverable_authentication().map_err(|error| IdentityError::Broken(error.to_string()))?;
    let options = serde_json::to_value(challenge).map_err(|error| IdentityError::Broken(error.to_string()))?;
    let ceremony = keep(ctx, None, &State::Use(state)).await?;
    Ok(Ceremony { ceremony, options })
}

/// Judges the browser's answer: whose passkey it is, when it is right. What its use changes is added to the batch
/// that is given back.
pub(crate) async fn prove(
    ctx: &Ctx,
    ceremony: &str,
    credential: &str,
) -> Result<Option<(Batch, PersonRow)>, IdentityError> {
    let Some((hash, mut flow, State::Use(state))) = take(ctx, ceremony, None).await? else { return Ok(None) };
    let Ok(credential) = serde_json::from_str::<PublicKeyCredential>(credential) else { return Ok(None) };
    let owner = store::claim_owner(&ctx.db, &credential_claim(ctx, credential.get_credential_id())).await?;
    let Some(subject) = owner.map(SubjectId::from_uuid) else { return Ok(None) };
    let keys = own(ctx, subject).await?;
    let found = keys.into_iter().find(|(_, key)| key.cred_id().as_slice() == credential.get_credential_id());
    let Some((row, mut key)) = found else { return Ok(None) };
    #[expect(deprecated, reason = "its successor wants the credential's insides, which this library hides by default")]
    let judged = party(ctx)?.finish_discoverable_authentication(&credential, state, &[DiscoverableKey::from(&key)]);
    let result = match judged {
        Ok(result) if result.user_verified() => result,
        Ok(_) => return Ok(None),
        Err(error) => {
            // A counter that went back is among these: a copy of the key is about.
            tracing::warn!(%error, "a passkey was refused");
            return Ok(None);
        }
    };
    let Some(person) = store::person(&ctx.db, subject).await? else { return Ok(None) };
    let mut batch = Batch::new(subject);
    flow.done_at = Some(ctx.now());
    rows::update_flow_data(&mut batch, &hash, &flow);
    let secret = match key.update_credential(&result) {
        Some(true) => {
            let json = serde_json::to_vec(&key).map_err(|error| IdentityError::Broken(error.to_string()))?;
            sealed::seal(ctx, &about(subject, row.factor), &json)?
        }
        _ => row.secret.clone(),
    };
    rows::use_factor(&mut batch, subject, &row, i64::from(result.counter()), &secret, ctx.now());
    Ok(Some((batch, person)))
}

/// Signs in by a passkey alone: the device asked for the finger or the PIN, which makes it two factors.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(ctx: &Ctx, ceremony: &str, credential: &str, origin: &Origin) -> Result<Proved, IdentityError> {
    let Some((mut batch, person)) = prove(ctx, ceremony, credential).await? else { return Ok(Proved::Wrong) };
    let subject = person.person.subject;
    if locks::frozen(ctx, subject).await? {
        ctx.db.commit(batch).await?;
        return Ok(Proved::Frozen);
    }
    let known = known_device(ctx, subject.uuid(), origin).await?.is_some();
    let proofs = [Proof::new(Factor::Passkey, ctx.now())];
    let session = super::sessions::open(ctx, &mut batch, &super::factors::account(&person), &proofs, origin);
    // Remembered, so that failures elsewhere cannot hold this device up; the password alone is never asked for by it.
    let device = known.then(|| remember(ctx, &mut batch, subject.uuid(), origin));
    if !known {
        tell_new_device(ctx, &mut batch, &person, origin);
    }
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Proved::Done { session, device }),
        Err(CommitError::Guard(_)) => Ok(Proved::Wrong),
        Err(error) => Err(error.into()),
    }
}

/// Proves a passkey for somebody who is signed in; another's passkey proves nothing.
///
/// # Errors
/// When the database fails.
pub async fn step_up(
    ctx: &Ctx,
    principal: &Principal,
    ceremony: &str,
    credential: &str,
    origin: &Origin,
) -> Result<Proved, IdentityError> {
    let Some((mut batch, person)) = prove(ctx, ceremony, credential).await? else { return Ok(Proved::Wrong) };
    if principal.subject() != Some(person.person.subject) {
        return Ok(Proved::Wrong);
    }
    let session = super::factors::raise(ctx, &mut batch, &person, principal.session, Factor::Passkey, origin).await?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Proved::Done { session, device: None }),
        Err(CommitError::Guard(_)) => Ok(Proved::Wrong),
        Err(error) => Err(error.into()),
    }
}
