//! From a code to tokens, their renewal, what others may ask about them, and their end.

use contracts::{Assurance, Ctx};
use kernel::id::{SessionId, SubjectId};
use serde_json::{Map, Value, json};
use storage::{Batch, CommitError};
use uuid::Uuid;

use super::authorize::{new_grant, note, seconds};
use super::keys::{Memory, Ring};
use super::{ProviderError, hash, issuer, plus, refuse, subject_key, userinfo};
use crate::domain::claims::{self, Delivery};
use crate::domain::client::{Client, Grant};
use crate::domain::dpop::{self, About};
use crate::domain::error::Code;
use crate::domain::jose::{challenge, half_hash};
use crate::domain::request::{Dialect, is_verifier};
use crate::domain::{acr, subject};
use crate::store::{self, ClientRow, CodeRow, Facts, GrantRow, TokenRow};

/// Seconds that an access token lives.
pub const ACCESS_S: i64 = 900;
/// Seconds within which an ID token must be looked at.
const ID_S: i64 = 600;
/// Seconds without use after which a refresh token ends: 30 days.
const REFRESH_S: i64 = 30 * 86_400;

/// What the token endpoint gives.
#[derive(Clone, Debug)]
pub struct Issued {
    pub access: String,
    /// `Bearer` or `DPoP`.
    pub kind: &'static str,
    pub expires_in: i64,
    pub refresh: Option<String>,
    pub id_token: Option<String>,
    pub scope: String,
}

impl Issued {
    /// As JSON. Source: RFC 6749 §5.1; OpenID Connect Core 1.0 §3.1.3.3.
    pub fn json(&self) -> Value {
        let mut out = json!({
            "access_token": self.access, "token_type": self.kind, "expires_in": self.expires_in, "scope": self.scope,
        });
        if let Some(refresh) = &self.refresh {
            out["refresh_token"] = json!(refresh);
        }
        if let Some(id_token) = &self.id_token {
            out["id_token"] = json!(id_token);
        }
        out
    }
}

/// A code that comes back, with what must fit it.
pub struct Redemption<'a> {
    pub code: &'a str,
    pub redirect_uri: Option<&'a str>,
    pub verifier: Option<&'a str>,
    /// Thumbprint of the key of a DPoP proof.
    pub jkt: Option<String>,
    pub dialect: Dialect,
}

/// A code goes to the client, the address, the verifier and the key that it was given for; `Err` says which does not fit.
///
/// Rule: SSO-CODE.
/// Source: RFC 6749 §4.1.2 (single use; a replay revokes what was issued), §4.1.3; RFC 7636 §4.6; RFC 9700 §2.1.1, §4.5 (injection); RFC 9449 §10.
fn fits(row: &CodeRow, client: &Client, given: &Redemption<'_>) -> Result<(), &'static str> {
    if row.client_id != client.id || row.data.facts.dialect != given.dialect {
        return Err("the code was given to another client");
    }
    match (given.redirect_uri, given.dialect) {
        // Some old programs leave it out in the second step; what they send must be right.
        (None, Dialect::OneId) => {}
        (uri, _) if uri == Some(row.data.redirect_uri.as_str()) => {}
        _ => return Err("redirect_uri is not that of the request"),
    }
    match (&row.data.challenge, given.verifier) {
        (Some(known), Some(verifier)) if is_verifier(verifier) && challenge(verifier) == *known => {}
        (None, None) => {}
        _ => return Err("code_verifier does not fit the challenge"),
    }
    if row.data.facts.jkt.is_some() && row.data.facts.jkt != given.jkt {
        return Err("the code is bound to another key");
    }
    Ok(())
}

/// Turns a code into tokens. What is answered is committed.
///
/// # Errors
/// `invalid_grant` when the code does not hold; when the database fails.
pub async fn redeem(
    ctx: &Ctx,
    memory: &Memory,
    client: &ClientRow,
    given: Redemption<'_>,
) -> Result<Issued, ProviderError> {
    let hashed = hash(given.code);
    let Some(row) = store::code(&ctx.db, &hashed).await? else {
        return refuse(Code::InvalidGrant, "the code is unknown or over");
    };
    let now = ctx.now();
    if row.used_at.is_some() {
        // Whoever of the two was right: nothing that came of it is safe any more.
        if row.client_id == client.client.id {
            revoke_misused(ctx, &client.client, row.subject, row.grant, "code replayed").await?;
        }
        return refuse(Code::InvalidGrant, "the code was used before");
    }
    if now >= row.expires_at {
        return refuse(Code::InvalidGrant, "the code is unknown or over");
    }
    if let Err(problem) = fits(&row, &client.client, &given) {
        return refuse(Code::InvalidGrant, problem);
    }
    let mut facts = row.data.facts.clone();
    if client.client.require_dpop && given.jkt.is_none() {
        return refuse(Code::InvalidDpopProof, "this client must prove its key");
    }
    facts.jkt = given.jkt;
    let mut batch = Batch::new(row.subject);
    store::use_code(&mut batch, &hashed, now);
    let until = seconds(row.data.until);
    let offline = row.data.offline && client.client.may(Grant::Refresh);
    let grant = GrantRow {
        subject: row.subject,
        grant: row.grant,
        client_id: row.client_id.clone(),
        session: row.session,
        offline,
        expires_at: if offline { until } else { plus(now, ACCESS_S) },
    };
    store::insert_grant(&mut batch, &grant, now);
    let issued = put_tokens(ctx, memory, &mut batch, client, &grant, facts, row.data.nonce.as_deref()).await?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(issued),
        Err(CommitError::Guard(_)) => {
            // The same code twice at the same moment.
            revoke_misused(ctx, &client.client, row.subject, row.grant, "code replayed").await?;
            refuse(Code::InvalidGrant, "the code was used before")
        }
        Err(error) => Err(error.into()),
    }
}

