//! The end of sessions: asked for by a client, told to the others.

use std::collections::BTreeSet;

use contracts::identity::SessionsEnded;
use contracts::{Ctx, Principal, emit};
use kernel::id::{SessionId, SubjectId, uuid_v7};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Batch;

use super::{Memory, ProviderError, clients, hash, issuer, plus, subject_key};
use crate::domain::client::Client;
use crate::domain::request::Params;
use crate::domain::{jose, subject};
use crate::store;

/// What a client asks for when it sends the browser to end the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The client, when it is known which.
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    /// Where to go afterwards: an address that the client registered, with its state.
    pub back: Option<String>,
    /// The hint names the session that is asked to end: no need to ask the person.
    pub same_session: bool,
}

/// Reads a request to log out. What is wrong with it is left out, never followed: the person can always sign out.
///
/// Rule: SSO-LOGOUT.
/// Source: OpenID Connect RP-Initiated Logout 1.0 §2, §3 (registered address, hint or client id; ask the person otherwise), §4.
///
/// # Errors
/// When the database fails.
pub async fn read(
    ctx: &Ctx,
    memory: &Memory,
    params: &Params,
    who: Option<&Principal>,
) -> Result<Asked, ProviderError> {
    let mut asked = Asked::default();
    if params.repeated() {
        return Ok(asked);
    }
    let ring = memory.ring(ctx).await?;
    let hint = params.get("id_token_hint").and_then(jose::parse);
    let hint = hint.filter(|hint| hint.verified_by(ring.public()).is_some() && hint.text("iss") == Some(issuer(ctx)));
    let hinted = hint.as_ref().and_then(|hint| hint.text("aud"));
    let named = params.get("client_id");
    // A client that names itself and brings the token of another is not believed at all.
    let id = match (hinted, named) {
        (Some(hinted), Some(named)) if hinted != named => return Ok(asked),
        (Some(id), _) | (None, Some(id)) => id,
        (None, None) => return Ok(asked),
    };
    let Some(row) = clients::active(ctx, id).await? else { return Ok(asked) };
    let client = row.client;
    if let (Some(hint), Some(principal)) = (&hint, who) {
        let sid = subject::sid(&subject_key(ctx), &client, principal.session);
        asked.same_session = hint.text("sid") == Some(sid.as_str());
    }
    if let Some(uri) =
        params.get("post_logout_redirect_uri").filter(|uri| client.post_logout_uris.iter().any(|known| known == uri))
    {
        let state: Vec<(&str, &str)> = params.get("state").map(|state| ("state", state)).into_iter().collect();
        asked.back = Some(crate::domain::redirect::with_params(uri, &state));
    }
    asked.client_name = Some(client.name);
    asked.client_id = Some(client.id);
    Ok(asked)
}

/// Tell a client that a session has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LogoutDue {
    pub(crate) subject: SubjectId,
    pub(crate) session: SessionId,
    pub(crate) client_id: String,
}

impl contracts::Event for LogoutDue {
    const TOPIC: &'static str = "provider.logout_due";
}

/// Ends what hung on sessions that have ended, and queues what their clients are told. May run twice.
///
/// Rule: SSO-BACKCHANNEL.
/// Source: OpenID Connect Back-Channel Logout 1.0 §2.3 (each client of the session), §2.7 (refresh tokens without `offline_access` end).
pub(crate) async fn sessions_ended(ctx: &Ctx, event: &SessionsEnded) -> Result<(), ProviderError> {
    let sessions = match event.session {
        Some(session) => vec![session],
        None => store::sessions_with_grants(&ctx.db, event.subject, event.except).await?,
    };
    for session in sessions {
        if session.uuid().is_nil() {
            continue;
        }
        let now = ctx.now();
        let mut batch = Batch::new(event.subject);
        store::spoil_codes_of_session(&mut batch, event.subject, session, now);
        let mut told = BTreeSet::new();
        for (grant, client_id, offline) in store::grants_of_session(&ctx.db, event.subject, session).await? {
            if !offline {
                store::revoke_grant(&mut batch, event.subject, grant, now, "signed out");
            }
            if told.insert(client_id.clone())
                && clients::active(ctx, &client_id)
                    .await?
                    .is_some_and(|row| row.client.backchannel_logout_uri.is_some())
            {
                emit(ctx, &mut batch, &LogoutDue { subject: event.subject, session, client_id });
            }
        }
        ctx.db.commit(batch).await?;
    }
    Ok(())
}

