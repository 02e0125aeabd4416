//! From an authorization request to its answer: a code, or a refusal.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Ctx, Principal};
use kernel::clock::{Timestamp, from_micros};
use kernel::id::{SubjectId, uuid_v7};
use storage::audit::{self, AuditEntry};
use storage::{Batch, CommitError};
use uuid::Uuid;

use super::{Memory, ProviderError, clients, hash, issuer, plus, refuse, subject_key};
use crate::domain::client::Client;
use crate::domain::consent::{self, Consent};
use crate::domain::decide::{Next, SignedIn, next};
use crate::domain::error::{Code, Refusal};
use crate::domain::request::{self, Dialect, Mode, Params, Refused, Request};
use crate::domain::{claims, jose, oneid, subject};
use crate::store::{self, ClientRow, CodeData, CodeRow, ConsentRow, Facts, RequestRow};

/// Seconds that a code lives.
const CODE_S: i64 = 60;
/// Seconds that a request waits for its person: nobody is hurried.
const REQUEST_S: i64 = 2 * 3600;
/// Seconds that a pushed request waits to be taken up. Source: RFC 9126 §2.2 (5 to 600).
const PUSHED_S: i64 = 90;
/// What stands before the handle of a pushed request. Source: RFC 9126 §2.2.
pub const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// An answer on its way to the client, through the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub redirect_uri: String,
    pub mode: Mode,
    pub params: Vec<(String, String)>,
}

/// What the browser is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Show why not, on a page of ours: the way back cannot be trusted.
    Here(Refusal),
    /// Go back to the client.
    Back(Answer),
    SignIn {
        handle: String,
        again: bool,
        lang: Option<kernel::lang::Lang>,
    },
    StepUp {
        handle: String,
        lang: Option<kernel::lang::Lang>,
    },
    Consent {
        handle: String,
        lang: Option<kernel::lang::Lang>,
    },
}

/// What the page of consent shows.
pub struct Question {
    pub client: Client,
    pub has_logo: bool,
    /// Claims asked about; `true`: cannot be left out.
    pub asked: BTreeMap<&'static str, bool>,
    /// What the person gave or refused before.
    pub before: Option<Consent>,
    pub offline: bool,
    pub until: Timestamp,
    pub redirect_uri: String,
}

/// Whoever sits before the browser: a citizen's principal.
type Who<'a> = Option<&'a Principal>;

struct Known {
    client: ClientRow,
    request: Request,
    asked_at: Timestamp,
    /// Of the stored request.
    handle: Option<Vec<u8>>,
}

fn answer(ctx: &Ctx, request: &Request, mut params: Vec<(String, String)>) -> Answer {
    if let Some(state) = &request.state {
        params.push(("state".to_owned(), state.clone()));
    }
    if request.dialect == Dialect::Oidc {
        // Source: RFC 9207 §2: the client sees who answers, so that it cannot be led to another.
        params.push(("iss".to_owned(), issuer(ctx).to_owned()));
    }
    Answer { redirect_uri: request.redirect_uri.clone(), mode: request.mode, params }
}

fn refused(ctx: &Ctx, redirect_uri: String, mode: Mode, state: Option<String>, refusal: &Refusal) -> Answer {
    let mut params = vec![
        ("error".to_owned(), refusal.code.name().to_owned()),
        ("error_description".to_owned(), refusal.description.to_owned()),
    ];
    params.extend(state.map(|state| ("state".to_owned(), state)));
    params.push(("iss".to_owned(), issuer(ctx).to_owned()));
    Answer { redirect_uri, mode, params }
}

fn read(dialect: Dialect, params: &Params, client: &Client) -> Result<Request, Refused> {
    match dialect {
        Dialect::Oidc => request::read(params, client),
        Dialect::OneId => oneid::read(params, client),
    }
}

fn dialect_of(params: &Params) -> Dialect {
    if params.get("response_type") == Some("one_code") { Dialect::OneId } else { Dialect::Oidc }
}

