//! Registration of clients, and the proof of who a client is.

use contracts::{Ctx, Principal, Who};
use kernel::id::{EventId, StaffId};
use storage::{Batch, CommitError};
use subtle::ConstantTimeEq as _;

use super::{ProviderError, hash, plus, refuse};
use crate::domain::client::{Auth, Client, Problem, check};
use crate::domain::error::Code;
use crate::domain::jose;
use crate::domain::request::Params;
use crate::store::{self, ClientEntry, ClientRow};

/// Largest logo, in bytes.
const LOGO_LIMIT: usize = 64 * 1024;
/// The longest life of an assertion, in seconds.
const ASSERTION_S: i64 = 600;

/// Who registers: told in the log of the client.
pub struct Registrar {
    pub staff: StaffId,
    pub name: String,
}

impl Registrar {
    /// The official behind a principal; `None` for a citizen.
    pub fn of(principal: &Principal) -> Option<Self> {
        match &principal.who {
            Who::Official { staff, .. } => Some(Self { staff: *staff, name: principal.display_name.clone() }),
            Who::Citizen { .. } => None,
        }
    }
}

/// What a change of a registration led to.
#[derive(Debug)]
pub enum Saved {
    /// Saved; a new secret is told this once.
    Done {
        secret: Option<String>,
    },
    Wrong(Vec<Problem>),
}

/// All clients.
///
/// # Errors
/// When the database fails.
pub async fn list(ctx: &Ctx) -> Result<Vec<ClientRow>, ProviderError> {
    Ok(store::clients(&ctx.db).await?)
}

/// A client with what was done to it.
///
/// # Errors
/// When the database fails.
pub async fn get(ctx: &Ctx, id: &str) -> Result<Option<(ClientRow, Vec<ClientEntry>)>, ProviderError> {
    let Some(row) = store::client(&ctx.db, id).await? else { return Ok(None) };
    let entries = store::client_entries(&ctx.db, id).await?;
    Ok(Some((row, entries)))
}

fn new_secret(ctx: &Ctx, auth: Auth) -> (Option<String>, Option<Vec<u8>>) {
    if !auth.has_secret() {
        return (None, None);
    }
    let secret = ctx.rng.token(32);
    let hashed = hash(&secret);
    (Some(secret), Some(hashed))
}

fn log(ctx: &Ctx, batch: &mut Batch, id: &str, by: &Registrar, action: &str, detail: &str) {
    let now = ctx.now();
    store::log_client(batch, id, EventId::new(now, &*ctx.rng), now, (by.staff, &by.name), action, detail);
}

/// Registers a client.
///
/// # Errors
/// When the database fails; what is wrong with the registration is an answer.
pub async fn register(ctx: &Ctx, client: &Client, by: &Registrar) -> Result<Saved, ProviderError> {
    let problems = check(client);
    if !problems.is_empty() {
        return Ok(Saved::Wrong(problems));
    }
    let (secret, hashed) = new_secret(ctx, client.auth);
    let mut batch = Batch::system();
    store::insert_client(&mut batch, client, hashed, ctx.now());
    log(ctx, &mut batch, &client.id, by, "registered", "");
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Saved::Done { secret }),
        Err(CommitError::Unique(_)) => Ok(Saved::Wrong(vec![("id", "id-taken")])),
        Err(error) => Err(error.into()),
    }
}