async fn put_tokens(
    ctx: &Ctx,
    memory: &Memory,
    batch: &mut Batch,
    client: &ClientRow,
    grant: &GrantRow,
    facts: Facts,
    nonce: Option<&str>,
) -> Result<Issued, ProviderError> {
    let now = ctx.now();
    let access = ctx.rng.token(32);
    let kind = if facts.jkt.is_some() { "DPoP" } else { "Bearer" };
    let mut token = TokenRow {
        refresh: false,
        client_id: grant.client_id.clone(),
        subject: grant.subject,
        grant: grant.grant,
        facts,
        created_at: now,
        expires_at: plus(now, ACCESS_S).min(grant.expires_at),
        used_at: None,
        revoked_at: None,
    };
    store::insert_token(batch, &hash(&access), &token);
    let ring;
    let id_token = if token.facts.dialect == Dialect::Oidc && token.facts.scope.iter().any(|scope| scope == "openid") {
        ring = memory.ring(ctx).await?;
        Some(id_token(ctx, &ring, &client.client, &token, &access, nonce).await?)
    } else {
        None
    };
    let expires_in = token.expires_at.as_second() - now.as_second();
    let scope = token.facts.scope.join(" ");
    let refresh = if grant.offline || token.facts.dialect == Dialect::OneId {
        let refresh = ctx.rng.token(32);
        token.refresh = true;
        token.expires_at = plus(now, REFRESH_S).min(grant.expires_at);
        store::insert_token(batch, &hash(&refresh), &token);
        Some(refresh)
    } else {
        None
    };
    Ok(Issued { access, kind, expires_in, refresh, id_token, scope })
}

/// The ID token of a sign-in: who by a name for this client, when, how surely; nothing personal unless it was asked for here.
///
/// Rule: SSO-ID-TOKEN.
/// Source: OpenID Connect Core 1.0 §2, §3.1.3.6; OpenID Connect Back-Channel Logout 1.0 §2.1 (`sid`); data minimisation: nobody's name unless asked here.
async fn id_token(
    ctx: &Ctx,
    ring: &Ring,
    client: &Client,
    token: &TokenRow,
    access: &str,
    nonce: Option<&str>,
) -> Result<String, ProviderError> {
    let key = subject_key(ctx);
    let now = ctx.now();
    let facts = &token.facts;
    let mut claims = Map::new();
    if !facts.delivery.id_token.is_empty() {
        claims = userinfo::values(ctx, token.subject, &facts.delivery.id_token).await?;
    }
    claims.insert("iss".to_owned(), json!(issuer(ctx)));
    claims.insert("sub".to_owned(), json!(subject::sub(&key, client, token.subject)));
    claims.insert("aud".to_owned(), json!(client.id));
    claims.insert("exp".to_owned(), json!(now.as_second() + ID_S));
    claims.insert("iat".to_owned(), json!(now.as_second()));
    claims.insert("auth_time".to_owned(), json!(facts.auth_time));
    claims.insert("acr".to_owned(), json!(acr::name(facts.assurance)));
    claims.insert("amr".to_owned(), json!(facts.amr));
    claims.insert("at_hash".to_owned(), json!(half_hash(client.id_token_alg, access)));
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    if let Some(session) = facts.session {
        claims.insert("sid".to_owned(), json!(subject::sid(&key, client, session)));
    }
    ring.sign(client.id_token_alg, &Value::Object(claims), now)
}