/// Takes a request of a browser up.
///
/// # Errors
/// When the database fails; a refusal of the protocol is an outcome.
pub async fn start(
    ctx: &Ctx,
    memory: &Memory,
    params: Params,
    dialect: Dialect,
    who: Who<'_>,
) -> Result<Outcome, ProviderError> {
    let here = |code, description| Ok(Outcome::Here(Refusal::new(code, description)));
    if params.repeated() {
        return here(Code::InvalidRequest, "a parameter comes twice");
    }
    let Some(id) = params.get("client_id").map(str::to_owned) else {
        return here(Code::InvalidRequest, "client_id is missing");
    };
    let Some(client) = clients::active(ctx, &id).await? else { return here(Code::InvalidClient, "no such client") };
    if dialect == Dialect::OneId && client.client.oneid_profile.is_none() {
        return here(Code::UnauthorizedClient, "the client is not registered for this dialect");
    }
    let mut pushed = None;
    let mut params = params.without_credentials();
    if let Some(uri) = params.get("request_uri") {
        let Some(handle) = uri.strip_prefix(PUSHED) else {
            return here(Code::RequestUriNotSupported, "request_uri must be one that was pushed");
        };
        let handle = hash(handle);
        match store::request(&ctx.db, &handle, ctx.now()).await? {
            Some(row) if row.pushed && row.client_id == id => {
                params = row.params;
                pushed = Some((handle, row.created_at));
            }
            _ => return here(Code::InvalidRequestUri, "request_uri is over, or of another client"),
        }
    } else if client.client.require_par {
        return here(Code::InvalidRequest, "this client must push its requests");
    }
    let request = match read(dialect, &params, &client.client) {
        Ok(request) => request,
        Err(Refused::Here(refusal)) => return Ok(Outcome::Here(refusal)),
        Err(Refused::There { redirect_uri, mode, state, refusal }) => {
            return Ok(Outcome::Back(refused(ctx, redirect_uri, mode, state, &refusal)));
        }
    };
    let asked_at = pushed.as_ref().map_or(ctx.now(), |(_, at)| *at);
    let handle = pushed.map(|(handle, _)| handle);
    let known = Known { client, request, asked_at, handle };
    let next = decide(ctx, memory, &known, who, None).await?;
    match next {
        Step::Done(outcome) => Ok(outcome),
        Step::Wait(next) => {
            // A request that waits is kept; a pushed one gets longer to live under a handle of its own.
            let token = ctx.rng.token(24);
            let mut batch = Batch::system();
            if let Some(old) = &known.handle {
                store::take_request(&mut batch, old);
            }
            let row = RequestRow {
                client_id: known.client.client.id.clone(),
                params,
                pushed: false,
                created_at: known.asked_at,
                expires_at: plus(ctx.now(), REQUEST_S),
            };
            store::insert_request(&mut batch, &hash(&token), &row);
            ctx.db.commit(batch).await?;
            Ok(waiting(next, token, known.request.ui_locales.first().copied()))
        }
    }
}

fn waiting(next: Next, handle: String, lang: Option<kernel::lang::Lang>) -> Outcome {
    match next {
        Next::StepUp => Outcome::StepUp { handle, lang },
        Next::Consent => Outcome::Consent { handle, lang },
        again => Outcome::SignIn { handle, again: again == Next::SignInAgain, lang },
    }
}

/// Goes on with a request after the person signed in or proved more.
///
/// # Errors
/// When the database fails.
pub async fn resume(ctx: &Ctx, memory: &Memory, handle: &str, who: Who<'_>) -> Result<Option<Outcome>, ProviderError> {
    let Some(known) = load(ctx, handle).await? else { return Ok(None) };
    Ok(Some(match decide(ctx, memory, &known, who, None).await? {
        Step::Done(outcome) => outcome,
        Step::Wait(next) => waiting(next, handle.to_owned(), None),
    }))
}

