//! SQL of the provider and its rows, nothing else.

use contracts::Assurance;
use kernel::clock::Timestamp;
use kernel::id::{EventId, SessionId, StaffId, SubjectId};
use serde::{Deserialize, Serialize};
use storage::{Batch, Db, Error, Migration, Row, params, statement};
use uuid::Uuid;

use crate::domain::claims::Delivery;
use crate::domain::client::Client;
use crate::domain::consent::Consent;
use crate::domain::request::{Dialect, Params};

/// Tables of the provider.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "provider",
    version: 1,
    name: "provider",
    sql: include_str!("../migrations/0001_provider.sql"),
}];

// ---------------------------------------------------------------- keys

/// A key as stored.
#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub(crate) alg: String,
    pub(crate) generation: i64,
    pub(crate) kid: String,
    pub(crate) public_jwk: serde_json::Value,
    pub(crate) sealed: Vec<u8>,
    pub(crate) starts_at: Timestamp,
}

statement!(
    KEYS,
    "select alg, generation, kid, public_jwk, sealed, starts_at from provider_keys order by alg, generation"
);
statement!(
    INSERT_KEY,
    "insert into provider_keys (alg, generation, kid, public_jwk, sealed, created_at, starts_at) values ($1, $2, $3, $4, $5, $6, $7)"
);
statement!(FORGET_KEY, "delete from provider_keys where alg = $1 and generation = $2");

pub(crate) async fn keys(db: &Db) -> Result<Vec<KeyRow>, Error> {
    let rows = db.query(&KEYS, params![]).await?;
    rows.iter()
        .map(|row| {
            Ok(KeyRow {
                alg: row.text(0)?.to_owned(),
                generation: row.i64(1)?,
                kid: row.text(2)?.to_owned(),
                public_jwk: row.json(3)?,
                sealed: row.blob(4)?.to_vec(),
                starts_at: row.timestamp(5)?,
            })
        })
        .collect()
}

/// Adds a key; the batch fails with `Unique("INSERT_KEY")` when another instance has made this generation.
pub(crate) fn insert_key(batch: &mut Batch, key: &KeyRow, now: Timestamp) {
    let jwk = key.public_jwk.clone();
    let (alg, kid) = (key.alg.as_str(), key.kid.as_str());
    batch.step(&INSERT_KEY, params![alg, key.generation, kid, jwk, key.sealed.clone(), now, key.starts_at]);
}

pub(crate) fn forget_key(batch: &mut Batch, alg: &str, generation: i64) {
    batch.step(&FORGET_KEY, params![alg, generation]);
}

// ---------------------------------------------------------------- clients

/// A client as stored.
#[derive(Clone, Debug)]
pub struct ClientRow {
    pub client: Client,
    /// SHA-256 of the secret: it has 256 random bits.
    pub(crate) secret_hash: Option<Vec<u8>>,
    pub active: bool,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub has_logo: bool,
}

/// What was done to a client.
#[derive(Clone, Debug)]
pub struct ClientEntry {
    pub at: Timestamp,
    pub staff_name: String,
    pub action: String,
    pub detail: String,
}

statement!(
    CLIENT,
    "select doc, secret_hash, active, version, created_at, updated_at, case when logo is null then 0 else 1 end
     from provider_clients where client_id = $1"
);
statement!(
    CLIENTS,
    "select doc, secret_hash, active, version, created_at, updated_at, case when logo is null then 0 else 1 end
     from provider_clients order by client_id"
);
statement!(LOGO, "select logo from provider_clients where client_id = $1 and active = 1 and logo is not null");
statement!(
    INSERT_CLIENT,
    "insert into provider_clients (client_id, doc, secret_hash, active, version, created_at, updated_at)
     values ($1, $2, $3, 1, 1, $4, $4)"
);
statement!(
    UPDATE_CLIENT,
    "update provider_clients set doc = $2, secret_hash = $3, active = $4, version = version + 1, updated_at = $5
     where client_id = $1 and version = $6"
);
statement!(SET_LOGO, "update provider_clients set logo = $2, updated_at = $3 where client_id = $1");
statement!(
    INSERT_CLIENT_ENTRY,
    "insert into provider_client_log (client_id, entry_id, at, staff_id, staff_name, action, detail)
     values ($1, $2, $3, $4, $5, $6, $7)"
);
statement!(
    CLIENT_ENTRIES,
    "select at, staff_name, action, detail from provider_client_log where client_id = $1 order by entry_id desc limit 50"
);