/// Revokes everything of a sign-in whose code or token came twice, and tells the person.
async fn revoke_misused(
    ctx: &Ctx,
    client: &Client,
    subject: SubjectId,
    grant: Uuid,
    why: &str,
) -> Result<(), ProviderError> {
    let mut batch = Batch::new(subject);
    store::revoke_grant(&mut batch, subject, grant, ctx.now(), why);
    note(ctx, &mut batch, client, "sso.replay");
    tracing::warn!(client = client.id, why, "everything of a sign-in was revoked");
    Ok(ctx.db.commit(batch).await?)
}

/// Renews tokens: the old refresh token is used up; when it comes again, everything of the sign-in ends.
///
/// Rule: SSO-REFRESH.
/// Source: RFC 9700 §2.2.2, §4.14.2 (rotation, reuse detection); RFC 6749 §6 (scope no wider); OpenID Connect Core 1.0 §12.2 (no new nonce, same auth_time).
///
/// # Errors
/// `invalid_grant` when the token does not hold; when the database fails.
pub async fn renew(
    ctx: &Ctx,
    memory: &Memory,
    client: &ClientRow,
    refresh: &str,
    scope: Option<&str>,
    jkt: Option<String>,
) -> Result<Issued, ProviderError> {
    let wrong = || refuse(Code::InvalidGrant, "the refresh token is unknown or over");
    let hashed = hash(refresh);
    let Some(row) = store::token(&ctx.db, &hashed).await? else { return wrong() };
    let now = ctx.now();
    if !row.refresh
        || row.client_id != client.client.id
        || row.facts.dialect != Dialect::Oidc
        || !client.client.may(Grant::Refresh)
    {
        return wrong();
    }
    if row.used_at.is_some() {
        revoke_misused(ctx, &client.client, row.subject, row.grant, "refresh token replayed").await?;
        return wrong();
    }
    if row.revoked_at.is_some() || now >= row.expires_at {
        return wrong();
    }
    if row.facts.jkt.is_some() && row.facts.jkt != jkt {
        return refuse(Code::InvalidDpopProof, "the token is bound to another key");
    }
    let mut facts = row.facts.clone();
    facts.jkt = jkt;
    if let Some(scope) = scope {
        let asked: Vec<String> = scope.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if asked.iter().any(|one| !facts.scope.contains(one)) {
            return refuse(Code::InvalidScope, "a scope that was not granted");
        }
        narrow(&mut facts, asked);
    }
    let grant = GrantRow {
        subject: row.subject,
        grant: row.grant,
        client_id: row.client_id.clone(),
        session: facts.session.unwrap_or(SessionId::from_uuid(Uuid::nil())),
        offline: false,
        expires_at: plus(now, ACCESS_S),
    };
    let mut batch = Batch::new(row.subject);
    store::use_token(&mut batch, &hashed, now);
    store::use_grant(&mut batch, row.subject, row.grant, now);
    let mut issued = put_tokens(ctx, memory, &mut batch, client, &grant, facts, None).await?;
    // The next refresh token keeps what was granted, however narrow this access token is.
    let next = ctx.rng.token(32);
    let mut kept = row.clone();
    kept.created_at = now;
    kept.expires_at = plus(now, REFRESH_S).min(until(ctx, &row).await?);
    store::insert_token(&mut batch, &hash(&next), &kept);
    issued.refresh = Some(next);
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(issued),
        Err(CommitError::Guard("refresh")) => {
            revoke_misused(ctx, &client.client, row.subject, row.grant, "refresh token replayed").await?;
            wrong()
        }
        Err(CommitError::Guard(_)) => wrong(),
        Err(error) => Err(error.into()),
    }
}