/// What the person is asked; `None` when the request is over or there is nothing to ask.
///
/// # Errors
/// When the database fails.
pub async fn question(ctx: &Ctx, handle: &str, who: &Principal) -> Result<Option<Question>, ProviderError> {
    let (Some(known), Some(subject)) = (load(ctx, handle).await?, who.subject()) else { return Ok(None) };
    let client = &known.client.client;
    let before = store::consent(&ctx.db, subject, &client.id).await?.map(|row| row.consent);
    Ok(Some(Question {
        asked: claims::asked(&known.request.scope, &known.request.wanted, &client.scopes),
        before,
        offline: known.request.offline(),
        until: plus(ctx.now(), i64::from(client.consent_days) * 86_400),
        redirect_uri: known.request.redirect_uri.clone(),
        has_logo: known.client.has_logo,
        client: known.client.client,
    }))
}

/// Answers for the person: `ticked` claims when they agree, `None` when they do not.
///
/// # Errors
/// When the database fails.
pub async fn consented(
    ctx: &Ctx,
    memory: &Memory,
    handle: &str,
    who: &Principal,
    ticked: Option<&BTreeSet<String>>,
) -> Result<Option<Outcome>, ProviderError> {
    let Some(known) = load(ctx, handle).await? else { return Ok(None) };
    let Some(ticked) = ticked else {
        let mut batch = Batch::system();
        if let Some(handle) = &known.handle {
            store::take_request(&mut batch, handle);
        }
        match ctx.db.commit(batch).await {
            Ok(()) => {}
            Err(CommitError::Guard(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let refusal = Refusal::new(Code::AccessDenied, "the person does not agree");
        let Request { redirect_uri, mode, state, .. } = known.request;
        return Ok(Some(Outcome::Back(refused(ctx, redirect_uri, mode, state, &refusal))));
    };
    Ok(Some(match decide(ctx, memory, &known, Some(who), Some(ticked)).await? {
        Step::Done(outcome) => outcome,
        Step::Wait(next) => waiting(next, handle.to_owned(), None),
    }))
}

async fn load(ctx: &Ctx, handle: &str) -> Result<Option<Known>, ProviderError> {
    if handle.len() != 32 {
        return Ok(None);
    }
    let hashed = hash(handle);
    let Some(row) = store::request(&ctx.db, &hashed, ctx.now()).await?.filter(|row| !row.pushed) else {
        return Ok(None);
    };
    let Some(client) = clients::active(ctx, &row.client_id).await? else { return Ok(None) };
    let Ok(request) = read(dialect_of(&row.params), &row.params, &client.client) else { return Ok(None) };
    Ok(Some(Known { client, request, asked_at: row.created_at, handle: Some(hashed) }))
}

enum Step {
    Done(Outcome),
    Wait(Next),
}

async fn decide(
    ctx: &Ctx,
    memory: &Memory,
    known: &Known,
    who: Who<'_>,
    ticked: Option<&BTreeSet<String>>,
) -> Result<Step, ProviderError> {
    let Known { client: row, request, asked_at, .. } = known;
    let client = &row.client;
    let now = ctx.now();
    let back = |refusal: &Refusal| {
        let (uri, state) = (request.redirect_uri.clone(), request.state.clone());
        Step::Done(Outcome::Back(refused(ctx, uri, request.mode, state, refusal)))
    };
    let hinted = match hinted(ctx, memory, client, request).await {
        Ok(hinted) => hinted,
        Err(ProviderError::Refused(refusal)) => return Ok(back(&refusal)),
        Err(error) => return Err(error),
    };
    let citizen = who.and_then(|principal| Some((principal, principal.subject()?)));
    let facts = match citizen {
        Some((principal, subject)) => ctx.ports.sessions.facts(ctx, subject, principal.session).await?,
        None => None,
    };
    let person = citizen.zip(facts);
    let asked = claims::asked(&request.scope, &request.wanted, &client.scopes);
    let consent = match &person {
        Some(((_, subject), _)) => store::consent(&ctx.db, *subject, &client.id).await?,
        None => None,
    };
    let covered = consent::covers(
        consent.as_ref().map(|row| &row.consent),
        consent.as_ref().map(|row| row.expires_at),
        &asked,
        request.offline(),
        now,
    );
    let signed_in = person.as_ref().map(|((_, subject), facts)| SignedIn {
        begun: facts.begun,
        assurance: facts.assurance,
        other_than_hinted: hinted
            .as_ref()
            .is_some_and(|hinted| *hinted != subject::sub(&subject_key(ctx), client, *subject)),
    });
    match next(request, client.least, *asked_at, signed_in, covered, ticked.is_some(), now) {
        Next::Refuse(refusal) => Ok(back(&refusal)),
        Next::Issue => {
            let Some(((_, subject), facts)) = person else { return Ok(Step::Wait(Next::SignIn)) };
            let new = ticked.map(|ticked| {
                consent::answered(consent.as_ref().map(|row| &row.consent), &asked, ticked, request.offline())
            });
            let outcome = issue(ctx, known, subject, &facts, consent, new, &asked).await?;
            Ok(outcome.map_or(Step::Wait(Next::Consent), Step::Done))
        }
        wait => Ok(Step::Wait(wait)),
    }
}

/// The `sub` that the request expects, by `id_token_hint` or `claims`.
async fn hinted(
    ctx: &Ctx,
    memory: &Memory,
    client: &Client,
    request: &Request,
) -> Result<Option<String>, ProviderError> {
    let Some(hint) = &request.id_token_hint else { return Ok(request.wanted.sub.clone()) };
    let ring = memory.ring(ctx).await?;
    let Some(parsed) = jose::parse(hint) else {
        return refuse(Code::InvalidRequest, "id_token_hint is not an ID token");
    };
    // An old one is good enough: it only says who was meant.
    let ours = parsed.verified_by(ring.public()).is_some()
        && parsed.text("iss") == Some(issuer(ctx))
        && parsed.is_for(&[&client.id]);
    match parsed.text("sub").filter(|_| ours) {
        Some(sub) => Ok(Some(sub.to_owned())),
        None => refuse(Code::InvalidRequest, "id_token_hint is not an ID token of this client"),
    }
}

/// Gives a code; `None` when the consent was changed or the request answered at the same moment.
async fn issue(
    ctx: &Ctx,
    known: &Known,
    subject: SubjectId,
    facts: &contracts::identity::SessionFacts,
    before: Option<ConsentRow>,
    new: Option<Consent>,
    asked: &BTreeMap<&'static str, bool>,
) -> Result<Option<Outcome>, ProviderError> {
    let (client, request) = (&known.client.client, &known.request);
    let now = ctx.now();
    let mut batch = Batch::new(subject);
    if let Some(handle) = &known.handle {
        store::take_request(&mut batch, handle);
    }
    let (consent, until) = match (new, before) {
        (Some(consent), before) => {
            let row = ConsentRow {
                client_id: client.id.clone(),
                consent,
                granted_at: now,
                used_at: now,
                expires_at: plus(now, i64::from(client.consent_days) * 86_400),
                version: before.map_or(0, |row| row.version),
            };
            store::save_consent(&mut batch, subject, &row);
            note(ctx, &mut batch, client, "sso.consent");
            (row.consent, row.expires_at)
        }
        (None, Some(row)) => {
            store::use_consent(&mut batch, subject, &client.id, row.version, now);
            (row.consent, row.expires_at)
        }
        (None, None) => return Ok(None),
    };
    let granted: BTreeSet<String> =
        consent.granted.iter().filter(|claim| asked.contains_key(claim.as_str())).cloned().collect();
    let delivery = match request.dialect {
        Dialect::Oidc => claims::delivery(&request.wanted, &request.scope, &granted),
        Dialect::OneId => claims::Delivery { userinfo: granted.into_iter().collect(), id_token: Vec::new() },
    };
    let code = ctx.rng.token(32);
    let data = CodeData {
        facts: Facts {
            dialect: request.dialect,
            scope: request.scope.clone(),
            delivery,
            auth_time: facts.begun.as_second(),
            assurance: facts.assurance,
            by_code: facts.by_code,
            amr: facts.amr.clone(),
            session: Some(facts.session),
            jkt: request.dpop_jkt.clone(),
        },
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        offline: request.offline(),
        until: until.as_second(),
    };
    let row = CodeRow {
        client_id: client.id.clone(),
        subject,
        grant: new_grant(ctx),
        session: facts.session,
        data,
        expires_at: plus(now, CODE_S),
        used_at: None,
    };
    store::insert_code(&mut batch, &hash(&code), &row);
    note(ctx, &mut batch, client, "sso.sign-in");
    match ctx.db.commit(batch).await {
        Ok(()) => {}
        Err(CommitError::Guard(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    tracing::info!(client = client.id, "a code was given");
    Ok(Some(Outcome::Back(answer(ctx, request, vec![("code".to_owned(), code)]))))
}

pub(crate) fn new_grant(ctx: &Ctx) -> Uuid {
    uuid_v7(ctx.now(), &*ctx.rng)
}

/// Adds an entry to what the person sees of who knows what of them.
pub(crate) fn note(ctx: &Ctx, batch: &mut Batch, client: &Client, action: &str) {
    let entry = AuditEntry {
        at: ctx.now(),
        actor: Uuid::nil(),
        actor_name: client.name.clone(),
        action: action.to_owned(),
        reason: "sso".to_owned(),
        object: String::new(),
    };
    audit::record(batch, &*ctx.rng, entry);
}

/// Gives a code without asking anybody: for measurements of the token endpoint only; no page and no call leads here.
///
/// # Errors
/// When the database fails.
#[doc(hidden)]
pub async fn code_for_measuring(
    ctx: &Ctx,
    client: &str,
    subject: SubjectId,
    session: kernel::id::SessionId,
    redirect_uri: &str,
    challenge: &str,
) -> Result<String, ProviderError> {
    let now = ctx.now();
    let code = ctx.rng.token(32);
    let facts = Facts {
        dialect: Dialect::Oidc,
        scope: vec!["openid".to_owned()],
        delivery: claims::Delivery::default(),
        auth_time: now.as_second(),
        assurance: contracts::Assurance::Otp,
        by_code: false,
        amr: Vec::new(),
        session: Some(session),
        jkt: None,
    };
    let data = CodeData {
        facts,
        redirect_uri: redirect_uri.to_owned(),
        challenge: Some(challenge.to_owned()),
        nonce: Some("measured".to_owned()),
        offline: false,
        until: now.as_second() + 86_400,
    };
    let expires_at = plus(now, 3600);
    let row = CodeRow {
        client_id: client.to_owned(),
        subject,
        grant: new_grant(ctx),
        session,
        data,
        expires_at,
        used_at: None,
    };
    let mut batch = Batch::new(subject);
    store::insert_code(&mut batch, &hash(&code), &row);
    ctx.db.commit(batch).await?;
    Ok(code)
}

/// Keeps a pushed request of a client that has proved who it is.
///
/// Rule: SSO-PAR.
/// Source: RFC 9126 §2.1 (checked as if it came by the browser; no `request_uri` within), §2.2 (one use, short life).
///
/// # Errors
/// The refusal of the protocol, and when the database fails.
pub async fn push(ctx: &Ctx, client: &ClientRow, params: Params) -> Result<(String, i64), ProviderError> {
    if params.get("request_uri").is_some() {
        return refuse(Code::InvalidRequest, "a pushed request has no request_uri");
    }
    match request::read(&params, &client.client) {
        Ok(_) => {}
        Err(Refused::Here(refusal) | Refused::There { refusal, .. }) => return Err(refusal.into()),
    }
    let token = ctx.rng.token(24);
    let row = RequestRow {
        client_id: client.client.id.clone(),
        params: params.without_credentials(),
        pushed: true,
        created_at: ctx.now(),
        expires_at: plus(ctx.now(), PUSHED_S),
    };
    let mut batch = Batch::system();
    store::insert_request(&mut batch, &hash(&token), &row);
    ctx.db.commit(batch).await?;
    Ok((format!("{PUSHED}{token}"), PUSHED_S))
}

/// A moment from seconds.
pub(crate) fn seconds(at: i64) -> Timestamp {
    from_micros(at.saturating_mul(1_000_000))
}