fn client_row(row: &Row) -> Result<ClientRow, Error> {
    Ok(ClientRow {
        client: row.json(0)?,
        secret_hash: row.opt_blob(1)?.map(<[u8]>::to_vec),
        active: row.bool(2)?,
        version: row.i64(3)?,
        created_at: row.timestamp(4)?,
        updated_at: row.timestamp(5)?,
        has_logo: row.bool(6)?,
    })
}

pub(crate) async fn client(db: &Db, id: &str) -> Result<Option<ClientRow>, Error> {
    if id.len() > 64 || id.contains('\0') {
        return Ok(None);
    }
    db.query_opt(&CLIENT, params![id]).await?.as_ref().map(client_row).transpose()
}

pub(crate) async fn clients(db: &Db) -> Result<Vec<ClientRow>, Error> {
    db.query(&CLIENTS, params![]).await?.iter().map(client_row).collect()
}

pub(crate) async fn logo(db: &Db, id: &str) -> Result<Option<Vec<u8>>, Error> {
    db.query_opt(&LOGO, params![id]).await?.map(|row| Ok(row.blob(0)?.to_vec())).transpose()
}

fn doc(client: &Client) -> serde_json::Value {
    serde_json::to_value(client).unwrap_or_default()
}

/// Adds a client; the batch fails with `Unique("INSERT_CLIENT")` when the id is taken.
pub(crate) fn insert_client(batch: &mut Batch, client: &Client, secret_hash: Option<Vec<u8>>, now: Timestamp) {
    batch.step(&INSERT_CLIENT, params![client.id.as_str(), doc(client), secret_hash, now]);
}

/// Saves a client when it is still as it was read.
pub(crate) fn update_client(batch: &mut Batch, row: &ClientRow, now: Timestamp) {
    batch.expect(
        &UPDATE_CLIENT,
        params![row.client.id.as_str(), doc(&row.client), row.secret_hash.clone(), row.active, now, row.version],
        1,
        "client version",
    );
}

pub(crate) fn set_logo(batch: &mut Batch, id: &str, logo: Option<Vec<u8>>, now: Timestamp) {
    batch.step(&SET_LOGO, params![id, logo, now]);
}

pub(crate) fn log_client(
    batch: &mut Batch,
    id: &str,
    entry: EventId,
    at: Timestamp,
    staff: (StaffId, &str),
    action: &str,
    detail: &str,
) {
    batch.step(&INSERT_CLIENT_ENTRY, params![id, entry, at, staff.0, staff.1, action, detail]);
}

pub(crate) async fn client_entries(db: &Db, id: &str) -> Result<Vec<ClientEntry>, Error> {
    let rows = db.query(&CLIENT_ENTRIES, params![id]).await?;
    rows.iter()
        .map(|row| {
            Ok(ClientEntry {
                at: row.timestamp(0)?,
                staff_name: row.text(1)?.to_owned(),
                action: row.text(2)?.to_owned(),
                detail: row.text(3)?.to_owned(),
            })
        })
        .collect()
}

// ---------------------------------------------------------------- requests