/// Until when a sign-in may be renewed at most: as long as the consent holds; without one, not at all.
async fn until(ctx: &Ctx, row: &TokenRow) -> Result<kernel::clock::Timestamp, ProviderError> {
    let consent = store::consent(&ctx.db, row.subject, &row.client_id).await?;
    Ok(consent.filter(|consent| consent.consent.offline).map_or(row.expires_at, |consent| consent.expires_at))
}

fn narrow(facts: &mut Facts, scope: Vec<String>) {
    let kept: Vec<&str> = scope.iter().flat_map(|scope| claims::of_scope(scope)).copied().collect();
    let dropped: Vec<&str> = facts
        .scope
        .iter()
        .filter(|one| !scope.contains(one))
        .flat_map(|one| claims::of_scope(one))
        .copied()
        .filter(|claim| !kept.contains(claim))
        .collect();
    facts.delivery.userinfo.retain(|claim| !dropped.contains(&claim.as_str()));
    facts.delivery.id_token.retain(|claim| !dropped.contains(&claim.as_str()));
    facts.scope = scope;
}

/// A token for a client itself; nobody's data hang on it.
///
/// # Errors
/// When the client may not, and when the database fails.
pub async fn for_client(
    ctx: &Ctx,
    client: &ClientRow,
    scope: Option<&str>,
    jkt: Option<String>,
) -> Result<Issued, ProviderError> {
    if !client.client.may(Grant::Credentials) {
        return refuse(Code::UnauthorizedClient, "the client may not use this grant");
    }
    if scope.is_some_and(|scope| !scope.is_empty()) {
        return refuse(Code::InvalidScope, "scopes are about people; this grant is about none");
    }
    if client.client.require_dpop && jkt.is_none() {
        return refuse(Code::InvalidDpopProof, "this client must prove its key");
    }
    let now = ctx.now();
    let nobody = SubjectId::from_uuid(Uuid::nil());
    let kind = if jkt.is_some() { "DPoP" } else { "Bearer" };
    let facts = Facts {
        dialect: Dialect::Oidc,
        scope: Vec::new(),
        delivery: Delivery::default(),
        auth_time: 0,
        assurance: Assurance::Open,
        by_code: false,
        amr: Vec::new(),
        session: None,
        jkt,
    };
    let access = ctx.rng.token(32);
    let row = TokenRow {
        refresh: false,
        client_id: client.client.id.clone(),
        subject: nobody,
        grant: new_grant(ctx),
        facts,
        created_at: now,
        expires_at: plus(now, ACCESS_S),
        used_at: None,
        revoked_at: None,
    };
    let mut batch = Batch::new(nobody);
    store::insert_token(&mut batch, &hash(&access), &row);
    ctx.db.commit(batch).await?;
    Ok(Issued { access, kind, expires_in: ACCESS_S, refresh: None, id_token: None, scope: String::new() })
}

/// Tokens for a device whose person has agreed. The caller adds what ends the device's waiting.
pub(crate) async fn for_device(
    ctx: &Ctx,
    memory: &Memory,
    batch: &mut Batch,
    client: &ClientRow,
    subject: SubjectId,
    data: store::CodeData,
    jkt: Option<String>,
) -> Result<Issued, ProviderError> {
    if client.client.require_dpop && jkt.is_none() {
        return refuse(Code::InvalidDpopProof, "this client must prove its key");
    }
    let now = ctx.now();
    let mut facts = data.facts;
    facts.jkt = jkt;
    let offline = data.offline && client.client.may(Grant::Refresh);
    let grant = GrantRow {
        subject,
        grant: new_grant(ctx),
        client_id: client.client.id.clone(),
        // The person's browser is another thing than the device: its end does not end this.
        session: SessionId::from_uuid(Uuid::nil()),
        offline,
        expires_at: if offline { seconds(data.until) } else { plus(now, ACCESS_S) },
    };
    store::insert_grant(batch, &grant, now);
    put_tokens(ctx, memory, batch, client, &grant, facts, None).await
}

