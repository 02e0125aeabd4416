//! Devices without a browser: the person types a code elsewhere and agrees there.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Ctx, Principal};
use data_encoding::HEXLOWER;
use kernel::clock::Timestamp;
use kernel::id::SubjectId;
use ring::hmac;
use storage::{Batch, CommitError};

use super::authorize::note;
use super::token::{Issued, for_device};
use super::{Memory, ProviderError, clients, hash, plus, refuse};
use crate::domain::claims::{self, Wanted};
use crate::domain::client::{Client, Grant};
use crate::domain::consent::{self, Consent};
use crate::domain::error::Code;
use crate::domain::request::Dialect;
use crate::domain::user_code;
use crate::store::{self, ClientRow, CodeData, ConsentRow, DeviceRow, Facts};

/// Seconds that a device waits: time to find the phone, sign in and read.
pub const WAITS_S: i64 = 30 * 60;
/// Seconds between two questions of a device at first.
pub const POLL_S: i64 = 5;
/// Wrong codes that a person may type within the window.
const TRIES: i64 = 10;
/// The window, in seconds.
const WINDOW_S: i64 = 600;

/// What a device is told.
pub struct Begun {
    pub device_code: String,
    /// As it is shown.
    pub user_code: String,
}

/// The hash of a person's code: keyed, because the code alone has 34 bits.
fn user_hash(ctx: &Ctx, code: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &ctx.settings.key("provider.user_codes"));
    hmac::sign(&key, code.as_bytes()).as_ref().to_vec()
}

fn bucket(ctx: &Ctx, subject: SubjectId) -> String {
    HEXLOWER.encode(&user_hash(ctx, &format!("tries|{subject}")))
}