/// Registers a client with a secret that is known beforehand, unless it is there already: for the demo and for measurements;
/// no page and no call leads here.
///
/// # Errors
/// When the database fails, or the registration is wrong.
pub async fn seed(ctx: &Ctx, client: &Client, secret: Option<&str>) -> Result<(), ProviderError> {
    if store::client(&ctx.db, &client.id).await?.is_some() {
        return Ok(());
    }
    if !check(client).is_empty() {
        return refuse(Code::InvalidRequest, "the registration is wrong");
    }
    let mut batch = Batch::system();
    store::insert_client(&mut batch, client, secret.map(hash), ctx.now());
    match ctx.db.commit(batch).await {
        Ok(()) | Err(CommitError::Unique(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Names of the fields in which two registrations differ.
fn differences(old: &Client, new: &Client) -> String {
    let (Ok(old), Ok(new)) = (serde_json::to_value(old), serde_json::to_value(new)) else { return String::new() };
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return String::new() };
    let mut names: Vec<&str> =
        old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}

/// Changes a registration that is still at `version`. The id stays. A client that needs a secret now and had none gets one.
///
/// # Errors
/// `Stale` when somebody else changed it, and when the database fails.
pub async fn change(ctx: &Ctx, client: Client, version: i64, by: &Registrar) -> Result<Option<Saved>, ProviderError> {
    let Some(mut row) = store::client(&ctx.db, &client.id).await? else { return Ok(None) };
    let problems = check(&client);
    if !problems.is_empty() {
        return Ok(Some(Saved::Wrong(problems)));
    }
    let detail = differences(&row.client, &client);
    let mut secret = None;
    if !client.auth.has_secret() {
        row.secret_hash = None;
    } else if row.secret_hash.is_none() {
        (secret, row.secret_hash) = new_secret(ctx, client.auth);
    }
    row.client = client;
    row.version = version;
    let mut batch = Batch::system();
    store::update_client(&mut batch, &row, ctx.now());
    log(ctx, &mut batch, &row.client.id, by, "changed", &detail);
    ctx.db.commit(batch).await?;
    Ok(Some(Saved::Done { secret }))
}

/// Gives a client a new secret; the old one ends at once.
///
/// # Errors
/// When the database fails, or somebody else changed the client at the same moment.
pub async fn new_secret_for(ctx: &Ctx, id: &str, by: &Registrar) -> Result<Option<String>, ProviderError> {
    let Some(mut row) = store::client(&ctx.db, id).await? else { return Ok(None) };
    let (secret, hashed) = new_secret(ctx, row.client.auth);
    if secret.is_none() {
        return Ok(None);
    }
    row.secret_hash = hashed;
    let mut batch = Batch::system();
    store::update_client(&mut batch, &row, ctx.now());
    log(ctx, &mut batch, id, by, "secret", "");
    ctx.db.commit(batch).await?;
    Ok(secret)
}

/// Switches a client off or on. Off: nobody comes through it any more and its tokens open nothing.
///
/// # Errors
/// As [`new_secret_for`].
pub async fn set_active(ctx: &Ctx, id: &str, active: bool, by: &Registrar) -> Result<bool, ProviderError> {
    let Some(mut row) = store::client(&ctx.db, id).await? else { return Ok(false) };
    row.active = active;
    let mut batch = Batch::system();
    store::update_client(&mut batch, &row, ctx.now());
    log(ctx, &mut batch, id, by, if active { "enabled" } else { "disabled" }, "");
    ctx.db.commit(batch).await?;
    Ok(true)
}

/// Sets or removes the logo: a PNG of at most 64 KiB. `Ok(false)`: not such a picture.
///
/// # Errors
/// When the database fails.
pub async fn set_logo(ctx: &Ctx, id: &str, png: Option<&[u8]>, by: &Registrar) -> Result<bool, ProviderError> {
    if png.is_some_and(|bytes| bytes.len() > LOGO_LIMIT || !bytes.starts_with(b"\x89PNG\r\n\x1a\n")) {
        return Ok(false);
    }
    let mut batch = Batch::system();
    store::set_logo(&mut batch, id, png.map(<[u8]>::to_vec), ctx.now());
    log(ctx, &mut batch, id, by, "logo", "");
    ctx.db.commit(batch).await?;
    Ok(true)
}

/// The logo of an active client.
///
/// # Errors
/// When the database fails.
pub async fn logo(ctx: &Ctx, id: &str) -> Result<Option<Vec<u8>>, ProviderError> {
    Ok(store::logo(&ctx.db, id).await?)
}

/// A client that may be dealt with; `None` for an unknown or disabled one.
pub(crate) async fn active(ctx: &Ctx, id: &str) -> Result<Option<ClientRow>, ProviderError> {
    Ok(store::client(&ctx.db, id).await?.filter(|row| row.active))
}

/// How a client said who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub id: String,
    pub means: Means,
}

/// The means of proof that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    Basic(String),
    Post(String),
    Assertion(String),
    Nothing,
}

/// Reads what a client sent to prove who it is: exactly one means.
///
/// Rule: SSO-CLIENT-AUTH.
/// Source: RFC 6749 §2.3 (one method a request), §2.3.1; RFC 7523 §2.2; OpenID Connect Core 1.0 §9.
///
/// # Errors
/// When there are several means, or none names a client.
pub fn credentials(basic: Option<(String, String)>, params: &Params) -> Result<Credentials, ProviderError> {
    let assertion = params.get("client_assertion");
    if assertion.is_some()
        && params.get("client_assertion_type") != Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    {
        return refuse(Code::InvalidClient, "client_assertion_type is not understood");
    }
    let secret = params.get("client_secret");
    if usize::from(basic.is_some()) + usize::from(assertion.is_some()) + usize::from(secret.is_some()) > 1 {
        return refuse(Code::InvalidRequest, "more than one way to prove who the client is");
    }
    let named = params.get("client_id").map(str::to_owned);
    let (id, means) = if let Some((id, secret)) = basic {
        (Some(id), Means::Basic(secret))
    } else if let Some(assertion) = assertion {
        let issuer = jose::parse(assertion).and_then(|parsed| parsed.text("iss").map(str::to_owned));
        (issuer, Means::Assertion(assertion.to_owned()))
    } else if let Some(secret) = secret {
        (named.clone(), Means::Post(secret.to_owned()))
    } else {
        (named.clone(), Means::Nothing)
    };
    let Some(id) = id else { return refuse(Code::InvalidClient, "no client is named") };
    if named.is_some_and(|named| named != id) {
        return refuse(Code::InvalidClient, "client_id names another client");
    }
    Ok(Credentials { id, means })
}

/// Proves who a client is, by the method that it registered and no other.
///
/// # Errors
/// `invalid_client` when the proof does not hold; when the database fails.
pub async fn authenticate(ctx: &Ctx, given: &Credentials, endpoint: &str) -> Result<ClientRow, ProviderError> {
    let wrong = || refuse(Code::InvalidClient, "the client is unknown or did not prove who it is");
    let Some(row) = active(ctx, &given.id).await? else {
        return wrong();
    };
    let right = match (&given.means, row.client.auth) {
        (Means::Basic(secret), Auth::Basic) | (Means::Post(secret), Auth::Post) => {
            row.secret_hash.as_ref().is_some_and(|known| bool::from(known.ct_eq(&hash(secret))))
        }
        (Means::Assertion(assertion), Auth::PrivateKey) => {
            return assertion_holds(ctx, row, assertion, endpoint).await;
        }
        (Means::Nothing, Auth::None) => true,
        _ => false,
    };
    if right { Ok(row) } else { wrong() }
}

/// Proves a client of the OneID dialect: by its secret, wherever it stands.
///
/// # Errors
/// As [`authenticate`].
pub async fn authenticate_oneid(ctx: &Ctx, id: &str, secret: &str) -> Result<ClientRow, ProviderError> {
    match active(ctx, id).await? {
        Some(row)
            if row.client.oneid_profile.is_some()
                && row.secret_hash.as_ref().is_some_and(|known| bool::from(known.ct_eq(&hash(secret)))) =>
        {
            Ok(row)
        }
        _ => refuse(Code::InvalidClient, "client_id or client_secret is wrong"),
    }
}

/// Whether an assertion proves the client: signed by a registered key, by and about the client, for us, short and new.
///
/// Rule: SSO-ASSERTION.
/// Source: RFC 7523 §3 (iss, sub, aud, exp, jti); OpenID Connect Core 1.0 §9 (private_key_jwt); RFC 8725 §3.1.
async fn assertion_holds(
    ctx: &Ctx,
    row: ClientRow,
    assertion: &str,
    endpoint: &str,
) -> Result<ClientRow, ProviderError> {
    let wrong = |description| refuse(Code::InvalidClient, description);
    let Some(parsed) = jose::parse(assertion) else { return wrong("the assertion is not a signed object") };
    let keys = row.client.keys();
    if parsed.verified_by(&keys).is_none() {
        return wrong("the assertion is not signed by a registered key");
    }
    let id = Some(row.client.id.as_str());
    if parsed.text("iss") != id || parsed.text("sub") != id {
        return wrong("iss and sub must be the client");
    }
    let url = format!("{}{endpoint}", super::issuer(ctx));
    let token = format!("{}/sso/token", super::issuer(ctx));
    if !parsed.is_for(&[super::issuer(ctx), &url, &token]) {
        return wrong("the assertion is for somebody else");
    }
    let now = ctx.now().as_second();
    let Some(exp) = parsed.seconds("exp").filter(|exp| *exp > now && *exp <= now + ASSERTION_S) else {
        return wrong("exp is over or too far");
    };
    if parsed.seconds("nbf").is_some_and(|nbf| nbf > now + 60)
        || parsed.seconds("iat").is_some_and(|iat| iat > now + 60)
    {
        return wrong("the assertion lies in the future");
    }
    let Some(jti) = parsed.text("jti").filter(|jti| (1..=200).contains(&jti.len())) else {
        return wrong("jti is missing");
    };
    let mut batch = Batch::system();
    store::see(&mut batch, &hash(&format!("assertion|{}|{jti}", row.client.id)), plus(ctx.now(), exp - now + 60));
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(row),
        Err(CommitError::Unique(_)) => wrong("the assertion was used before"),
        Err(error) => Err(error.into()),
    }
}