/// An access token that holds, with its client.
pub struct Holder {
    pub token: TokenRow,
    pub client: ClientRow,
}

/// Looks an access token up: `None` when it is unknown, over, revoked, or its client was switched off.
///
/// # Errors
/// When the database fails.
pub async fn holder(ctx: &Ctx, access: &str) -> Result<Option<Holder>, ProviderError> {
    if access.len() != 43 {
        return Ok(None);
    }
    let Some(token) = store::token(&ctx.db, &hash(access)).await? else { return Ok(None) };
    if token.refresh || token.revoked_at.is_some() || ctx.now() >= token.expires_at {
        return Ok(None);
    }
    let client = super::clients::active(ctx, &token.client_id).await?;
    Ok(client.map(|client| Holder { token, client }))
}

/// What a client may know of a token: its own, or any when it is a server of resources.
///
/// Rule: SSO-INTROSPECT.
/// Source: RFC 7662 §2.2 (`active` alone for what is unknown or not the caller's business), §4.
///
/// # Errors
/// When the database fails.
pub async fn introspect(ctx: &Ctx, client: &ClientRow, token: &str) -> Result<Value, ProviderError> {
    let nothing = json!({ "active": false });
    if token.len() != 43 {
        return Ok(nothing);
    }
    let Some(row) = store::token(&ctx.db, &hash(token)).await? else { return Ok(nothing) };
    let own = row.client_id == client.client.id || client.client.introspects;
    if !own || row.revoked_at.is_some() || row.used_at.is_some() || ctx.now() >= row.expires_at {
        return Ok(nothing);
    }
    let Some(issued_to) = super::clients::active(ctx, &row.client_id).await? else { return Ok(nothing) };
    let mut out = json!({
        "active": true,
        "client_id": row.client_id,
        "scope": row.facts.scope.join(" "),
        "token_type": if row.facts.jkt.is_some() { "DPoP" } else { "Bearer" },
        "iat": row.created_at.as_second(),
        "exp": row.expires_at.as_second(),
        "iss": issuer(ctx),
    });
    if !row.subject.uuid().is_nil() {
        out["sub"] = json!(subject::sub(&subject_key(ctx), &issued_to.client, row.subject));
        out["auth_time"] = json!(row.facts.auth_time);
        out["acr"] = json!(acr::name(row.facts.assurance));
    }
    if let Some(jkt) = &row.facts.jkt {
        out["cnf"] = json!({ "jkt": jkt });
    }
    Ok(out)
}

/// Ends a token of a client; a refresh token takes everything of its sign-in with it. An unknown one is no error.
///
/// Rule: SSO-REVOKE.
/// Source: RFC 7009 §2.1 (refresh token: access tokens of the grant too), §2.2 (200 whatever the token).
///
/// # Errors
/// When the database fails.
pub async fn revoke(ctx: &Ctx, client: &ClientRow, token: &str) -> Result<(), ProviderError> {
    let hashed = hash(token);
    let Some(row) = store::token(&ctx.db, &hashed).await?.filter(|row| row.client_id == client.client.id) else {
        return Ok(());
    };
    let mut batch = Batch::new(row.subject);
    if row.refresh {
        store::revoke_grant(&mut batch, row.subject, row.grant, ctx.now(), "revoked by the client");
    } else {
        store::revoke_token(&mut batch, &hashed, ctx.now());
    }
    Ok(ctx.db.commit(batch).await?)
}

/// Judges a DPoP proof and notes its id, which may come once.
///
/// # Errors
/// `invalid_dpop_proof`, and when the database fails.
pub async fn prove(
    ctx: &Ctx,
    proof: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
) -> Result<String, ProviderError> {
    let uri = format!("{}{path}", issuer(ctx));
    let proof = dpop::judge(proof, &About { method, uri: &uri, token, now: ctx.now() })?;
    let mut batch = Batch::system();
    let until = plus(ctx.now(), dpop::AGE_S + 2 * dpop::LEEWAY_S);
    store::see(&mut batch, &hash(&format!("dpop|{}|{}", proof.jkt, proof.jti)), until);
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(proof.jkt),
        Err(CommitError::Unique(_)) => refuse(Code::InvalidDpopProof, "the proof was used before"),
        Err(error) => Err(error.into()),
    }
}