/// A request under way.
#[derive(Clone, Debug)]
pub(crate) struct RequestRow {
    pub(crate) client_id: String,
    pub(crate) params: Params,
    pub(crate) pushed: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

statement!(
    REQUEST,
    "select client_id, params, pushed, created_at, expires_at from provider_requests where handle_hash = $1 and expires_at > $2"
);
statement!(
    INSERT_REQUEST,
    "insert into provider_requests (handle_hash, client_id, params, pushed, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)"
);
statement!(TAKE_REQUEST, "delete from provider_requests where handle_hash = $1");
statement!(FORGET_REQUESTS, "delete from provider_requests where expires_at < $1");

pub(crate) async fn request(db: &Db, handle: &[u8], now: Timestamp) -> Result<Option<RequestRow>, Error> {
    let Some(row) = db.query_opt(&REQUEST, params![handle, now]).await? else { return Ok(None) };
    Ok(Some(RequestRow {
        client_id: row.text(0)?.to_owned(),
        params: row.json(1)?,
        pushed: row.bool(2)?,
        created_at: row.timestamp(3)?,
        expires_at: row.timestamp(4)?,
    }))
}

pub(crate) fn insert_request(batch: &mut Batch, handle: &[u8], row: &RequestRow) {
    let params = serde_json::to_value(&row.params).unwrap_or_default();
    let id = row.client_id.as_str();
    batch.step(&INSERT_REQUEST, params![handle, id, params, row.pushed, row.created_at, row.expires_at]);
}

/// Takes a request away: it is answered once.
pub(crate) fn take_request(batch: &mut Batch, handle: &[u8]) {
    batch.expect(&TAKE_REQUEST, params![handle], 1, "request");
}

// ---------------------------------------------------------------- codes, grants, tokens

/// What is known of a sign-in, with everything that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub dialect: Dialect,
    pub scope: Vec<String>,
    #[serde(default)]
    pub delivery: Delivery,
    /// When the person proved who they are, in seconds; 0 for a client alone.
    pub auth_time: i64,
    pub assurance: Assurance,
    #[serde(default)]
    pub by_code: bool,
    /// By what the person proved who they are (RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Thumbprint of the key to which tokens are bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
}

/// What a code is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeData {
    pub(crate) facts: Facts,
    pub(crate) redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) challenge: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    pub(crate) offline: bool,
    /// Seconds that the grant lives, from the consent.
    pub(crate) until: i64,
}

/// A code as stored.
#[derive(Clone, Debug)]
pub(crate) struct CodeRow {
    pub(crate) client_id: String,
    pub(crate) subject: SubjectId,
    pub(crate) grant: Uuid,
    pub(crate) session: SessionId,
    pub(crate) data: CodeData,
    pub(crate) expires_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
}

/// A grant as stored.
#[derive(Clone, Debug)]
pub(crate) struct GrantRow {
    pub(crate) subject: SubjectId,
    pub(crate) grant: Uuid,
    pub(crate) client_id: String,
    pub(crate) session: SessionId,
    pub(crate) offline: bool,
    pub(crate) expires_at: Timestamp,
}

/// A token as stored.
#[derive(Clone, Debug)]
pub struct TokenRow {
    pub(crate) refresh: bool,
    pub client_id: String,
    pub subject: SubjectId,
    pub(crate) grant: Uuid,
    pub facts: Facts,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
}

statement!(
    CODE,
    "select client_id, subject_id, grant_id, session_id, data, expires_at, used_at from provider_codes where code_hash = $1"
);
statement!(
    INSERT_CODE,
    "insert into provider_codes (code_hash, client_id, subject_id, grant_id, session_id, data, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)"
);
statement!(USE_CODE, "update provider_codes set used_at = $2 where code_hash = $1 and used_at is null");
statement!(
    SPOIL_CODES_OF_CLIENT,
    "update provider_codes set used_at = $3 where subject_id = $1 and client_id = $2 and used_at is null"
);
statement!(
    SPOIL_CODES_OF_SESSION,
    "update provider_codes set used_at = $3 where subject_id = $1 and session_id = $2 and used_at is null"
);
statement!(FORGET_CODES, "delete from provider_codes where expires_at < $1");
statement!(
    INSERT_GRANT,
    "insert into provider_grants (subject_id, grant_id, client_id, session_id, offline, created_at, used_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $6, $7)"
);
statement!(
    USE_GRANT,
    "update provider_grants set used_at = $3 where subject_id = $1 and grant_id = $2 and revoked_at is null and expires_at > $3"
);
statement!(
    REVOKE_GRANT,
    "update provider_grants set revoked_at = $3, revoked_why = $4 where subject_id = $1 and grant_id = $2 and revoked_at is null"
);
statement!(
    GRANTS_OF_SESSION,
    "select grant_id, client_id, offline from provider_grants where subject_id = $1 and session_id = $2 and revoked_at is null"
);
statement!(
    LIVE_SESSIONS,
    "select distinct session_id from provider_grants where subject_id = $1 and session_id <> $2 and revoked_at is null"
);
statement!(
    GRANTS_OF_CLIENT,
    "select grant_id from provider_grants where subject_id = $1 and client_id = $2 and revoked_at is null"
);
statement!(FORGET_GRANTS, "delete from provider_grants where expires_at < $1");
statement!(
    TOKEN,
    "select kind, client_id, subject_id, grant_id, data, created_at, expires_at, used_at, revoked_at
     from provider_tokens where token_hash = $1"
);
statement!(
    INSERT_TOKEN,
    "insert into provider_tokens (token_hash, kind, client_id, subject_id, grant_id, data, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)"
);
statement!(
    USE_TOKEN,
    "update provider_tokens set used_at = $2 where token_hash = $1 and used_at is null and revoked_at is null"
);
statement!(REVOKE_TOKEN, "update provider_tokens set revoked_at = $2 where token_hash = $1 and revoked_at is null");
statement!(
    REVOKE_TOKENS,
    "update provider_tokens set revoked_at = $3 where subject_id = $1 and grant_id = $2 and revoked_at is null"
);
statement!(FORGET_TOKENS, "delete from provider_tokens where expires_at < $1");