/// Seconds that a client has to take a logout token.
const LOGOUT_S: i64 = 120;

/// A logout token and where it goes; `None` when the client wants none any more. `id` is the event's: the same at each try.
///
/// Rule: SSO-LOGOUT-TOKEN.
/// Source: OpenID Connect Back-Channel Logout 1.0 §2.4 (iss, sub, aud, iat, exp, jti, events, sid; no nonce; typ logout+jwt).
pub(crate) async fn token(
    ctx: &Ctx,
    memory: &Memory,
    due: &LogoutDue,
    id: &str,
) -> Result<Option<(String, String)>, ProviderError> {
    let Some(row) = clients::active(ctx, &due.client_id).await? else { return Ok(None) };
    let client: Client = row.client;
    let Some(uri) = client.backchannel_logout_uri.clone() else { return Ok(None) };
    let (key, now) = (subject_key(ctx), ctx.now());
    let claims = json!({
        "iss": issuer(ctx),
        "aud": client.id,
        "sub": subject::sub(&key, &client, due.subject),
        "sid": subject::sid(&key, &client, due.session),
        "iat": now.as_second(),
        "exp": now.as_second() + LOGOUT_S,
        "jti": if id.is_empty() { uuid_v7(now, &*ctx.rng).to_string() } else { id.to_owned() },
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let token = memory.ring(ctx).await?.sign_typed(client.id_token_alg, "logout+jwt", &claims, now)?;
    Ok(Some((uri, token)))
}

/// Seconds that a request to log out waits for the person's answer.
const WAITS_S: i64 = 1800;

/// Keeps a request to log out until its page is answered, and gives its handle.
///
/// # Errors
/// When the database fails.
pub async fn keep(ctx: &Ctx, params: Params) -> Result<String, ProviderError> {
    let handle = ctx.rng.token(24);
    let row = store::RequestRow {
        client_id: LOGOUT.to_owned(),
        params,
        pushed: false,
        created_at: ctx.now(),
        expires_at: plus(ctx.now(), WAITS_S),
    };
    let mut batch = Batch::system();
    store::insert_request(&mut batch, &hash(&handle), &row);
    ctx.db.commit(batch).await?;
    Ok(handle)
}

/// Stands for the client of a request to log out; no client can be called so.
const LOGOUT: &str = "*logout";

/// The request to log out of a handle.
///
/// # Errors
/// When the database fails.
pub async fn kept(ctx: &Ctx, handle: &str) -> Result<Option<Params>, ProviderError> {
    let row = store::request(&ctx.db, &hash(handle), ctx.now()).await?;
    Ok(row.filter(|row| row.client_id == LOGOUT).map(|row| row.params))
}

/// Ends the session of whoever is signed in.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(ctx: &Ctx, who: &Principal) -> Result<(), ProviderError> {
    let owner = match &who.who {
        contracts::Who::Citizen { subject } => *subject,
        contracts::Who::Official { staff, .. } => SubjectId::from_uuid(staff.uuid()),
    };
    Ok(ctx.ports.sessions.end(ctx, owner, who.session).await?)
}

/// Ends the session from which a token came: what the OneID dialect calls logging out.
///
/// # Errors
/// When the database fails.
pub async fn by_token(ctx: &Ctx, holder: &super::token::Holder) -> Result<(), ProviderError> {
    let token = &holder.token;
    let mut batch = Batch::new(token.subject);
    store::revoke_grant(&mut batch, token.subject, token.grant, ctx.now(), "logged out by the client");
    ctx.db.commit(batch).await?;
    if let Some(session) = token.facts.session {
        ctx.ports.sessions.end(ctx, token.subject, session).await?;
    }
    Ok(())
}