/// Lets a device wait for its person.
///
/// # Errors
/// When the client may not, and when the database fails.
pub async fn begin(ctx: &Ctx, client: &ClientRow, scope: Option<&str>) -> Result<Begun, ProviderError> {
    if !client.client.may(Grant::Device) {
        return refuse(Code::UnauthorizedClient, "the client may not use this grant");
    }
    let scope: Vec<String> =
        scope.unwrap_or("openid").split(' ').filter(|one| claims::is_scope(one)).map(str::to_owned).collect();
    if !scope.iter().any(|one| one == "openid") || scope.iter().any(|one| !client.client.scopes.contains(one)) {
        return refuse(Code::InvalidScope, "scope must contain openid and nothing that the client did not register");
    }
    let now = ctx.now();
    for _ in 0..5 {
        let (device_code, code) = (ctx.rng.token(32), user_code::new(&*ctx.rng));
        let row = DeviceRow {
            device_hash: hash(&device_code),
            client_id: client.client.id.clone(),
            scope: scope.clone(),
            state: "waiting".to_owned(),
            subject: None,
            data: None,
            polled_at: now,
            wait_s: POLL_S,
            created_at: now,
            expires_at: plus(now, WAITS_S),
        };
        let mut batch = Batch::system();
        store::insert_device(&mut batch, &user_hash(ctx, &code), &row);
        match ctx.db.commit(batch).await {
            Ok(()) => return Ok(Begun { device_code, user_code: user_code::shown(&code) }),
            // Another device has this code: draw again.
            Err(CommitError::Unique(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refuse(Code::TemporarilyUnavailable, "no code is free")
}

/// A device that waits, as its person sees it.
pub struct Waiting {
    pub client: Client,
    pub has_logo: bool,
    pub asked: BTreeMap<&'static str, bool>,
    pub before: Option<Consent>,
    pub offline: bool,
    pub until: Timestamp,
}

/// What typing a code led to.
pub enum Found {
    Device(Box<Waiting>),
    /// No such code, or it is over.
    Wrong,
    /// Too many wrong ones.
    Held,
}

async fn look(
    ctx: &Ctx,
    subject: SubjectId,
    typed: &str,
) -> Result<Result<(DeviceRow, ClientRow), Found>, ProviderError> {
    let (now, bucket) = (ctx.now(), bucket(ctx, subject));
    let window = plus(now, -WINDOW_S);
    if store::tries(&ctx.db, &bucket, window).await? >= TRIES {
        return Ok(Err(Found::Held));
    }
    if let Some(code) = user_code::read(typed)
        && let Some(row) = store::device_by_code(&ctx.db, &user_hash(ctx, &code), now).await?
        && let Some(client) = clients::active(ctx, &row.client_id).await?
    {
        return Ok(Ok((row, client)));
    }
    let mut batch = Batch::system();
    store::count_try(&mut batch, &bucket, now, window);
    ctx.db.commit(batch).await?;
    Ok(Err(Found::Wrong))
}

/// Looks for the device of a code. Wrong codes are counted for the person who types.
///
/// Rule: SSO-DEVICE.
/// Source: RFC 8628 §3.3 (the person checks what they agree to), §5.1 (rate limit), §5.4 (no remote phishing by a link alone).
///
/// # Errors
/// When the database fails.
pub async fn find(ctx: &Ctx, subject: SubjectId, typed: &str) -> Result<Found, ProviderError> {
    let (row, client) = match look(ctx, subject, typed).await? {
        Ok(found) => found,
        Err(other) => return Ok(other),
    };
    let before = store::consent(&ctx.db, subject, &row.client_id).await?.map(|row| row.consent);
    Ok(Found::Device(Box::new(Waiting {
        asked: claims::asked(&row.scope, &Wanted::default(), &client.client.scopes),
        before,
        offline: row.scope.iter().any(|scope| scope == "offline_access"),
        until: plus(ctx.now(), i64::from(client.client.consent_days) * 86_400),
        has_logo: client.has_logo,
        client: client.client,
    })))
}

/// What answering for a device led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Done,
    /// The device does not wait any more.
    Gone,
    /// The person has to prove more first.
    StepUp,
}

/// Answers for a device: `ticked` claims when the person agrees.
///
/// # Errors
/// When the database fails.
pub async fn answer(
    ctx: &Ctx,
    who: &Principal,
    typed: &str,
    ticked: Option<&BTreeSet<String>>,
) -> Result<Answered, ProviderError> {
    let Some(subject) = who.subject() else { return Ok(Answered::Gone) };
    let Ok((row, client)) = look(ctx, subject, typed).await? else { return Ok(Answered::Gone) };
    let client = client.client;
    if client.least.is_some_and(|least| who.assurance < least) {
        return Ok(Answered::StepUp);
    }
    let now = ctx.now();
    let mut batch = Batch::new(subject);
    match ticked {
        None => store::answer_device(&mut batch, &row.device_hash, "refused", subject, None, now),
        Some(ticked) => {
            let Some(facts) = ctx.ports.sessions.facts(ctx, subject, who.session).await? else {
                return Ok(Answered::Gone);
            };
            let before = store::consent(&ctx.db, subject, &client.id).await?;
            let asked = claims::asked(&row.scope, &Wanted::default(), &client.scopes);
            let offline = row.scope.iter().any(|scope| scope == "offline_access");
            let new = consent::answered(before.as_ref().map(|row| &row.consent), &asked, ticked, offline);
            let granted = new.granted.iter().filter(|claim| asked.contains_key(claim.as_str())).cloned().collect();
            let until = plus(now, i64::from(client.consent_days) * 86_400);
            let consent = ConsentRow {
                client_id: client.id.clone(),
                consent: new,
                granted_at: now,
                used_at: now,
                expires_at: until,
                version: before.map_or(0, |row| row.version),
            };
            store::save_consent(&mut batch, subject, &consent);
            let data = CodeData {
                facts: Facts {
                    dialect: Dialect::Oidc,
                    delivery: claims::delivery(&Wanted::default(), &row.scope, &granted),
                    scope: row.scope.clone(),
                    auth_time: facts.begun.as_second(),
                    assurance: facts.assurance,
                    by_code: facts.by_code,
                    amr: facts.amr.clone(),
                    session: None,
                    jkt: None,
                },
                redirect_uri: String::new(),
                challenge: None,
                nonce: None,
                offline,
                until: until.as_second(),
            };
            store::answer_device(&mut batch, &row.device_hash, "agreed", subject, Some(&data), now);
            note(ctx, &mut batch, &client, "sso.device");
        }
    }
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Answered::Done),
        Err(CommitError::Guard(_)) => Ok(Answered::Gone),
        Err(error) => Err(error.into()),
    }
}

/// A device asks whether its person has agreed.
///
/// Rule: SSO-DEVICE-POLL.
/// Source: RFC 8628 §3.5 (`authorization_pending`, `slow_down` adds five seconds, `access_denied`, `expired_token`).
///
/// # Errors
/// The protocol's answers, and when the database fails.
pub async fn poll(
    ctx: &Ctx,
    memory: &Memory,
    client: &ClientRow,
    device_code: &str,
    jkt: Option<String>,
) -> Result<Issued, ProviderError> {
    let hashed = hash(device_code);
    let Some(row) = store::device(&ctx.db, &hashed).await?.filter(|row| row.client_id == client.client.id) else {
        return refuse(Code::InvalidGrant, "the device code is unknown");
    };
    let now = ctx.now();
    if now >= row.expires_at {
        return refuse(Code::ExpiredToken, "the device code is over");
    }
    match row.state.as_str() {
        "waiting" => {
            // Half a second of a network is forgiven; the first question may come at once.
            let early = row.polled_at > row.created_at && now < plus(row.polled_at, row.wait_s.saturating_sub(1));
            let wait = if early { (row.wait_s + 5).min(60) } else { row.wait_s };
            let mut batch = Batch::system();
            store::poll_device(&mut batch, &hashed, now, wait);
            ctx.db.commit(batch).await?;
            if early {
                refuse(Code::SlowDown, "wait five seconds longer")
            } else {
                refuse(Code::AuthorizationPending, "the person has not answered yet")
            }
        }
        "refused" => refuse(Code::AccessDenied, "the person does not agree"),
        "agreed" => {
            let (Some(subject), Some(data)) = (row.subject, row.data) else {
                return refuse(Code::InvalidGrant, "the device code is broken");
            };
            let mut batch = Batch::new(subject);
            store::finish_device(&mut batch, &hashed);
            let issued = for_device(ctx, memory, &mut batch, client, subject, data, jkt).await?;
            match ctx.db.commit(batch).await {
                Ok(()) => Ok(issued),
                Err(CommitError::Guard(_)) => refuse(Code::InvalidGrant, "the device code was used before"),
                Err(error) => Err(error.into()),
            }
        }
        _ => refuse(Code::InvalidGrant, "the device code was used before"),
    }
}