pub(crate) async fn code(db: &Db, hash: &[u8]) -> Result<Option<CodeRow>, Error> {
    let Some(row) = db.query_opt(&CODE, params![hash]).await? else { return Ok(None) };
    Ok(Some(CodeRow {
        client_id: row.text(0)?.to_owned(),
        subject: SubjectId::from_uuid(row.uuid(1)?),
        grant: row.uuid(2)?,
        session: SessionId::from_uuid(row.uuid(3)?),
        data: row.json(4)?,
        expires_at: row.timestamp(5)?,
        used_at: row.opt_timestamp(6)?,
    }))
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(crate) fn insert_code(batch: &mut Batch, hash: &[u8], row: &CodeRow) {
    let data = text(&row.data);
    let id = row.client_id.as_str();
    batch.step(&INSERT_CODE, params![hash, id, row.subject, row.grant, row.session, data, row.expires_at]);
}

/// Uses a code up; the batch fails with `Guard("code")` when it was used before.
pub(crate) fn use_code(batch: &mut Batch, hash: &[u8], now: Timestamp) {
    batch.expect(&USE_CODE, params![hash, now], 1, "code");
}

pub(crate) fn insert_grant(batch: &mut Batch, row: &GrantRow, now: Timestamp) {
    let id = row.client_id.as_str();
    batch.step(&INSERT_GRANT, params![row.subject, row.grant, id, row.session, row.offline, now, row.expires_at]);
}

/// Notes the use of a grant; the batch fails with `Guard("grant")` when it is revoked or over.
pub(crate) fn use_grant(batch: &mut Batch, subject: SubjectId, grant: Uuid, now: Timestamp) {
    batch.expect(&USE_GRANT, params![subject, grant, now], 1, "grant");
}

/// Revokes a grant with all its tokens.
pub(crate) fn revoke_grant(batch: &mut Batch, subject: SubjectId, grant: Uuid, now: Timestamp, why: &str) {
    batch.step(&REVOKE_GRANT, params![subject, grant, now, why]);
    batch.step(&REVOKE_TOKENS, params![subject, grant, now]);
}

/// Grants that a session gave, with the client and whether they outlive it.
pub(crate) async fn grants_of_session(
    db: &Db,
    subject: SubjectId,
    session: SessionId,
) -> Result<Vec<(Uuid, String, bool)>, Error> {
    let rows = db.query(&GRANTS_OF_SESSION, params![subject, session]).await?;
    rows.iter().map(|row| Ok((row.uuid(0)?, row.text(1)?.to_owned(), row.bool(2)?))).collect()
}

/// Sessions of a person, but one, that gave grants which still hold.
pub(crate) async fn sessions_with_grants(
    db: &Db,
    subject: SubjectId,
    except: Option<SessionId>,
) -> Result<Vec<SessionId>, Error> {
    let except = except.map_or(Uuid::nil(), SessionId::uuid);
    let rows = db.query(&LIVE_SESSIONS, params![subject, except]).await?;
    rows.iter().map(|row| Ok(SessionId::from_uuid(row.uuid(0)?))).collect()
}

pub(crate) async fn grants_of_client(db: &Db, subject: SubjectId, client: &str) -> Result<Vec<Uuid>, Error> {
    db.query(&GRANTS_OF_CLIENT, params![subject, client]).await?.iter().map(|row| row.uuid(0)).collect()
}

pub(crate) fn spoil_codes_of_client(batch: &mut Batch, subject: SubjectId, client: &str, now: Timestamp) {
    batch.step(&SPOIL_CODES_OF_CLIENT, params![subject, client, now]);
}

pub(crate) fn spoil_codes_of_session(batch: &mut Batch, subject: SubjectId, session: SessionId, now: Timestamp) {
    batch.step(&SPOIL_CODES_OF_SESSION, params![subject, session, now]);
}

pub(crate) async fn token(db: &Db, hash: &[u8]) -> Result<Option<TokenRow>, Error> {
    let Some(row) = db.query_opt(&TOKEN, params![hash]).await? else { return Ok(None) };
    Ok(Some(TokenRow {
        refresh: row.text(0)? == "refresh",
        client_id: row.text(1)?.to_owned(),
        subject: SubjectId::from_uuid(row.uuid(2)?),
        grant: row.uuid(3)?,
        facts: row.json(4)?,
        created_at: row.timestamp(5)?,
        expires_at: row.timestamp(6)?,
        used_at: row.opt_timestamp(7)?,
        revoked_at: row.opt_timestamp(8)?,
    }))
}

pub(crate) fn insert_token(batch: &mut Batch, hash: &[u8], row: &TokenRow) {
    let kind = if row.refresh { "refresh" } else { "access" };
    let data = text(&row.facts);
    let id = row.client_id.as_str();
    batch.step(&INSERT_TOKEN, params![hash, kind, id, row.subject, row.grant, data, row.created_at, row.expires_at]);
}

/// Uses a refresh token up; the batch fails with `Guard("refresh")` when it was used or revoked before.
pub(crate) fn use_token(batch: &mut Batch, hash: &[u8], now: Timestamp) {
    batch.expect(&USE_TOKEN, params![hash, now], 1, "refresh");
}

pub(crate) fn revoke_token(batch: &mut Batch, hash: &[u8], now: Timestamp) {
    batch.step(&REVOKE_TOKEN, params![hash, now]);
}

// ---------------------------------------------------------------- consents

/// A remembered consent as stored.
#[derive(Clone, Debug)]
pub struct ConsentRow {
    pub client_id: String,
    pub consent: Consent,
    pub granted_at: Timestamp,
    pub used_at: Timestamp,
    pub expires_at: Timestamp,
    pub(crate) version: i64,
}

statement!(
    CONSENT,
    "select client_id, data, granted_at, used_at, expires_at, version from provider_consents where subject_id = $1 and client_id = $2"
);
statement!(
    CONSENTS,
    "select client_id, data, granted_at, used_at, expires_at, version from provider_consents
     where subject_id = $1 order by used_at desc, client_id"
);
statement!(
    INSERT_CONSENT,
    "insert into provider_consents (subject_id, client_id, data, granted_at, used_at, expires_at, version)
     values ($1, $2, $3, $4, $4, $5, 1) on conflict (subject_id, client_id) do nothing"
);
statement!(
    UPDATE_CONSENT,
    "update provider_consents set data = $3, granted_at = $4, used_at = $4, expires_at = $5, version = version + 1
     where subject_id = $1 and client_id = $2 and version = $6"
);
statement!(
    USE_CONSENT,
    "update provider_consents set used_at = $3 where subject_id = $1 and client_id = $2 and version = $4"
);
statement!(DELETE_CONSENT, "delete from provider_consents where subject_id = $1 and client_id = $2");

fn consent_row(row: &Row) -> Result<ConsentRow, Error> {
    Ok(ConsentRow {
        client_id: row.text(0)?.to_owned(),
        consent: row.json(1)?,
        granted_at: row.timestamp(2)?,
        used_at: row.timestamp(3)?,
        expires_at: row.timestamp(4)?,
        version: row.i64(5)?,
    })
}

pub(crate) async fn consent(db: &Db, subject: SubjectId, client: &str) -> Result<Option<ConsentRow>, Error> {
    db.query_opt(&CONSENT, params![subject, client]).await?.as_ref().map(consent_row).transpose()
}

pub(crate) async fn consents(db: &Db, subject: SubjectId) -> Result<Vec<ConsentRow>, Error> {
    db.query(&CONSENTS, params![subject]).await?.iter().map(consent_row).collect()
}

/// Saves a consent when nobody changed it since it was read (`version` 0: there was none).
pub(crate) fn save_consent(batch: &mut Batch, subject: SubjectId, row: &ConsentRow) {
    let (id, data) = (row.client_id.as_str(), text(&row.consent));
    if row.version == 0 {
        batch.expect(&INSERT_CONSENT, params![subject, id, data, row.granted_at, row.expires_at], 1, "consent");
    } else {
        let values = params![subject, id, data, row.granted_at, row.expires_at, row.version];
        batch.expect(&UPDATE_CONSENT, values, 1, "consent");
    }
}

/// Notes the use of a consent; the batch fails with `Guard("consent")` when it was changed or revoked meanwhile.
pub(crate) fn use_consent(batch: &mut Batch, subject: SubjectId, client: &str, version: i64, now: Timestamp) {
    batch.expect(&USE_CONSENT, params![subject, client, now, version], 1, "consent");
}

pub(crate) fn delete_consent(batch: &mut Batch, subject: SubjectId, client: &str) {
    batch.step(&DELETE_CONSENT, params![subject, client]);
}

// ---------------------------------------------------------------- devices

/// A device that waits.
#[derive(Clone, Debug)]
pub(crate) struct DeviceRow {
    pub(crate) device_hash: Vec<u8>,
    pub(crate) client_id: String,
    pub(crate) scope: Vec<String>,
    /// `waiting`, `agreed`, `refused`, `done`.
    pub(crate) state: String,
    pub(crate) subject: Option<SubjectId>,
    pub(crate) data: Option<CodeData>,
    pub(crate) polled_at: Timestamp,
    pub(crate) wait_s: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

statement!(
    DEVICE,
    "select device_hash, client_id, scope, state, subject_id, data, polled_at, wait_s, created_at, expires_at
     from provider_devices where device_hash = $1"
);
statement!(
    DEVICE_BY_CODE,
    "select device_hash, client_id, scope, state, subject_id, data, polled_at, wait_s, created_at, expires_at
     from provider_devices where user_hash = $1 and expires_at > $2 and state = 'waiting'"
);
statement!(
    INSERT_DEVICE,
    "insert into provider_devices (device_hash, user_hash, client_id, scope, state, polled_at, wait_s, created_at, expires_at)
     values ($1, $2, $3, $4, 'waiting', $5, $6, $5, $7)"
);
statement!(
    ANSWER_DEVICE,
    "update provider_devices set state = $2, subject_id = $3, data = $4 where device_hash = $1 and state = 'waiting' and expires_at > $5"
);
statement!(POLL_DEVICE, "update provider_devices set polled_at = $2, wait_s = $3 where device_hash = $1");
statement!(FINISH_DEVICE, "update provider_devices set state = 'done' where device_hash = $1 and state = 'agreed'");
statement!(FORGET_DEVICES, "delete from provider_devices where expires_at < $1");

fn device_row(row: &Row) -> Result<DeviceRow, Error> {
    Ok(DeviceRow {
        device_hash: row.blob(0)?.to_vec(),
        client_id: row.text(1)?.to_owned(),
        scope: row.text(2)?.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        state: row.text(3)?.to_owned(),
        subject: row.opt_uuid(4)?.map(SubjectId::from_uuid),
        data: match row.opt_text(5)? {
            Some(_) => Some(row.json(5)?),
            None => None,
        },
        polled_at: row.timestamp(6)?,
        wait_s: row.i64(7)?,
        created_at: row.timestamp(8)?,
        expires_at: row.timestamp(9)?,
    })
}

pub(crate) async fn device(db: &Db, hash: &[u8]) -> Result<Option<DeviceRow>, Error> {
    db.query_opt(&DEVICE, params![hash]).await?.as_ref().map(device_row).transpose()
}

pub(crate) async fn device_by_code(db: &Db, user_hash: &[u8], now: Timestamp) -> Result<Option<DeviceRow>, Error> {
    db.query_opt(&DEVICE_BY_CODE, params![user_hash, now]).await?.as_ref().map(device_row).transpose()
}

/// Adds a device; the batch fails with `Unique("INSERT_DEVICE")` when the person's code is taken.
pub(crate) fn insert_device(batch: &mut Batch, user_hash: &[u8], row: &DeviceRow) {
    let (hash, id) = (row.device_hash.clone(), row.client_id.as_str());
    let scope = row.scope.join(" ");
    batch.step(&INSERT_DEVICE, params![hash, user_hash, id, scope, row.created_at, row.wait_s, row.expires_at]);
}

/// Answers for a device; the batch fails with `Guard("device")` when it does not wait any more.
pub(crate) fn answer_device(
    batch: &mut Batch,
    hash: &[u8],
    state: &str,
    subject: SubjectId,
    data: Option<&CodeData>,
    now: Timestamp,
) {
    batch.expect(&ANSWER_DEVICE, params![hash, state, subject, data.map(text), now], 1, "device");
}

pub(crate) fn poll_device(batch: &mut Batch, hash: &[u8], now: Timestamp, wait_s: i64) {
    batch.step(&POLL_DEVICE, params![hash, now, wait_s]);
}

pub(crate) fn finish_device(batch: &mut Batch, hash: &[u8]) {
    batch.expect(&FINISH_DEVICE, params![hash], 1, "device");
}

// ---------------------------------------------------------------- seen, tries, clean-up

statement!(SEE, "insert into provider_seen (seen_hash, expires_at) values ($1, $2)");
statement!(FORGET_SEEN, "delete from provider_seen where expires_at < $1");
statement!(TRIES, "select tries, since from provider_tries where bucket = $1");
statement!(
    COUNT_TRY,
    "insert into provider_tries (bucket, tries, since) values ($1, 1, $2)
     on conflict (bucket) do update set
       tries = case when provider_tries.since < $3 then 1 else provider_tries.tries + 1 end,
       since = case when provider_tries.since < $3 then excluded.since else provider_tries.since end"
);
statement!(FORGET_TRIES, "delete from provider_tries where since < $1");

/// Notes what may come once; the batch fails with `Unique("SEE")` when it came before.
pub(crate) fn see(batch: &mut Batch, hash: &[u8], until: Timestamp) {
    batch.step(&SEE, params![hash, until]);
}

/// Tries in the window that began after `window`.
pub(crate) async fn tries(db: &Db, bucket: &str, window: Timestamp) -> Result<i64, Error> {
    let Some(row) = db.query_opt(&TRIES, params![bucket]).await? else { return Ok(0) };
    Ok(if row.timestamp(1)? < window { 0 } else { row.i64(0)? })
}

pub(crate) fn count_try(batch: &mut Batch, bucket: &str, now: Timestamp, window: Timestamp) {
    batch.step(&COUNT_TRY, params![bucket, now, window]);
}

/// Forgets what has ended. Not in one batch with anything else.
pub(crate) fn forget(batch: &mut Batch, now: Timestamp, long_ago: Timestamp) {
    batch.step(&FORGET_REQUESTS, params![now]);
    batch.step(&FORGET_CODES, params![long_ago]);
    batch.step(&FORGET_GRANTS, params![long_ago]);
    batch.step(&FORGET_TOKENS, params![long_ago]);
    batch.step(&FORGET_DEVICES, params![long_ago]);
    batch.step(&FORGET_SEEN, params![now]);
    batch.step(&FORGET_TRIES, params![long_ago]);
}
